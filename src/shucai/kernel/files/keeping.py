"""保管 keeping files: taken in, attached, handed out, removed; every step leaves an audit row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import quote

from django.conf import settings
from django.db import connection, transaction

from shucai.kernel import audit
from shucai.kernel.files import errors, naming, scanning, sniffing, storage
from shucai.kernel.files.models import StoredFile
from shucai.kernel.identity import scope
from shucai.kernel.identity.actor import Actor

SIZE_MAX: Final = 20 * 1024 * 1024
PER_DOCUMENT: Final = 20
PRODUCT_DAYS: Final = 7
DRAFT_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came in: nothing about it is believed."""

    name: str
    content: bytes | BinaryIO
    category: str = ""
    limit: int = 0  # bytes allowed, below what the installation allows


@dataclass(frozen=True, slots=True)
class Opened:
    """A file on its way out: always a download, never shown in the page."""

    id: int
    name: str
    content_type: str
    size: int
    path: Path

    @property
    def headers(self) -> Mapping[str, str]:
        """What every channel sends with the content."""
        plain = self.name.encode("ascii", "ignore").decode().replace('"', "")
        plain = f"file{plain}" if plain.startswith(".") else plain or "file"
        return {
            "Content-Type": self.content_type,
            "Content-Length": str(self.size),
            "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''"
            + quote(self.name, safe=""),
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-store",
        }


def attach(upload: Upload, *, header_id: int, actor: Actor, now: datetime) -> StoredFile:
    """Adds the file to a document in the actor's scope. Raises Refused with the reason.

    Files added after the document was submitted are marked as late, and stay.
    """
    held, row = _take_in(upload, actor, now)
    row.purpose, row.header_id = "attachment", header_id
    return _store(held, row, actor, now)


def attach_to_draft(upload: Upload, *, draft: str, actor: Actor, now: datetime) -> StoredFile:
    """Adds the file to what the actor is typing; `adopt` gives it to the document once saved."""
    held, row = _take_in(upload, actor, now)
    row.purpose, row.draft = "draft", draft[:80]
    row.expires_at = now + timedelta(days=DRAFT_DAYS)
    return _store(held, row, actor, now)


def adopt(*, draft: str, header_id: int, actor: Actor) -> int:
    """The files of a draft become attachments of the document it was saved as."""
    with transaction.atomic():
        scope.apply(actor)
        own = StoredFile.objects.filter(
            purpose="draft", draft=draft, owner_id=actor.user_id, removed_at=None
        )
        _refuse_more_than_allowed(header_id, coming=own.count(), name="")
        return own.update(purpose="attachment", header_id=header_id, draft="", expires_at=None)


def produce(
    content: BinaryIO, *, name: str, actor: Actor, now: datetime, days: int = PRODUCT_DAYS
) -> StoredFile:
    """Keeps a file the platform made for the actor, who alone may fetch it, for some days."""
    held = storage.receive(content, limit=2**40)
    extension = naming.extension(name)
    kind = next((k for k in sniffing.KINDS.values() if extension in k.extensions), None)
    row = StoredFile(
        name=naming.clean(name),
        content_type=kind.content_type if kind else "application/octet-stream",
        size=held.size,
        sha256=held.sha256,
        purpose="product",
        is_scanned=True,
        unit_path=actor.scope_path,
        office=actor.office,
        owner_id=actor.user_id,
        owner_name=actor.name,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    return _store(held, row, actor, now)


def publish(upload: Upload, *, holder: str, actor: Actor, now: datetime) -> StoredFile:
    """Keeps a file for many readers; the room that owns `holder` says who may fetch it."""
    held, row = _take_in(upload, actor, now)
    row.purpose, row.draft = "public", holder[:80]
    return _store(held, row, actor, now)


def published(holder: str) -> list[StoredFile]:
    """The files of a holder, oldest first."""
    rows = StoredFile.objects.filter(purpose="public", draft=holder, removed_at=None)
    return list(rows.order_by("pk"))


def open_published(file_id: int, *, holder: str, actor: Actor, now: datetime) -> Opened:
    """The file on its way out, once the owning room has let the actor in."""
    with transaction.atomic():
        scope.apply(actor)
        row = _published(file_id, holder, actor)
        path = storage.path_of(row.sha256)
        if not path.is_file() or path.stat().st_size != row.size:
            raise errors.GONE.refuse(name=row.name)
        _record([row], actor, now=now, action="file.download")
    return Opened(id=row.pk, name=row.name, content_type=row.content_type, size=row.size, path=path)


def unpublish(file_id: int, *, holder: str, actor: Actor, now: datetime) -> StoredFile:
    with transaction.atomic():
        scope.apply(actor)
        row = _published(file_id, holder, actor)
        StoredFile.objects.filter(pk=row.pk).update(removed_at=now, removed_by=actor.user_id)
        _record([row], actor, now=now, action="file.remove")
    return row


def _published(file_id: int, holder: str, actor: Actor) -> StoredFile:
    row = StoredFile.objects.filter(
        pk=file_id, purpose="public", draft=holder, removed_at=None
    ).first()
    if row is None:
        raise errors.NOT_FOUND.refuse(id=file_id, position=actor.position_name)
    return row


def of_document(*, header_id: int, actor: Actor) -> list[StoredFile]:
    """The attachments of a document that the actor may see, oldest first."""
    with transaction.atomic():
        scope.apply(actor)
        return list(
            StoredFile.objects.filter(
                purpose="attachment", header_id=header_id, removed_at=None
            ).order_by("pk")
        )


def of_draft(*, draft: str, actor: Actor) -> list[StoredFile]:
    with transaction.atomic():
        scope.apply(actor)
        return list(
            StoredFile.objects.filter(
                purpose="draft", draft=draft, owner_id=actor.user_id, removed_at=None
            ).order_by("pk")
        )


def open(file_id: int, actor: Actor, *, now: datetime) -> Opened:
    """The file, if the actor may have it, and a row that he had it. Raises Refused otherwise."""
    with transaction.atomic():
        scope.apply(actor)
        row = _visible(file_id, actor)
        if row.expires_at is not None and row.expires_at <= now:
            raise errors.EXPIRED.refuse(name=row.name, until=row.expires_at)
        path = storage.path_of(row.sha256)
        if not path.is_file() or path.stat().st_size != row.size:
            raise errors.GONE.refuse(name=row.name)
        _record([row], actor, now=now, action="file.download")
    return Opened(id=row.pk, name=row.name, content_type=row.content_type, size=row.size, path=path)


def remove(file_id: int, actor: Actor, *, now: datetime) -> StoredFile:
    """Takes a file out of sight while its document may be edited. Raises Refused otherwise."""
    with transaction.atomic():
        scope.apply(actor)
        row = _visible(file_id, actor)
        if row.header_id is not None and not _is_editable(row.header_id):
            raise errors.NOT_EDITABLE.refuse(name=row.name)
        StoredFile.objects.filter(pk=row.pk).update(removed_at=now, removed_by=actor.user_id)
        _record([row], actor, now=now, action="file.remove")
    return row


def _visible(file_id: int, actor: Actor) -> StoredFile:
    """A file of another scope and one that does not exist are told alike."""
    row = StoredFile.objects.filter(pk=file_id, removed_at=None).first()
    if row is None or (row.purpose != "attachment" and row.owner_id != actor.user_id):
        raise errors.NOT_FOUND.refuse(id=file_id, position=actor.position_name)
    return row


def _take_in(upload: Upload, actor: Actor, now: datetime) -> tuple[storage.Held, StoredFile]:
    """The content under a temporary name, judged; nothing is left behind by a refusal."""
    name = naming.clean(upload.name)
    limit = min(upload.limit or 2**40, getattr(settings, "FILE_SIZE_MAX", SIZE_MAX))
    held = storage.receive(sniffing.as_stream(upload.content), limit=limit)
    try:
        if held.size == 0:
            raise errors.EMPTY.refuse(name=name)
        if held.size > limit:
            told = sniffing.size_text(limit)
            raise errors.TOO_BIG.refuse(name=name, size=f"超过 {told}", limit=told)
        with held.path.open("rb") as content:
            kind = sniffing.sniff(name, content)
        is_scanned = _scan(name, held)
    except BaseException:
        storage.drop(held)
        raise
    return held, StoredFile(
        name=name,
        content_type=kind.content_type,
        size=held.size,
        sha256=held.sha256,
        category=upload.category.strip()[:40],
        is_scanned=is_scanned,
        unit_path=actor.scope_path,
        office=actor.office,
        owner_id=actor.user_id,
        owner_name=actor.name,
        created_at=now,
    )


def _scan(name: str, held: storage.Held) -> bool:
    scanner = scanning.scanner()
    if scanner is None:
        return False
    threat = scanner.threat(held.path)
    if threat:
        raise errors.INFECTED.refuse(name=name, threat=threat)
    return True


def _store(held: storage.Held, row: StoredFile, actor: Actor, now: datetime) -> StoredFile:
    """The content first, then the row: a crash between leaves a content without a row, swept."""
    try:
        with transaction.atomic():
            scope.apply(actor)
            if row.header_id is not None:
                _refuse_foreign(row.header_id, actor)
                _refuse_more_than_allowed(row.header_id, coming=1, name=row.name)
            storage.keep(held)
            row.save(force_insert=True)
            _record([row], actor, now=now, action=f"file.{_ACTIONS[row.purpose]}")
            row.refresh_from_db()
    finally:
        storage.drop(held)
    return row


_ACTIONS: Final = {
    "attachment": "attach", "draft": "attach", "product": "produce", "public": "attach",
}  # fmt: skip


def _refuse_foreign(header_id: int, actor: Actor) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM document_header WHERE id = %s", [header_id])
        if cursor.fetchone() is None:
            raise errors.NOT_FOUND.refuse(id=header_id, position=actor.position_name)


def _is_editable(header_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT is_editable FROM document_header WHERE id = %s", [header_id])
        row = cursor.fetchone()
    return row is not None and bool(row[0])


def _refuse_more_than_allowed(header_id: int, *, coming: int, name: str) -> None:
    """Counted under a lock, so that two uploads at once do not slip past the limit."""
    limit = getattr(settings, "FILES_PER_DOCUMENT", PER_DOCUMENT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(7337004, %s)", [header_id % 2**31])
    known = StoredFile.objects.filter(header_id=header_id, removed_at=None).count()
    if coming and known + coming > limit:
        raise errors.TOO_MANY.refuse(name=name, count=known, limit=limit)


def _record(rows: Sequence[StoredFile], actor: Actor, *, now: datetime, action: str) -> None:
    audit.record(
        [
            audit.AuditRow(
                actor=actor,
                at=now,
                action=action,
                target_type="file",
                target=str(row.pk),
                result="done",
                detail={
                    "name": row.name,
                    "sha256": row.sha256,
                    "size": row.size,
                    "header": row.header_id,
                },
            )
            for row in rows
        ]
    )
