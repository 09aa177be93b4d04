"""链值寄存 deposits: the head of the chain given to another party, with the receipt.

Whoever holds an old head can prove later that nothing before it was changed, even by the owner of
the database. What is handed over is the number of the seal and its hash, nothing of the trail.
"""

import json
import urllib.error
import urllib.request
from datetime import datetime
from typing import Any, Final, Protocol

from django.db import transaction
from django.db.models import QuerySet

from shucai.kernel.audit import errors, sealing
from shucai.kernel.audit.models import HeadDeposit
from shucai.kernel.audit.trail import Actor, AuditRow, record

TIMEOUT_SECONDS: Final = 10
ANSWER_MAX: Final = 400
Head = dict[str, str | int]


class Send(Protocol):
    """Hands the head over and gives the answer back. Raises OSError where it can't."""

    def __call__(self, address: str, body: bytes) -> str: ...


class _Stay(urllib.request.HTTPRedirectHandler):
    """The address that two persons agreed on is the one that is used."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def post(address: str, body: bytes) -> str:
    """By HTTP POST; the answer is the receipt."""
    wanted = urllib.request.Request(  # noqa: S310 (the scheme is checked by `is_address`)
        address, data=body, headers={"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.build_opener(_Stay).open(wanted, timeout=TIMEOUT_SECONDS) as answer:
        said = answer.read(ANSWER_MAX).decode("utf-8", "replace")
        return f"{answer.status} {said}".strip()


def is_address(text: str) -> bool:
    return text.startswith(("https://", "http://")) and " " not in text


def deposits() -> QuerySet[HeadDeposit]:
    return HeadDeposit.objects.all()


def deposit(*, address: str, actor: Actor, now: datetime, send: Send = post) -> HeadDeposit:
    """Sends the newest head; the receipt, or why there is none, is kept either way."""
    if not is_address(address):
        raise errors.NO_ADDRESS.refuse()
    head = sealing.head()
    body = json.dumps({**head, "at": now.isoformat()}).encode()
    try:
        result, receipt = "done", send(address, body)
    except (OSError, ValueError) as failure:
        result, receipt = "failed", str(failure) or type(failure).__name__
    return _keep(
        head,
        HeadDeposit(way="http", address=address[:300], result=result, receipt=receipt[:500]),
        actor=actor,
        now=now,
    )


def receive(*, actor: Actor, now: datetime) -> Head:
    """The newest head for a file that is carried to the other party."""
    head = sealing.head()
    _keep(head, HeadDeposit(way="file", result="done"), actor=actor, now=now)
    return {**head, "at": now.isoformat()}


def read(content: bytes) -> Head:
    """A deposited head from its file. Raises Refused when it is none."""
    try:
        said = json.loads(content.decode("utf-8-sig"))
    except (ValueError, UnicodeDecodeError):
        raise errors.BAD_HEAD.refuse("file", reason="内容不是 JSON") from None
    if not isinstance(said, dict) or not isinstance(said.get("seal"), int):
        raise errors.BAD_HEAD.refuse("file", reason="缺少封存序号 seal")
    if not isinstance(said.get("head"), str) or len(said["head"]) != 64:
        raise errors.BAD_HEAD.refuse("file", reason="链值 head 不是 64 位十六进制")
    return {"seal": said["seal"], "head": said["head"].lower()}


def _keep(head: Head, row: HeadDeposit, *, actor: Actor, now: datetime) -> HeadDeposit:
    row.seal, row.head = int(head["seal"]), str(head["head"])
    row.algorithm, row.actor_name, row.at = str(head["algorithm"]), actor.name[:40], now
    detail = {"way": row.get_way_display(), **head, "receipt": row.receipt}
    with transaction.atomic():
        row.save(force_insert=True)
        record(
            [
                AuditRow(
                    actor=actor,
                    at=now,
                    action="audit.deposit",
                    target_type="audit",
                    target=str(row.seal),
                    result="done" if row.result == "done" else "refused",
                    detail=detail,
                )
            ]
        )
    return row
