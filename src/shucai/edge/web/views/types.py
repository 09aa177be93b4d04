"""单据类型 document types: what there is, and what is in force for each of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse

from shucai.edge.web import diagram, frame
from shucai.edge.web.endpoints import duty, endpoint
from shucai.edge.web.request import WebRequest
from shucai.edge.web.views.configuration import place_link
from shucai.kernel.configuration import reading
from shucai.kernel.configuration.declare import Kind, Place, kinds
from shucai.kernel.configuration.models import InForce
from shucai.kernel.document import errors, routing, type_settings
from shucai.kernel.document.declare import DocumentType, find_type, types
from shucai.kernel.document.permits import duty_name
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.duties import AUDITOR, SECURITY_ADMIN, SYSTEM_ADMIN
from shucai.kernel.masterdata import levels
from shucai.kernel.masterdata.keeping import KEEPER

WATCH: Final = duty(SYSTEM_ADMIN, SECURITY_ADMIN, AUDITOR, KEEPER)
OFFICERS: Final = (SYSTEM_ADMIN, SECURITY_ADMIN, AUDITOR)


@dataclass(frozen=True, slots=True)
class Configured:
    """A kind of configuration that concerns a type, and what is in force there."""

    kind: Kind
    key: str
    name: str
    link: str
    releases: int
    current: int


@endpoint("document-types/", name="document-types", access=WATCH)
def index(request: WebRequest) -> HttpResponse:
    """Every declared type with its number format and how much is configured of it."""
    text = request.GET.get("q", "").strip()[:60]
    counted = _in_force()
    rows = [
        {
            "kind": kind,
            "settings": _settings(kind, request.actor),
            "number": type_settings.sample(_settings(kind, request.actor)["number"]),
            "configured": sum(count for (_, key), count in counted.items() if _concerns(kind, key)),
            "levels": len(_levels(kind, request.actor)),
            "routes": len(routing.reviews(kind)),
        }
        for kind in types().values()
        if not text or text in kind.name or text in kind.code
    ]
    context = {"title": "单据类型", "rows": rows, "text": text, "total": len(types())}
    return frame.page(request, "web/types/index.html", context)


@endpoint("document-types/<str:code>", name="document-type", access=WATCH)
def one(request: WebRequest, code: str) -> HttpResponse:
    """One type whole: states and moves, numbers, attachments, elements, what is configured."""
    kind = find_type(code)
    if kind is None:
        raise errors.UNKNOWN_TYPE.refuse(type=code)
    actor = request.actor
    settings = _settings(kind, actor)
    context = {
        "title": kind.name,
        "tab": f"单据类型 {kind.name}",
        "kind": kind,
        "settings": settings,
        "attachments": settings.get("attachments") or [],
        "actions": {move.action: move.label for move in kind.flow},
        "sample": type_settings.sample(settings["number"]),
        "picture": diagram.flow(kind),
        "moves": [_move(kind, move) for move in kind.flow],
        "routes": list(_routes(kind, actor)),
        "levels": _levels(kind, actor),
        "configured": list(_configured(kind, actor)),
        "may_configure": any(actor.can(one) for one in OFFICERS),
        "covers": kind.covers,
    }
    return frame.page(request, "web/types/one.html", context)


def _settings(kind: DocumentType, actor: Actor) -> dict[str, Any]:
    """The settings for the actor's own division and year."""
    found = reading.current(
        type_settings.KIND, kind.code, division=actor.division, fiscal_year=actor.fiscal_year
    )
    return {**found.content, "release": found.release_number, "place": found.place}


def _move(kind: DocumentType, move: Any) -> dict[str, Any]:
    effect = kind.posts.get(move.action)
    return {
        "label": move.label,
        "source": kind.state_label(move.source),
        "target": kind.state_label(move.target),
        "duty": duty_name(move.by),
        "effect": VERBS.get(effect.verb, effect.verb) if effect is not None else "",
        "needs_reason": move.action in kind.needs_reason,
        "separate": move.action in kind.separate,
    }


VERBS: Final = {
    "grant": "下达",
    "ungrant": "收回",
    "hold": "冻结",
    "settle": "核销",
    "release": "释放",
    "reverse": "红冲",
    "move": "调剂",
}


def _routes(kind: DocumentType, actor: Actor) -> Iterator[dict[str, Any]]:
    for move in routing.reviews(kind):
        key = f"{kind.code}:{move.action}"
        found = reading.current(
            "route", key, division=actor.division, fiscal_year=actor.fiscal_year
        )
        yield {
            "label": move.label,
            "nodes": " → ".join(node.name for node in routing.read(found.content).nodes),
            "release": found.release_number,
            "link": place_link(Place("route", key)),
        }


def _levels(kind: DocumentType, actor: Actor) -> Sequence[Any]:
    """Every element of the type with the demand in force; leaves where there is none."""
    found = levels.demands(kind.code, actor.fiscal_year, division=actor.division)
    known = {one.field: one for one in found}
    return [(column, known.get(column.field)) for column in levels.columns(kind.code)]


def _configured(kind: DocumentType, actor: Actor) -> Iterator[Configured]:
    """Every place of every kind of configuration that concerns the type."""
    counted = _in_force()
    for declared in sorted(kinds().values(), key=lambda one: (one.position, one.code)):
        for key, name in declared.keys().items():
            if _concerns(kind, key):
                found = reading.current(
                    declared.code, key, division=actor.division, fiscal_year=actor.fiscal_year
                )
                yield Configured(
                    kind=declared,
                    key=key,
                    name=name,
                    link=place_link(Place(declared.code, key)),
                    releases=counted.get((declared.code, key), 0),
                    current=found.release_number,
                )


def _concerns(kind: DocumentType, key: str) -> bool:
    return key == kind.code or key.startswith(f"{kind.code}:")


def _in_force() -> Mapping[tuple[str, str], int]:
    """How many places have a release, by kind and key."""
    counted: dict[tuple[str, str], int] = {}
    for pair in InForce.objects.values_list("kind", "key")[:20_000]:
        counted[pair] = counted.get(pair, 0) + 1
    return counted
