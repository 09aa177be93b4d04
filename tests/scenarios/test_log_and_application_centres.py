"""A day in the log centre and the application centre: calls, faults, keys, and who sees them."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests import people
from tests.browser import town

from shucai.base.browsers import browser_name
from shucai.domains.platform import jobs
from shucai.edge.web import clock
from shucai.kernel.audit import logbook, sealing
from shucai.kernel.audit.models import Defect, InterfaceCall
from shucai.kernel.identity import security, tokens
from shucai.kernel.identity.models import ApiToken, Application, Appointment

pytestmark = pytest.mark.django_db
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"


@pytest.fixture(autouse=True)
def office() -> Iterator[None]:
    logbook.clear()
    town.staff(timezone.now())
    yield
    logbook.clear()


def desk(name: str, *, agent: str = CHROME) -> Client:
    client = Client(headers={"user-agent": agent})
    client.post("/login", {"username": name, "password": people.PASSWORD})
    return client


def text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def act(client: Client, address: str, **said: object) -> str:
    return client.post(address, {"go": "1", **said}, follow=True).content.decode()


def call(secret: str, address: str = "/api/v1/values", *, ip: str = "127.0.0.1") -> int:
    answer = Client(raise_request_exception=False).get(
        address, headers={"authorization": f"Bearer {secret}"}, REMOTE_ADDR=ip
    )
    return answer.status_code


def terms(**more: object) -> dict[str, object]:
    appointment = Appointment.objects.get(user__username="zhifu")
    return {
        "name": "预算单位财务系统",
        "owner": "市第一中学",
        "contact": "王老师",
        "appointment": str(appointment.pk),
        "scopes": ["values.read", "documents.read"],
        "addresses": "10.1.0.0/16，127.0.0.1",
        "reason": "单位系统对接",
        **more,
    }


@pytest.mark.function("PLAT-012")
def test_operations_and_sign_ins_are_read_in_words() -> None:
    Client(headers={"user-agent": CHROME}).post("/login", {"username": "zhifu", "password": "错"})
    admin = desk("sysadmin")
    act(admin, "/r/platform.position/-/create", code="lingdao", name="局领导", reason="新设")
    auditor = desk("auditor")

    said = text(auditor, "/r/platform.sign_in_log/")
    assert "Chrome 140 · Linux" in said
    assert "拒绝" in said
    assert "IDN-1001" in said
    listed = text(auditor, "/r/platform.operation_log/?name=系统管理员")
    assert "登录" in listed
    assert "王晓萌" not in listed
    assert admin.get("/r/platform.operation_log/").status_code == 403
    assert desk("zhifu").get("/r/platform.interface_log/").status_code == 403


@pytest.mark.function("PLAT-012")
def test_an_operation_shows_old_and_new_by_label_and_leads_to_its_record() -> None:
    admin, security_officer = desk("sysadmin"), desk("secadmin")
    act(admin, "/r/platform.application/-/register", code="danwei", **terms())
    act(security_officer, "/r/platform.application/danwei/-/approve", opinion="同意")
    act(admin, "/r/platform.application/danwei/-/change", **terms(contact="李老师"))
    auditor = desk("auditor")

    page = text(auditor, "/r/platform.operation_log/?action=identity.ask_application")
    assert "联系人 王老师 → 李老师" in page
    row = re.search(r"/r/platform\.operation_log/(\d+)", page)
    assert row is not None
    one = text(auditor, row[0])
    assert "/r/platform.application/danwei" in one
    assert "原值" in one


@pytest.mark.function("PLAT-012")
def test_a_call_is_logged_without_touching_the_request_and_found_by_its_trace() -> None:
    made = make_token("zhifu", ["values.read"])

    assert call(made) == 200
    assert call(made, "/api/v1/documents/payment.application") == 403
    assert InterfaceCall.objects.count() == 0
    assert logbook.flush() == 2
    fine, refused = InterfaceCall.objects.order_by("pk")
    assert (fine.status, fine.actor_name, fine.route) == (200, "王晓萌", "api/v1/values")
    assert (refused.status, refused.code) == (403, "API-1103")
    page = text(desk("sysadmin"), f"/r/platform.interface_log/?trace={refused.trace}")
    assert "API-1103" in page
    assert "共 1 " in page or "403" in page


@pytest.mark.function("PLAT-012")
def test_the_number_shown_to_the_user_finds_the_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ZeroDivisionError("身份证 440601199001011234")

    client = desk("zhifu")
    client.raise_request_exception = False
    monkeypatch.setattr(security, "policy", broken)
    answer = client.get("/account/tokens")
    monkeypatch.undo()
    logbook.flush()

    fault = Defect.objects.get()
    assert answer.status_code == 500
    assert fault.trace in answer.content.decode()
    assert (fault.exception, fault.actor_name) == ("ZeroDivisionError", "王晓萌")
    page = text(desk("auditor"), f"/r/platform.defect/{fault.pk}")
    assert fault.trace in page
    assert "4406011990" not in page
    assert "共 1 次" in page


@pytest.mark.function("PLAT-012")
def test_old_logs_go_and_the_trail_stays() -> None:
    make_token("zhifu", ["values.read"])
    long_ago = timezone.now() - timedelta(days=181)
    for at in (long_ago, timezone.now()):
        logbook.note(
            InterfaceCall(at=at, trace="t", method="GET", route="x", status=200, milliseconds=1)
        )
    logbook.flush()
    before = sealing.prove().rows

    gone = logbook.forget(
        calls_before=timezone.now() - timedelta(days=jobs.CALL_DAYS.value()),
        defects_before=timezone.now() - timedelta(days=jobs.DEFECT_DAYS.value()),
    )

    assert gone == {"calls": 1, "defects": 0}
    assert InterfaceCall.objects.count() == 1
    assert sealing.prove().rows == before


@pytest.mark.function("PLAT-010")
def test_a_person_makes_changes_and_revokes_a_token_of_his_own() -> None:
    clerk = desk("zhifu")

    page = clerk.post(
        "/account/tokens", {"name": "报表取数", "days": "90", "scopes": ["values.read"]}
    ).content.decode()
    secret = page.split('value="sct_')[1].split('"')[0]
    assert call(f"sct_{secret}") == 200
    assert f"sct_{secret}" not in text(clerk, "/account/tokens")
    assert "查阅基础数据" in text(clerk, "/account/tokens")
    token = ApiToken.objects.get()
    again = clerk.post(f"/account/tokens/{token.pk}/rotate").content.decode()
    assert 'value="sct_' in again
    assert ApiToken.objects.count() == 2
    clerk.post(f"/account/tokens/{token.pk}/revoke")
    assert call(f"sct_{secret}") == 401
    refused = clerk.post("/account/tokens", {"name": "空", "days": "90"})
    assert refused.status_code == 422
    assert "IDN-4002" in refused.content.decode()


@pytest.mark.function("PLAT-010")
def test_an_application_needs_two_persons_and_its_key_its_addresses() -> None:
    admin, approver = desk("sysadmin"), desk("secadmin")
    act(admin, "/r/platform.application/-/register", code="danwei", **terms())

    early = act(admin, "/r/platform.application/danwei/-/issue", name="正式", days="90")
    assert "PAG-" in early
    assert Application.objects.get().state == "requested"
    assert admin.post("/r/platform.application/danwei/-/approve").status_code == 403
    act(approver, "/r/platform.application/danwei/-/approve", opinion="同意")
    page = act(admin, "/r/platform.application/danwei/-/issue", name="正式", days="90")
    secret = "sct_" + page.split("sct_")[1].split("<")[0].split('"')[0]
    assert call(secret) == 200
    assert call(secret, ip="10.1.2.3") == 200
    assert call(secret, ip="192.168.1.1") == 401
    logbook.flush()
    shown = text(admin, "/r/platform.application/danwei")
    assert "调用次数" in shown
    assert "api/v1/values" in shown
    act(approver, "/r/platform.application/danwei/-/stop", reason="停止对接", sure="1")
    assert call(secret) == 401


@pytest.mark.function("PLAT-010")
def test_other_terms_wait_while_the_old_ones_hold_and_no_officer_is_lent() -> None:
    admin, approver = desk("sysadmin"), desk("secadmin")
    officer = Appointment.objects.get(user__username="secadmin")
    refused = act(
        admin,
        "/r/platform.application/-/register",
        code="danwei",
        **terms(appointment=str(officer.pk)),
    )
    assert Application.objects.count() == 0
    assert "PAG-" in refused or "IDN-4102" in refused
    act(admin, "/r/platform.application/-/register", code="danwei", **terms())
    act(approver, "/r/platform.application/danwei/-/approve", opinion="同意")
    act(admin, "/r/platform.application/danwei/-/change", **terms(scopes=["documents.act"]))

    row = Application.objects.get()
    assert row.scopes == ["documents.read", "values.read"]
    act(approver, "/r/platform.application/danwei/-/reject", opinion="不需要")
    row.refresh_from_db()
    assert (row.state, row.scopes) == ("active", ["documents.read", "values.read"])


@pytest.mark.function("PLAT-010")
def test_the_modules_tell_pages_duties_and_functions() -> None:
    page = text(desk("auditor"), "/q/platform.modules?text=外部应用&ask=1")

    assert "外部应用" in page
    assert "PLAT-010" in page
    assert "安全审计员" in page


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (CHROME, "Chrome 140 · Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/9 Edg/139.0", "Edge 139 · Windows 10/11"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
    ],
)  # fmt: skip
def test_browsers_have_names(agent: str, name: str) -> None:
    assert browser_name(agent) == name


def make_token(username: str, scopes: list[str]) -> str:
    now = clock.now()
    return tokens.create(
        actor=people.actor_of(username, now=now),
        name="测试",
        scopes=scopes,
        expires_at=now + timedelta(days=30),
        now=now,
    ).secret
