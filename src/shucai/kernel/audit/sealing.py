"""封存与验证 sealing and proving the chain of audit rows.

Rows are sealed once no running transaction can still commit a row before them, so commit order
and id order may differ. `prove` finds a row that was altered, removed or slipped in.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from shucai.kernel.audit.models import AuditSeal
from shucai.kernel.audit.trail import ALGORITHM, digest

ROWS_MAX: Final = 1_000
_EMPTY: Final = b"\x00" * 32


@dataclass(frozen=True, slots=True)
class Proof:
    """What proving found. `faults` are sentences; no faults means the chain holds."""

    rows: int
    seals: int
    unsealed: int
    head: str
    faults: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.faults


def link(previous: bytes, leaves: list[bytes], *, algorithm: str = ALGORITHM) -> bytes:
    """The next head: the hash of the previous head and the leaves in row order."""
    return digest((previous + b"".join(leaves)).hex(), algorithm=algorithm)


def seal(*, at: datetime) -> int:
    """Chains all rows that are settled; returns how many were sealed."""
    sealed = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(7337001)")
            cursor.execute("SELECT id, leaf FROM audit_unsealed(%s)", [ROWS_MAX])
            found = cursor.fetchall()
            if not found:
                return sealed
            last = AuditSeal.objects.order_by("-pk").first()
            previous = bytes(last.head) if last else _EMPTY
            head = link(previous, [bytes(leaf) for _, leaf in found])
            ids = [row_id for row_id, _ in found]
            cursor.execute(
                "SELECT audit_add_seal(%s::bigint[], %s, %s, %s, %s)",
                [ids, previous, head, ALGORITHM, at],
            )
            sealed += len(found)


def head() -> dict[str, str | int]:
    """The newest link, to be deposited with another party."""
    last = AuditSeal.objects.order_by("-pk").first()
    if last is None:
        return {"seal": 0, "head": _EMPTY.hex(), "algorithm": ALGORITHM}
    return {"seal": last.pk, "head": bytes(last.head).hex(), "algorithm": last.algorithm}


def prove(*, deposited: dict[str, str | int] | None = None) -> Proof:
    """Recomputes every leaf and every link from the rows as they stand."""
    faults: list[str] = []
    previous, sealed, seals, known_head = _EMPTY, 0, 0, _EMPTY
    for one in AuditSeal.objects.order_by("pk").iterator():
        ids = [int(text) for text in one.row_ids.split(",")]
        leaves = _leaves(ids, one.algorithm, faults)
        if bytes(one.previous) != previous:
            faults.append(f"封存 {one.pk} 与前一封存不相接")
        if link(previous, leaves, algorithm=one.algorithm) != bytes(one.head):
            faults.append(f"封存 {one.pk} 的链值与记录不符")
        previous = known_head = bytes(one.head)
        sealed += one.rows
        seals += 1
        if deposited and deposited["seal"] == one.pk and deposited["head"] != known_head.hex():
            faults.append(f"封存 {one.pk} 与寄存的链值不符")
    if deposited and int(deposited["seal"]) > seals:
        faults.append("寄存的封存已不存在")
    total, unsealed = _count(faults, sealed)
    return Proof(
        rows=total, seals=seals, unsealed=unsealed, head=known_head.hex(), faults=tuple(faults)
    )


def _leaves(ids: list[int], algorithm: str, faults: list[str]) -> list[bytes]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, body, leaf FROM audit_read(%s::bigint[])", [ids])
        rows = {row_id: (body, bytes(leaf)) for row_id, body, leaf in cursor.fetchall()}
    leaves = []
    for row_id in ids:
        if row_id not in rows:
            faults.append(f"审计记录 {row_id} 已缺失")
            continue
        body, leaf = rows[row_id]
        actual = digest(body, algorithm=algorithm)
        if actual != leaf:
            faults.append(f"审计记录 {row_id} 的内容与其摘要不符")
        leaves.append(actual)
    return leaves


def _count(faults: list[str], sealed: int) -> tuple[int, int]:
    """Rows neither sealed nor newer than the last seal were slipped in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT total, unsealed, mismatched FROM audit_counts()")
        total, unsealed, mismatched = cursor.fetchone()
        if mismatched:
            faults.append(f"{mismatched} 条审计记录的检索列与正文不符")
        cursor.execute("SELECT id, body, leaf FROM audit_unsealed_rows()")
        for row_id, body, leaf in cursor.fetchall():
            algorithm = str(json.loads(body).get("alg", ALGORITHM))
            if digest(body, algorithm=algorithm) != bytes(leaf):
                faults.append(f"审计记录 {row_id} 的内容与其摘要不符")
        cursor.execute("SELECT id FROM audit_slipped_in()")
        faults += [f"审计记录 {row_id} 是封存之后补入的" for (row_id,) in cursor.fetchall()]
    if total != sealed + unsealed:
        faults.append(f"审计记录共 {total} 条，已封存 {sealed} 条、待封存 {unsealed} 条，数目不符")
    return total, unsealed
