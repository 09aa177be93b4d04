"""Signing in by certificate: SM2, ECDSA and RSA; every way to be refused, each in the trail."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from tests import people
from tests.people import NOW, Staff

from shucai.base.crypto import sm2
from shucai.base.errors import Refused
from shucai.kernel.identity import acting, certificate_login, login, rights
from shucai.kernel.identity.credentials import UserCertificate
from shucai.kernel.identity.crypto import keyfile, service
from shucai.kernel.identity.crypto.provider import ECDSA, RSA, SM2
from shucai.kernel.identity.crypto.software import Software
from shucai.kernel.identity.login import SignedIn, Visit
from shucai.kernel.identity.models import User
from shucai.site.demo import authority
from shucai.site.demo.authority import Holder, Span

YEAR = Span(NOW - timedelta(days=100), NOW + timedelta(days=265))
HERE = Visit(ip="10.0.0.7", agent="tests", now=NOW, trace_id="t1", bound="browser")
needs_sm2 = pytest.mark.skipif(bool(sm2.missing()), reason=sm2.missing() or "present")


@pytest.fixture(scope="module")
def roots() -> dict[str, Holder]:
    return {
        code: authority.authority(f"根 {code}", algorithm=code, seed=code.encode(), span=YEAR)
        for code in (SM2, ECDSA, RSA)
        if code not in service.provider().missing()
    }


@dataclass(frozen=True)
class Trust:
    """The two files of the settings."""

    bundle: Path
    revocations: Path


@pytest.fixture(autouse=True)
def trust(tmp_path: Path, settings: pytest.FixtureRequest, roots: dict[str, Holder]) -> Trust:
    files = Trust(tmp_path / "trusted.pem", tmp_path / "revoked.pem")
    files.bundle.write_text("\n".join(root.pem for root in roots.values()))
    settings.CA_BUNDLE, settings.CA_REVOCATIONS = str(files.bundle), str(files.revocations)  # type: ignore[attr-defined]
    return files


@pytest.fixture
def staff(db: None) -> Staff:
    return people.appoint()


class Key:
    """A signer as a USB key is one: it has a certificate and signs."""

    def __init__(self, holder: Holder) -> None:
        self.holder, self.certificate = holder, holder.certificate

    def sign(self, data: bytes) -> bytes:
        return service.provider().sign(self.holder.algorithm, self.holder.private, data)


def holder(root: Holder, name: str = "clerk", *, span: Span = YEAR, signs: bool = True) -> Holder:
    return authority.issue(
        root, name, algorithm=root.algorithm, seed=name.encode(), span=span, signs=signs
    )


def bind(staff: Staff, one: Holder, *, user_id: int = 0) -> int:
    change = rights.propose(
        actor=staff.system,
        kind="certificate.bind",
        payload={"user_id": user_id or staff.clerk.user_id, "certificate": one.pem},
        reason="发放证书",
        now=NOW,
    )
    done = rights.approve(actor=staff.security, change_id=change.pk, opinion="同意", now=NOW)
    assert done.target_id
    return done.target_id


def enter(one: Holder, *, visit: Visit = HERE) -> SignedIn:
    said = certificate_login.challenge(visit=visit)
    return certificate_login.sign_in(said, keyfile.answer(Key(one), said), visit=visit)


def refused(staff: Staff, code: str) -> list[tuple[str, str, str]]:
    """The refused attempts in the trail with that code."""
    from shucai.kernel.audit.models import AuditEntry
    from shucai.kernel.identity import scope

    with transaction.atomic():
        scope.apply(staff.auditor)
        rows = AuditEntry.objects.filter(
            action="identity.certificate_sign_in", result="refused", body__contains=code
        )
        return list(rows.values_list("action", "target", "result"))


@pytest.mark.parametrize("algorithm", [pytest.param(SM2, marks=needs_sm2), ECDSA, RSA])
def test_the_holder_of_a_bound_certificate_gets_in(
    staff: Staff, roots: dict[str, Holder], algorithm: str
) -> None:
    one = holder(roots[algorithm])
    bind(staff, one)

    signed = enter(one)

    assert signed.user.username == "clerk"
    assert signed.session.method == "certificate"
    found = acting.resolve(signed.session_key, now=NOW)
    assert found is not None
    assert found.actor.can("payment.preparer")
    assert UserCertificate.objects.get().last_used_at == NOW
    assert ("identity.certificate_sign_in", "clerk", "done") in people.trail(staff.auditor)


def test_a_challenge_is_good_once(staff: Staff, roots: dict[str, Holder]) -> None:
    one = holder(roots[ECDSA])
    bind(staff, one)
    said = certificate_login.challenge(visit=HERE)
    line = keyfile.answer(Key(one), said)
    certificate_login.sign_in(said, line, visit=HERE)

    with pytest.raises(Refused, match="IDN-6002"):
        certificate_login.sign_in(said, line, visit=HERE)

    assert refused(staff, "IDN-6002")


def test_a_challenge_lives_two_minutes_in_one_browser(
    staff: Staff, roots: dict[str, Holder]
) -> None:
    one = holder(roots[ECDSA])
    bind(staff, one)
    said = certificate_login.challenge(visit=HERE)
    line = keyfile.answer(Key(one), said)
    later = Visit(ip="10.0.0.7", agent="", now=NOW + timedelta(seconds=121), bound="browser")
    elsewhere = Visit(ip="10.0.0.7", agent="", now=NOW, bound="another")

    for visit in (later, elsewhere):
        with pytest.raises(Refused, match="IDN-6001"):
            certificate_login.sign_in(said, line, visit=visit)
    with pytest.raises(Refused, match="IDN-6001"):
        certificate_login.sign_in("shucai-sign-in:nonsense", line, visit=HERE)

    assert len(refused(staff, "IDN-6001")) == 3


@pytest.mark.parametrize("line", ["", "x", "AAAA.AAAA", "." * 50, "é.é"])
def test_what_is_no_certificate_is_refused(staff: Staff, line: str) -> None:
    with pytest.raises(Refused, match="IDN-6003"):
        certificate_login.sign_in(certificate_login.challenge(visit=HERE), line, visit=HERE)

    assert refused(staff, "IDN-6003")


def test_a_certificate_of_another_authority_is_refused(staff: Staff) -> None:
    rogue = authority.authority("根 ecdsa-sha256", algorithm=ECDSA, seed=b"rogue", span=YEAR)
    one = holder(rogue)
    bind(staff, one)

    with pytest.raises(Refused, match=r"不在受信任的 \d 个证书之列.*IDN-6004"):
        enter(one)

    assert refused(staff, "IDN-6004")


@pytest.mark.parametrize("days", [(-400, -1), (1, 30)])
def test_a_certificate_out_of_its_time_is_refused(
    staff: Staff, roots: dict[str, Holder], days: tuple[int, int]
) -> None:
    span = Span(NOW + timedelta(days=days[0]), NOW + timedelta(days=days[1]))
    one = holder(roots[ECDSA], span=span)

    with pytest.raises(Refused, match="IDN-6005"):
        enter(one)

    assert refused(staff, "IDN-6005")


@pytest.mark.parametrize("algorithm", [pytest.param(SM2, marks=needs_sm2), ECDSA])
def test_a_certificate_its_authority_took_back_is_refused(
    staff: Staff, roots: dict[str, Holder], trust: Trust, algorithm: str
) -> None:
    root = roots[algorithm]
    one, other = holder(root), holder(root, "reviewer")
    bind(staff, one)
    bind(staff, other, user_id=staff.reviewer.user_id)
    week = Span(NOW - timedelta(days=1), NOW + timedelta(days=6))
    trust.revocations.write_text(authority.revocation_list(root, [one], span=week))

    with pytest.raises(Refused, match="IDN-6006"):
        enter(one)

    assert enter(other).user.username == "reviewer"
    assert refused(staff, "IDN-6006")


def test_an_old_or_foreign_revocation_list_lets_nobody_in(
    staff: Staff, roots: dict[str, Holder], trust: Trust
) -> None:
    one = holder(roots[ECDSA])
    bind(staff, one)
    old = Span(NOW - timedelta(days=30), NOW - timedelta(days=1))
    week = Span(NOW - timedelta(days=1), NOW + timedelta(days=6))
    rogue = authority.authority("根 ecdsa-sha256", algorithm=ECDSA, seed=b"rogue", span=YEAR)

    for listed in (
        authority.revocation_list(roots[ECDSA], [], span=old),
        authority.revocation_list(rogue, [], span=week),
    ):
        trust.revocations.write_text(listed)
        with pytest.raises(Refused, match="IDN-6012"):
            enter(one)
        trust.revocations.unlink()


def test_a_certificate_for_encrypting_is_refused(staff: Staff, roots: dict[str, Holder]) -> None:
    with pytest.raises(Refused, match="IDN-6007"):
        enter(holder(roots[ECDSA], signs=False))
    with pytest.raises(Refused, match="IDN-6007"):
        enter(roots[ECDSA])

    assert len(refused(staff, "IDN-6007")) == 2


def test_the_signature_of_another_key_or_text_is_refused(
    staff: Staff, roots: dict[str, Holder]
) -> None:
    one, other = holder(roots[ECDSA]), holder(roots[ECDSA], "other")
    bind(staff, one)
    mixed = Holder("mixed", ECDSA, other.private, other.public, one.certificate)

    with pytest.raises(Refused, match="IDN-6008"):
        enter(mixed)
    said = certificate_login.challenge(visit=HERE)
    with pytest.raises(Refused, match="IDN-6008"):
        certificate_login.sign_in(said, keyfile.answer(Key(one), "别的文字"), visit=HERE)

    assert len(refused(staff, "IDN-6008")) == 2


def test_only_the_holder_of_the_key_learns_about_the_binding(
    staff: Staff, roots: dict[str, Holder]
) -> None:
    one, other = holder(roots[ECDSA]), holder(roots[ECDSA], "other")
    with pytest.raises(Refused, match="IDN-6009") as unbound:
        enter(one)
    binding = bind(staff, one)
    enter(one)
    change = rights.propose(
        actor=staff.system,
        kind="certificate.revoke",
        payload={"certificate_id": binding, "why": "人员调离"},
        reason="人员调离",
        now=NOW,
    )
    rights.approve(actor=staff.security, change_id=change.pk, opinion="同意", now=NOW)

    with pytest.raises(Refused, match="IDN-6010") as ended:
        enter(one)
    with pytest.raises(Refused, match="IDN-6008"):
        enter(Holder("mixed", ECDSA, other.private, other.public, one.certificate))

    for said in (unbound, ended):
        assert "clerk" not in str(said.value)
        assert staff.clerk.name not in str(said.value)
    assert refused(staff, "IDN-6009")
    assert refused(staff, "IDN-6010")


def test_revoking_the_binding_ends_the_session_at_once(
    staff: Staff, roots: dict[str, Holder]
) -> None:
    one = holder(roots[ECDSA])
    binding = bind(staff, one)
    signed = enter(one)
    by_password = login.sign_in("clerk", people.PASSWORD, ip="", agent="", now=NOW)
    assert isinstance(by_password, SignedIn)

    change = rights.propose(
        actor=staff.system,
        kind="certificate.revoke",
        payload={"certificate_id": binding, "why": "遗失"},
        reason="遗失",
        now=NOW,
    )
    assert acting.resolve(signed.session_key, now=NOW) is not None
    rights.approve(actor=staff.security, change_id=change.pk, opinion="同意", now=NOW)

    assert acting.resolve(signed.session_key, now=NOW) is None
    assert acting.resolve(by_password.session_key, now=NOW) is not None
    assert "登录凭据已变更" in login.farewell(signed.session_key)


def test_a_stopped_person_is_as_good_as_unbound(staff: Staff, roots: dict[str, Holder]) -> None:
    one = holder(roots[ECDSA])
    bind(staff, one)
    change = rights.propose(
        actor=staff.system,
        kind="user.disable",
        payload={"user_id": staff.clerk.user_id},
        reason="离职",
        now=NOW,
    )
    rights.approve(actor=staff.security, change_id=change.pk, opinion="同意", now=NOW)

    with pytest.raises(Refused, match="IDN-6009"):
        enter(one)


def test_a_certificate_belongs_to_one_person(staff: Staff, roots: dict[str, Holder]) -> None:
    one = holder(roots[ECDSA])
    bind(staff, one)

    with pytest.raises(Refused, match="IDN-6013"):
        bind(staff, one, user_id=staff.reviewer.user_id)
    with pytest.raises(Refused, match="IDN-3010"):
        rights.propose(
            actor=staff.system,
            kind="certificate.bind",
            payload={"user_id": staff.clerk.user_id, "certificate": "没有证书"},
            reason="发放证书",
            now=NOW,
        )


def test_an_algorithm_without_its_library_says_so(
    staff: Staff, roots: dict[str, Holder], monkeypatch: pytest.MonkeyPatch
) -> None:
    if SM2 not in roots:
        pytest.skip("no SM2 here anyway")
    one, other = holder(roots[SM2]), holder(roots[ECDSA], "other")
    bind(staff, other)
    monkeypatch.setattr(sm2, "missing", lambda: "系统中没有 libcrypto。请安装 OpenSSL 3")
    lame = service.Tested(Software())
    monkeypatch.setattr("shucai.kernel.identity.certificates.provider", lambda: lame)

    with pytest.raises(Refused, match=r"没有 libcrypto.*IDN-6011"):
        enter(one)
    assert enter(other).user.username == "clerk"


def test_an_algorithm_that_fails_its_test_is_switched_off_alone() -> None:
    class Wrong(Software):
        def verify(self, algorithm: str, public: bytes, data: bytes, signature: bytes) -> bool:
            return algorithm == RSA or super().verify(algorithm, public, data, signature)

    tested = service.Tested(Wrong())

    assert set(tested.missing()) - {SM2} == {RSA}
    assert "自检未通过" in tested.missing()[RSA]
    assert not tested.verify(RSA, service.RSA_PUBLIC, service.MESSAGE, service.RSA_SIGNATURE)
    with pytest.raises(ValueError, match="自检未通过"):
        tested.sign(RSA, b"", b"")
    assert not tested.is_certified
    assert "未经检测认证" in tested.name


def test_the_application_can_not_bind_certificates(staff: Staff) -> None:
    for statement in (
        "UPDATE identity_usercertificate SET user_id = 1",
        "DELETE FROM identity_usercertificate",
        "DELETE FROM identity_secondfactor",
        "DELETE FROM identity_recoverycode",
        "UPDATE identity_spentticket SET digest = ''",
        "SELECT identity_certificate_effect('certificate.bind', '{}', now())",
        "SELECT identity_factor_effect('factor.reset', '{}', now())",
    ):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    with (
        pytest.raises(DatabaseError, match="officers are in office"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT identity_first_policy('{}')")


def test_key_files_open_with_their_pin_only(roots: dict[str, Holder]) -> None:
    one = holder(roots[ECDSA])
    text = keyfile.written(
        algorithm=one.algorithm,
        private=one.private,
        certificate=one.certificate,
        pin="135790",
        holder="clerk",
    )

    signer = keyfile.KeyFile(text, "135790")

    assert service.provider().verify(ECDSA, one.public, b"x", signer.sign(b"x"))
    with pytest.raises(keyfile.BadKeyFile, match="PIN"):
        keyfile.KeyFile(text, "000000")
    for broken in ("", "{}", "[]", text.replace("shucai-key-1", "other"), "x" * 70_000):
        with pytest.raises(keyfile.BadKeyFile):
            keyfile.KeyFile(broken, "135790")


def test_a_locked_person_stays_locked(staff: Staff, roots: dict[str, Holder]) -> None:
    one = holder(roots[ECDSA])
    bind(staff, one)
    User.objects.filter(username="clerk").update(locked_until=NOW + timedelta(minutes=5))

    with pytest.raises(Refused, match="IDN-1002"):
        enter(one)
