"""演示城市的装载: through the pipeline, whole or not at all, and every proof comes out clean."""

from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.management import CommandError, call_command
from django.db import transaction

from shucai.base.errors import Refused
from shucai.kernel.calendar import periods
from shucai.kernel.document.models import Header
from shucai.kernel.identity import scope
from shucai.kernel.identity.credentials import UserCertificate
from shucai.kernel.identity.models import Appointment, User
from shucai.kernel.ledger import proof
from shucai.kernel.masterdata.models import Unit
from shucai.kernel.workflow.models import Todo
from shucai.site.demo import keys, plan, writing
from shucai.site.demo.accounts import accounts
from shucai.site.demo.people import SHOWN
from shucai.site.demo.story import instant

WHOLE_CITY = scope.system_actor(name="测试", fiscal_year=2026, root="4406")


@pytest.fixture
def demo_mode(settings, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    settings.DEMO, settings.DATA = True, tmp_path
    settings.CA_BUNDLE = str(tmp_path / "ca" / "trusted.pem")


@pytest.fixture
def small_city(fresh_database: str, demo_mode: None) -> str:
    said = StringIO()
    call_command("load_reference", stdout=said)
    call_command("load_demo", units=60, seed=1, until=date(2026, 6, 18), stdout=said)
    return said.getvalue()


def test_a_small_city_is_whole_and_proven(small_city: str) -> None:
    assert "60 个预算单位" in small_city
    assert proof.check().faults == ()
    with transaction.atomic():
        scope.apply(WHOLE_CITY)
        states = set(
            Header.objects.filter(type="payment.application").values_list("state", flat=True)
        )
        assert {"draft", "reviewing", "approved", "paid", "cancelled"} <= states
        assert not Header.objects.filter(amount__lte=0).exists()
        assert Todo.objects.filter(is_open=True).exists()
    assert [one["username"] for one in accounts()] == list(SHOWN)
    places = Appointment.objects.filter(user__username="jingban").order_by("-is_default")
    assert [place.is_default for place in places] == [True, False]
    assert len({place.unit_code for place in places}) == 2
    assert check_password(writing.PASSWORD, User.objects.get(username="jingban").password)
    assert not periods.is_open(division="440600000", fiscal_year=2025, month=12)
    assert periods.is_open(division="440600000", fiscal_year=2025, month=13)
    assert periods.is_open(division="440608000", fiscal_year=2027, month=1)
    held = UserCertificate.objects.values_list("user__username", flat=True)
    assert sorted(held) == ["anquan", "jingban", "shenhe"]
    assert {p.name for p in keys.folder().iterdir()} == {f"{name}.json" for name in held}

    again = StringIO()
    call_command("load_demo", units=60, stdout=again)
    assert again.getvalue().strip() == "演示城市已经装载"
    city = plan.plan(settings.ROOT / "seeds", size=6, seed=1)
    with pytest.raises(Refused, match="数据库中已有") as refused:
        writing.write(city, now=instant(city.until), say=lambda _: None)
    assert refused.value.code == "CLI-9111"


@pytest.mark.django_db
def test_without_reference_data_nothing_is_loaded(demo_mode: None) -> None:
    with pytest.raises(CommandError, match=r"2025 年还没有参考数据.*CLI-9115"):
        call_command("load_demo", stdout=StringIO())


@pytest.mark.django_db
def test_the_size_is_limited(demo_mode: None) -> None:
    with pytest.raises(CommandError, match=r"可有 6 至 2500 个单位.*CLI-9113"):
        call_command("load_demo", units=2501, stdout=StringIO())


@pytest.mark.django_db
def test_outside_demo_mode_nothing_is_loaded(settings) -> None:  # type: ignore[no-untyped-def]
    settings.DEMO = False

    with pytest.raises(CommandError, match="CLI-9112"):
        call_command("load_demo", stdout=StringIO())
    assert accounts() == []


def test_a_refused_step_leaves_nothing(
    fresh_database: str, demo_mode: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No period is open: the first issue is refused and the city is as empty as before."""
    monkeypatch.setattr(periods, "open_year", lambda **_: None)
    call_command("load_reference", stdout=StringIO())

    with pytest.raises(CommandError, match=r"allotment\.grant\.\w+ 被拒绝.*CLI-9114"):
        call_command("load_demo", units=6, stdout=StringIO())
    assert not Unit.objects.exists()
    assert not User.objects.exists()
