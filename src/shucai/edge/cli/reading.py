"""查阅 list and show: what the user may see in his position, as lines or as JSON."""

from argparse import Namespace
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from shucai.base.errors import Problem, catalogue
from shucai.edge import clock
from shucai.edge.cli import errors, output, registers, who
from shucai.edge.cli.acting import kind_of
from shucai.kernel.document import errors as document_errors
from shucai.kernel.document import listing, reading
from shucai.kernel.document.declare import DocumentType, types
from shucai.kernel.document.listing import HEADER_FIELDS
from shucai.kernel.document.permits import readers
from shucai.kernel.document.showing import plain
from shucai.kernel.identity import scope
from shucai.kernel.identity.actor import Actor
from shucai.kernel.pages.access import duty_names, may_read
from shucai.kernel.pages.register import find_register

FILTERS = (
    "q", "number", "state", "unit", "maker", "todo", "amount_from", "amount_to", "date_from",
    "date_to",
)  # fmt: skip


def refuse_without_duty(actor: Actor, kind: DocumentType) -> None:
    if not may_read(actor, kind):
        raise document_errors.NO_DUTY.refuse(
            number=kind.name,
            label="查阅",
            duty=duty_names(readers(kind)),
            position=actor.position_name,
        )


def list_documents(given: Namespace) -> int:
    """`shucai list TYPE`: newest first, all pages up to the limit."""
    if find_register(given.type) is not None:
        return registers.list_records(given)
    kind = kind_of(given.type)
    actor = who.actor(user=given.user, position=given.position, year=given.year, now=clock.now())
    refuse_without_duty(actor, kind)
    rows = collect(
        kind, actor, filters(kind, given.filter), limit=given.limit, sort=given.sort or "-id"
    )
    if given.json:
        output.say_json(rows)
        return output.GOOD
    names = kind.page.columns.split()
    labels = {**HEADER_FIELDS, **{f.name: str(f.verbose_name) for f in kind.fields()}}
    output.table(
        [labels[name] for name in names],
        [{labels[name]: row.get(name) for name in names} for row in rows],
    )
    output.say(f"共 {len(rows)} 笔" + ("（达到 --limit）" if len(rows) == given.limit else ""))
    return output.GOOD


def filters(kind: DocumentType, given: Sequence[str]) -> dict[str, list[str]]:
    """`name=value` pairs; the same name twice means either. Raises Refused for unknown names."""
    own = {f.name: str(f.verbose_name) for f in kind.fields()}
    found: dict[str, list[str]] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or name not in {*FILTERS, *own}:
            known = "、".join([*FILTERS, *own])
            raise errors.BAD_FILTER.refuse("--filter", given=text, known=known)
        found.setdefault(name, []).append(value)
    return found


def collect(
    kind: DocumentType, actor: Actor, wanted: dict[str, list[str]], *, limit: int, sort: str = "-id"
) -> list[dict[str, Any]]:
    """Rows by field name, each value as a person would type it."""
    rows: list[dict[str, Any]] = []
    cursor = ""
    with transaction.atomic():
        scope.apply(actor)
        while len(rows) < limit:
            size = min(limit - len(rows), listing.SIZE_MAX)
            page = listing.page(
                listing.Query(
                    type=kind, actor=actor, filters=wanted, sort=sort, cursor=cursor, size=size
                )
            )
            rows += [_row(kind, found) for found in page.rows]
            cursor = page.next
            if not cursor:
                break
    return rows


def _row(kind: DocumentType, found: dict[str, Any]) -> dict[str, Any]:
    return {
        "address": found["address"],
        "number": found["number"],
        "version": found["version"],
        "unit": found["unit_code"],
        "unit_name": found["unit_name"],
        "state": found["state"],
        "state_label": kind.state_label(found["state"]),
        **{
            name: plain(found[name])
            for name in HEADER_FIELDS
            if name not in ("number", "unit", "state")
        },
        **{known.name: plain(found[known.attname]) for known in kind.fields()},
    }


def show(given: Namespace) -> int:
    """`shucai show TYPE NUMBER`: the whole document, its moves and its steps."""
    if find_register(given.type) is not None:
        return registers.show(given)
    kind, now = kind_of(given.type), clock.now()
    actor = who.actor(user=given.user, position=given.position, year=given.year, now=now)
    refuse_without_duty(actor, kind)
    with transaction.atomic():
        scope.apply(actor)
        dossier = reading.open_one(kind=kind, actor=actor, address=given.number)
        permits = reading.permits(dossier=dossier, actor=actor, now=now)
    if given.json:
        output.say_json(_said(kind, dossier, permits))
        return output.GOOD
    header = dossier.header
    output.say(f"{kind.name} {dossier.address}  {dossier.state_label}  第 {header.version} 版")
    output.say(
        f"{header.unit.code} {header.unit.name}  {plain(header.business_date)}"
        f"  {header.amount:,.2f} 元  经办 {header.maker_name}"
    )
    for value in dossier.fields.values():
        output.say(f"  {value.label}：{value.full}")
    if dossier.lines:
        names = [value.label for value in dossier.lines[0].values()]
        rows = [{value.label: value.full for value in line.values()} for line in dossier.lines]
        output.table(names, rows)
    allowed = [permit.move.label for permit in permits if permit.is_allowed]
    output.say(f"可办理：{'、'.join(allowed) or '无'}")
    return output.GOOD


def _said(
    kind: DocumentType, dossier: reading.Dossier, permits: Sequence[reading.Permit]
) -> dict[str, Any]:
    header = dossier.header
    return {
        "type": kind.code,
        "address": dossier.address,
        "number": header.number,
        "version": header.version,
        "state": header.state,
        "state_label": dossier.state_label,
        "unit": header.unit.code,
        "unit_name": header.unit.name,
        "fiscal_year": header.fiscal_year,
        "business_date": plain(header.business_date),
        "amount": plain(header.amount),
        "summary": header.summary,
        "maker": header.maker_name,
        "fields": {name: value.raw for name, value in dossier.fields.items()},
        "lines": [{name: value.raw for name, value in line.items()} for line in dossier.lines],
        "actions": [permit.move.action for permit in permits if permit.is_allowed],
    }


def kinds(given: Namespace) -> int:
    """`shucai kinds`: every document type with its moves."""
    said = [
        {
            "code": kind.code,
            "name": kind.name,
            "covers": list(kind.covers),
            "states": {str(value): str(label) for value, label in kind.states.choices},
            "actions": {
                action: move.label for action in kind.actions if (move := kind.move(action))
            },
        }
        for kind in types().values()
    ]
    if given.json:
        output.say_json(said)
        return output.GOOD
    rows = [
        {
            "代码": one["code"],
            "名称": one["name"],
            "环节": " ".join(f"{a}{label}" for a, label in one["actions"].items()),  # type: ignore[attr-defined]
        }
        for one in said
    ]
    output.table(["代码", "名称", "环节"], rows)
    return output.GOOD


def problems(given: Namespace) -> int:
    """`shucai errors [CODE]`: the catalogue of refusals."""
    found = [one for one in catalogue().values() if one.code.startswith(given.code.upper())]
    if given.json:
        output.say_json([_problem(one) for one in found])
        return output.GOOD
    for one in found:
        output.say(f"{one.code}  {one.what}：{one.why}。{one.fix}。")
    return output.GOOD


def _problem(one: Problem) -> dict[str, str]:
    return {
        "code": one.code,
        "what": one.what,
        "why": one.why,
        "fix": one.fix,
        "basis": one.basis,
    }
