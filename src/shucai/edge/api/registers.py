"""名录接口 registers: one generic router over every declared register and its commands."""

import base64
from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router, Schema
from pydantic import Field, StrictBool, StrictStr

from shucai.edge.api import bodies, errors, problems, register_shapes
from shucai.edge.api.access import Caller, caller, idempotency_key
from shucai.edge.api.endpoints import expose
from shucai.edge.api.schemas import Finding, Given
from shucai.kernel.files.keeping import Upload
from shucai.kernel.identity import scope
from shucai.kernel.pages import register_commands, registers
from shucai.kernel.pages.register import MANY_MAX, Command, Register
from shucai.kernel.pages.register import registers as declared
from shucai.kernel.pages.register_commands import Attempt
from shucai.kernel.pages.register_facts import facts, key_of, plain, sections

router = Router(tags=["名录"])
_PLAIN: Final = ("q", "sort", "cursor", "limit", "totals")


class RegisterOut(Schema):
    code: str
    name: str
    intro: str
    commands: dict[str, str]


class RegistersOut(Schema):
    registers: list[RegisterOut]


class RegisterRow(Schema):
    key: str
    title: str
    facts: dict[str, Any]


class RegisterListing(Schema):
    rows: list[RegisterRow]
    next: str | None
    previous: str | None
    count: int | None = Field(description="totals=1 时给出，数到 10000 为止")


class TableOut(Schema):
    heads: list[str]
    rows: list[list[Any]]
    note: str


class RegisterRecord(Schema):
    key: str
    title: str
    facts: dict[str, Any]
    tables: dict[str, TableOut]
    commands: list[str] = Field(description="现在可以办理的操作")


class RunIn(Given):
    keys: list[StrictStr] = Field(default_factory=list, max_length=MANY_MAX)
    values: dict[str, Any] = Field(default_factory=dict)
    preview: StrictBool = False


class RunOut(Schema):
    message: str
    to: str
    secret: str = Field(description="只在第一次应答中给出")
    data: dict[str, Any]
    findings: list[Finding]
    preview: TableOut | None


@expose(
    router,
    "GET",
    "/registers",
    name="registers.list",
    scope="registers.read",
    summary="岗位可以查阅的名录",
    responses={200: RegistersOut},
)
def list_registers(request: HttpRequest) -> Any:
    actor = caller(request).actor
    return {
        "registers": [
            {
                "code": one.code,
                "name": one.name,
                "intro": one.intro,
                "commands": {
                    command.code: command.label
                    for command in one.commands
                    if register_commands.may_run(command, actor)
                },
            }
            for one in declared().values()
            if one.may_read(actor)
        ]
    }


def register_of(who: Caller, code: str) -> Register:
    register = registers.found_or_refused(code)
    registers.refuse_without_duty(register, who.actor)
    return register


@expose(
    router,
    "GET",
    "/registers/{code}",
    name="registers.rows",
    scope="registers.read",
    summary="列表",
    parameters=("Cursor", "Limit", "WithTotals", "FiscalYear"),
    query=None,
    responses={200: RegisterListing},
)
def rows(request: HttpRequest, code: str) -> HttpResponse:
    who = caller(request)
    one = register_of(who, code)
    query = _query(request, one, who)
    with transaction.atomic():
        scope.apply(who.actor)
        page = registers.page(query)
        count = registers.count(query) if request.GET.get("totals") == "1" else None
        found = [_row(one, record) for record in page.rows]
    said = {"rows": found, "next": page.next or None, "previous": page.previous or None}
    return JsonResponse({**said, "count": count})


def _query(request: HttpRequest, one: Register, who: Caller) -> registers.Query:
    names = register_shapes.filter_names(one)
    bodies.refuse_unknown_parameters(request.GET, [*names, *_PLAIN])
    sort = request.GET.get("sort", "")
    if sort and sort.removeprefix("-") not in registers.sorts(one):
        raise errors.SHAPE.refuse("sort", item="sort", reason="不是可以排序的列")
    limit = request.GET.get("limit", "50")
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:9]) <= registers.SIZE_MAX):
        raise errors.SHAPE.refuse("limit", item="limit", reason="应为 1 至 200 的整数")
    return registers.Query(
        register=one,
        actor=who.actor,
        filters={name: request.GET.getlist(name) for name in names if name in request.GET},
        text=request.GET.get("q", "")[:100],
        sort=sort,
        cursor=request.GET.get("cursor", "")[:1000],
        size=int(limit),
    )


def _row(one: Register, record: Any) -> dict[str, Any]:
    return {
        "key": key_of(one, record),
        "title": one.title(record),
        "facts": {name: plain(fact.value(record)) for name, fact in facts(one).items()},
    }


@expose(
    router,
    "GET",
    "/registers/{code}/{key}",
    name="registers.record",
    scope="registers.read",
    summary="一条记录",
    parameters=("FiscalYear",),
    responses={200: RegisterRecord},
)
def one_record(request: HttpRequest, code: str, key: str) -> HttpResponse:
    who = caller(request)
    one = register_of(who, code)
    with transaction.atomic():
        scope.apply(who.actor)
        record = registers.one(one, who.actor, key)
        found = [fact for part in sections(one).values() for fact in part]
        allowed = [*one.allowed(who.actor, target="one", record=record)]
        said = {
            "key": key_of(one, record),
            "title": one.title(record),
            "facts": {fact.name: plain(fact.value(record)) for fact in found},
            "tables": {p.code: plain(p.table(who.actor, record, who.now)) for p in one.panels},
            "commands": [command.code for command in allowed],
        }
    return JsonResponse(said)


@expose(
    router,
    "POST",
    "/registers/{code}/commands/{command}",
    name="registers.run",
    scope="registers.act",
    summary="办理",
    parameters=("FiscalYear", "IdempotencyKey"),
    body="RunIn",
    responses={200: RunOut},
)
def run(request: HttpRequest, code: str, command: str) -> HttpResponse:
    who = caller(request)
    one = registers.found_or_refused(code)
    verb = register_commands.found_or_refused(one, command)
    body = bodies.read(request, RunIn)
    attempt = Attempt(
        register=one,
        command=verb,
        actor=who.actor,
        now=who.now,
        keys=body.keys[:1] if verb.target == "one" else body.keys,
        given=_given(verb, body.values),
        key=idempotency_key(request),
    )
    if body.preview:
        seen = register_commands.preview(attempt)
        return JsonResponse(_answer(message="预览，没有写入") | {"preview": plain(seen.table)})
    done = register_commands.run(attempt)
    said = _answer(message=done.message) | {
        "to": done.to,
        "secret": done.secret,
        "data": plain(done.data),
        "findings": problems.findings([one.as_dict() for one in done.findings]),
    }
    return JsonResponse(said)


def _answer(*, message: str) -> dict[str, Any]:
    return {
        "message": message,
        "to": "",
        "secret": "",
        "data": {},
        "findings": [],
        "preview": None,
    }


def _given(command: Command, values: Mapping[str, Any]) -> dict[str, Any]:
    """Files come as name and content in Base64; everything else as it is."""
    found = dict(values)
    for one in command.inputs:
        said = found.get(one.name)
        if one.entry != "file" or said is None:
            continue
        try:
            content = base64.b64decode(said["content"], validate=True)
            found[one.name] = Upload(str(said["name"])[:200], content)
        except (KeyError, TypeError, ValueError):  # binascii.Error among them
            reason = "应为 name 与 Base64 的 content"
            raise errors.SHAPE.refuse(one.name, item=one.name, reason=reason) from None
    return found
