"""单据接口 documents: one generic router over every declared type."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Any, Final

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router

from shucai.base.errors import Finding, Refused
from shucai.edge.api import bodies, errors, present, problems, schemas, shapes
from shucai.edge.api.access import Caller, caller, etag, idempotency_key, seen_version
from shucai.edge.api.endpoints import expose
from shucai.edge.api.platform import JobOut, job_shown
from shucai.kernel.document import batch_jobs, drafts, listing, pipeline, reading
from shucai.kernel.document import errors as document_errors
from shucai.kernel.document.action import Action, Outcome
from shucai.kernel.document.declare import DocumentType, find_type, is_required, types
from shucai.kernel.document.permits import duty_name, readers
from shucai.kernel.identity import scope
from shucai.kernel.pages.access import duty_names, may_read
from shucai.kernel.workflow.models import Step

router = Router(tags=["单据"])
STEPS_MAX: Final = 200
_PLAIN: Final = ("sort", "cursor", "limit", "totals")


def kind_of(request: HttpRequest, code: str) -> DocumentType:
    """The type, if the caller holds any duty that may see its documents."""
    kind = find_type(code)
    if kind is None:
        raise document_errors.UNKNOWN_TYPE.refuse(type=code[:60])
    actor = caller(request).actor
    if not may_read(actor, kind):
        raise document_errors.NO_DUTY.refuse(
            number=kind.name,
            label="查阅",
            duty=duty_names(readers(kind)),
            position=actor.position_name,
        )
    return kind


@expose(
    router,
    "GET",
    "/types",
    name="types.list",
    summary="全部单据类型及其栏目、状态和环节",
    responses={200: schemas.Types},
)
def list_types(request: HttpRequest) -> Any:
    actor = caller(request).actor
    return {"types": [_described(kind) for kind in types().values() if may_read(actor, kind)]}


def _described(kind: DocumentType) -> dict[str, Any]:
    def told(fields: Any) -> list[dict[str, Any]]:
        return [
            {"name": f.name, "title": str(f.verbose_name), "required": is_required(f)}
            for f in fields
        ]

    return {
        "code": kind.code,
        "name": kind.name,
        "states": {str(value): str(label) for value, label in kind.states.choices},
        "fields": told(kind.fields()),
        "line_fields": told(kind.line_fields()),
        "actions": [
            {
                "action": action,
                "label": move.label,
                "sources": kind.sources(action),
                "target": move.target,
                "duty": duty_name(move.by),
                "needs_reason": action in kind.needs_reason,
            }
            for action in kind.actions
            for move in [kind.move(action)]
            if move is not None
        ],
        "filters": shapes.filter_names(kind),
    }


@expose(
    router,
    "GET",
    "/documents/{type}",
    name="documents.list",
    scope="documents.read",
    summary="列表",
    parameters=("Cursor", "Limit", "WithTotals", "FiscalYear"),
    query=None,
    responses={200: schemas.Listing},
)
def list_documents(request: HttpRequest, type: str) -> HttpResponse:
    kind, who = kind_of(request, type), caller(request)
    query = _query(request, kind, who)
    with transaction.atomic():
        scope.apply(who.actor)
        page = listing.page(query)
        totals = listing.totals(query) if request.GET.get("totals") == "1" else None
    return JsonResponse(
        {
            "rows": [present.row(kind, found) for found in page.rows],
            "next": page.next or None,
            "previous": page.previous or None,
            "totals": totals
            and {
                "count": totals.count,
                "is_capped": totals.is_capped,
                "amount": present.plain(totals.amount),
            },
        }
    )


def _query(request: HttpRequest, kind: DocumentType, who: Caller) -> listing.Query:
    known = shapes.filter_names(kind)
    bodies.refuse_unknown_parameters(request.GET, [*known, *_PLAIN])
    found = list(_bad_values(request, kind))
    if found:
        raise Refused(found)
    query = listing.Query(
        type=kind,
        actor=who.actor,
        filters={name: request.GET.getlist(name) for name in known if name in request.GET},
        sort=request.GET.get("sort", "-id"),
        cursor=request.GET.get("cursor", ""),
        size=int(request.GET.get("limit", "50")),
    )
    if not listing.is_cursor(query):
        raise errors.BAD_CURSOR.refuse("cursor")
    return query


def _bad_values(request: HttpRequest, kind: DocumentType) -> list[Finding]:
    """A filter that can't match is told, not answered with an empty list."""
    orders = [order for name in listing.SORTS for order in (name, f"-{name}")]
    choices: dict[str, list[str]] = {
        "sort": orders,
        "totals": ["0", "1"],
        "maker": ["me"],
        "todo": ["1"],
        "state": [str(value) for value in kind.states.values],
    }
    for known in shapes.own_filters(kind):
        if known.choices:
            choices[known.name] = [str(value) for value, _ in known.flatchoices]
    found = []
    for name, allowed in choices.items():
        found += [
            _bad(name, value, "不在可选值中", "、".join(allowed))
            for value in request.GET.getlist(name)
            if value not in allowed
        ]
    found += [
        _bad(n, v, "不是金额", "1234.50") for n, v in _given(request, "amount") if not _is_money(v)
    ]
    found += [
        _bad(n, v, "不是日期", "2026-01-31") for n, v in _given(request, "date") if not _is_day(v)
    ]
    limit = request.GET.get("limit", "50")
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:9]) <= listing.SIZE_MAX):
        found.append(_bad("limit", limit, "超出范围", f"1 至 {listing.SIZE_MAX}"))
    if "\x00" in "".join(value for values in request.GET.lists() for value in values[1]):
        found.append(_bad("q", "", "含有不可见字符", "可见字符"))
    return found


def _bad(name: str, value: str, reason: str, allowed: str) -> Finding:
    return errors.BAD_VALUE.at(name, name=name, value=value[:40], reason=reason, allowed=allowed)


def _given(request: HttpRequest, stem: str) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name in (f"{stem}_from", f"{stem}_to")
        for value in request.GET.getlist(name)
    ]


def _is_money(text: str) -> bool:
    try:
        amount = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return False
    return amount.is_finite() and abs(amount) < Decimal("1e16")


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10


@expose(
    router,
    "POST",
    "/documents/{type}",
    name="documents.create",
    scope="documents.write",
    summary="新增草稿",
    parameters=("FiscalYear", "IdempotencyKey"),
    body="Draft",
    responses={201: schemas.Document},
)
def create_document(request: HttpRequest, type: str) -> HttpResponse:
    kind, who = kind_of(request, type), caller(request)
    said = bodies.read(request, shapes.draft(kind))
    header = drafts.save(_draft(kind, who, said.model_dump(), key=idempotency_key(request)))
    response = _answer(request, kind, header.address, status=201)
    response["Location"] = f"/api/v1/documents/{kind.code}/{header.address}"
    return response


def _draft(kind: DocumentType, who: Caller, said: Mapping[str, Any], **where: Any) -> drafts.Draft:
    return drafts.Draft(
        type=kind,
        actor=who.actor,
        now=who.now,
        today=who.today,
        fields=said["fields"],
        lines=said["lines"],
        unit=said["unit"],
        summary=said["summary"],
        business_date=said["business_date"],
        **where,
    )


@expose(
    router,
    "GET",
    "/documents/{type}/{address}",
    name="documents.get",
    scope="documents.read",
    summary="查阅一张",
    parameters=("FiscalYear",),
    responses={200: schemas.Document},
)
def get_document(request: HttpRequest, type: str, address: str) -> HttpResponse:
    return _answer(request, kind_of(request, type), address)


def _answer(
    request: HttpRequest, kind: DocumentType, address: str, *, status: int = 200
) -> HttpResponse:
    who = caller(request)
    with transaction.atomic():
        scope.apply(who.actor)
        dossier = reading.open_one(kind=kind, actor=who.actor, address=address_of(address, who))
        permits = reading.permits(dossier=dossier, actor=who.actor, now=who.now)
        steps = list(Step.objects.filter(header=dossier.header).order_by("pk")[:STEPS_MAX])
    response = JsonResponse(present.document(dossier, permits, steps), status=status)
    response["ETag"] = etag(dossier.header.version)
    return response


def address_of(address: str, who: Caller) -> str:
    """Nothing longer than a number can be one; ids stay within what the database can count."""
    digits = address[1:]
    is_huge = address.startswith("~") and digits.isdigit() and len(digits) > 18
    if len(address) > 60 or is_huge or "\x00" in address:
        raise document_errors.NOT_FOUND.refuse(
            number=address[:60], position=who.actor.position_name
        )
    return address


@expose(
    router,
    "PUT",
    "/documents/{type}/{address}",
    name="documents.replace",
    scope="documents.write",
    summary="重写草稿",
    parameters=("FiscalYear", "IfMatchRequired"),
    body="Draft",
    responses={200: schemas.Document},
)
def replace_document(request: HttpRequest, type: str, address: str) -> HttpResponse:
    kind, who = kind_of(request, type), caller(request)
    if "If-Match" not in request.headers:
        raise errors.VERSION_NEEDED.refuse(number=address[:60])
    said = bodies.read(request, shapes.draft(kind)).model_dump()
    place = {"address": address_of(address, who), "version": seen_version(request)}
    header = drafts.save(_draft(kind, who, said, **place))
    return _answer(request, kind, header.address)


@expose(
    router,
    "DELETE",
    "/documents/{type}/{address}",
    name="documents.discard",
    scope="documents.write",
    summary="删除未编号的草稿",
    parameters=("FiscalYear",),
    responses={204: None},
)
def discard_document(request: HttpRequest, type: str, address: str) -> HttpResponse:
    kind, who = kind_of(request, type), caller(request)
    drafts.discard(kind=kind, actor=who.actor, address=address_of(address, who), now=who.now)
    return HttpResponse(status=204)


@expose(
    router,
    "POST",
    "/documents/{type}/actions/{action}",
    name="documents.batch",
    scope="documents.act",
    summary="批量",
    parameters=("FiscalYear", "IdempotencyKey"),
    body="BatchIn",
    responses={200: schemas.Outcome, 202: JobOut},
)
def act_on_many(request: HttpRequest, type: str, action: str) -> HttpResponse:
    """More documents than one answer waits for become a job: 202, and Location says where."""
    kind, who = kind_of(request, type), caller(request)
    said = bodies.read(request, schemas.BatchIn)
    numbers = list(dict.fromkeys(address_of(number, who) for number in said.numbers))
    wanted = Action(
        type=kind.code,
        numbers=numbers,
        name=action,
        actor=who.actor,
        now=who.now,
        today=who.today,
        opinion=said.opinion,
        mode=said.mode,
        key=idempotency_key(request),
        versions=said.versions,
        preview=said.preview,
    )
    if len(numbers) > batch_jobs.AT_ONCE:
        return _queued(wanted)
    outcome = pipeline.run(wanted)
    shown = present.outcome(kind, outcome, is_preview=said.preview)
    if outcome.ok or said.preview or said.mode == "each":
        return JsonResponse(shown)
    return refusal(request, outcome, extra={"results": shown["results"]})


def _queued(wanted: Action) -> HttpResponse:
    with transaction.atomic():
        scope.apply(wanted.actor)
        run = batch_jobs.start(wanted)
    response = JsonResponse(job_shown(run), status=HTTPStatus.ACCEPTED)
    response["Location"] = f"/api/v1/jobs/{run.pk}"
    return response


@expose(
    router,
    "POST",
    "/documents/{type}/{address}/{action}",
    name="documents.act",
    scope="documents.act",
    summary="办理",
    parameters=("FiscalYear", "IdempotencyKey", "IfMatch"),
    body="ActionIn",
    responses={200: schemas.Outcome},
)
def act_on_one(request: HttpRequest, type: str, address: str, action: str) -> HttpResponse:
    kind, who = kind_of(request, type), caller(request)
    said = bodies.read(request, schemas.ActionIn)
    number, version = address_of(address, who), seen_version(request)
    outcome = pipeline.run(
        Action(
            type=kind.code,
            numbers=[number],
            name=action,
            actor=who.actor,
            now=who.now,
            today=who.today,
            opinion=said.opinion,
            key=idempotency_key(request),
            versions={} if version is None else {number: version},
            to_node=said.to_node,
            preview=said.preview,
        )
    )
    if not outcome.ok and not said.preview:
        return refusal(request, outcome)
    response = JsonResponse(present.outcome(kind, outcome, is_preview=said.preview))
    if outcome.ok and not said.preview:
        response["ETag"] = etag(outcome.results[0].version)
    return response


def refusal(
    request: HttpRequest, outcome: Outcome, extra: Mapping[str, Any] | None = None
) -> HttpResponse:
    """A move that the business refuses: the world has to change, so 409 unless said otherwise."""
    told = [finding for result in outcome.results for finding in result.findings]
    return problems.render(request, told[: bodies.FINDINGS_MAX], otherwise=409, extra=extra)
