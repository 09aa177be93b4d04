"""文件中心 file centre: what is stored, whether the virus scanner works, contents nobody names."""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncMonth

from shucai.base.errors import Unavailable
from shucai.kernel import audit
from shucai.kernel.files import checking, errors, keeping, naming, scanning, sniffing, storage
from shucai.kernel.files.models import StoredFile
from shucai.kernel.identity.actor import Actor

GROUPS_MAX: Final = 50
GRACE_MIN, GRACE_MAX = 1, 720
# The harmless test text that every scanner knows, in two halves so that none finds it here.
_TEST: Final = (
    r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-",
    r"ANTIVIRUS-TEST-FILE!$H+H*",
)


@dataclass(frozen=True, slots=True)
class Usage:
    """How many files and bytes, together and in parts: name, files, bytes."""

    files: int
    size: int
    by_kind: Sequence[tuple[str, int, int]]
    by_purpose: Sequence[tuple[str, int, int]]
    by_unit: Sequence[tuple[str, int, int]]
    by_month: Sequence[tuple[str, int, int]]
    unscanned: int


def visible(actor: Actor) -> QuerySet[StoredFile]:
    """What row-level security shows; facts about files, never what is in them."""
    return StoredFile.objects.all()


def usage() -> Usage:
    """Of all files that are not removed, in the scope that was applied."""
    rows = StoredFile.objects.filter(removed_at=None)
    total = rows.aggregate(n=Count("pk"), size=Sum("size"))
    labels = {kind.content_type: kind.label for kind in sniffing.KINDS.values()}
    purposes = dict(StoredFile.PURPOSES)
    months = rows.annotate(month=TruncMonth("created_at"))
    return Usage(
        files=total["n"],
        size=total["size"] or 0,
        by_kind=[(labels.get(a, a), n, size) for a, n, size in _parts(rows, "content_type")],
        by_purpose=[(purposes.get(a, a), n, size) for a, n, size in _parts(rows, "purpose")],
        by_unit=_parts(rows, "unit_path"),
        by_month=[(f"{a:%Y-%m}", n, size) for a, n, size in _parts(months, "month", "-month")],
        unscanned=rows.filter(is_scanned=False).count(),
    )


def _parts(rows: QuerySet[Any], name: str, order: str = "-size") -> list[tuple[Any, int, int]]:
    found = rows.values(name).annotate(n=Count("pk"), total=Sum("size"))
    ordered = found.order_by(order.replace("size", "total"))[:GROUPS_MAX]
    return [(one[name], one["n"], one["total"]) for one in ordered]


def size_text(size: int) -> str:
    return sniffing.size_text(size)


def kinds() -> list[tuple[str, str]]:
    """What may be uploaded: the kind and its extensions."""
    return [(kind.label, "、".join(kind.extensions)) for kind in sniffing.KINDS.values()]


def refused_extensions() -> list[str]:
    return sorted(naming.RUNNABLE)


def scanner_state() -> str:
    return "已接入" if scanning.scanner() is not None else "未接入，附件标为未查毒"


def test_scanner(*, actor: Actor, now: datetime) -> str:
    """The scanner is shown the harmless test text; what it said. Raises Refused otherwise."""
    scanner = scanning.scanner()
    if scanner is None:
        raise errors.NO_SCANNER.refuse()
    folder = storage.root() / "incoming"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write("".join(_TEST).encode())
        threat = scanner.threat(Path(name))
    except Unavailable as failure:
        raise errors.SCANNER_FAILS.refuse(reason=str(failure)) from None
    finally:
        Path(name).unlink(missing_ok=True)
    if not threat:
        raise errors.SCANNER_FAILS.refuse(reason="测试样本没有被识别")
    _record(actor, now, "file.scan_test", {"result": threat})
    return threat


def orphans(*, now: datetime, hours: int) -> list[tuple[str, int, datetime]]:
    """Contents that no file names and that are older than the grace: digest, bytes, since."""
    if not GRACE_MIN <= hours <= GRACE_MAX:
        raise errors.GRACE.refuse("hours", hours=hours, low=GRACE_MIN, high=GRACE_MAX)
    return checking.orphans(now=now, grace=timedelta(hours=hours))


def clean(*, hours: int, actor: Actor, now: datetime) -> tuple[int, int]:
    """Deletes them; how many and how many bytes."""
    found = orphans(now=now, hours=hours)
    gone = [(digest, size) for digest, size, _ in found if checking.drop_orphan(digest)]
    size = sum(one for _, one in gone)
    with transaction.atomic():
        _record(actor, now, "file.clean", {"count": len(gone), "size": size, "hours": hours})
    return len(gone), size


def limits() -> tuple[int, int]:
    """Bytes a file, and files a document, as the installation allows."""
    return (
        getattr(settings, "FILE_SIZE_MAX", keeping.SIZE_MAX),
        getattr(settings, "FILES_PER_DOCUMENT", keeping.PER_DOCUMENT),
    )


def _record(actor: Actor, now: datetime, action: str, detail: dict[str, Any]) -> None:
    audit.record(
        [
            audit.AuditRow(
                actor=actor,
                at=now,
                action=action,
                target_type="file",
                target="",
                result="done",
                detail=detail,
            )
        ]
    )
