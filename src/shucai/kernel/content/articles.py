"""文章的编写与审核 articles: written by one person, agreed to by another.

What others read is always an agreed version. A published article that is being rewritten keeps
showing that version until the new one is agreed to.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from shucai.kernel.content import errors
from shucai.kernel.content.duties import EDITOR, REVIEWER, demand, demand_second, record
from shucai.kernel.content.models import Article, ArticleVersion, Category, Text
from shucai.kernel.content.reach import Reach, Span, checked, long_enough, settled
from shucai.kernel.identity.actor import Actor

FIELDS: Final = (
    "category", "kind", "title", "summary", "body", "source",
    "paths", "duties", "positions", "reach", "visible_from", "visible_to",
)  # fmt: skip
BODY_LEAST: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Manuscript:
    """What the author typed."""

    category: str
    kind: str
    title: str
    body: str
    summary: str = ""
    source: str = ""
    reach: Reach = field(default_factory=Reach)
    span: Span = field(default_factory=Span)


def visible(actor: Actor) -> QuerySet[Article]:
    """Those of the actor's scope, for whoever works on them."""
    low, high = actor.range
    rows = Article.objects.select_related("category", "shown")
    return rows.filter(unit_path__gte=low, unit_path__lt=high)


@transaction.atomic
def write(*, actor: Actor, said: Manuscript, now: datetime) -> Article:
    demand(actor, EDITOR, "编写文章")
    row = Article(
        author_id=actor.user_id,
        author_name=actor.name,
        unit_name=actor.unit_name,
        unit_path=actor.scope_path,
    )
    _take(row, said, actor, now)
    row.save(force_insert=True)
    record(actor, now, "article_write", ("article", row.pk), {"title": row.title})
    return row


@transaction.atomic
def rewrite(*, actor: Actor, article: Article, said: Manuscript, now: datetime) -> Article:
    """A draft is changed; what is published goes on showing meanwhile."""
    demand(actor, EDITOR, "修改文章")
    row = _locked(article)
    _demand_state(row, "修改", ("draft", "returned", "published", "withdrawn"))
    before = row.title
    _take(row, said, actor, now)
    row.state = "draft"
    row.author_id, row.author_name = actor.user_id, actor.name
    row.save()
    record(actor, now, "article_rewrite", ("article", row.pk), {"old": before, "new": row.title})
    return row


@transaction.atomic
def submit(*, actor: Actor, article: Article, now: datetime) -> ArticleVersion:
    demand(actor, EDITOR, "送审文章")
    row = _locked(article)
    _demand_state(row, "送审", ("draft", "returned"))
    row.version += 1
    version = ArticleVersion(
        article=row,
        number=row.version,
        made_by=actor.user_id,
        made_name=actor.name,
        made_at=now,
        **_values(row),
    )
    version.save(force_insert=True)
    row.state, row.changed_at, row.opinion = "submitted", now, ""
    row.save(update_fields=["state", "version", "changed_at", "opinion"])
    record(actor, now, "article_submit", ("article", row.pk), {"version": row.version})
    return version


@transaction.atomic
def review(
    *, actor: Actor, article: Article, is_agreed: bool, opinion: str, now: datetime
) -> Article:
    """Agreed: the version shows from its day on. Otherwise it goes back with the reason."""
    demand(actor, REVIEWER, "审核文章")
    row = _locked(article)
    _demand_state(row, "审核", ("submitted",))
    version = row.versions.get(number=row.version)
    demand_second(actor, version.made_by, version.made_name, row.title)
    if not is_agreed:
        opinion = long_enough("退回原因", opinion)
    ArticleVersion.objects.filter(pk=version.pk).update(
        reviewed_by=actor.user_id,
        reviewed_name=actor.name,
        reviewed_at=now,
        is_agreed=is_agreed,
        opinion=opinion[:200],
    )
    row.state = "published" if is_agreed else "returned"
    row.opinion, row.changed_at = opinion[:200], now
    if is_agreed:
        row.shown, row.published_at, row.reason = version, max(now, version.visible_from), ""
    row.save()
    action = "article_publish" if is_agreed else "article_return"
    detail = {"version": version.number, "opinion": opinion}
    record(actor, now, action, ("article", row.pk), detail)
    return row


@transaction.atomic
def withdraw(*, actor: Actor, article: Article, reason: str, now: datetime) -> Article:
    """Nobody reads it any longer; its versions stay."""
    if not actor.can(REVIEWER):
        demand(actor, EDITOR, "撤下文章")
    row = _locked(article)
    if row.shown_id is None or row.state == "withdrawn":
        raise errors.NOT_NOW.refuse(title=row.title, action="撤下", state=row.get_state_display())
    row.state, row.reason, row.shown, row.changed_at = (
        "withdrawn", long_enough("原因", reason)[:200], None, now,
    )  # fmt: skip
    row.save()
    record(actor, now, "article_withdraw", ("article", row.pk), {"reason": reason})
    return row


def versions(article: Article) -> Sequence[ArticleVersion]:
    return list(article.versions.order_by("-number")[:200])


def _take(row: Article, said: Manuscript, actor: Actor, now: datetime) -> None:
    row.category = Category.objects.get(code=said.category)
    row.kind, row.source = said.kind, said.source.strip()
    row.title = long_enough("标题", said.title)
    row.body = long_enough("正文", said.body, BODY_LEAST)
    row.summary = said.summary.strip()
    row.paths = settled(said.reach, actor)
    row.duties, row.reach = list(said.reach.duties), said.reach.words[:300]
    row.visible_from, row.visible_to = checked(said.span, now)
    row.changed_at = now


def _values(row: Text) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FIELDS}


def _locked(article: Article) -> Article:
    return Article.objects.select_for_update(of=("self",)).get(pk=article.pk)


def _demand_state(row: Article, action: str, states: Sequence[str]) -> None:
    if row.state not in states:
        raise errors.NOT_NOW.refuse(title=row.title, action=action, state=row.get_state_display())
