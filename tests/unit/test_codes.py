"""分级代码: levels, parents and the next free code."""

import pytest

from shucai.base import codes
from shucai.base.errors import Refused

FUNCTION = (3, 2, 2)


def test_parents_follow_from_the_rule() -> None:
    assert codes.level("2050201", FUNCTION) == 3
    assert codes.parent("2050201", FUNCTION) == "20502"
    assert codes.parent("205", FUNCTION) == ""
    assert codes.ancestors("2050201", FUNCTION) == ("205", "20502")


def test_a_length_that_fits_no_level_is_refused() -> None:
    with pytest.raises(Refused, match="共 4 位，规则允许的长度为 3、5、7 位") as refused:
        codes.level("2050", FUNCTION)

    assert refused.value.code == "COD-1001"


def test_the_next_code_is_one_above_the_highest() -> None:
    assert codes.proposed("20502", {"2050201", "2050207", "2059901"}, FUNCTION) == "2050208"
    assert codes.proposed("20502", set(), FUNCTION) == "2050201"


def test_no_code_is_invented_when_the_places_are_used_up() -> None:
    with pytest.raises(Refused, match="已用到 99") as refused:
        codes.proposed("20502", {"2050299"}, FUNCTION)

    assert refused.value.code == "COD-1002"
