"""栏目 categories: the tree in which articles are found."""

import re
from datetime import datetime
from typing import Final

from django.db import transaction

from shucai.kernel.content import errors
from shucai.kernel.content.duties import EDITOR, demand, record
from shucai.kernel.content.models import Article, Category
from shucai.kernel.content.reach import long_enough
from shucai.kernel.identity.actor import Actor

DEPTH_MAX: Final = 4
CATEGORIES_MAX: Final = 300
_CODE: Final = re.compile(r"^[a-z][a-z0-9_]{1,29}$")


def enabled() -> list[tuple[Category, int]]:
    """The tree as a list with depths, parents before children."""
    rows = list(Category.objects.filter(is_enabled=True).order_by("position", "code"))
    below: dict[int | None, list[Category]] = {}
    for row in rows[:CATEGORIES_MAX]:
        below.setdefault(row.parent_id, []).append(row)
    found: list[tuple[Category, int]] = []

    def walk(parent: int | None, depth: int) -> None:
        for row in below.get(parent, ()):
            found.append((row, depth))
            if depth < DEPTH_MAX:
                walk(row.pk, depth + 1)

    walk(None, 0)
    return found


def under(category: Category) -> list[int]:
    """The ids of a category and of all below it."""
    tree = enabled()
    ids = {category.pk}
    for row, _ in tree:
        if row.parent_id in ids:
            ids.add(row.pk)
    return sorted(ids)


def found(code: str) -> Category | None:
    return Category.objects.filter(code=code, is_enabled=True).first()


@transaction.atomic
def add(
    *, actor: Actor, code: str, name: str, parent: str, position: int, now: datetime
) -> Category:
    demand(actor, EDITOR, "增加栏目")
    if not _CODE.match(code) or Category.objects.filter(code=code).exists():
        raise errors.CATEGORY_CODE.refuse("code", code=code)
    row = Category(code=code, name=long_enough("栏目", name), position=position)
    row.parent = _parent(row, parent)
    row.save(force_insert=True)
    record(actor, now, "category_add", ("category", row.pk), {"code": code, "name": name})
    return row


@transaction.atomic
def change(
    *, actor: Actor, category: Category, name: str, parent: str, position: int, now: datetime
) -> Category:
    demand(actor, EDITOR, "修改栏目")
    before = {"name": category.name, "parent": category.parent_id, "position": category.position}
    category.name, category.position = long_enough("栏目", name), position
    category.parent = _parent(category, parent)
    category.save()
    after = {"name": category.name, "parent": category.parent_id, "position": position}
    record(actor, now, "category_change", ("category", category.pk), {"old": before, "new": after})
    return category


@transaction.atomic
def switch(*, actor: Actor, category: Category, on: bool, now: datetime) -> None:
    """Stopped, not deleted: what was published under it keeps its place in the records."""
    demand(actor, EDITOR, "启用或停用栏目")
    if not on:
        children = category.children.filter(is_enabled=True).count()
        articles = Article.objects.filter(shown__category=category, state="published").count()
        if children or articles:
            raise errors.CATEGORY_USED.refuse(
                name=category.name, categories=children, articles=articles
            )
    category.is_enabled = on
    category.save(update_fields=["is_enabled"])
    record(actor, now, "category_switch", ("category", category.pk), {"enabled": on})


def _parent(row: Category, code: str) -> Category | None:
    if not code:
        return None
    parent = Category.objects.filter(code=code).first()
    above, depth = parent, 1
    while above is not None and depth < DEPTH_MAX and above.pk != row.pk:
        above, depth = above.parent, depth + 1
    if parent is None or above is not None:
        raise errors.CATEGORY_LOOP.refuse("parent", name=row.name, parent=code, limit=DEPTH_MAX)
    return parent
