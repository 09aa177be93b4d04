"""Fixtures of the browser tests: one town on a live server, and pages that tolerate no error.

The server runs in threads of this process on a database of its own, shared by all tests of the
package: a test makes the documents it needs and counts on nothing else being untouched.
"""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests import database_server, people
from tests.browser import town
from tests.database_server import Place

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("SHUCAI_CHROMIUM") or which("chromium") or "/usr/bin/chromium"
OVERTAKEN = ("htmx:sendAbort", "htmx:afterRequest")
WIDE = {"width": 1440, "height": 900}

# Playwright's loop runs in this thread, so Django would call the town's queries unsafe.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Requests are not printed between the dots of the tests."""


@pytest.fixture(scope="package")
def here(
    database_place: Place, database_template: str, django_db_blocker: pytest.FixtureRequest
) -> Iterator[town.Town]:
    """The town, in a database that goes with the package."""
    from django.db import connections

    before = {k: connections.settings["default"].get(k) for k in ("HOST", "PORT", "NAME")}
    name = f"shucai_browser_{os.getpid()}"
    database_server.clone(database_place, database_template, name)
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        database_server.point_django_at(database_place, name)
        yield town.build()
        connections.close_all()
        database_server.point_django_at(database_place, str(before["NAME"]))
    database_server.drop(database_place, name)


@pytest.fixture(scope="package")
def address(here: town.Town) -> Iterator[str]:
    """Where the server listens."""
    from django.core.wsgi import get_wsgi_application
    from django.urls import get_resolver

    from shucai.site import assets

    assert get_resolver().url_patterns  # imports every view now, not within the first request
    assets.prepare(assets.Places())
    server = make_server(
        "127.0.0.1",
        0,
        get_wsgi_application(),
        server_class=_Server,
        handler_class=_Quiet,
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(timeout=5)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip("没有 Chromium：以 root 身份执行 apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="package")
def cookies() -> dict[str, object]:
    """Signed-in states by user name: nobody signs in twice."""
    return {}


SignIn = Callable[..., Page]


@pytest.fixture
def faults() -> Iterator[list[str]]:
    """What went wrong in any page of the test; anything fails it."""
    found: list[str] = []
    yield found
    assert not found, "\n".join(found)


@pytest.fixture
def open_context(browser: Browser, faults: list[str]) -> Iterator[Callable[..., BrowserContext]]:
    """Contexts of the test, all closed at its end; keyword arguments go to the browser."""
    contexts: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        said = {"viewport": WIDE, "locale": "zh-CN", "timezone_id": "Asia/Shanghai", **options}
        context = browser.new_context(**said)  # type: ignore[arg-type]
        context.set_default_timeout(30_000)
        context.on("page", lambda page: _watch(page, faults))
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()


def _watch(page: Page, faults: list[str]) -> None:
    page.on("pageerror", lambda error: faults.append(f"page error: {error}"))
    page.on("console", lambda message: _hear(message, faults))
    page.on(
        "response",
        lambda answer: (
            faults.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None
        ),
    )


def _hear(message: ConsoleMessage, faults: list[str]) -> None:
    """Refusals answer with 403, 404 or 422, which the console repeats, and a search that the next
    key overtakes is aborted: neither is a fault."""
    told = message.text
    is_expected = "Failed to load resource" in told or told.startswith(OVERTAKEN)
    if message.type == "error" and not is_expected:
        faults.append(f"console: {told}")


@pytest.fixture
def sign_in(
    address: str, open_context: Callable[..., BrowserContext], cookies: dict[str, object]
) -> SignIn:
    """A page of `username`, at the work desk. Options go to the browser's context."""

    def enter(username: str, path: str = "/", **options: object) -> Page:
        if username not in cookies:
            context = open_context()
            page = context.new_page()
            page.goto(f"{address}/login")
            page.get_by_label("登录名").fill(username)
            page.get_by_label("密码").fill(people.PASSWORD)
            page.get_by_role("button", name="登录").click()
            page.wait_for_url(f"{address}/")
            cookies[username] = context.storage_state()
            context.close()
        context = open_context(storage_state=cookies[username], base_url=address, **options)
        page = context.new_page()
        page.goto(path)
        return page

    return enter
