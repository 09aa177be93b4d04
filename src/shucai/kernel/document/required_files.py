"""必备附件 required attachments: what the settings of a type demand of a document at a move.

Files are counted only where a demand applies, in one question for the whole batch.
"""

from collections.abc import Mapping, Sequence

from shucai.base import formula
from shucai.base.errors import Finding
from shucai.kernel.document import errors, writing
from shucai.kernel.document.action import Action
from shucai.kernel.document.type_settings import Requirement, TypeSettings
from shucai.kernel.document.work import Item
from shucai.kernel.files.models import StoredFile

Files = Mapping[int, Sequence[tuple[str, str]]]


def check(settings: TypeSettings, action: Action, items: Sequence[Item]) -> None:
    """Adds to each item what it lacks."""
    wanted = [(item, one) for item in items for one in _demands(settings, action, item)]
    if not wanted:
        return
    files = _files([item.header.pk for item, _ in wanted])
    for item, one in wanted:
        count = sum(_is_one(one, *said) for said in files.get(item.header.pk, ()))
        if count < one.least:
            item.findings.append(_finding(action, item, one, count))


def _demands(settings: TypeSettings, action: Action, item: Item) -> list[Requirement]:
    said = settings.of(item.header).requirements
    mine = [one for one in said if one.action == action.name]
    return [
        one
        for one in mine
        if not one.condition or formula.holds(one.condition, writing.facts(item))
    ]


def _files(ids: Sequence[int]) -> Files:
    rows = StoredFile.objects.filter(
        header_id__in=ids, purpose="attachment", removed_at__isnull=True
    )
    found: dict[int, list[tuple[str, str]]] = {}
    for header_id, category, name in rows.values_list("header_id", "category", "name"):
        found.setdefault(header_id or 0, []).append((category, name))
    return found


def _is_one(one: Requirement, category: str, name: str) -> bool:
    return category == one.category or one.category in name


def _finding(action: Action, item: Item, one: Requirement, count: int) -> Finding:
    move = item.move
    return errors.ATTACHMENT_MISSING.at(
        "files",
        number=item.address,
        category=one.category,
        label=move.label if move else action.name,
        least=one.least,
        count=count,
        because=f"（条件：{one.condition}）" if one.condition else "",
    )
