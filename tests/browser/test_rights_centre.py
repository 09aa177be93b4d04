"""The rights centre in the browser: from a unit's request to the newcomer's sign-in, and back."""

import re
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, expect

from shucai.kernel.identity import requests, rights
from shucai.kernel.identity.models import Appointment, Position, RightsChange
from shucai.kernel.identity.records import RightsRequest
from tests import people
from tests.browser.conftest import SignIn
from tests.browser.town import Town

NAME, OWN = "new.clerk", "Qing-Yuan-2026"


def approve(here: Town, kind: str, **payload: object) -> None:
    now = timezone.now()
    change = rights.propose(
        actor=here.actors["sysadmin"], kind=kind, payload=payload, reason="工作需要", now=now
    )
    rights.approve(actor=here.actors["secadmin"], change_id=change.pk, opinion="同意", now=now)


def place(here: Town, position: str) -> dict[str, object]:
    return {
        "position_id": Position.objects.get(code=position).pk,
        "scope_path": people.UNIT,
        "unit_code": "105001",
        "unit_name": "市第一中学",
        "division": people.CITY,
        "valid_from": timezone.localdate().isoformat(),
    }


@pytest.mark.function("PLAT-008", "PLAT-009")
def test_a_request_becomes_a_user_whose_right_is_taken_while_he_works(
    here: Town,
    address: str,
    sign_in: SignIn,
    open_context: Callable[..., BrowserContext],
) -> None:
    duties = ["identity.applicant", "identity.reviewer"]
    approve(here, "position.create", code="head", name="单位负责人岗", duties=duties)
    approve(here, "user.hire", username="head", name="简负责", **place(here, "head"))
    now = timezone.now()
    asked: RightsRequest = requests.submit(
        actor=people.actor_of("head", now=now),
        kind="user.hire",
        payload={"username": NAME, "name": "新经办", **place(here, "zhifu")},
        reason="新进人员",
        now=now,
    )

    system = sign_in("sysadmin", f"/r/platform.rights_request/{asked.pk}")
    system.get_by_role("link", name="受理").click()
    system.get_by_role("dialog").get_by_role("button", name="受理").click()
    expect(system.locator(".sc-toast")).to_contain_text("等待安全保密管理员审批")

    change = RightsChange.objects.get(target=f"user:{NAME}")
    security = sign_in("secadmin", f"/r/platform.rights_change/{change.pk}")
    security.get_by_role("link", name="批准").click()
    security.get_by_role("dialog").get_by_role("button", name="批准").click()
    one_time = security.locator("#rc-secret").inner_text().strip()

    page = open_context(base_url=address).new_page()
    page.goto("/login")
    page.get_by_label("登录名").fill(NAME)
    page.get_by_label("密码").fill(one_time)
    page.get_by_role("button", name="登录").click()
    page.locator("[name=old]").fill(one_time)
    page.locator("[name=new]").fill(OWN)
    page.locator("[name=again]").fill(OWN)
    page.get_by_role("button", name="保存新密码").click()
    page.goto("/d/payment.application/")
    expect(page.get_by_role("link", name="支付申请").first).to_be_visible()

    held = Appointment.objects.get(user__username=NAME)
    approve(here, "appointment.end", appointment_id=held.pk)
    page.goto("/d/payment.application/")
    expect(page).to_have_url(re.compile("/login"))


@pytest.mark.function("PLAT-009")
def test_the_matrix_and_the_reasons_say_what_is_open(sign_in: SignIn) -> None:
    page = sign_in("auditor", "/rights/matrix")
    expect(page.get_by_role("columnheader", name="单位经办岗")).to_be_visible()
    page.get_by_role("link", name="按职责").click()
    expect(page.get_by_role("columnheader", name="支付经办")).to_be_visible()

    page.goto("/q/platform.rights_why?user=zhifu&thing=payment.application:approve")

    expect(page.locator(".sc-verdict")).to_contain_text("不能办理")
    expect(page.get_by_role("cell", name="不通过").first).to_be_visible()
