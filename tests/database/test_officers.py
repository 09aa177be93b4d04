"""Three officers: one proposes, another approves, a third watches; excluding duties are refused."""

from dataclasses import replace
from datetime import date

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction
from django.forms.models import model_to_dict
from django.utils import timezone
from tests import people
from tests.people import NOW, Staff

from shucai.base.errors import Refused
from shucai.kernel.identity import duties, login, officers, rights, scope, separation, setup
from shucai.kernel.identity.models import Appointment, Position, RightsChange, User
from shucai.kernel.identity.security import policy


@pytest.fixture
def staff(db: None) -> Staff:
    return people.appoint()


def propose(staff: Staff, kind: str, **payload: object) -> RightsChange:
    return rights.propose(
        actor=staff.system, kind=kind, payload=payload, reason="工作需要", now=NOW
    )


def approve(staff: Staff, change: RightsChange) -> rights.Decided:
    return rights.approve(actor=staff.security, change_id=change.pk, opinion="同意", now=NOW)


def appointment(staff: Staff, user_id: int, position: str, **facts: object) -> RightsChange:
    return propose(
        staff,
        "appointment.create",
        **{
            "user_id": user_id,
            "position_id": Position.objects.get(code=position).pk,
            "scope_path": people.UNIT,
            "division": people.CITY,
            "valid_from": "2026-03-02",
            **facts,
        },
    )


def test_a_new_user_exists_only_after_approval(staff: Staff) -> None:
    change = propose(staff, "user.create", username="wang.fang", name="王芳", pinyin="wf wangfang")
    before = User.objects.filter(username="wang.fang").exists()

    decided = approve(staff, change)
    user = User.objects.get(username="wang.fang")
    approve(staff, appointment(staff, user.pk, "clerk"))
    signed = login.sign_in("wang.fang", decided.one_time_password, ip="", agent="", now=NOW)

    assert not before
    assert signed.must_change_password
    assert ("identity.approved", str(change.pk), "done") in people.trail(staff.auditor)


def test_nobody_approves_his_own_change(staff: Staff) -> None:
    change = propose(staff, "user.disable", user_id=staff.clerk.user_id)

    with pytest.raises(Refused, match="IDN-3001"):
        rights.approve(actor=staff.system, change_id=change.pk, opinion="同意", now=NOW)
    with pytest.raises(DatabaseError, match="nobody decides on a change of his own"):
        decide_raw(staff.system.user_id, staff, change)
    assert User.objects.get(pk=staff.clerk.user_id).is_active


def decide_raw(user_id: int, staff: Staff, change: RightsChange, *, acting: int = 0) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        scope.apply(staff.system)
        cursor.execute("SELECT set_config('shucai.user', %s, true)", [str(acting or user_id)])
        cursor.execute(
            "SELECT identity_decide(%s, 'approved', %s, 'x', '', %s, '')",
            [change.pk, user_id, NOW],
        )


def test_the_database_asks_for_the_office_and_the_acting_person(staff: Staff) -> None:
    change = propose(staff, "user.disable", user_id=staff.clerk.user_id)

    with pytest.raises(DatabaseError, match="decided by a security administrator"):
        decide_raw(staff.reviewer.user_id, staff, change)
    with pytest.raises(DatabaseError, match="only the acting person decides"):
        decide_raw(staff.security.user_id, staff, change, acting=staff.clerk.user_id)


def test_only_the_system_administrator_proposes(staff: Staff) -> None:
    with pytest.raises(Refused, match="该操作属于系统管理员"):
        rights.propose(
            actor=staff.security,
            kind="user.disable",
            payload={"user_id": staff.clerk.user_id},
            reason="试试",
            now=NOW,
        )
    scope.apply(staff.clerk)
    with pytest.raises(DatabaseError, match="begin as a proposal"), transaction.atomic():
        RightsChange.objects.create(
            kind="user.disable",
            target="x",
            summary="x",
            payload={},
            proposed_by=staff.clerk.user_id,
            proposed_name="x",
            proposed_at=NOW,
        )


def test_a_leaver_loses_sessions_and_tokens_at_once(staff: Staff) -> None:
    signed = login.sign_in("clerk", people.PASSWORD, ip="", agent="", now=NOW)

    approve(staff, propose(staff, "user.disable", user_id=staff.clerk.user_id))

    assert login.farewell(signed.session_key) == "用户已停用"
    with pytest.raises(Refused, match="IDN-1001"):
        login.sign_in("clerk", people.PASSWORD, ip="", agent="", now=NOW)


def test_excluding_duties_are_refused_in_one_position(staff: Staff) -> None:
    with pytest.raises(Refused) as refused:
        propose(
            staff,
            "position.create",
            code="both",
            name="支付一手清",
            duties=["payment.preparer", "payment.reviewer"],
        )

    assert refused.value.code == "IDN-3005"
    assert "支付经办" in str(refused.value)
    assert "支付审核" in str(refused.value)


def test_excluding_duties_are_refused_at_assignment(staff: Staff) -> None:
    with pytest.raises(Refused, match="分别来自岗位“支付经办岗”和“支付审核岗”"):
        appointment(staff, staff.clerk.user_id, "reviewer")
    with pytest.raises(Refused, match="IDN-3005"):
        appointment(staff, staff.clerk.user_id, "reviewer", scope_path="4406/440600")

    elsewhere = appointment(staff, staff.clerk.user_id, "reviewer", scope_path="4406/440604/201")
    assert elsewhere.state == "proposed"


def test_a_position_that_is_held_does_not_grow_an_excluding_duty(staff: Staff) -> None:
    approve(staff, propose(staff, "position.create", code="other", name="其他岗", duties=[]))
    approve(staff, appointment(staff, staff.clerk.user_id, "other"))

    with pytest.raises(Refused, match="IDN-3005"):
        propose(
            staff,
            "position.change",
            position_id=Position.objects.get(code="other").pk,
            name="其他岗",
            duties=["payment.reviewer"],
        )


@pytest.mark.parametrize("office", ["secadmin", "auditor", "clerk"])
def test_an_officer_holds_one_office_only_wherever_it_is(staff: Staff, office: str) -> None:
    with pytest.raises(Refused, match="IDN-3005"):
        appointment(staff, staff.system.user_id, office, scope_path="4406/440604/201/201001")


def test_the_database_keeps_the_three_officers_apart(staff: Staff) -> None:
    with transaction.atomic():
        scope.apply(staff.system)
        change = RightsChange.objects.create(
            kind="appointment.create",
            target="x",
            summary="x",
            payload={
                "user_id": staff.security.user_id,
                "position_id": Position.objects.get(code="auditor").pk,
                "scope_path": "4406",
                "division": people.CITY,
                "valid_from": "2026-01-01",
            },
            proposed_by=staff.system.user_id,
            proposed_name="x",
            proposed_at=NOW,
        )

    with pytest.raises(DatabaseError, match="three officers are three persons"):
        decide_raw(staff.security.user_id, staff, change)


def test_a_person_with_two_hats_does_not_approve_his_own_change(staff: Staff) -> None:
    change = propose(staff, "user.disable", user_id=staff.clerk.user_id)
    both = replace(staff.system, duties=frozenset(duties.OFFICERS))

    with pytest.raises(Refused, match=r"系统管理员甲 本人申请.*IDN-3002"):
        rights.approve(actor=both, change_id=change.pk, opinion="同意", now=NOW)


def test_what_changed_since_the_proposal_is_not_approved(staff: Staff) -> None:
    late = propose(
        staff,
        "appointment.change",
        appointment_id=staff.clerk.appointment_id,
        scope_path="4406/440600/105",
        division=people.CITY,
        valid_from="2026-01-01",
    )
    other = appointment(
        staff, staff.clerk.user_id, "clerk", scope_path="4406/440600/108", is_default=True
    )
    approve(staff, other)

    with pytest.raises(Refused, match=r"is_default.*IDN-3004"):
        approve(staff, late)


def test_unknown_duties_and_taken_names_are_refused(staff: Staff) -> None:
    with pytest.raises(Refused, match=r"职责 payment.magician 不存在.*IDN-3006"):
        propose(staff, "position.create", code="new", name="新岗", duties=["payment.magician"])
    with pytest.raises(Refused, match=r"登录名已存在.*IDN-3009"):
        propose(staff, "user.create", username="clerk", name="重名")
    with pytest.raises(Refused, match="IDN-3009"):
        propose(staff, "position.create", code="clerk", name="重岗", duties=[])


def test_figures_of_the_policy_stay_sane(staff: Staff) -> None:
    figures = model_to_dict(policy())

    with pytest.raises(Refused) as refused:
        propose(staff, "policy.change", **{**figures, "failures": 0, "password_length": 4})

    assert [f.place for f in refused.value.findings] == ["password_length", "failures"]


def test_the_scan_finds_what_was_written_past_the_rules(staff: Staff) -> None:
    assert separation.scan(on=date(2026, 3, 2)) == []

    clerk = Appointment.objects.select_related("position", "user").get(user=staff.clerk.user_id)
    reviewer = Appointment.objects.select_related("position").get(user=staff.reviewer.user_id)
    found = separation.collisions([separation.holding_of(a) for a in (clerk, reviewer)])

    assert [pair[:2] for pair in found] == [("payment.preparer", "payment.reviewer")]


def test_a_change_proposed_before_another_is_stale(staff: Staff) -> None:
    late = propose(staff, "user.change", user_id=staff.clerk.user_id, name="李甲")
    with pytest.raises(Refused, match=r"已有待审批的权限变更.*IDN-3013"):
        propose(staff, "user.change", user_id=staff.clerk.user_id, name="李乙")
    rights.withdraw(actor=staff.system, change_id=late.pk, now=NOW)

    with pytest.raises(Refused, match=r"该变更已撤回.*IDN-3003"):
        approve(staff, late)


def test_a_rejection_needs_a_reason_and_changes_nothing(staff: Staff) -> None:
    change = propose(staff, "user.disable", user_id=staff.clerk.user_id)
    with pytest.raises(Refused, match="IDN-3011"):
        rights.reject(actor=staff.security, change_id=change.pk, opinion=" ", now=NOW)

    decided = rights.reject(actor=staff.security, change_id=change.pk, opinion="尚未离职", now=NOW)

    assert decided.change.state == "rejected"
    assert User.objects.get(pk=staff.clerk.user_id).is_active


def test_a_scope_wider_than_the_officers_is_refused(staff: Staff) -> None:
    with pytest.raises(Refused, match="IDN-3007"):
        appointment(staff, staff.reviewer.user_id, "reviewer", scope_path="4401/440100")


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("username", "王芳", "小写字母"),
        ("name", "", "1 至 40"),
        ("phone", "abc", "不是电话号码"),
    ],
)
def test_unreadable_fields_are_told_at_their_place(
    staff: Staff, field: str, value: str, reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        propose(staff, "user.create", **{"username": "new", "name": "新人", field: value})

    [finding] = refused.value.findings
    assert finding.code == "IDN-3010"
    assert finding.place == field
    assert reason in finding.why


def test_users_are_listed_by_pages_and_found_by_name(staff: Staff) -> None:
    first = officers.users(actor=staff.auditor, size=2)
    rest = officers.users(actor=staff.auditor, after=first.next)

    assert [u.username for u in first.rows + rest.rows] == list(people.PEOPLE)
    assert [u.username for u in officers.users(actor=staff.auditor, text="审核").rows] == [
        "reviewer"
    ]
    with pytest.raises(Refused, match="IDN-3001"):
        officers.users(actor=staff.clerk)


def test_first_officers_are_put_in_office_once(
    db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("first_officers", root="4406", division="440600000")
    printed = capsys.readouterr().out.splitlines()

    username, _, password = printed[0].split("\t")
    signed = login.sign_in(username, password, ip="", agent="", now=timezone.now())
    assert [line.split("\t")[0] for line in printed[:3]] == ["sysadmin", "secadmin", "auditor"]
    assert signed.must_change_password
    assert {duty for _, duty in setup.officers()} == set(duties.OFFICERS)
    with pytest.raises(CommandError, match="三员已经就位"):
        call_command("first_officers", root="4406", division="440600000")


def test_people_are_not_loaded_past_the_officers(staff: Staff) -> None:
    with pytest.raises(Refused, match="IDN-3012"):
        people.appoint()
    with (
        pytest.raises(DatabaseError, match="officers are in office"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT identity_first_load('[]', '[]', '[]', %s)", [NOW])


def test_what_is_refused_is_in_the_trail_too(staff: Staff) -> None:
    change = propose(staff, "user.disable", user_id=staff.clerk.user_id)
    with pytest.raises(Refused):
        rights.approve(actor=staff.clerk, change_id=change.pk, opinion="同意", now=NOW)

    assert people.trail(staff.auditor)[-1] == ("identity.approved", str(change.pk), "refused")


def test_an_officer_without_colleagues_is_helped_at_the_machine(
    staff: Staff, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("reset_officer", "secadmin", reason="遗忘密码，分管领导批准")
    username, _, password = capsys.readouterr().out.splitlines()[0].split("\t")

    signed = login.sign_in(username, password, ip="", agent="", now=timezone.now())
    assert signed.must_change_password
    assert ("identity.reset_officer", "secadmin", "done") in people.trail(staff.auditor)
    with pytest.raises(CommandError, match="IDN-3008"):
        call_command("reset_officer", "clerk", reason="不是三员")
