"""The file centre and the audit workbench: what lies there, what was done, and the chain's head."""

import io
import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from tests import people
from tests.browser import town

from shucai.base.errors import Refused
from shucai.edge.web import clock
from shucai.kernel.audit import deposits, sealing, views
from shucai.kernel.audit.models import HeadDeposit
from shucai.kernel.files import centre, keeping, scanning, storage
from shucai.kernel.identity import applications, tokens
from shucai.kernel.identity.models import Appointment
from shucai.kernel.jobs import nightly
from shucai.kernel.jobs.models import JobRun

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def office(settings: object, tmp_path: Path) -> None:
    settings.DATA = tmp_path  # type: ignore[attr-defined]
    town.staff(timezone.now())


def desk(name: str) -> Client:
    client = Client()
    client.post("/login", {"username": name, "password": people.PASSWORD})
    return client


def text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def act(client: Client, address: str, **said: object) -> str:
    return client.post(address, {"go": "1", **said}, follow=True).content.decode()


def today() -> str:
    return timezone.localdate().isoformat()


@pytest.mark.function("PLAT-013")
def test_the_store_is_counted_and_orphans_go_after_their_grace() -> None:
    actor = people.actor_of("sysadmin", now=clock.now())
    keeping.produce(io.BytesIO(b"x" * 2048), name="表.csv", actor=actor, now=clock.now())
    lost = storage.receive(io.BytesIO(b"nobody's"), limit=100)
    storage.keep(lost)
    old = (clock.now() - timedelta(hours=30)).timestamp()
    os.utime(storage.path_of(lost.sha256), (old, old))
    admin = desk("sysadmin")

    page = text(admin, "/q/platform.file_usage?ask=1")
    assert "共 1 个文件" in page
    assert "未接入" in page
    preview = admin.post("/r/platform.stored_file/-/clean", {"hours": "24"}).content.decode()
    assert lost.sha256[:16] in preview
    assert storage.path_of(lost.sha256).exists()
    assert centre.clean(hours=24, actor=actor, now=clock.now()) == (1, 8)
    assert not storage.path_of(lost.sha256).exists()
    with pytest.raises(Refused, match="FIL-1303"):
        centre.orphans(now=clock.now(), hours=0)
    assert "表.csv" in text(desk("auditor"), "/r/platform.stored_file/")
    assert desk("auditor").post("/r/platform.stored_file/-/clean").status_code == 403


@pytest.mark.function("PLAT-013")
def test_the_virus_scanner_is_tried_with_the_harmless_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    admin = desk("sysadmin")
    assert "FIL-1301" in act(admin, "/r/platform.stored_file/-/test_scanner")

    class Blind:
        def threat(self, path: Path) -> str:
            return ""

    class Sees:
        def threat(self, path: Path) -> str:
            return "Eicar-Test" if b"EICAR" in path.read_bytes() else ""

    monkeypatch.setattr(scanning, "scanner", Blind)
    assert "FIL-1302" in act(admin, "/r/platform.stored_file/-/test_scanner")
    monkeypatch.setattr(scanning, "scanner", Sees)
    assert "Eicar-Test" in act(admin, "/r/platform.stored_file/-/test_scanner")


@pytest.mark.function("OPS-029")
def test_the_workbench_counts_refusals_exports_and_rights() -> None:
    clerk, auditor = desk("zhifu"), desk("auditor")
    clerk.post("/r/platform.job_plan/x/-/run_now")
    auditor.post("/audit/export")

    span = f"since={today()}&until={today()}&ask=1"
    refused = text(auditor, f"/q/platform.audit_work?{span}&view=refused")
    assert "王晓萌" in refused
    exports = text(auditor, f"/q/platform.audit_work?{span}&view=exports")
    assert "导出审计日志" in exports
    assert desk("sysadmin").get("/q/platform.audit_work").status_code == 403
    with pytest.raises(Refused, match="AUD-1003"):
        views.span_of(timezone.localdate() - timedelta(days=400), timezone.localdate())


@pytest.mark.function("OPS-029")
def test_the_head_is_deposited_compared_and_a_foreign_one_is_seen() -> None:
    sealing.seal(at=clock.now())
    auditor, actor = desk("auditor"), people.actor_of("auditor", now=clock.now())
    kept = auditor.post("/audit/head").content
    assert json.loads(kept)["head"] == sealing.head()["head"]
    sent: list[bytes] = []

    def receive(address: str, body: bytes) -> str:
        sent.append(body)
        return "200 收到"

    def away(address: str, body: bytes) -> str:
        raise OSError("连接被拒绝")

    address = "https://audit.example/heads"
    made = deposits.deposit(address=address, actor=actor, now=clock.now(), send=receive)
    lost = deposits.deposit(address=address, actor=actor, now=clock.now(), send=away)
    assert (made.result, lost.result) == ("done", "failed")
    assert json.loads(sent[0])["head"] == made.head
    assert HeadDeposit.objects.count() == 3
    assert "连接被拒绝" in text(auditor, "/r/platform.head_deposit/")
    with pytest.raises(Refused, match="AUD-1001"):
        deposits.deposit(address="", actor=actor, now=clock.now(), send=receive)
    with pytest.raises(Refused, match="AUD-1002"):
        deposits.read(b"{}")

    head = deposits.read(kept)
    assert sealing.prove(deposited=head).ok or head["seal"] == 0
    foreign = {**head, "head": "f" * 64}
    assert not sealing.prove(deposited={**foreign, "seal": 9_999}).ok
    run = nightly.compare(content=kept, actor=actor, now=clock.now())
    assert JobRun.objects.get(pk=run.pk).args["head"] == head["head"]


@pytest.mark.function("PLAT-010")
def test_what_a_key_may_not() -> None:
    now = clock.now()
    admin, clerk = people.actor_of("sysadmin", now=now), people.actor_of("zhifu", now=now)
    mine = tokens.create(
        actor=clerk,
        name="自用",
        scopes=["values.read"],
        expires_at=now + timedelta(days=9),
        now=now,
    )
    tokens.revoke(actor=clerk, token_id=mine.id, now=now)
    with pytest.raises(Refused, match="IDN-4004"):
        tokens.rotate(actor=clerk, token_id=mine.id, overlap_days=7, now=now)
    wanted = applications.Wanted(
        name="外部",
        owner="某局",
        contact="某人",
        appointment_id=Appointment.objects.get(user__username="zhifu").pk,
        scopes=["values.read"],
    )
    applications.ask(actor=admin, code="waibu", wanted=wanted, reason="试", now=now)
    with pytest.raises(Refused, match="IDN-4101"):
        applications.issue(actor=admin, code="waibu", name="早", days=9, now=now)
