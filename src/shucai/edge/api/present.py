"""呈现 presenting documents as plain JSON: what is read can be sent back unchanged."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models

from shucai.edge.api.problems import findings
from shucai.kernel.document.action import DocumentResult, Outcome
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.reading import Dossier, Permit
from shucai.kernel.document.showing import Shown, kind_of
from shucai.kernel.workflow.models import Step


def plain(value: Any) -> Any:
    """Amounts as text with two places, days and instants in ISO 8601."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def document(dossier: Dossier, permits: Sequence[Permit], steps: Sequence[Step]) -> dict[str, Any]:
    """One document, whole."""
    kind, header = dossier.kind, dossier.header
    return {
        "type": kind.code,
        "id": header.pk,
        "address": header.address,
        "number": header.number,
        "version": header.version,
        "state": header.state,
        "state_label": dossier.state_label,
        "fiscal_year": header.fiscal_year,
        "division": header.division,
        "unit": {"code": header.unit.code, "name": header.unit.name},
        "amount": plain(header.amount),
        "summary": header.summary,
        "business_date": plain(header.business_date),
        "maker": header.maker_name,
        "is_editable": header.is_editable,
        "is_hung": header.is_hung,
        "created_at": plain(header.created_at),
        "updated_at": plain(header.updated_at),
        "submitted_at": plain(header.submitted_at),
        "fields": _values(kind.fields(), dossier.fields),
        "lines": [
            {"seq": seq, **_values(kind.line_fields(), line)}
            for seq, line in enumerate(dossier.lines, start=1)
        ],
        "actions": [_permit(permit) for permit in permits],
        "steps": [_step(step) for step in steps],
    }


def _values(
    fields: Sequence[models.Field[Any, Any]], values: Mapping[str, Shown]
) -> dict[str, Any]:
    """What a person would type; null where nothing is kept."""
    said: dict[str, Any] = {}
    for known in fields:
        raw = values[known.name].raw
        if raw == "" and known.null:
            said[known.name] = None
        elif kind_of(known) == "number" and raw != "":
            said[known.name] = int(raw)
        else:
            said[known.name] = raw
    return said


def _permit(permit: Permit) -> dict[str, Any]:
    return {
        "action": permit.move.action,
        "label": permit.move.label,
        "duty": permit.duty,
        "needs_reason": permit.needs_reason,
        "findings": findings(permit.findings),
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "action": step.action,
        "label": step.label,
        "source": step.source,
        "target": step.target,
        "actor": step.actor_name,
        "position": step.position_name,
        "opinion": step.opinion,
        "at": plain(step.at),
    }


def row(kind: DocumentType, found: Mapping[str, Any]) -> dict[str, Any]:
    """One row of a list; references stay as the list keeps them."""
    return {
        "id": found["id"],
        "address": found["address"],
        "number": found["number"],
        "version": found["version"],
        "state": found["state"],
        "state_label": kind.state_label(found["state"]),
        "unit": {"code": found["unit_code"], "name": found["unit_name"]},
        "amount": plain(found["amount"]),
        "summary": found["summary"],
        "business_date": plain(found["business_date"]),
        "maker": found["maker_name"],
        "created_at": plain(found["created_at"]),
        "updated_at": plain(found["updated_at"]),
        "submitted_at": plain(found["submitted_at"]),
        "fields": {known.name: plain(found[known.attname]) for known in kind.fields()},
    }


def results(said: Sequence[DocumentResult]) -> list[dict[str, Any]]:
    """One row per document."""
    return [
        {
            "id": one.id,
            "number": one.number,
            "ok": one.ok,
            "state": one.state,
            "version": one.version,
            "next": one.next,
            "findings": findings(one.findings),
        }
        for one in said
    ]


def outcome(kind: DocumentType, said: Outcome, *, is_preview: bool) -> dict[str, Any]:
    """The answer to a move: one row per document and the balances it touched."""
    return {
        "ok": said.ok,
        "done": said.done,
        "preview": is_preview,
        "replayed": said.replayed,
        "results": results(said.results),
        "balances": [
            {
                "account": one.account,
                "number": one.number,
                "name": one.name,
                "granted": plain(one.granted),
                "held": plain(one.held),
                "spent": plain(one.spent),
                "available": plain(one.available),
                "change": plain(one.change),
            }
            for one in said.balances
        ],
    }
