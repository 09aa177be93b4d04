"""文章附件 attachments of articles: fetched by everybody who may read the article."""

from datetime import datetime
from typing import Final

from django.db import transaction

from shucai.kernel.content import errors, reading
from shucai.kernel.content.duties import EDITOR, demand, record
from shucai.kernel.content.models import Article
from shucai.kernel.files import keeping
from shucai.kernel.files.keeping import Opened, Upload
from shucai.kernel.files.models import StoredFile
from shucai.kernel.identity.actor import Actor

PER_ARTICLE: Final = 20


def holder(article_id: int) -> str:
    return f"article:{article_id}"


def attach(*, actor: Actor, article: Article, upload: Upload, now: datetime) -> StoredFile:
    demand(actor, EDITOR, "添加附件")
    if article.state not in ("draft", "returned"):
        raise errors.NOT_NOW.refuse(
            title=article.title, action="添加附件", state=article.get_state_display()
        )
    count = len(keeping.published(holder(article.pk)))
    if count >= PER_ARTICLE:
        raise errors.TOO_MANY_FILES.refuse(name=upload.name, count=count, limit=PER_ARTICLE)
    row = keeping.publish(upload, holder=holder(article.pk), actor=actor, now=now)
    record(actor, now, "article_attach", ("article", article.pk), {"file": row.name})
    return row


@transaction.atomic
def detach(*, actor: Actor, article: Article, file_id: int, now: datetime) -> StoredFile:
    demand(actor, EDITOR, "移除附件")
    if article.state not in ("draft", "returned"):
        raise errors.NOT_NOW.refuse(
            title=article.title, action="移除附件", state=article.get_state_display()
        )
    row = keeping.unpublish(file_id, holder=holder(article.pk), actor=actor, now=now)
    record(actor, now, "article_detach", ("article", article.pk), {"file": row.name})
    return row


def files(article_id: int) -> list[StoredFile]:
    return keeping.published(holder(article_id))


def fetch(*, actor: Actor, article_id: int, file_id: int, now: datetime) -> Opened:
    """Only for whoever may read the article now."""
    reading.opened(actor=actor, article_id=article_id, now=now)
    return keeping.open_published(file_id, holder=holder(article_id), actor=actor, now=now)
