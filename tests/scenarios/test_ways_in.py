"""登录管理, told in order: a key is handed out, used, lost; a phone joins; a guesser is stopped."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from django.test import Client
from django.utils import timezone
from tests import people
from tests.browser import town

from shucai.kernel.identity import factors, rights
from shucai.kernel.identity.crypto import keyfile, provider
from shucai.kernel.identity.crypto.provider import ECDSA, SM2
from shucai.kernel.identity.factors import Answer
from shucai.site.demo import authority
from shucai.site.demo.authority import Span

pytestmark = [pytest.mark.function("PLAT-001"), pytest.mark.django_db]
PIN = "135790"


def decide(known: town.Town, kind: str, **payload: Any) -> int:
    """One officer proposes, the other approves."""
    now = timezone.now()
    change = rights.propose(
        actor=known.actors["sysadmin"], kind=kind, payload=payload, reason="按规定办理", now=now
    )
    done = rights.approve(
        actor=known.actors["secadmin"], change_id=change.pk, opinion="同意", now=now
    )
    return int(done.target_id or 0)


def answered(client: Client, signer: keyfile.KeyFile) -> Any:
    """The challenge of the page, signed, sent back."""
    page = client.get("/login/certificate").content.decode()
    said = page.split('name="challenge" value="')[1].split('"')[0]
    return client.post(
        "/login/certificate", {"challenge": said, "answer": keyfile.answer(signer, said)}
    )


def test_a_key_from_its_hand_out_to_its_loss(tmp_path: Path, settings: Any) -> None:
    known = town.build()
    clerk = known.actors["zhifu"]
    algorithm = ECDSA if SM2 in provider().missing() else SM2
    now = timezone.now()
    span = Span(now - timedelta(days=1), now + timedelta(days=30))
    root = authority.authority("根", algorithm=algorithm, seed=b"r", span=span)
    one = authority.issue(root, clerk.name, algorithm=algorithm, seed=b"1", span=span)
    settings.CA_BUNDLE = str(tmp_path / "trusted.pem")
    settings.CA_REVOCATIONS = str(tmp_path / "revoked.pem")
    Path(settings.CA_BUNDLE).write_text(root.pem)
    text = keyfile.written(
        algorithm=algorithm,
        private=one.private,
        certificate=one.certificate,
        pin=PIN,
        holder="zhifu",
    )
    assert json.loads(text)["algorithm"] == algorithm
    signer = keyfile.KeyFile(text, PIN)

    refused = answered(Client(), signer)
    assert refused.status_code == 422
    assert "IDN-6009" in refused.content.decode()

    binding = decide(known, "certificate.bind", user_id=clerk.user_id, certificate=one.pem)
    client = Client()
    assert answered(client, signer)["Location"] == "/"
    assert "我的登录" in client.get("/account/").content.decode()
    officer = Client()
    officer.post("/login", {"username": "sysadmin", "password": people.PASSWORD})
    assert "绑定证书" in officer.get(f"/r/platform.user/{clerk.user_id}").content.decode()
    form = officer.get(f"/r/platform.user/{clerk.user_id}/-/unbind").content.decode()
    assert f'value="{binding}"' in form

    decide(known, "certificate.revoke", certificate_id=binding, why="密钥遗失")
    assert client.get("/")["Location"].startswith("/login")
    assert "IDN-6010" in answered(Client(), signer).content.decode()


def test_a_phone_joins_and_is_lost() -> None:
    known = town.build()
    clerk, now = known.actors["zhifu"], timezone.now()
    offer = factors.offer(actor=clerk, username="zhifu", bound="", now=now)
    code = pyotp.TOTP(offer.secret).at(now - timedelta(seconds=30))
    done = factors.enrol(actor=clerk, answer=Answer(offer.ticket, code), now=now, session_id=0)
    client = Client()
    said = {"username": "zhifu", "password": people.PASSWORD, "to": "/bell"}

    assert client.post("/login", said)["Location"] == "/login/second"
    assert client.get("/")["Location"].startswith("/login")
    assert client.post("/login/second", {"code": "000000"}).status_code == 422
    good = pyotp.TOTP(offer.secret).at(timezone.now())
    assert client.post("/login/second", {"code": good})["Location"] == "/bell"
    assert client.get("/").status_code == 200

    other = Client()
    other.post("/login", said)
    assert other.post("/login/second", {"code": done.codes[0]})["Location"] == "/bell"
    decide(known, "factor.reset", user_id=clerk.user_id)
    assert client.get("/")["Location"].startswith("/login")
    assert client.post("/login", said)["Location"] == "/bell"


def test_an_officer_enrols_before_he_works_where_the_policy_says_so() -> None:
    known = town.build()
    officer = Client()
    officer.post("/login", {"username": "sysadmin", "password": people.PASSWORD})
    page = officer.get("/security/").content.decode()
    assert "1 项与模板不同" in page
    form = officer.get("/r/platform.rights_change/-/adopt").content.decode()
    assert 'value="djbh3"' in form
    from shucai.kernel.identity.profiles import PROFILES

    decide(known, "policy.change", **PROFILES["djbh3"])

    assert officer.get("/r/platform.user/")["Location"] == "/account/second"
    enrolling = officer.get("/account/second").content.decode()
    ticket = enrolling.split('name="ticket" value="')[1].split('"')[0]
    secret = "".join(enrolling.split('id="sc-secret">')[1].split("<")[0].split())
    code = pyotp.TOTP(secret).at(timezone.now())
    shown = officer.post("/account/second", {"ticket": ticket, "code": code})

    assert shown.content.decode().count("<li><code>") == 10
    assert "与模板一致" in officer.get("/security/").content.decode()


def test_a_guesser_is_asked_for_work_and_locked() -> None:
    town.build()
    client = Client()
    pages = [
        client.post("/login", {"username": "zhifu", "password": "wrong"}).content.decode()
        for _ in range(4)
    ]

    assert "IDN-1001" in pages[2]
    assert "sc-proof" in pages[2]
    assert "sc-proof" not in pages[1]
    assert "IDN-1008" in pages[3]
    assert 'value="wrong"' not in pages[3]
    assert Client().get("/login").content.decode().count("sc-proof") == 0
