"""Signing in: lockout, limits of sessions, passwords, and rights that act at once."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.forms.models import model_to_dict
from tests import people, proofs
from tests.people import NOW, PASSWORD, Staff

from shucai.base.errors import Refused
from shucai.kernel.calendar import periods
from shucai.kernel.identity import acting, login, officers, passwords, rights
from shucai.kernel.identity.models import LoginSession, User
from shucai.kernel.identity.security import policy

IP = "10.0.0.7"


@pytest.fixture
def staff(db: None) -> Staff:
    return people.appoint()


def enter(username: str = "clerk", password: str = PASSWORD, *, later: int = 0) -> login.SignedIn:
    """As a browser does it: with the proof that the page asks for."""
    now = NOW + timedelta(minutes=later)
    proof = login.proof_for(username, ip=IP, bound="", now=now)
    done = login.sign_in(
        username, password, ip=IP, agent="tests", now=now, shown=proofs.found(proof)
    )
    assert isinstance(done, login.SignedIn)
    return done


def test_the_right_password_opens_a_session_in_the_default_position(staff: Staff) -> None:
    signed = enter(" Clerk ")

    found = acting.resolve(signed.session_key, now=NOW, ip="10.0.0.7", trace_id="t1")

    assert found is not None
    assert found.actor.position_name == "支付经办岗"
    assert found.actor.scope_path == people.UNIT
    assert found.actor.can("payment.preparer")
    assert found.actor.fiscal_year == 2026
    assert not found.must_change_password
    assert signed.session_key not in str(LoginSession.objects.values_list("session_key"))
    assert ("identity.sign_in", "clerk", "done") in people.trail(staff.auditor)


@pytest.mark.parametrize(("name", "password"), [("clerk", "wrong"), ("nobody", PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_are_answered_alike(
    staff: Staff, name: str, password: str
) -> None:
    with pytest.raises(Refused) as refused:
        enter(name, password)

    assert refused.value.code == "IDN-1001"
    assert "连续 5 次不正确将锁定 15 分钟" in str(refused.value)
    assert ("identity.sign_in", name, "refused") in people.trail(staff.auditor)


def test_five_wrong_passwords_lock_for_a_quarter_of_an_hour(staff: Staff) -> None:
    for _ in range(4):
        with pytest.raises(Refused, match="IDN-1001"):
            enter(password="wrong")
    with pytest.raises(Refused, match="锁定至 2026-03-02 09:15"):
        enter(password="wrong")
    with pytest.raises(Refused, match="IDN-1002"):
        enter(later=14)

    assert enter(later=16).user.username == "clerk"


def test_an_officer_lifts_a_lock(staff: Staff) -> None:
    for _ in range(5):
        with pytest.raises(Refused):
            enter(password="wrong")

    officers.unlock(actor=staff.system, user_id=staff.clerk.user_id, now=NOW)

    assert enter().user.failed_attempts == 0
    with pytest.raises(Refused, match="IDN-3001"):
        officers.unlock(actor=staff.clerk, user_id=staff.clerk.user_id, now=NOW)


def test_an_idle_session_ends_and_says_why(staff: Staff) -> None:
    signed = enter()

    assert acting.resolve(signed.session_key, now=NOW + timedelta(minutes=29)) is not None
    assert acting.resolve(signed.session_key, now=NOW + timedelta(minutes=58)) is not None
    assert acting.resolve(signed.session_key, now=NOW + timedelta(minutes=89)) is None
    assert "长时间没有操作" in login.farewell(signed.session_key)


def test_a_session_ends_after_twelve_hours_however_busy(staff: Staff) -> None:
    signed = enter()

    for minutes in range(20, 720, 20):
        assert acting.resolve(signed.session_key, now=NOW + timedelta(minutes=minutes))

    assert acting.resolve(signed.session_key, now=NOW + timedelta(hours=12)) is None
    assert "最长时限" in login.farewell(signed.session_key)


def test_the_newest_session_wins(staff: Staff) -> None:
    first = enter()

    others = [enter(later=minute) for minute in (1, 2, 3)]

    assert acting.resolve(first.session_key, now=NOW + timedelta(minutes=4)) is None
    assert "在别处登录" in login.farewell(first.session_key)
    assert all(acting.resolve(s.session_key, now=NOW + timedelta(minutes=4)) for s in others)


def test_a_policy_may_refuse_the_new_session_instead(staff: Staff) -> None:
    change_policy(staff, sessions=1, excess="refuse")
    enter()

    with pytest.raises(Refused, match=r"已有 1 个会话，上限 1 个.*IDN-1005"):
        enter(later=1)


def change_policy(staff: Staff, **figures: object) -> None:
    change = rights.propose(
        actor=staff.system,
        kind="policy.change",
        payload={**model_to_dict(policy()), **figures},
        reason="等保要求",
        now=NOW,
    )
    rights.approve(actor=staff.security, change_id=change.pk, opinion="同意", now=NOW)


def test_signing_out_ends_the_session_once(staff: Staff) -> None:
    signed = enter()

    assert login.sign_out(signed.session_key, now=NOW)
    assert not login.sign_out(signed.session_key, now=NOW)
    assert acting.resolve(signed.session_key, now=NOW) is None
    assert login.farewell(signed.session_key) == ""


def test_an_officer_forces_a_session_out(staff: Staff) -> None:
    signed = enter()
    [held] = officers.sessions(actor=staff.security, now=NOW).rows

    officers.force_out(actor=staff.security, session_id=held.pk, reason="离岗", now=NOW)

    assert acting.resolve(signed.session_key, now=NOW) is None
    assert "管理员" in login.farewell(signed.session_key)
    with pytest.raises(Refused, match="IDN-3008"):
        officers.force_out(actor=staff.security, session_id=held.pk, reason="再来", now=NOW)


def test_a_person_changes_his_password_and_may_not_go_back(staff: Staff) -> None:
    signed, other = enter(), enter(later=1)

    passwords.change(
        actor=staff.clerk,
        old=PASSWORD,
        new="Lychee#Harbour7",
        now=NOW,
        keep_session=signed.session.pk,
    )

    assert acting.resolve(signed.session_key, now=NOW) is not None
    assert acting.resolve(other.session_key, now=NOW) is None
    with pytest.raises(Refused, match="IDN-1001"):
        enter()
    with pytest.raises(Refused, match=r"最近 5 次用过的密码.*IDN-2004"):
        passwords.change(actor=staff.clerk, old="Lychee#Harbour7", new=PASSWORD, now=NOW)


def test_a_wrong_old_password_counts_towards_the_lock(staff: Staff) -> None:
    with pytest.raises(Refused, match="IDN-2005"):
        passwords.change(actor=staff.clerk, old="wrong", new="Lychee#Harbour7", now=NOW)

    assert User.objects.get(username="clerk").failed_attempts == 1


def test_an_old_password_must_be_changed(staff: Staff) -> None:
    signed = enter(later=91 * 24 * 60)

    assert signed.must_change_password


def test_an_ended_appointment_takes_the_rights_at_once(staff: Staff) -> None:
    signed = enter()
    change = rights.propose(
        actor=staff.system,
        kind="appointment.end",
        payload={"appointment_id": staff.clerk.appointment_id},
        reason="调离",
        now=NOW,
    )
    rights.approve(actor=staff.security, change_id=change.pk, opinion="同意", now=NOW)

    assert acting.resolve(signed.session_key, now=NOW) is None
    with pytest.raises(Refused, match=r"没有有效的任职.*IDN-1004"):
        enter(later=1)


def test_nobody_acts_in_the_position_of_another(staff: Staff) -> None:
    signed = enter()

    with pytest.raises(Refused, match="IDN-1006"):
        acting.resolve(signed.session_key, now=NOW, appointment_id=staff.reviewer.appointment_id)
    with pytest.raises(Refused, match="IDN-1006"):
        acting.switch(signed.session_key, now=NOW, appointment_id=staff.reviewer.appointment_id)


def test_two_years_side_by_side(staff: Staff) -> None:
    periods.open_year(divisions=[people.CITY], fiscal_year=2026)
    periods.open_year(divisions=[people.CITY], fiscal_year=2027)
    signed = enter()

    beside = acting.resolve(signed.session_key, now=NOW, fiscal_year=2027)
    acting.switch(signed.session_key, now=NOW, fiscal_year=2027)
    after = acting.resolve(signed.session_key, now=NOW)

    assert beside is not None
    assert (beside.actor.fiscal_year, beside.own_year) == (2027, 2026)
    assert after is not None
    assert after.actor.fiscal_year == 2027
    with pytest.raises(Refused, match=r"已开设的年度为 2027、2026.*IDN-1007"):
        acting.switch(signed.session_key, now=NOW, fiscal_year=2031)


def test_the_application_can_not_write_people(staff: Staff) -> None:
    for statement in (
        "UPDATE identity_position SET duties = '{payment.reviewer}'",
        "INSERT INTO identity_position (code, name, duties, is_enabled) VALUES ('x','x','{}',true)",
        "UPDATE identity_appointment SET scope_path = '4406'",
        "UPDATE identity_user SET is_active = true",
        "UPDATE identity_securitypolicy SET failures = 20",
        "UPDATE identity_rightschange SET state = 'approved'",
        "DELETE FROM identity_passwordhistory",
        "SELECT identity_policy_effect('{}')",
    ):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
