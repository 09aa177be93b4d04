"""Attachments follow the scope and the state of their document; contents are kept once, whole."""

import io
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from tests.payment_world import PaymentWorld, found
from tests.people import NOW

from shucai.base.errors import Refused, Unavailable
from shucai.kernel.audit.models import AuditEntry
from shucai.kernel.document import attaching, drafts
from shucai.kernel.files import checking, keeping, storage
from shucai.kernel.files.keeping import Upload
from shucai.kernel.files.models import StoredFile
from shucai.kernel.identity import scope

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"


@pytest.fixture
def store(settings: Any, tmp_path: Path) -> Path:
    settings.DATA = tmp_path
    return tmp_path / "files"


@pytest.fixture
def world(db: None, store: Path) -> PaymentWorld:
    return found()


def kept(store: Path) -> list[Path]:
    return [path for path in store.rglob("*") if path.is_file()]


def attach(world: PaymentWorld, address: str, name: str = "合同.pdf", **more: Any) -> StoredFile:
    actor = more.pop("actor", world.staff.clerk)
    upload = Upload(name, more.pop("content", PDF), **more)
    return attaching.attach(world.kind, address, upload, actor=actor, now=NOW)


def change(world: PaymentWorld, file: StoredFile, **wanted: Any) -> None:
    """Past the service, as the application role."""
    with transaction.atomic():
        scope.apply(world.staff.clerk)
        StoredFile.objects.filter(pk=file.pk).update(**wanted)


def refusal(code: str, call: Any) -> str:
    with pytest.raises(Refused) as refused:
        call()
    assert refused.value.code == code
    return str(refused.value)


def test_a_file_is_attached_and_handed_out_as_a_download(world: PaymentWorld) -> None:
    draft = world.draft()

    file = attach(world, draft.address, category="合同")
    opened = keeping.open(file.pk, world.staff.reviewer, now=NOW)

    assert opened.path.read_bytes() == PDF
    assert (file.unit_path, file.is_late, file.category) == (draft.unit_path, False, "合同")
    assert opened.headers["X-Content-Type-Options"] == "nosniff"
    assert opened.headers["Content-Disposition"] == (
        "attachment; filename=\"file.pdf\"; filename*=UTF-8''%E5%90%88%E5%90%8C.pdf"
    )
    shown = attaching.attached(world.kind, draft.address, actor=world.staff.clerk)
    assert [f.pk for f in shown] == [file.pk]
    with transaction.atomic():
        scope.apply(world.staff.auditor)
        actions = AuditEntry.objects.filter(target_type="file").values_list("action", flat=True)
        assert sorted(actions) == ["file.attach", "file.download"]


def test_equal_contents_are_kept_once_and_nothing_is_left_over(
    world: PaymentWorld, store: Path
) -> None:
    draft = world.draft()

    attach(world, draft.address, "一.pdf")
    attach(world, draft.address, "二.pdf")

    assert len(kept(store)) == 1
    assert kept(store)[0].stat().st_mode & 0o077 == 0


def test_a_document_of_another_unit_takes_and_gives_no_files(world: PaymentWorld) -> None:
    draft = world.draft()
    file = attach(world, draft.address)

    refusal("DOC-1001", lambda: attach(world, draft.address, actor=world.stranger))
    refusal("FIL-1101", lambda: keeping.open(file.pk, world.stranger, now=NOW))
    told = refusal(
        "FIL-1101",
        lambda: keeping.attach(
            Upload("a.pdf", PDF), header_id=draft.pk, actor=world.stranger, now=NOW
        ),
    )
    assert "不在岗位“支付经办岗”的数据范围内" in told


def test_somebody_without_a_part_in_it_attaches_nothing(world: PaymentWorld) -> None:
    draft = world.draft()

    told = refusal("DOC-1213", lambda: attach(world, draft.address, actor=world.staff.auditor))

    assert f"不能为 {draft.address} 增减附件" in told
    assert world.staff.auditor.position_name in told


def test_after_submission_files_may_come_but_not_go(world: PaymentWorld) -> None:
    draft = world.draft()
    early = attach(world, draft.address)
    world.do("submit", draft, actor=world.staff.clerk)

    late = attach(world, draft.address, "补充.pdf", actor=world.staff.reviewer)

    assert (early.is_late, late.is_late) == (False, True)
    told = refusal(
        "FIL-1103",
        lambda: attaching.detach(
            world.kind, draft.address, early.pk, actor=world.staff.clerk, now=NOW
        ),
    )
    assert "单据已送审" in told
    with pytest.raises(DatabaseError):
        change(world, early, removed_at=NOW)


def test_a_removed_file_is_out_of_sight_but_not_forgotten(world: PaymentWorld) -> None:
    draft = world.draft()
    file = attach(world, draft.address)

    attaching.detach(world.kind, draft.address, file.pk, actor=world.staff.clerk, now=NOW)

    assert attaching.attached(world.kind, draft.address, actor=world.staff.clerk) == []
    refusal("FIL-1101", lambda: keeping.open(file.pk, world.staff.clerk, now=NOW))
    with transaction.atomic():
        scope.apply(world.staff.clerk)
        assert StoredFile.objects.get(pk=file.pk).removed_by == world.staff.clerk.user_id


@pytest.mark.parametrize(
    "wanted", [{"name": "别的.pdf"}, {"sha256": "0" * 64}, {"header_id": None}, {"owner_id": 1}]
)
def test_the_database_lets_nobody_change_what_a_file_is(
    world: PaymentWorld, wanted: dict[str, Any]
) -> None:
    file = attach(world, world.draft().address)

    with pytest.raises(DatabaseError):
        change(world, file, **wanted)


def test_files_of_a_draft_follow_it_when_it_is_saved(world: PaymentWorld) -> None:
    clerk = world.staff.clerk
    keeping.attach_to_draft(Upload("合同.pdf", PDF), draft="new:1", actor=clerk, now=NOW)
    assert [f.name for f in keeping.of_draft(draft="new:1", actor=clerk)] == ["合同.pdf"]

    draft = world.draft()
    assert keeping.adopt(draft="new:1", header_id=draft.pk, actor=clerk) == 1

    attached = attaching.attached(world.kind, draft.address, actor=world.staff.reviewer)
    assert [f.name for f in attached] == ["合同.pdf"]
    assert keeping.of_draft(draft="new:1", actor=clerk) == []


def test_limits_are_told_with_their_figures(
    world: PaymentWorld, settings: Any, store: Path
) -> None:
    settings.FILE_SIZE_MAX, settings.FILES_PER_DOCUMENT = 1024 * 1024, 2
    address = world.draft().address

    big = PDF + bytes(1024 * 1024)
    assert "上限 1 MB" in refusal("FIL-1002", lambda: attach(world, address, content=big))
    refusal("FIL-1001", lambda: attach(world, address, content=b""))
    attach(world, address, "一.pdf")
    attach(world, address, "二.pdf", content=io.BytesIO(PDF + b"2"))
    told = refusal("FIL-1003", lambda: attach(world, address, "三.pdf", content=PDF + b"3"))

    assert "已有 2 个附件，上限 2 个" in told
    assert len(kept(store)) == 2


def test_a_lost_content_is_told_and_found_by_the_check(world: PaymentWorld) -> None:
    file = attach(world, world.draft().address)
    path = storage.path_of(file.sha256)

    path.write_bytes(PDF[:-1] + b"x")
    assert "内容与其摘要不符" in checking.check(now=NOW).faults[0]
    path.unlink()

    refusal("FIL-1102", lambda: keeping.open(file.pk, world.staff.clerk, now=NOW))
    report = checking.check(now=NOW)
    assert not report.ok
    assert "文件“合同.pdf”的内容不在存储中" in report.faults[0]


def test_contents_nobody_names_go_after_a_day(world: PaymentWorld, store: Path) -> None:
    file = attach(world, world.draft().address)
    held = storage.receive(io.BytesIO(b"nobody"), limit=100)
    storage.keep(held)
    storage.receive(io.BytesIO(b"broken off"), limit=100)
    from django.utils import timezone

    soon, later = timezone.now(), timezone.now() + timedelta(days=2)

    assert checking.check(now=soon).removed == 0
    assert checking.check(now=later).removed == 1
    assert [path.name for path in kept(store)] == [file.sha256]


def test_attachments_of_a_discarded_draft_are_forgotten(world: PaymentWorld) -> None:
    draft = world.draft()
    attach(world, draft.address)

    drafts.discard(kind=world.kind, actor=world.staff.clerk, address=draft.address, now=NOW)

    assert checking.forget_expired(now=NOW) == 1


def test_a_produced_file_is_its_owners_alone_for_a_week(world: PaymentWorld) -> None:
    clerk = world.staff.clerk
    file = keeping.produce(io.BytesIO(b"x"), name="支付申请.xlsx", actor=clerk, now=NOW)

    assert keeping.open(file.pk, clerk, now=NOW).name == "支付申请.xlsx"
    refusal("FIL-1101", lambda: keeping.open(file.pk, world.staff.reviewer, now=NOW))
    later = NOW + timedelta(days=8)
    assert "保留到 2026-03-09" in refusal(
        "FIL-1104", lambda: keeping.open(file.pk, clerk, now=later)
    )
    assert checking.forget_expired(now=later) == 1


@pytest.fixture
def clamd(settings: Any) -> Iterator[dict[str, bytes]]:
    """A daemon that says what the test wants."""
    said = {"answer": b"stream: OK\0", "got": b""}
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                link, _ = server.accept()
            except OSError:
                return
            with link:
                while not said["got"].endswith(bytes(4)):
                    said["got"] += link.recv(65536)
                link.sendall(said["answer"])
            said["got"] = b""

    threading.Thread(target=serve, daemon=True).start()
    settings.FILE_SCANNER = f"tcp:127.0.0.1:{server.getsockname()[1]}"
    yield said
    server.close()


def test_what_the_scanner_finds_is_refused(
    world: PaymentWorld, store: Path, clamd: dict[str, bytes]
) -> None:
    address = world.draft().address
    assert attach(world, address).is_scanned

    clamd["answer"] = b"stream: Eicar-Test-Signature FOUND\0"
    told = refusal("FIL-1009", lambda: attach(world, address, content=PDF + b"virus"))

    assert "查毒发现“Eicar-Test-Signature”" in told
    assert len(kept(store)) == 1


def test_a_scanner_that_is_away_lets_nothing_pass(
    world: PaymentWorld, settings: Any, store: Path
) -> None:
    settings.FILE_SCANNER = "unix:/nowhere/clamd.sock"

    with pytest.raises(Unavailable, match="查毒服务暂时连接不上"):
        attach(world, world.draft().address)

    assert kept(store) == []
