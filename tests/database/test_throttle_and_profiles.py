"""Guessing is slowed down alike for every name; two rule books as profiles; own sessions."""

from datetime import timedelta

import pytest
from django.contrib.auth import hashers
from django.db import connection
from django.forms.models import model_to_dict
from tests import people, proofs
from tests.people import NOW, PASSWORD, Staff

from shucai.base.errors import Refused
from shucai.kernel.identity import acting, login, passwords, profiles, rights, sessions, throttle
from shucai.kernel.identity.credentials import NameTrial, SignInFailure, SpentTicket
from shucai.kernel.identity.login import SignedIn
from shucai.kernel.identity.models import SecurityPolicy, User
from shucai.kernel.identity.security import policy
from shucai.kernel.identity.throttle import Shown

IP = "10.0.0.7"
WRONG = "wrong"


@pytest.fixture
def staff(db: None) -> Staff:
    return people.appoint()


def attempt(
    username: str = "clerk",
    password: str = WRONG,
    *,
    seconds: int = 0,
    ip: str = IP,
    shown: Shown | None = None,
    bound: str = "b",
) -> str:
    """The refusal's words; with the proof a browser would find."""
    now = NOW + timedelta(seconds=seconds)
    if shown is None:
        shown = proofs.found(login.proof_for(username, ip=ip, bound=bound, now=now))
    with pytest.raises(Refused) as refused:
        login.sign_in(username, password, ip=ip, agent="", now=now, bound=bound, shown=shown)
    return str(refused.value)


def test_known_and_unknown_names_are_answered_in_the_same_words(staff: Staff) -> None:
    known = [attempt("clerk", seconds=n) for n in range(7)]
    unknown = [attempt("nobody", seconds=n) for n in range(7)]

    assert known == unknown
    assert "IDN-1001" in known[3]
    assert "IDN-1002" in known[5]
    assert "clerk" not in "".join(known)
    assert "nobody" not in str(list(NameTrial.objects.values_list("name")))


def test_known_and_unknown_names_cost_the_same(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One slow hash each while open, none while locked; the clock itself would be too noisy."""
    hashed = []
    encode = hashers.Argon2PasswordHasher.encode
    verify = hashers.Argon2PasswordHasher.verify
    monkeypatch.setattr(
        hashers.Argon2PasswordHasher, "encode", lambda *a: (hashed.append(1), encode(*a))[1]
    )
    monkeypatch.setattr(
        hashers.Argon2PasswordHasher, "verify", lambda *a: (hashed.append(1), verify(*a))[1]
    )

    costs = {}
    for name in ("clerk", "nobody"):
        costs[name] = []
        for second in range(6):
            hashed.clear()
            attempt(name, seconds=second)
            costs[name].append(len(hashed))

    assert costs["clerk"] == costs["nobody"] == [1, 1, 1, 1, 1, 0]


def test_after_three_failures_a_proof_is_due(staff: Staff) -> None:
    for _ in range(3):
        assert "IDN-1001" in attempt()

    assert "IDN-1008" in attempt(password=PASSWORD, shown=Shown())
    assert "IDN-6001" in attempt(password=PASSWORD, shown=Shown("nonsense", "1"))
    proof = login.proof_for("clerk", ip=IP, bound="b", now=NOW)
    assert proof is not None
    assert "IDN-1008" in attempt(password=PASSWORD, shown=Shown(proof.ticket, "wrong"))
    done = login.sign_in(
        "clerk", PASSWORD, ip=IP, agent="", now=NOW, bound="b", shown=proofs.found(proof)
    )

    assert isinstance(done, SignedIn)
    assert done.previous is None
    assert SpentTicket.objects.count() == 1


def test_a_proof_serves_one_browser_once(staff: Staff) -> None:
    for _ in range(3):
        attempt()
    shown = proofs.found(login.proof_for("clerk", ip=IP, bound="b", now=NOW))

    assert "IDN-6001" in attempt(shown=shown, bound="another")
    assert "IDN-1001" in attempt(shown=shown)
    User.objects.filter(username="clerk").update(failed_attempts=3)
    assert "IDN-6002" in attempt(shown=shown)


def test_waiting_serves_instead_of_computing(staff: Staff) -> None:
    for _ in range(3):
        attempt()
    proof = login.proof_for("clerk", ip=IP, bound="b", now=NOW)
    assert proof is not None

    early = attempt(password=PASSWORD, shown=Shown(proof.ticket), seconds=proof.seconds - 1)
    done = login.sign_in(
        "clerk",
        PASSWORD,
        ip=IP,
        agent="",
        now=NOW + timedelta(seconds=proof.seconds),
        bound="b",
        shown=Shown(proof.ticket),
    )

    assert f"等待 {proof.seconds} 秒" in early
    assert isinstance(done, SignedIn)


def test_the_proof_grows_with_the_failures() -> None:
    asked = [throttle.asked(level, bound="b", now=NOW) for level in range(6)]

    assert asked[0] is None
    assert [one.bits for one in asked[1:] if one] == [14, 16, 18, 20, 20]
    assert [one.seconds for one in asked[1:] if one] == [15, 30, 45, 60, 60]


def test_an_address_is_stopped_whatever_names_it_tries(staff: Staff) -> None:
    SignInFailure.objects.bulk_create(
        [SignInFailure(at=NOW, ip=IP, name="x", code="IDN-1001") for _ in range(50)]
    )

    refused = attempt("clerk", PASSWORD, seconds=60, shown=Shown())
    elsewhere = login.sign_in("clerk", PASSWORD, ip="10.0.0.8", agent="", now=NOW)
    after = login.sign_in("clerk", PASSWORD, ip=IP, agent="", now=NOW + timedelta(minutes=11))

    assert "10 分钟内不正确 50 次，上限 50 次" in refused
    assert "09:10" in refused
    assert "IDN-1009" in refused
    assert isinstance(elsewhere, SignedIn)
    assert isinstance(after, SignedIn)


def test_the_person_is_told_of_the_sign_in_before(staff: Staff) -> None:
    login.sign_in("clerk", PASSWORD, ip="10.0.0.9", agent="", now=NOW)
    attempt(seconds=60)
    attempt(seconds=61)

    done = login.sign_in("clerk", PASSWORD, ip=IP, agent="", now=NOW + timedelta(hours=1))

    assert isinstance(done, SignedIn)
    assert done.previous == sessions.Previous(at=NOW, ip="10.0.0.9", failures=2)


def test_what_is_old_is_forgotten(staff: Staff) -> None:
    attempt("nobody")
    attempt("clerk")

    assert throttle.purge(now=NOW + timedelta(days=2)) == 1
    assert not NameTrial.objects.exists()
    assert throttle.purge(now=NOW + timedelta(days=181)) == 2


def choose(staff: Staff, **figures: object) -> None:
    change = rights.propose(
        actor=staff.system,
        kind="policy.change",
        payload={**model_to_dict(policy()), **figures},
        reason="换用策略模板",
        now=NOW,
    )
    rights.approve(actor=staff.security, change_id=change.pk, opinion="同意", now=NOW)


def codes(staff: Staff, password: str) -> list[str]:
    user = User.objects.get(pk=staff.clerk.user_id)
    return [f.code for f in passwords.findings(password, user=user, rules=policy())]


def test_the_two_rule_books_disagree_where_they_do(staff: Staff) -> None:
    long_words = "lychee harbour morning boat"
    short = "Lychee#Harb7"
    choose(staff, **profiles.PROFILES["djbh3"])
    djbh3 = codes(staff, long_words), codes(staff, short)
    overdue = passwords.expires_at(User(password_changed_at=NOW), policy())

    choose(staff, **profiles.PROFILES["asvs5"])
    asvs5 = codes(staff, long_words), codes(staff, short)

    assert djbh3 == (["IDN-2002"], [])
    assert asvs5 == ([], ["IDN-2001"])
    assert overdue == NOW + timedelta(days=90)
    assert passwords.expires_at(User(password_changed_at=NOW), policy()) is None


@pytest.mark.parametrize(
    "password", ["woaini1314#A", "Caizheng@2026", "Foshan-2026", "Zhang#123456"]
)
def test_habits_are_refused_in_every_profile(staff: Staff, password: str) -> None:
    assert "IDN-2003" in codes(staff, password)


def test_deviations_from_the_profile_are_shown(staff: Staff) -> None:
    assert [one.label for one in profiles.deviations(policy())] == ["双因素"]

    choose(staff, **{**profiles.PROFILES["djbh3"], "failures": 10})

    [one] = profiles.deviations(policy())
    assert (one.label, one.value, one.wanted["djbh3"]) == ("连续失败几次锁定", "10", "5")


def test_every_profile_is_a_valid_policy() -> None:
    for figures in profiles.PROFILES.values():
        one = SecurityPolicy(**figures)
        assert profiles.deviations(one) == []


def test_officers_must_enrol_where_the_policy_says_so(staff: Staff) -> None:
    choose(staff, **profiles.PROFILES["djbh3"])
    clerk = login.sign_in("clerk", PASSWORD, ip=IP, agent="", now=NOW)
    officer = login.sign_in("sysadmin", PASSWORD, ip=IP, agent="", now=NOW)
    assert isinstance(clerk, SignedIn)
    assert isinstance(officer, SignedIn)

    found = [acting.resolve(one.session_key, now=NOW) for one in (clerk, officer)]

    assert [one.must_enrol for one in found if one] == [False, True]


def test_the_first_policy_is_that_of_the_deployment(db: None) -> None:
    from shucai.kernel.identity import duties, setup

    names = {duty: (duty.split(".")[1].replace("_", "-"), duty) for duty in duties.OFFICERS}

    setup.first_officers(names=names, root="4406", division="440600000", now=NOW, profile="asvs5")

    assert policy().profile == "asvs5"
    assert profiles.deviations(policy()) == []


def test_a_person_ends_his_own_sessions_only(staff: Staff) -> None:
    one = login.sign_in("clerk", PASSWORD, ip=IP, agent="", now=NOW)
    other = login.sign_in("reviewer", PASSWORD, ip=IP, agent="", now=NOW)
    assert isinstance(one, SignedIn)
    assert isinstance(other, SignedIn)
    held, _ = sessions.own(actor=staff.clerk, now=NOW)

    sessions.end_own(actor=staff.clerk, session_id=one.session.pk, now=NOW)

    assert [session.pk for session in held] == [one.session.pk]
    assert acting.resolve(one.session_key, now=NOW) is None
    assert "本人已在别处结束" in login.farewell(one.session_key)
    for session in (one, other):
        with pytest.raises(Refused, match="IDN-6105"):
            sessions.end_own(actor=staff.clerk, session_id=session.session.pk, now=NOW)
    assert acting.resolve(other.session_key, now=NOW) is not None


def test_two_answers_at_once_spend_a_ticket_once(staff: Staff) -> None:
    from shucai.kernel.identity import tickets

    ticket = tickets.opened(
        "x", tickets.issue("x", bound="b", now=NOW), bound="b", now=NOW, seconds=9
    )
    tickets.spend(ticket, now=NOW)

    with pytest.raises(Refused, match="IDN-6002"):
        tickets.spend(ticket, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM identity_spentticket")
        assert cursor.fetchone()[0] == 1
