"""Portal, menu and parameters are configured by two persons in the browser and undone again."""

from typing import Any

import pytest
from django.test import Client
from tests import people
from tests.browser import town
from tests.people import CITY, UNIT

from shucai.edge.web import kept
from shucai.kernel.configuration.models import Draft, Operation, Release
from shucai.kernel.configuration.parameters import parameter

PORTAL = "/configuration/portal/all"
PICTURE = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def signed_in(username: str) -> Client:
    client = Client()
    assert (
        client.post("/login", {"username": username, "password": people.PASSWORD}).status_code
        == 302
    )
    return client


@pytest.fixture
def here(db: None) -> dict[str, Client]:
    town.build()
    kept.forget()
    return {name: signed_in(name) for name in ("sysadmin", "secadmin", "auditor", "zhifu", "guoku")}


def draft(client: Client, address: str, *, act: str = "propose", **typed: Any) -> Any:
    page = client.get(f"{address}/draft")
    assert page.status_code == 200, page.content.decode()
    known = Draft.objects.order_by("-edited_at").first()
    version = known.version if known is not None else 0
    said = {"version": version, act: "1", "note": "按市局要求调整", **typed}
    return client.post(f"{address}/draft", said)


def rows(name: str, *given: dict[str, str]) -> dict[str, str]:
    """What the browser sends for a list of rows."""
    said: dict[str, str] = {}
    for number, row in enumerate(given, start=1):
        said[f"f.{name}.{number}.-order"] = str(number)
        said |= {f"f.{name}.{number}.{column}": value for column, value in row.items()}
    return said


def decide(client: Client, act: str, **said: Any) -> Any:
    release = Release.objects.order_by("-pk")[0]
    address = f"/configuration/-/releases/{release.pk}/decide"
    return client.post(address, {"act": act, "opinion": "同意", **said})


def desk(client: Client) -> str:
    return client.get("/").content.decode()


@pytest.mark.function("PLAT-002")
def test_blocks_name_shortcuts_and_links_of_the_portal(here: dict[str, Client]) -> None:
    before = desk(here["zhifu"])
    typed = {
        "f.system_name": "佛山市预算一体化",
        "f.logo": _picture(),
        **rows("blocks", {"block": "todo"}, {"block": "shortcuts"}, {"block": "links"}),
        **rows("shortcuts", {"item": "payment.application"}, {"item": "platform.audit"}),
        **rows("links", {"name": "财政部", "address": "https://www.mof.gov.cn/"}),
    }
    proposed = draft(here["sysadmin"], PORTAL, **typed)
    waiting = desk(here["zhifu"])
    decide(here["secadmin"], "publish")
    after = desk(here["zhifu"])
    release = Release.objects.get()
    picture = Client().get(f"/portal/logo/{release.pk}")

    assert proposed.status_code == 302, proposed.content.decode()
    assert "佛山市预算一体化" not in before + waiting
    assert "佛山市预算一体化" in after
    assert "https://www.mof.gov.cn/" in after
    assert "sc-charts" in before
    assert "sc-charts" not in after
    assert "/d/payment.application/" in after[after.index("快捷功能") :]
    assert "/audit/" not in after
    assert picture["Content-Type"] == "image/png"
    assert picture.content == PICTURE
    assert "佛山市预算一体化" in Client().get("/login").content.decode()
    assert Client().get("/portal/logo/0").status_code == 404


def _picture() -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("logo.png", PICTURE, "image/png")


@pytest.mark.function("PLAT-002", "OPS-012")
def test_a_portal_is_tried_by_some_units_for_a_duty_and_rolled_back(
    here: dict[str, Client],
) -> None:
    address = "/configuration/portal/payment.preparer"
    draft(here["sysadmin"], address, **{"f.system_name": "试行门户"})
    none = decide(here["secadmin"], "try")
    units = here["secadmin"].get("/configuration/-/units?unit_text=105001").content.decode()
    decide(here["secadmin"], "try", paths=UNIT)
    trial = [desk(here["zhifu"]), desk(here["guoku"])]
    place = here["secadmin"].get(address).content.decode()
    decide(here["secadmin"], "publish")
    asked = here["sysadmin"].post(f"{address}/rollback", {"number": "0", "reason": "名称有误"})
    before = desk(here["zhifu"])
    from shucai.kernel.configuration.models import Rollback

    back = f"/configuration/-/rollbacks/{Rollback.objects.get().pk}/decide"
    own = here["sysadmin"].post(back, {"act": "approve"})
    here["secadmin"].post(back, {"act": "approve", "opinion": "同意"})

    assert none.status_code == 422
    assert "CFG-4001" in none.content.decode()
    assert UNIT in units
    assert ["试行门户" in page for page in trial] == [True, False]
    assert "试行中" in place
    assert asked.status_code == 302
    assert "试行门户" in before
    assert own.status_code == 422
    assert "试行门户" not in desk(here["zhifu"])
    assert Operation.objects.order_by("-pk")[0].operation == "rolled_back"


@pytest.mark.function("PLAT-002", "OPS-012")
def test_the_auditor_sees_all_and_changes_nothing_and_nobody_publishes_his_own(
    here: dict[str, Client],
) -> None:
    draft(here["sysadmin"], PORTAL, **{"f.system_name": "新名称"})
    auditor = here["auditor"]
    seen = [
        auditor.get(address).status_code
        for address in (
            "/configuration/",
            "/configuration/portal/",
            PORTAL,
            f"{PORTAL}/compare?a=0&b=1",
            f"{PORTAL}/export?number=1",
            "/configuration/-/processes",
        )
    ]
    tried = [
        auditor.post(f"{PORTAL}/draft", {"save": "1"}).status_code,
        auditor.post(f"{PORTAL}/take", {"number": "1"}).status_code,
        auditor.post(f"{PORTAL}/rollback", {"number": "0"}).status_code,
        decide(auditor, "publish").status_code,
        decide(here["zhifu"], "publish").status_code,
    ]
    own = decide(here["sysadmin"], "publish")

    assert seen == [200] * 6
    assert tried == [403] * 5
    assert own.status_code == 422
    assert "CFG-2001" in own.content.decode()
    assert "新名称" not in desk(here["zhifu"])


@pytest.mark.function("PLAT-018")
def test_a_menu_is_arranged_but_opens_nothing(here: dict[str, Client]) -> None:
    address = "/configuration/menu/main"
    typed = {
        **rows(
            "items",
            {"item": "payment.application", "label": "我的支付申请"},
            {"item": "platform.audit", "label": "审计日志给我"},
            {"item": "payment.paid_by_unit", "hidden": "1"},
        ),
        **rows("links", {"tab": "业务办理", "name": "值班表", "address": "/bell"}),
    }
    proposed = draft(here["sysadmin"], address, **typed)
    decide(here["secadmin"], "publish")
    clerk, officer = desk(here["zhifu"]), desk(here["sysadmin"])

    assert proposed.status_code == 302, proposed.content.decode()
    assert "我的支付申请" in clerk
    assert "审计日志给我" not in clerk
    assert "值班表" in clerk
    assert "值班表" not in officer
    assert here["zhifu"].get("/audit/").status_code == 403


@pytest.mark.function("PLAT-018")
def test_a_wrong_entry_is_kept_on_the_page_and_refused_with_its_place(
    here: dict[str, Client],
) -> None:
    address = "/configuration/menu/main"
    typed = rows("links", {"tab": "系统管理", "name": "坏链接", "address": "ftp://x"})
    answer = draft(here["sysadmin"], address, **typed)
    page = answer.content.decode()

    assert answer.status_code == 422
    assert "CFG-6002" in page
    assert 'value="ftp://x"' in page
    assert not Release.objects.exists()


@pytest.mark.function("PLAT-018")
def test_a_parameter_counts_for_its_division_once_published(here: dict[str, Client]) -> None:
    address = f"/configuration/parameter/lists?division={CITY}"
    before = here["zhifu"].get("/d/payment.application/").content.decode()
    here["sysadmin"].post(
        "/configuration/parameter/lists/draft",
        {"division": CITY, "version": "0", "propose": "1", "note": "少些行", "f.page_size": "20",
         "f.export_documents": "5000"},
    )  # fmt: skip
    decide(here["secadmin"], "publish")
    after = here["zhifu"].get("/d/payment.application/").content.decode()
    page = here["auditor"].get(address).content.decode()

    assert "20 行" in page
    assert before != after


def test_a_parameter_that_a_release_has_wrong_keeps_its_default(db: None) -> None:
    from shucai.kernel import registry

    one = parameter(code="other.test", name="试", default=5, low=1, high=9)
    try:
        assert one.value() == 5
    finally:
        registry.forget("parameter", ["other.test"])
