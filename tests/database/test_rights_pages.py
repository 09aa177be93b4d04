"""The rights centre through its pages: asked for, taken over, approved; matrix and reasons."""

import pytest
from django.test import Client
from django.utils import timezone
from tests.browser import town
from tests.conformance.test_endpoints import signed_in

from shucai.kernel.identity.models import RightsChange, User
from shucai.kernel.pages import rights_matrix
from shucai.kernel.pages.register import registers

pytestmark = [pytest.mark.function("PLAT-008", "PLAT-009"), pytest.mark.django_db]
OWN = (
    "user", "position", "appointment", "rights_change", "rights_request", "delegation", "review",
    "review_item", "duty_exclusion", "rights_finding", "leaver", "login_session",
)  # fmt: skip


@pytest.fixture
def officer() -> Client:
    town.build()
    return signed_in("sysadmin")


def test_every_register_of_the_rights_centre_opens(officer: Client) -> None:
    for name in OWN:
        assert registers()[f"platform.{name}"]
        assert officer.get(f"/r/platform.{name}/").status_code == 200, name
    user = User.objects.get(username="zhifu")
    page = officer.get(f"/r/platform.user/{user.pk}").content.decode()
    assert "单位经办岗" in page
    for file in ("people", "leavers", "matrix"):
        answer = officer.get(f"/rights/{file}.xlsx")
        assert answer.content[:2] == b"PK"
    assert "人员名册模板" in officer.get("/rights/files").content.decode()


def test_a_user_is_proposed_and_approved_through_the_pages(officer: Client) -> None:
    said = {
        "username": "new.one",
        "name": "新人",
        "employee_no": "A1",
        "phone": "",
        "position": "zhifu",
        "unit": "105001",
        "reason": "新进人员",
    }
    shown = officer.get("/r/platform.user/-/hire")
    done = officer.post("/r/platform.user/-/hire", said)
    change = RightsChange.objects.get()
    security = signed_in("secadmin")
    approved = security.post(
        f"/r/platform.rights_change/{change.pk}/-/approve", {"opinion": "同意", "confirmed": "1"}
    )

    assert shown.status_code == 200
    assert done.status_code in (200, 302), done.content.decode()[:2000]
    assert approved.status_code in (200, 302)
    assert User.objects.filter(username="new.one").exists(), approved.content.decode()[:3000]


def test_the_matrix_and_the_reasons_are_those_that_decide(officer: Client) -> None:
    user = User.objects.get(username="zhifu")
    known = {one.code: one for one in rights_matrix.things()}
    submit, approve = known["payment.application:submit"], known["payment.application:approve"]
    now = timezone.now()

    can = rights_matrix.explain(user=user, thing=submit, now=now, unit_path=town.UNIT)
    no_duty = rights_matrix.explain(user=user, thing=approve, now=now)
    elsewhere = rights_matrix.explain(user=user, thing=submit, now=now, unit_path="4406/440604")

    assert can.can
    assert "单位经办岗" in can.verdict
    assert not no_duty.can
    assert "需要支付审核" in no_duty.verdict
    assert [c.step for c in elsewhere.checks if not c.is_met] == [
        "任职“单位经办岗”（市第一中学）的数据范围"
    ]
    cells = rights_matrix.cells(position="zhifu", kind="move")
    assert {cell.thing.code for cell in cells} >= {"payment.application:submit"}
    for question in ("rights_matrix", "rights_why"):
        assert officer.get(f"/q/platform.{question}").status_code == 200, question
