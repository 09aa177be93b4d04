"""单据页 document page: everything one document shows, put together for the templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import uuid4

from shucai.base import money
from shucai.edge.web import clock, columns
from shucai.edge.web.form import files, sheet
from shucai.edge.web.form.sheet import Source
from shucai.edge.web.form.typed import Typed
from shucai.kernel.document import drafts, form_layout, history, reading, succession, trial
from shucai.kernel.document.converting import clean
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.models import Autosave
from shucai.kernel.document.reading import Dossier, Permit
from shucai.kernel.document.showing import Shown
from shucai.kernel.document.sideways import LABELS
from shucai.kernel.identity.actor import Actor
from shucai.kernel.pages.print_template import Variant, variants

KEYS: Final = "sarpcwtgmnh"  # Alt-letters handed out when a move's own letters are taken


@dataclass(frozen=True, slots=True)
class Button:
    """A move as a button; `why` tells what forbids it to this actor."""

    action: str
    label: str
    key: str
    look: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a page is made of; `kept_at` tells when `typed` was autosaved, if it was."""

    kind: DocumentType
    actor: Actor
    dossier: Dossier | None = None
    typed: Typed | None = None
    findings: Sequence[Mapping[str, Any]] = ()
    kept_at: datetime | None = None


def context(wanted: Wanted) -> dict[str, Any]:
    """The context of `form/page.html` and of every fragment cut from it."""
    kind, actor, dossier = wanted.kind, wanted.actor, wanted.dossier
    editable = is_editable(kind, actor, dossier)
    layout = form_layout.current(kind, actor)
    source = Source(kind, actor, editable, dossier, wanted.typed, wanted.findings, layout)
    grid = sheet.grid(source)
    permits = reading.permits(dossier=dossier, actor=actor, now=clock.now()) if dossier else []
    return {
        **head(kind, dossier),
        **files.context(kind, actor, dossier),
        "actor": actor,
        "editable": editable,
        "sections": sheet.sections(source, _head_cells(source)),
        "grid": grid,
        "choices": _plain_choices(source, grid),
        "amount": _amount(dossier, wanted.typed),
        "findings": list(wanted.findings),
        "buttons": buttons(kind, actor, permits, is_new=dossier is None),
        "stops": history.timeline(dossier, on=clock.today()) if dossier else (),
        "now": clock.now(),
        "shares": _shares(source),
        "opinion": wanted.typed.opinion if wanted.typed else "",
        "opinion_findings": source.told("opinion"),
        "kept_at": wanted.kept_at,
        "can_make": actor.can(kind.maker),
        "sideways": _sideways(dossier, actor),
        "earlier": history.earlier_nodes(dossier) if dossier else (),
        "offers": _offers(dossier, actor),
    }


def head(kind: DocumentType, dossier: Dossier | None) -> dict[str, Any]:
    """Name, number, state, version and a fresh key: what changes when a document is saved."""
    address = dossier.address if dossier else ""
    title = kind.page.print_title or kind.name
    state = dossier.header.state if dossier else kind.initial
    return {
        "kind": kind,
        "block": lambda name: _block(kind, name),
        "title": f"{title} {address}".strip(),
        "tab": f"{kind.name} {_short(address)}" if dossier else f"新增{kind.name}",
        "heading": title,
        "dossier": dossier,
        "header": dossier.header if dossier else None,
        "address": address,
        "number": dossier.header.number if dossier else "",
        "base": f"/d/{kind.code}/{address or 'new'}",
        "state_label": kind.state_label(state) if dossier else "未保存",
        "look": columns.looks(kind.code).get(state, "going"),
        "version": dossier.header.version if dossier else "",
        "papers": _papers(dossier),
        "key": str(uuid4()),
        "is_new": dossier is None,
        "can_discard": dossier is not None
        and dossier.header.number is None
        and dossier.header.is_editable,
    }


def _papers(dossier: Dossier | None) -> Sequence[Variant]:
    """The print templates to choose from."""
    if dossier is None:
        return ()
    header = dossier.header
    return variants(
        dossier.kind,
        division=header.division,
        fiscal_year=header.fiscal_year,
        unit_path=header.unit_path,
    )


def _short(address: str) -> str:
    return address if address.startswith("~") else address[-6:]


def _sideways(dossier: Dossier | None, actor: Actor) -> list[tuple[str, str, str]]:
    """What may be done without moving the document: name, label and icon."""
    if dossier is None or not history.is_asked(dossier, actor):
        return []
    if dossier.header.is_hung:
        return [("resume", LABELS["resume"], "player-play")]
    icons = {"hand_over": "transfer", "add_signer": "users", "hang": "hourglass"}
    return [(name, LABELS[name], icon) for name, icon in icons.items()]


def _offers(dossier: Dossier | None, actor: Actor) -> list[tuple[str, str]]:
    """What the actor may make from this document: the code of the type and the words for it."""
    if dossier is None:
        return []
    found = succession.offers(dossier.kind.code, dossier.header.state)
    return [(kind.code, taken.label) for kind, taken in found if actor.can(kind.maker)]


def _block(kind: DocumentType, name: str) -> list[str]:
    """A domain's own block, else the one of the channel."""
    domain, word = kind.code.split(".", maxsplit=1)
    return [f"{domain}/{word}/{name}.html", f"form/_{name}.html"]


def is_editable(kind: DocumentType, actor: Actor, dossier: Dossier | None) -> bool:
    return actor.can(kind.maker) and (dossier is None or dossier.header.is_editable)


def _head_cells(source: Source) -> list[sheet.Cell]:
    dossier, actor = source.dossier, source.actor
    if dossier is None:
        typed = f"{actor.unit_code} {actor.unit_name}".strip()
        on = clock.today().isoformat()
        return sheet.head(source, unit=None, unit_typed=typed, on=on, maker=actor.name)
    unit = dossier.header.unit
    shown = Shown("unit", "预算单位", "unit", unit.code, unit.name, unit.code)
    on = dossier.header.business_date.isoformat()
    maker = dossier.header.maker_name
    return sheet.head(source, unit=shown, unit_typed=unit.code, on=on, maker=maker)


def _plain_choices(source: Source, grid: sheet.Grid) -> dict[str, Any]:
    """Lists for the page without script: the unit's accounts, and small value sets."""
    if not source.editable:
        return {}
    unit = source.dossier.header.unit.code if source.dossier else ""
    if source.typed and source.typed.unit:
        unit = source.typed.unit
    return sheet.plain_choices(source, grid, unit=unit, on=clock.today())


def _amount(dossier: Dossier | None, typed: Typed | None) -> dict[str, Any]:
    """The sum in figures and in capitals; from what was typed where that is shown."""
    if typed is not None and typed.has_content:
        return figures(sum((figure(line.get("amount", "")) for line in typed.lines), Decimal(0)))
    return figures(dossier.header.amount if dossier else Decimal(0))


def figures(total: Decimal) -> dict[str, Any]:
    return {"total": total, "capitals": money.capitals(total) if total else ""}


def adds_up(said: Typed) -> bool:
    """Whether every amount typed is one; a wrong one is told at its cell, not at the sum."""
    return all(figure(line["amount"]) > 0 for line in said.lines if line.get("amount"))


def figure(text: str) -> Decimal:
    """An amount that can be added; anything else is told at its cell and counts nothing."""
    try:
        figure = Decimal(clean(text).replace(",", "") or "0")
    except InvalidOperation:
        return Decimal(0)
    fits = figure.is_finite() and abs(figure) < Decimal(10) ** 15
    return figure.quantize(Decimal("0.01")) if fits else Decimal(0)


def buttons(
    kind: DocumentType, actor: Actor, permits: Sequence[Permit], *, is_new: bool
) -> list[Button]:
    """Moves back first, the main way on last; what another duty does is not shown."""
    if is_new:
        first = kind.flow[0]
        if not actor.can(first.by):
            return []
        return [Button(first.action, first.label, first.action[0], "main")]
    found, used = [], set("dk")
    shown = [p for p in permits if p.is_allowed or _is_told(p)]
    onward = [p for p in shown if not (p.is_back or p.needs_reason)]
    for permit in sorted(shown, key=lambda p: not (p.is_back or p.needs_reason)):
        action = permit.move.action
        key = next((ch for ch in [*action, *KEYS] if ch.isalpha() and ch not in used), "")
        used.add(key)
        is_main = bool(onward) and permit is onward[0] and permit.is_allowed
        look = "main" if is_main else ("back" if permit not in onward else "")
        why = "" if permit.is_allowed else "；".join(str(f["text"]) for f in permit.findings)
        found.append(Button(action, permit.move.label, key, look, why))
    return sorted(found, key=lambda button: button.look == "main")


def _is_told(permit: Permit) -> bool:
    """Worth showing although forbidden: everything but a duty the actor has not."""
    return all(finding["code"] != "DOC-1002" for finding in permit.findings)


def _shares(source: Source) -> Sequence[reading.Share]:
    """The balance panel: by the ledger once it carries the document, else as if posted now."""
    kind, dossier, typed = source.kind, source.dossier, source.typed
    if not trial.takes(kind):
        return ()
    if typed is not None and typed.has_content:
        draft, _ = typed.glance(kind, source.actor, now=clock.now(), today=clock.today())
        return trial.look(draft).shares
    if dossier is None:
        return ()
    held = reading.taken(dossier)
    if held or dossier.header.state in kind.final:
        return held
    records = [
        {**{f.attname: getattr(line, f.attname) for f in kind.line_fields()}}
        for line in dossier.item.lines
    ]
    return reading.shares(kind, records)


def kept(kind: DocumentType, actor: Actor, dossier: Dossier | None) -> Autosave | None:
    """What autosave kept for this user and document, if it is newer than the document."""
    header_id = dossier.header.pk if dossier else None
    found = drafts.autosaved(kind=kind, actor=actor, header_id=header_id)
    if found is None or (dossier is not None and found.saved_at <= dossier.header.updated_at):
        return None
    return found
