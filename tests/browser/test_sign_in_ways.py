"""Signing in by certificate in the browser, by the line of a tool, and with a second factor."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from shucai.kernel.identity import factors, rights
from shucai.kernel.identity.crypto import keyfile, provider
from shucai.kernel.identity.crypto.provider import ECDSA, RSA, SM2
from shucai.site.demo import authority
from shucai.site.demo.authority import Span
from tests import people
from tests.browser.town import Town

PIN = "135790"
# Of the town, one who signs in nowhere else; his second factor would stand in others' way.
HOLDER, ENROLLER = "zbsh", "xiada"
pytestmark = pytest.mark.function("PLAT-001")


@pytest.fixture
def key(here: Town, tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """A key file of an authority that the server trusts for the time of the test."""
    before = settings.CA_BUNDLE, settings.CA_REVOCATIONS
    bundle = tmp_path / "trusted.pem"
    settings.CA_BUNDLE, settings.CA_REVOCATIONS = str(bundle), str(tmp_path / "none.pem")
    now = timezone.now()

    def make(algorithm: str) -> Path:
        span = Span(now - timedelta(days=1), now + timedelta(days=9))
        seed = algorithm.encode()
        root = authority.authority("根", algorithm=algorithm, seed=seed, span=span)
        bundle.write_text(root.pem)
        one = authority.issue(root, HOLDER, algorithm=algorithm, seed=seed + b"1", span=span)
        change = rights.propose(
            actor=here.actors["sysadmin"],
            kind="certificate.bind",
            payload={"user_id": here.actors[HOLDER].user_id, "certificate": one.pem},
            reason="发放证书",
            now=now,
        )
        rights.approve(actor=here.actors["secadmin"], change_id=change.pk, opinion="同意", now=now)
        text = keyfile.written(
            algorithm=algorithm,
            private=one.private,
            certificate=one.certificate,
            pin=PIN,
            holder=HOLDER,
        )
        place = tmp_path / f"{algorithm}.json"
        place.write_text(text)
        return place

    yield make
    settings.CA_BUNDLE, settings.CA_REVOCATIONS = before


@pytest.fixture
def stranger(address: str, open_context: Callable[..., BrowserContext]) -> Page:
    return open_context(base_url=address).new_page()


@pytest.mark.parametrize("algorithm", [ECDSA, RSA])
def test_the_browser_signs_with_a_key_file(
    stranger: Page, key: Callable[[str], Path], algorithm: str
) -> None:
    file = key(algorithm)
    stranger.goto("/login")
    stranger.get_by_role("link", name="证书").click()
    stranger.get_by_label("密钥文件").set_input_files(file)
    stranger.get_by_label("PIN").fill("000000")
    stranger.keyboard.press("Enter")
    expect(stranger.get_by_text("PIN 不正确")).to_be_visible()

    stranger.get_by_label("PIN").fill(PIN)
    stranger.keyboard.press("Enter")

    expect(stranger.get_by_role("heading", level=1)).to_contain_text("何伟")


def test_the_line_of_a_tool_signs_in_without_script(
    address: str, open_context: Callable[..., BrowserContext], key: Callable[[str], Path]
) -> None:
    algorithm = ECDSA if SM2 in provider().missing() else SM2
    signer = keyfile.KeyFile(key(algorithm).read_text(), PIN)
    page = open_context(base_url=address, java_script_enabled=False).new_page()
    page.goto("/login/certificate")
    page.get_by_text("用 USB 密钥或签名工具").click()
    said = page.get_by_label("验证信息").input_value()

    page.get_by_label("签名工具的输出").fill(keyfile.answer(signer, said))
    page.get_by_role("button", name="提交签名").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("何伟")


def test_a_person_enrols_and_signs_in_with_the_phone(stranger: Page, here: Town) -> None:
    sign_in(stranger, ENROLLER)
    stranger.get_by_text("梁静").first.click()
    stranger.get_by_role("link", name="我的登录").click()
    stranger.get_by_role("link", name="启用").click()
    secret = stranger.locator("#sc-secret").inner_text().replace(" ", "")
    totp = pyotp.TOTP(secret)
    stranger.get_by_label("新的动态口令").fill(totp.at(timezone.now() - timedelta(seconds=30)))
    stranger.keyboard.press("Enter")
    expect(stranger.locator(".sc-entry-codes code")).to_have_count(factors.CODES)
    stranger.get_by_role("link", name="已保管好").click()
    stranger.get_by_text("梁静").first.click()
    stranger.get_by_role("button", name="退出登录").click()

    sign_in(stranger, ENROLLER)
    expect(stranger).to_have_url(re.compile("/login/second$"))
    stranger.get_by_label("动态口令").fill("000000")
    stranger.keyboard.press("Enter")
    expect(stranger.get_by_role("alert")).to_contain_text("IDN-6101")
    stranger.get_by_label("动态口令").fill(totp.at(timezone.now()))
    stranger.keyboard.press("Enter")

    expect(stranger.get_by_text("上次登录")).to_be_visible()


def test_after_three_failures_the_browser_proves_its_work(stranger: Page) -> None:
    for _ in range(3):
        sign_in(stranger, "nobody-at-all", "wrong")
        expect(stranger.get_by_role("alert")).to_contain_text("IDN-1001")
    expect(stranger.get_by_text("验证已完成")).to_be_visible()
    ticket = json.dumps(stranger.locator("[name=proof]").input_value())

    sign_in(stranger, "nobody-at-all", "wrong")

    expect(stranger.get_by_role("alert")).to_contain_text("IDN-1001")
    assert ticket.strip('"').isdigit()


def sign_in(page: Page, username: str, password: str = people.PASSWORD) -> None:
    if "/login" not in page.url:
        page.goto("/login")
    page.get_by_label("登录名").fill(username)
    page.get_by_label("密码").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_load_state()
