"""通知的收发 notices: sent in bulk to persons or to the holders of a duty, and read by them."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from django.db import connection, transaction
from django.db.models import QuerySet

from shucai.kernel.identity import scope
from shucai.kernel.identity.acting import holding, valid_on
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.models import Appointment
from shucai.kernel.messages import errors
from shucai.kernel.messages.models import Delivery, Notice

Level = Literal["info", "success", "warning", "urgent"]

PAGE_MAX: Final = 200
UNREAD_SHOWN: Final = 100  # the bell shows 99+
KEEP_READ: Final = timedelta(days=180)
KEEP_UNREAD: Final = timedelta(days=730)
CHUNK: Final = 1_000


@dataclass(frozen=True, slots=True)
class Text:
    """What a notice says. `key` makes a repeated event tell each person once."""

    title: str
    body: str = ""
    link: str = ""
    level: Level = "info"
    topic: str = ""
    key: str = ""


def send(text: Text, *, users: Iterable[int], now: datetime) -> int:
    """One notice for each of the users; returns how many had to be told."""
    return send_all([(user, text) for user in sorted(set(users))], now=now)


def send_all(told: Sequence[tuple[int, Text]], *, now: datetime) -> int:
    """Many notices in few statements; a user who has one under the same key gets no second."""
    columns: list[list[str | int | None]] = [[] for _ in range(7)]
    for user, text in told:
        if user <= 0:
            continue
        row = (
            user,
            text.title[:120],
            text.body[:1000],
            text.link[:300],
            text.level,
            text.topic[:120],
            text.key[:160] or None,
        )
        for column, value in zip(columns, row, strict=True):
            column.append(value)
    with connection.cursor() as cursor:
        cursor.execute(_SEND, [*columns, now])
        (sent,) = cursor.fetchone()
    return int(sent)


_SEND: Final = (
    "SELECT messages_send(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[],"
    " %s::text[], %s::text[], %s)"
)


def holders(*, duty: str, unit_path: str, on: date, office: str = "") -> list[int]:
    """Users who hold the duty over that place, and the office if one is given."""
    parts = unit_path.split("/")
    above = ["/".join(parts[: n + 1]) for n in range(len(parts))]
    rows = Appointment.objects.filter(valid_on(on), holding([duty]), scope_path__in=above)
    if office:
        rows = rows.filter(office__in=["", office])
    return sorted(set(rows.values_list("user_id", flat=True)))


def unread(*, actor: Actor) -> int:
    """How many are unread, counted no further than the bell shows."""
    with _own(actor) as own:
        return own.filter(read_at=None)[:UNREAD_SHOWN].count()


def inbox(
    *, actor: Actor, before: int | None = None, size: int = 20, only_unread: bool = False
) -> list[Notice]:
    """Newest first; `before` is the id of the last one seen."""
    with _own(actor) as own:
        rows = own
        if before is not None:
            rows = rows.filter(pk__lt=before)
        if only_unread:
            rows = rows.filter(read_at=None)
        return list(rows.order_by("-pk")[: min(max(size, 1), PAGE_MAX)])


def read(*, actor: Actor, id: int, now: datetime) -> Notice:
    """Opens one: it counts as read. Raises Refused for a notice of somebody else."""
    with _own(actor) as own:
        notice = own.filter(pk=id).first()
        if notice is None:
            raise errors.NOT_FOUND.refuse(id=id)
        if notice.read_at is None:
            notice.read_at = now
            notice.save(update_fields=["read_at"])
        return notice


def read_all(*, actor: Actor, up_to: int, now: datetime) -> int:
    """Everything up to the newest one on the screen; later arrivals stay unread."""
    with _own(actor) as own:
        return own.filter(read_at=None, pk__lte=up_to).update(read_at=now)


def purge(*, now: datetime) -> int:
    """Removes what was read long ago, and what nobody read for very long."""
    Delivery.objects.filter(
        created_at__lt=now - KEEP_READ, state__in=["sent", "dead", "given_up"]
    ).delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT messages_purge(%s, %s)", [now - KEEP_READ, now - KEEP_UNREAD])
        (gone,) = cursor.fetchone()
    return int(gone)


@contextmanager
def _own(actor: Actor) -> Iterator[QuerySet[Notice]]:
    """What the database shows this person, in a transaction with his scope."""
    with transaction.atomic():
        scope.apply(actor)
        yield Notice.objects.filter(user_id=actor.user_id)
