"""The second factor: enrolling, signing in with it, replay, recovery codes, reset by officers."""

from datetime import datetime, timedelta

import pyotp
import pytest
from django.test import override_settings
from tests import people
from tests.people import NOW, PASSWORD, Staff

from shucai.base.errors import Refused
from shucai.kernel.identity import acting, factors, login, rights
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.credentials import RecoveryCode, SecondFactor
from shucai.kernel.identity.factors import Answer
from shucai.kernel.identity.login import SecondStep, SignedIn, Visit
from shucai.kernel.identity.models import LoginSession, User

BOUND = "browser"


@pytest.fixture
def staff(db: None) -> Staff:
    return people.appoint()


def first(*, now: datetime = NOW, username: str = "clerk") -> SignedIn | SecondStep:
    return login.sign_in(username, PASSWORD, ip="10.0.0.7", agent="", now=now, bound=BOUND)


def visit(now: datetime) -> Visit:
    return Visit(ip="10.0.0.7", agent="", now=now, bound=BOUND)


def second(code: str, *, now: datetime, ticket: str = "") -> SignedIn:
    if not ticket:
        step = first(now=now)
        assert isinstance(step, SecondStep)
        ticket = step.ticket
    return login.confirm(ticket, code, visit=visit(now))


def enrol(actor: Actor, *, now: datetime = NOW, present: str = "") -> tuple[str, list[str]]:
    """The secret in the phone and the recovery codes."""
    offer = factors.offer(actor=actor, username="clerk", bound=BOUND, now=now)
    code = pyotp.TOTP(offer.secret).at(now)
    answer = Answer(offer.ticket, code, present=present, bound=BOUND)
    done = factors.enrol(actor=actor, answer=answer, now=now, session_id=0)
    return offer.secret, list(done.codes)


def test_a_code_of_the_phone_opens_the_session(staff: Staff) -> None:
    secret, codes = enrol(staff.clerk)
    later = NOW + timedelta(minutes=1)

    signed = second(pyotp.TOTP(secret).at(later), now=later)

    assert signed.session.method == "totp"
    assert acting.resolve(signed.session_key, now=later) is not None
    assert len(set(codes)) == 10
    assert secret not in SecondFactor.objects.get().secret
    trail = people.trail(staff.auditor)
    assert ("identity.enrol_factor", "clerk", "done") in trail
    assert ("identity.first_factor", "clerk", "done") in trail
    assert ("identity.second_factor", "clerk", "done") in trail


def test_the_password_alone_opens_nothing_then(staff: Staff) -> None:
    enrol(staff.clerk)

    assert isinstance(first(), SecondStep)
    assert not LoginSession.objects.filter(user_id=staff.clerk.user_id).exists()


def test_a_code_is_good_once(staff: Staff) -> None:
    secret, _ = enrol(staff.clerk)
    later = NOW + timedelta(minutes=1)
    code = pyotp.TOTP(secret).at(later)
    second(code, now=later)

    with pytest.raises(Refused, match="IDN-6102"):
        second(code, now=later)
    with pytest.raises(Refused, match="IDN-6102"):
        second(pyotp.TOTP(secret).at(later - timedelta(seconds=30)), now=later)

    assert ("identity.second_factor", "clerk", "refused") in people.trail(staff.auditor)


@pytest.mark.parametrize("code", ["", "000000", "12345", "abcdef", "１２３４５６", "AAAAA-AAAAA"])
def test_a_wrong_code_is_refused_and_counted(staff: Staff, code: str) -> None:
    enrol(staff.clerk)

    with pytest.raises(Refused, match="IDN-6101"):
        second(code, now=NOW + timedelta(minutes=1))

    assert User.objects.get(username="clerk").failed_attempts == 1


def test_wrong_codes_lock_like_wrong_passwords(staff: Staff) -> None:
    enrol(staff.clerk)
    step = first()
    assert isinstance(step, SecondStep)
    for _ in range(4):
        with pytest.raises(Refused, match="IDN-6101"):
            second("000000", now=NOW, ticket=step.ticket)

    with pytest.raises(Refused, match=r"锁定至 2026-03-02 09:15.*IDN-1002"):
        second("000000", now=NOW, ticket=step.ticket)
    with pytest.raises(Refused, match="IDN-1002"):
        first(now=NOW + timedelta(minutes=1))


def test_a_recovery_code_works_once(staff: Staff) -> None:
    _, codes = enrol(staff.clerk)

    assert second(codes[3].lower(), now=NOW).session.method == "recovery"
    with pytest.raises(Refused, match="IDN-6101"):
        second(codes[3], now=NOW)

    assert factors.codes_left(staff.clerk.user_id) == 9
    assert codes[3] not in str(list(RecoveryCode.objects.values_list("digest")))


def test_the_step_dies_with_its_time_its_browser_and_its_password(staff: Staff) -> None:
    secret, _ = enrol(staff.clerk)
    step = first()
    assert isinstance(step, SecondStep)
    over = NOW + timedelta(seconds=301)
    elsewhere = Visit(ip="", agent="", now=NOW, bound="another")

    with pytest.raises(Refused, match="IDN-6001"):
        second(pyotp.TOTP(secret).at(over), now=over, ticket=step.ticket)
    with pytest.raises(Refused, match="IDN-6001"):
        login.confirm(step.ticket, pyotp.TOTP(secret).at(NOW), visit=elsewhere)
    User.objects.filter(username="clerk").update(password="")
    with pytest.raises(Refused, match="IDN-6001"):
        second(pyotp.TOTP(secret).at(NOW), now=NOW, ticket=step.ticket)


def test_replacing_takes_a_code_of_the_present_one(staff: Staff) -> None:
    secret, _ = enrol(staff.clerk)
    later = NOW + timedelta(minutes=2)
    with pytest.raises(Refused, match="IDN-6103"):
        enrol(staff.clerk, now=later)

    fresh, codes = enrol(staff.clerk, now=later, present=pyotp.TOTP(secret).at(later))

    assert fresh != secret
    assert factors.codes_left(staff.clerk.user_id) == len(codes) == 10
    with pytest.raises(Refused, match="IDN-6101"):
        second(pyotp.TOTP(secret).at(later), now=later)


def test_an_offer_belongs_to_one_person_and_a_right_code(staff: Staff) -> None:
    offer = factors.offer(actor=staff.clerk, username="clerk", bound=BOUND, now=NOW)
    code = pyotp.TOTP(offer.secret).at(NOW)

    wrong = Answer(offer.ticket, "000000", bound=BOUND)
    foreign = Answer(offer.ticket, code, bound=BOUND)
    with pytest.raises(Refused, match="IDN-6101"):
        factors.enrol(actor=staff.clerk, answer=wrong, now=NOW, session_id=0)
    with pytest.raises(Refused, match="IDN-6001"):
        factors.enrol(actor=staff.reviewer, answer=foreign, now=NOW, session_id=0)

    assert not SecondFactor.objects.exists()
    assert factors.again(offer.ticket, username="clerk", bound=BOUND, now=NOW) == offer


def test_two_officers_reset_a_lost_phone(staff: Staff) -> None:
    secret, _ = enrol(staff.clerk)
    signed = second(
        pyotp.TOTP(secret).at(NOW + timedelta(minutes=1)), now=NOW + timedelta(minutes=1)
    )
    change = rights.propose(
        actor=staff.system,
        kind="factor.reset",
        payload={"user_id": staff.clerk.user_id},
        reason="手机遗失",
        now=NOW,
    )
    assert SecondFactor.objects.exists()

    rights.approve(actor=staff.security, change_id=change.pk, opinion="同意", now=NOW)

    assert acting.resolve(signed.session_key, now=NOW + timedelta(minutes=2)) is None
    assert not RecoveryCode.objects.exists()
    assert isinstance(first(), SignedIn)
    with pytest.raises(Refused, match="IDN-6104"):
        rights.propose(
            actor=staff.system,
            kind="factor.reset",
            payload={"user_id": staff.clerk.user_id},
            reason="手机遗失",
            now=NOW,
        )


def test_a_changed_key_of_the_instance_says_what_to_do(staff: Staff) -> None:
    secret, _ = enrol(staff.clerk)

    with override_settings(SECRET_KEY="another"), pytest.raises(Refused, match="IDN-6106"):
        second(pyotp.TOTP(secret).at(NOW), now=NOW)
