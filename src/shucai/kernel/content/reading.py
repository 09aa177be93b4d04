"""阅读 reading: the articles and announcements that are for a person, found and counted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet, Sum

from shucai.kernel.content import categories, errors
from shucai.kernel.content.models import Article, ArticleVersion, Receipt
from shucai.kernel.content.reach import for_reader
from shucai.kernel.identity import scope
from shucai.kernel.identity.actor import Actor

PAGE: Final = 20
SHOWN: Final = 6
PENDING_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for."""

    text: str = ""
    category: str = ""
    kind: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what there is."""

    rows: list[ArticleVersion]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


def search(*, actor: Actor, wanted: Wanted, now: datetime) -> Found:
    """The newest first; the text is looked for in title, summary, source and body."""
    rows = _open(actor, now)
    for word in wanted.text.split()[:5]:
        rows = rows.filter(
            Q(title__icontains=word)
            | Q(summary__icontains=word)
            | Q(source__icontains=word)
            | Q(body__icontains=word)
        )
    category = categories.found(wanted.category) if wanted.category else None
    if category is not None:
        rows = rows.filter(category__in=categories.under(category))
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    page = min(max(wanted.page, 1), 500)
    part = rows[(page - 1) * PAGE : page * PAGE]
    return Found(list(part), rows.count(), page)


def latest(*, actor: Actor, now: datetime, size: int = SHOWN) -> list[ArticleVersion]:
    return list(_open(actor, now)[:size])


def opened(*, actor: Actor, article_id: int, now: datetime) -> ArticleVersion:
    """The version that shows, for whom it is; for its author and reviewer at any time."""
    row = _open(actor, now).filter(article_id=article_id).first()
    if row is None:
        raise errors.NOT_FOUND.refuse(kind="文章", id=article_id)
    return row


def count_reading(*, actor: Actor, article_id: int, now: datetime) -> None:
    """One more reading by this person."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [article_id, actor.user_id, now, now, now])


_COUNT: Final = (
    "INSERT INTO content_reading AS r (article_id, user_id, count, first_at, last_at)"
    " VALUES (%s, %s, 1, %s, %s) ON CONFLICT (article_id, user_id)"
    " DO UPDATE SET count = r.count + 1, last_at = %s"
)


def counted(article: Article) -> tuple[int, int]:
    """How many persons have read it, and how often."""
    found = article.readings.aggregate(people=Count("pk"), times=Sum("count"))
    return int(found["people"] or 0), int(found["times"] or 0)


def _open(actor: Actor, now: datetime) -> QuerySet[ArticleVersion]:
    rows = ArticleVersion.objects.select_related("category", "article").filter(
        for_reader(actor, now), shown_by__isnull=False
    )
    return rows.order_by("-article__published_at", "-pk")


# ---------------------------------------------------------------- announcements


def received(*, actor: Actor, now: datetime, page: int = 1, size: int = PAGE) -> list[Receipt]:
    """What was sent to the person and still counts, the newest first."""
    with transaction.atomic():
        scope.apply(actor)
        rows = _receipts(actor, now).order_by("-announcement__issued_at", "-pk")
        start = (min(max(page, 1), 500) - 1) * size
        return list(rows[start : start + size])


def announcement(*, actor: Actor, id: int, now: datetime) -> Receipt:
    """One that the person was sent. Raises Refused for another's."""
    with transaction.atomic():
        scope.apply(actor)
        row = _receipts(actor, now).filter(announcement_id=id).first()
    if row is None:
        raise errors.NOT_FOUND.refuse(kind="通知公告", id=id)
    return row


def pending(*, actor: Actor, now: datetime) -> list[Receipt]:
    """What the person has to confirm before going on, the oldest first."""
    with transaction.atomic():
        scope.apply(actor)
        rows = _receipts(actor, now).filter(announcement__is_must_read=True, read_at=None)
        return list(rows.order_by("pk")[:PENDING_MAX])


def confirm(*, actor: Actor, id: int, now: datetime) -> Receipt:
    """The person says that he has read it; said once, it stays said."""
    receipt = announcement(actor=actor, id=id, now=now)
    with transaction.atomic():
        scope.apply(actor)
        _call("SELECT content_read(%s, %s)", [id, now])
    return receipt


def arrive(*, actor: Actor, now: datetime, day: Any) -> None:
    """Somebody signs in or changes position: announcements in force that he has not got yet
    reach him now, and his open sessions learn whether something must be read first."""
    _call("SELECT content_arrive(%s, %s, %s)", [actor.user_id, now, day])


def _receipts(actor: Actor, now: datetime) -> QuerySet[Receipt]:
    return (
        Receipt.objects.select_related("announcement")
        .filter(user_id=actor.user_id, announcement__state="published")
        .filter(
            Q(announcement__visible_to=None) | Q(announcement__visible_to__gt=now),
            announcement__visible_from__lte=now,
        )
    )


def _call(statement: str, values: list[Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
    return row[0] if row else None
