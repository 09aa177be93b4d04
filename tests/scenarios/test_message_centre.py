"""A notice leaves the platform: by a real mail server and a real web server, signed, once."""

import hashlib
import hmac
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, time, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from tests import content_world, people
from tests.content_world import World

from shucai.base.errors import Refused
from shucai.kernel.configuration.declare import Place
from shucai.kernel.jobs import outbox
from shucai.kernel.messages import (
    deliveries,
    notices,
    sealing,
    subscriptions,
    targets,
    templates,
    webhook,
)
from shucai.kernel.messages.models import Contact, Delivery, Subscription

pytestmark = [pytest.mark.django_db, pytest.mark.function("PLAT-014")]
NOW = timezone.now().replace(microsecond=0)


class Postbox(socketserver.BaseRequestHandler):
    """As much SMTP as a letter needs; the server says whether it takes any."""

    server: Any

    def handle(self) -> None:
        reader = self.request.makefile("rb")
        self.request.sendall(b"220 postbox\r\n")
        for line in reader:
            word = line.strip().upper()[:4]
            if word == b"DATA":
                self.request.sendall(b"354 go on\r\n")
                text = b""
                for part in reader:
                    if part == b".\r\n":
                        break
                    text += part
                self.server.letters.append(message_from_bytes(text, policy=policy.default))
            elif word == b"RCPT" and self.server.refuses:
                self.request.sendall(self.server.refuses)
                continue
            self.request.sendall(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return


class Hook(BaseHTTPRequestHandler):
    """Keeps what was posted and answers as told."""

    server: Any

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append((dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Location", "http://127.0.0.1:9/")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def serving(server: Any) -> Iterator[Any]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def postbox(settings: Any) -> Iterator[Any]:
    server: Any = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Postbox)
    server.letters, server.refuses = [], b""
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.DEFAULT_FROM_EMAIL = "数财 <shucai@caizheng.example>"
    settings.PUBLIC_ADDRESS = "https://yth.example"
    with serving(server):
        yield server


@pytest.fixture
def hook(settings: Any) -> Iterator[Any]:
    server: Any = HTTPServer(("127.0.0.1", 0), Hook)
    server.posts, server.status = [], 200
    server.url = f"http://127.0.0.1:{server.server_address[1]}/in?from=shucai"
    settings.WEBHOOK_PRIVATE = [f"127.0.0.1:{server.server_address[1]}"]
    with serving(server):
        yield server


@pytest.fixture
def world(db: None) -> World:
    return content_world.build(now=NOW)


def by_mail(world: World, name: str = "zhifu", quiet: tuple[str, str] = ("", "")) -> None:
    actor = world.actors[name]
    subscriptions.keep_contact(
        actor=actor, email=f"{name}@danwei.example", quiet_from=quiet[0], quiet_to=quiet[1], now=NOW
    )
    subscriptions.subscribe(actor=actor, events=["announcement"], channel="email", now=NOW)


def test_a_letter_really_leaves_and_is_not_sent_twice(world: World, postbox: Any) -> None:
    by_mail(world)
    row = content_world.announcement(world, NOW)
    outbox.relay(now=NOW)
    first = deliveries.run(now=NOW)
    again = deliveries.run(now=NOW + timedelta(hours=1))

    assert (first.sent, again.sent) == (1, 0)
    (letter,) = postbox.letters
    assert letter["To"] == "zhifu@danwei.example"
    assert letter["Subject"] == "【通知公告】年终结账安排"
    assert letter["Message-ID"].endswith("@caizheng.example>")
    body = letter.get_content()
    assert "王晓萌，您好" in body
    assert f"https://yth.example/announcements/{row.pk}" in body
    assert Delivery.objects.get().state == "sent"


def test_a_failure_waits_longer_each_time_then_an_officer_learns_it(
    world: World, postbox: Any
) -> None:
    by_mail(world)
    postbox.refuses = b"451 try later\r\n"
    content_world.announcement(world, NOW)
    outbox.relay(now=NOW)
    at, waits = NOW, []
    for _ in range(deliveries.ATTEMPTS_MAX):
        deliveries.run(now=at)
        row = Delivery.objects.get()
        waits.append((row.due_at - at).total_seconds() / 60)
        at = row.due_at
    told = notices.inbox(actor=world.actors["sysadmin"])[0]

    assert waits == [2, 4, 8, 16, 32, 64]
    assert (row.state, row.attempts) == ("dead", 6)
    assert "451" in row.error
    assert told.title == "1 条消息未能送出"
    assert told.level == "urgent"
    postbox.refuses = b""
    admin = world.client("sysadmin")
    page = admin.get("/r/platform.message_delivery/?state=dead").content.decode()
    assert "zh***@danwei.example" in page
    done = admin.post(
        "/r/platform.message_delivery/-/retry",
        {"pick": [row.pk], "go": "1", "sure": "1"},
        follow=True,
    )
    assert "重新排队" in done.content.decode()
    assert deliveries.run(now=timezone.now() + timedelta(minutes=1)).sent == 1
    assert ("messages.retry", str(row.pk), "done") in people.trail(world.actors["auditor"])
    with pytest.raises(Refused) as late:
        deliveries.retry(actor=world.actors["sysadmin"], ids=[row.pk], now=NOW)
    assert late.value.code == "MSG-2301"


def test_a_refused_address_is_not_tried_again(world: World, postbox: Any) -> None:
    by_mail(world)
    postbox.refuses = b"550 no such user\r\n"
    content_world.announcement(world, NOW)
    outbox.relay(now=NOW)

    assert deliveries.run(now=NOW).dead == 1
    assert "550" in Delivery.objects.get().error


def test_a_signed_post_reaches_an_enabled_target_of_two_persons(world: World, hook: Any) -> None:
    admin, security, clerk = (world.actors[n] for n in ("sysadmin", "secadmin", "zhifu"))
    target, secret = targets.propose(
        actor=admin, code="oa", name="市府办公系统", url=hook.url, now=NOW
    )
    with pytest.raises(Refused) as early:
        subscriptions.subscribe(
            actor=clerk, events=["announcement"], channel="webhook", target="oa", now=NOW
        )
    with pytest.raises(Refused) as own:
        targets.enable(actor=admin, target=target, now=NOW)
    targets.enable(actor=security, target=target, now=NOW)
    subscriptions.subscribe(
        actor=clerk, events=["announcement"], channel="webhook", target="oa", now=NOW
    )
    content_world.announcement(world, NOW, level="urgent")
    outbox.relay(now=NOW)
    hook.status = 503
    failed = deliveries.run(now=NOW)
    hook.status = 200
    sent = deliveries.run(now=NOW + timedelta(minutes=3))

    assert (early.value.code, own.value.code) == ("MSG-2105", "MSG-2201")
    assert (failed.failed, sent.sent) == (1, 1)
    (one, body), (two, _) = hook.posts
    assert one["X-Shucai-Delivery"] == two["X-Shucai-Delivery"]
    stamp = one["X-Shucai-Timestamp"]
    wanted = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    assert one["X-Shucai-Signature"] == f"sha256={wanted}"
    said = json.loads(body)
    assert (said["title"], said["level"]) == ("年终结账安排", "urgent")
    assert secret not in target.secret
    targets.disable(actor=security, target=target, reason="迁移", now=NOW)
    Delivery.objects.update(state="queued")
    assert deliveries.run(now=NOW + timedelta(hours=1)).dead == 1


@pytest.mark.parametrize(
    "url",
    ["http://example.com/x", "https://127.0.0.1/x", "https://localhost/", "https://10.0.0.8/a",
     "https://169.254.169.254/latest", "https://[::1]/", "https://[::ffff:10.0.0.1]/",
     "https://u:p@example.com/", "https://0.0.0.0/", "ftp://example.com", "https://"],
)  # fmt: skip
def test_inner_and_open_addresses_are_refused(world: World, url: str) -> None:
    with pytest.raises(Refused) as refused:
        targets.propose(actor=world.actors["sysadmin"], code="x1", name="某处", url=url, now=NOW)

    assert refused.value.code == "MSG-2202"
    with pytest.raises(webhook.Failed) as failed:
        webhook.send(webhook.Post(url, "s", "1", "e", {}), now=NOW)
    assert failed.value.is_final


def test_a_redirect_is_not_followed(hook: Any) -> None:
    hook.status = 302
    with pytest.raises(webhook.Failed) as failed:
        webhook.send(webhook.Post(hook.url, "s", "1", "e", {"a": 1}), now=NOW)

    assert "302" in str(failed.value)
    assert failed.value.is_final
    assert len(hook.posts) == 1


@pytest.mark.parametrize(
    ("clock", "due"),
    [("21:59", "21:59"), ("22:00", "07:00+1"), ("23:30", "07:00+1"), ("06:59", "07:00"),
     ("07:00", "07:00")],
)  # fmt: skip
def test_quiet_hours_end_in_the_morning(clock: str, due: str) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    hour, minute = map(int, clock.split(":"))
    now = datetime(2026, 3, 2, hour, minute, tzinfo=zone)
    found = deliveries.after_quiet(now, time(22), time(7))

    wanted, _, days = due.partition("+")
    at = datetime(2026, 3, 2, *map(int, wanted.split(":")), tzinfo=zone)
    assert found == at + timedelta(days=int(days or 0))


def test_quiet_hours_hold_ordinary_messages_and_not_urgent_ones(world: World, postbox: Any) -> None:
    local = timezone.localtime(NOW)
    since, until = local - timedelta(minutes=5), local + timedelta(hours=2)
    by_mail(world, quiet=(f"{since:%H:%M}", f"{until:%H:%M}"))
    content_world.announcement(world, NOW)
    content_world.announcement(world, NOW, level="urgent")
    outbox.relay(now=NOW)
    at_once = deliveries.run(now=NOW)
    after = deliveries.run(now=NOW + timedelta(hours=3))

    assert (at_once.sent, after.sent) == (1, 1)
    assert len(postbox.letters) == 2


def test_settings_are_ones_own_and_bad_ones_are_refused(world: World, settings: Any) -> None:
    actor = world.actors["zhifu"]
    settings.EMAIL_HOST = ""
    codes = []
    for change in (
        lambda: subscriptions.subscribe(actor=actor, events=["job"], channel="email", now=NOW),
        lambda: subscriptions.keep_contact(
            actor=actor, email="不是邮箱", quiet_from="", quiet_to="", now=NOW
        ),
        lambda: subscriptions.keep_contact(
            actor=actor, email="", quiet_from="22:00", quiet_to="", now=NOW
        ),
    ):
        with pytest.raises(Refused) as refused:
            change()
        codes.append(refused.value.code)
    settings.EMAIL_HOST = "mail.example"
    with pytest.raises(Refused) as nowhere:
        subscriptions.subscribe(actor=actor, events=["job"], channel="email", now=NOW)

    assert [*codes, nowhere.value.code] == ["MSG-2101", "MSG-2103", "MSG-2104", "MSG-2102"]
    client = world.client("zhifu")
    said = {"go": "1", "email": "wang@danwei.example", "quiet_from": "22:00", "quiet_to": "07:00"}
    client.post("/r/platform.subscription/-/contact", said)
    client.post(
        "/r/platform.subscription/-/subscribe",
        {"go": "1", "events": ["announcement", "document"], "channel": "email", "target": ""},
    )
    page = client.get("/r/platform.subscription/").content.decode()
    other = world.client("guoku").get("/r/platform.subscription/").content.decode()
    assert "单据办理" in page
    assert "还没有订阅" in other
    assert (Contact.objects.count(), Subscription.objects.count()) == (0, 0)


def test_templates_take_known_placeholders_and_fill_them_once() -> None:
    place = Place("message_template", "announcement")
    faults = templates.KIND.faults(place, {"subject": "{标题}{金额}", "body": "{内容}{"})
    facts = dict.fromkeys(templates.PLACEHOLDERS, "") | {"标题": "{姓名}", "事项": "甲"}

    assert [one.code for one in faults] == ["MSG-2001", "MSG-2001"]
    assert templates.KIND.faults(place, templates.KIND.standard(place)) == []
    assert templates._filled("【{事项}】{标题}", facts) == "【甲】{姓名}"


def test_targets_are_refused_with_reasons(world: World, hook: Any, settings: Any) -> None:
    admin, security = world.actors["sysadmin"], world.actors["secadmin"]
    target, _ = targets.propose(actor=admin, code="oa", name="办公", url=hook.url, now=NOW)
    both = replace(security, user_id=admin.user_id)
    targets.disable(actor=security, target=target, reason="暂不使用", now=NOW)
    codes = []
    for attempt in (
        lambda: targets.propose(actor=admin, code="oa", name="又", url=hook.url, now=NOW),
        lambda: targets.disable(actor=admin, target=target, reason="再停", now=NOW),
        lambda: targets.enable(actor=both, target=target, now=NOW),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        codes.append(refused.value.code)
    kept = target.secret
    settings.SECRET_KEY = "another-instance"
    with pytest.raises(Refused) as unreadable:
        sealing.unsealed(kept, name="办公")

    assert [*codes, unreadable.value.code] == ["MSG-2203", "MSG-2204", "MSG-2205", "MSG-2206"]
