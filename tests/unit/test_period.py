"""期间: months 1 to 13 of a fiscal year, in order."""

from datetime import date

import pytest

from shucai.base.errors import Refused
from shucai.base.period import Period, months, year_to_date


def test_a_date_falls_into_its_month() -> None:
    assert Period.of(date(2026, 12, 31)) == Period(2026, 12)


def test_the_year_end_period_follows_december_and_leads_to_january() -> None:
    assert Period(2026, 12).next == Period(2026, 13)
    assert Period(2026, 13).next == Period(2027, 1)
    assert Period(2026, 13).label == "2026年年终"
    assert Period(2026, 13).first_day == Period(2026, 13).last_day == date(2026, 12, 31)


@pytest.mark.parametrize("period", months(2026))
def test_text_and_period_are_one(period: Period) -> None:
    assert Period.parse(str(period)) == period


@pytest.mark.parametrize("text", ["2026-14", "2026-00", "1999-01", "03", "2026/03"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        Period.parse(text)

    assert refused.value.code == "PER-1001"


def test_year_to_date_runs_from_january() -> None:
    assert [p.month for p in year_to_date(Period(2026, 4))] == [1, 2, 3, 4]
    assert Period(2026, 2).contains(date(2026, 2, 28))
    assert [p.quarter for p in months(2026)] == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 4]
