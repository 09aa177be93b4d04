"""People come, move and leave by one change each; batches; agreed pairs of excluding duties."""

import pytest
from tests import people
from tests.people import NOW, Staff

from shucai.base.errors import Refused
from shucai.kernel.identity import login, rights
from shucai.kernel.identity.models import Appointment, LoginSession, Position, RightsChange, User
from shucai.kernel.identity.records import Leaver

pytestmark = pytest.mark.function("PLAT-008")


@pytest.fixture
def staff(db: None) -> Staff:
    return people.appoint()


def propose(staff: Staff, kind: str, **payload: object) -> RightsChange:
    return rights.propose(
        actor=staff.system, kind=kind, payload=payload, reason="工作需要", now=NOW
    )


def approve(staff: Staff, change: RightsChange) -> rights.Decided:
    return rights.approve(actor=staff.security, change_id=change.pk, opinion="同意", now=NOW)


def place(position: str, **facts: object) -> dict[str, object]:
    return {
        "position_id": Position.objects.get(code=position).pk,
        "scope_path": people.UNIT,
        "division": people.CITY,
        "valid_from": "2026-03-02",
        **facts,
    }


def hired(username: str, position: str = "clerk", **facts: object) -> dict[str, object]:
    return {"username": username, "name": f"新人{username}", **place(position, **facts)}


def test_a_new_person_comes_with_an_appointment(staff: Staff) -> None:
    decided = approve(staff, propose(staff, "user.hire", **hired("wang.fang", employee_no="A-17")))

    signed = login.sign_in("wang.fang", decided.one_time_password, ip="", agent="", now=NOW)
    [held] = Appointment.objects.filter(user__username="wang.fang")
    assert signed.must_change_password
    assert (held.position.code, held.is_default, held.scope_path) == ("clerk", True, people.UNIT)
    assert User.objects.get(username="wang.fang").employee_no == "A-17"
    with pytest.raises(Refused, match="工号 A-17 不能新增"):
        propose(staff, "user.hire", **hired("li.si", employee_no="A-17"))


def test_a_mover_loses_the_old_and_gets_the_new_in_one_change(staff: Staff) -> None:
    change = propose(
        staff,
        "user.transfer",
        user_id=staff.clerk.user_id,
        **place("reviewer", scope_path="4406/440600/108/108001"),
    )
    assert "支付经办岗 → 支付审核岗" in change.summary

    approve(staff, change)

    rows = Appointment.objects.filter(user=staff.clerk.user_id).order_by("pk")
    assert [(a.position.code, a.is_enabled) for a in rows] == [("clerk", False), ("reviewer", True)]


def test_a_mover_of_a_later_day_keeps_the_old_until_then(staff: Staff) -> None:
    approve(
        staff,
        propose(
            staff,
            "user.transfer",
            user_id=staff.clerk.user_id,
            **place("reviewer", valid_from="2026-04-01"),
        ),
    )

    old, new = Appointment.objects.filter(user=staff.clerk.user_id).order_by("pk")
    assert old.is_enabled
    assert old.valid_to == new.valid_from
    assert people.actor_of("clerk").position_name == "支付经办岗"


def test_who_leaves_today_has_nothing_left(staff: Staff) -> None:
    signed = login.sign_in("clerk", people.PASSWORD, ip="", agent="", now=NOW)

    approve(
        staff,
        propose(staff, "user.leave", user_id=staff.clerk.user_id, left_on="2026-03-01", why="退休"),
    )

    user = User.objects.get(pk=staff.clerk.user_id)
    assert not user.is_active
    assert not Appointment.objects.filter(user=user, is_enabled=True).exists()
    assert LoginSession.objects.get(pk=signed.session.pk).end_reason == "disabled"
    assert Leaver.objects.get(user=user).done_at is not None


def test_the_last_officer_of_an_office_does_not_leave(staff: Staff) -> None:
    for kind, facts in (
        ("user.leave", {"left_on": "2026-03-01"}),
        ("user.disable", {}),
        ("appointment.end", {"appointment_id": staff.auditor.appointment_id}),
    ):
        with pytest.raises(Refused, match=r"唯一在任的安全审计员.*IDN-3014"):
            propose(staff, kind, user_id=staff.auditor.user_id, **facts)


def test_a_batch_is_approved_whole_and_gives_each_his_password(staff: Staff) -> None:
    items = [
        {"kind": "user.hire", "payload": hired("new.one")},
        {"kind": "user.hire", "payload": hired("new.two", "reviewer")},
        {"kind": "user.disable", "payload": {"user_id": staff.clerk.user_id}},
    ]
    decided = approve(staff, propose(staff, "batch.rights", items=items))

    given = dict(line.split() for line in decided.one_time_password.splitlines())
    assert set(given) == {"new.one", "new.two"}
    assert login.sign_in("new.two", given["new.two"], ip="", agent="", now=NOW)
    assert not User.objects.get(pk=staff.clerk.user_id).is_active


def test_a_batch_tells_every_fault_at_its_place(staff: Staff) -> None:
    bad = {**hired("x"), "valid_from": "never"}
    with pytest.raises(Refused) as unread:
        propose(staff, "batch.rights", items=[{"kind": "user.hire", "payload": bad}])
    with pytest.raises(Refused) as refused:
        propose(
            staff,
            "batch.rights",
            items=[
                {"kind": "user.hire", "payload": hired("clerk")},
                {"kind": "user.hire", "payload": hired("new.one")},
                {"kind": "user.hire", "payload": hired("new.one", "reviewer")},
            ],
        )

    assert [f.place for f in unread.value.findings] == ["items[0].username", "items[0].valid_from"]
    assert [(f.code, f.place) for f in refused.value.findings] == [
        ("IDN-3009", "items[0].username"),
        ("IDN-3016", "items[2]"),
    ]
    with pytest.raises(Refused, match=r"共 0 项.*IDN-3015"):
        propose(staff, "batch.rights", items=[])


@pytest.mark.function("PLAT-009")
def test_an_agreed_pair_excludes_like_a_declared_one(staff: Staff) -> None:
    pair = {"left": "payment.preparer", "right": "allotment.preparer"}
    change = propose(staff, "exclusion.create", **pair, basis="局内控制度第八条")
    assert "现有 0 人兼有" in change.summary
    approve(staff, change)

    with pytest.raises(Refused, match="IDN-3005"):
        propose(staff, "position.create", code="two", name="兼岗", duties=list(pair.values()))
    approve(
        staff,
        propose(staff, "position.create", code="al", name="指标岗", duties=["allotment.preparer"]),
    )
    with pytest.raises(Refused, match="IDN-3005"):
        propose(staff, "appointment.create", user_id=staff.clerk.user_id, **place("al"))
    with pytest.raises(Refused, match="IDN-3009"):
        propose(staff, "exclusion.create", **pair)

    with pytest.raises(Refused, match="IDN-3017"):
        propose(staff, "exclusion.create", left=pair["left"], right=pair["left"])

    approve(staff, propose(staff, "exclusion.end", **pair))
    assert propose(staff, "appointment.create", user_id=staff.clerk.user_id, **place("al")).pk
