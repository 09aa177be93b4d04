"""承接 succession: drafts made from documents that led to them, linked line by line.

The downstream type declares what it takes (`HandOver`); a source line is taken once, and is
free again when the document that took it ends in a void state or is discarded as a draft.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import connection, models, transaction

from shucai.kernel.document import drafts, errors
from shucai.kernel.document.declare import DocumentType, HandOver, find_type, types
from shucai.kernel.document.models import Header, Relation
from shucai.kernel.document.work import Item, load, lock_headers
from shucai.kernel.identity import scope
from shucai.kernel.identity.actor import Actor

KIND: Final = "hand_over"


@dataclass(frozen=True, slots=True)
class Take:
    """One draft of `type` wanted for each source document."""

    type: DocumentType
    source: str
    numbers: Sequence[str]
    actor: Actor
    now: datetime
    today: date


def offers(source: str, state: str) -> list[tuple[DocumentType, HandOver]]:
    """What can be made from a document of that type in that state."""
    return [
        (kind, taken)
        for kind in types().values()
        for taken in kind.takes
        if taken.source == source and taken.when == state
    ]


def take(wanted: Take) -> list[Header]:
    """Makes the drafts, all or none. Raises Refused when a source has nothing left to take."""
    source = find_type(wanted.source)
    if source is None:
        raise errors.UNKNOWN_TYPE.refuse(type=wanted.source)
    with transaction.atomic():
        scope.apply(wanted.actor)
        items = load(source, lock_headers(source, wanted.numbers))
        known = {item.header.number for item in items} | {f"~{i.header.pk}" for i in items}
        for number in wanted.numbers:
            if number not in known:
                position = wanted.actor.position_name
                raise errors.NOT_FOUND.refuse(number=number, position=position)
        taken = _taken([item.header.pk for item in items])
        plans = [_plan(wanted, source, item, taken[item.header.pk]) for item in items]
        headers = drafts.save_many([draft for draft, _ in plans])
        for item, header, (_, seqs) in zip(items, headers, plans, strict=True):
            _relate(item.header.pk, header.pk, seqs, wanted.now)
    return headers


def _plan(
    wanted: Take, source: DocumentType, item: Item, taken: set[int]
) -> tuple[drafts.Draft, list[int]]:
    """The draft, and the numbers of the source lines behind its lines."""
    found = [t for t in wanted.type.takes if t.source == source.code]
    fitting = next((t for t in found if t.when == item.header.state), None)
    needed = "、".join(dict.fromkeys(source.state_label(t.when) for t in found))
    if fitting is None:
        reason = f"来源单据的状态是“{source.state_label(item.header.state)}”"
        raise _refusal(wanted, item, reason, needed)
    lines = [line for line in item.lines if line.seq not in taken]
    if not lines:
        raise _refusal(wanted, item, "来源单据的明细已全部被承接", needed)
    draft = drafts.Draft(
        type=wanted.type,
        actor=wanted.actor,
        now=wanted.now,
        today=wanted.today,
        fields=_carried(fitting.fields, item.doc),
        lines=[_carried(fitting.lines, line) for line in lines],
        unit=item.header.unit.code,
        is_handed_over=True,
    )
    return draft, [line.seq for line in lines]


def _refusal(wanted: Take, item: Item, reason: str, needed: str) -> Exception:
    return errors.NOTHING_TO_TAKE.refuse(
        number=item.address, type=wanted.type.name, reason=reason, needed=needed
    )


def _carried(mapping: Mapping[str, str], record: models.Model) -> dict[str, Any]:
    """Own names with the values of the source; references by their id."""
    fields = {f.name: f.attname for f in record._meta.concrete_fields}
    return {own: getattr(record, fields[theirs]) for own, theirs in mapping.items()}


def _taken(sources: Sequence[int]) -> dict[int, set[int]]:
    """The lines of each source that live documents have taken already."""
    found: dict[int, set[int]] = defaultdict(set)
    relations = Relation.objects.filter(source__in=sources, kind=KIND).values_list(
        "source_id", "source_seq", "target__type", "target__state"
    )
    for source, seq, code, state in relations:
        kind = find_type(code)
        if seq is not None and (kind is None or state not in kind.void):
            found[source].add(seq)
    return found


def _relate(source: int, target: int, seqs: Sequence[int], now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT document_relate(%s::bigint[], %s::bigint[], %s, %s::integer[], %s::integer[],"
            " %s::timestamptz)",
            [
                [source] * len(seqs),
                [target] * len(seqs),
                KIND,
                list(seqs),
                list(range(1, len(seqs) + 1)),
                now,
            ],
        )
