"""名录办理 commands of registers: the form, its preview, the run and what came of it.

Nothing a person typed is lost: with script only the findings and the preview are exchanged, the
form stays as it is; without script the page comes back with what was sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from secrets import token_hex
from typing import Any, Final

from django.http import HttpResponse, QueryDict

from shucai.base.errors import Finding, Refused
from shucai.edge.web import answers, bare, clock, errors, frame
from shucai.edge.web.endpoints import COMMAND, endpoint, scoped
from shucai.edge.web.register import asked, entry, table
from shucai.edge.web.request import WebRequest, is_fragment
from shucai.edge.web.views.registers import register_of
from shucai.kernel.document import choosing
from shucai.kernel.identity.models import User
from shucai.kernel.masterdata import values
from shucai.kernel.pages import errors as page_errors
from shucai.kernel.pages import register_commands, registers
from shucai.kernel.pages.register import MANY_MAX, Command, Done, Register, Table
from shucai.kernel.pages.register_commands import Attempt
from shucai.kernel.pages.register_facts import address_of, spelled

METHODS: Final = ("GET", "POST")
NAMED_MAX: Final = 8


@dataclass(frozen=True, slots=True)
class Turn:
    """One step of the conversation about a command, with what is known so far."""

    attempt: Attempt
    base: str  # the address of the form
    back: str
    records: Sequence[Any] = ()
    said: Mapping[str, Any] | None = None
    findings: Sequence[Finding] = ()
    preview: Table | None = None
    seen: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def command(self) -> Command:
        return self.attempt.command

    @property
    def register(self) -> Register:
        return self.attempt.register


@endpoint("r/<str:code>/-/<str:command>", name="register-act", access=COMMAND, methods=METHODS)
def act(request: WebRequest, code: str, command: str) -> HttpResponse:
    """A command on no record, or on those picked in the list."""
    register = register_of(code)
    verb = register_commands.found_or_refused(register, command)
    query = request.POST.get("query", "") or request.GET.get("query", "")
    wanted = asked.read(register, QueryDict(query[:4000].lstrip("?")))
    keys: list[str] = []
    extra = {"query": query}
    if verb.target == "many":
        keys, extra = _picked(request, wanted, extra)
    elif verb.target == "one":
        raise page_errors.NOTHING_PICKED.refuse(register=register.name, label=verb.label)
    attempt = _attempt(request, register, verb, keys)
    base = f"/r/{code}/-/{command}"
    return _answer(request, Turn(attempt, base, wanted.link(), extra=extra))


@endpoint(
    "r/<str:code>/<str:key>/-/<str:command>",
    name="register-act-one",
    access=COMMAND,
    methods=METHODS,
)
def act_on_one(request: WebRequest, code: str, key: str, command: str) -> HttpResponse:
    register = register_of(code)
    verb = register_commands.found_or_refused(register, command)
    attempt = _attempt(request, register, verb, [key])
    with scoped(request.actor):
        back = address_of(register, registers.one(register, request.actor, key))
    return _answer(request, Turn(attempt, f"{back}/-/{command}", back))


def _attempt(
    request: WebRequest, register: Register, command: Command, keys: Sequence[str]
) -> Attempt:
    given = entry.typed(command, request.POST, request.FILES) if request.method == "POST" else {}
    return Attempt(
        register=register,
        command=command,
        actor=request.actor,
        now=clock.now(),
        keys=keys,
        given=given,
        key=request.POST.get("key", "")[:64],
    )


def _picked(
    request: WebRequest, wanted: asked.Asked, extra: dict[str, str]
) -> tuple[list[str], dict[str, str]]:
    """The records ticked, or all that match the list as it stands."""
    said = request.POST if request.method == "POST" else request.GET
    if said.get("all") == "1":
        with scoped(request.actor):
            found = registers.keys(wanted.query(request.actor), limit=MANY_MAX + 1)
        return found, {**extra, "all": "1"}
    return list(dict.fromkeys(said.getlist("pick")))[: MANY_MAX + 1], extra


def _answer(request: WebRequest, turn: Turn) -> HttpResponse:
    """Shows the form, previews, or runs."""
    with scoped(request.actor):
        records = register_commands.aimed(turn.attempt).records
    turn = _with(turn, records=records)
    if request.method != "POST" or "ask" in request.POST:
        return _form(request, turn)
    turn = _with(turn, said=turn.attempt.given)
    try:
        if "preview" in request.POST or turn.command.preview is not None:
            seen = register_commands.preview(turn.attempt)
            shown = _with(turn, preview=seen.table, seen=seen.digest)
            if "go" not in request.POST or request.POST.get("seen", "") != seen.digest:
                return _told(request, shown)
        if turn.command.is_grave and request.POST.get("sure") != "1":
            raise errors.NOT_SURE.refuse("sure", label=turn.command.label)
        done = register_commands.run(turn.attempt)
    except Refused as refused:
        return _told(request, _with(turn, findings=refused.findings), refused=True)
    return _finished(request, turn, done)


def _with(turn: Turn, **changes: Any) -> Turn:
    said = {name: getattr(turn, name) for name in Turn.__dataclass_fields__}
    return Turn(**{**said, **changes})


def _context(request: WebRequest, turn: Turn) -> dict[str, Any]:
    findings = [one.as_dict() for one in turn.findings]
    command, register = turn.command, turn.register
    record = turn.records[0] if command.target == "one" else None
    with scoped(request.actor):
        fields = entry.fields(
            command,
            actor=request.actor,
            record=record,
            base=turn.base,
            said=turn.said,
            findings=findings,
        )
        names = [register.title(one) for one in turn.records[:NAMED_MAX]]
    return {
        "title": f"{register.name}：{command.label}",
        "tab": "",
        "register": register,
        "command": command,
        "fields": fields,
        "names": names,
        "count": len(turn.records),
        "picks": turn.attempt.keys if command.target == "many" and "all" not in turn.extra else (),
        "extra": turn.extra,
        "base": turn.base,
        "back": turn.back,
        "key": turn.attempt.key or token_hex(12),
        "findings": findings,
        "preview": turn.preview,
        "rows": table.plain_rows(turn.preview) if turn.preview is not None else "",
        "seen": turn.seen,
        "sure": request.POST.get("sure", ""),
        "in_dialog": is_fragment(request),
        "is_wide": len(fields) > 5 or command.preview is not None or any(f.is_wide for f in fields),
    }


def _form(request: WebRequest, turn: Turn, *, status: int = 200) -> HttpResponse:
    context = _context(request, turn)
    if is_fragment(request):
        return bare.page(request, "web/register/_command.html", context, status=status)
    return frame.page(request, "web/register/command.html", context, status=status)


def _told(request: WebRequest, turn: Turn, *, refused: bool = False) -> HttpResponse:
    """Findings or the preview: into the form that stands, or with the whole page."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    if is_fragment(request):
        context = _context(request, turn)
        return bare.page(request, "web/register/_told.html", context, status=status)
    return _form(request, turn, status=status)


def _finished(request: WebRequest, turn: Turn, done: Done) -> HttpResponse:
    """Onward with a toast; what is to be read first is shown first, and only now."""
    onward = done.to or turn.back
    if not (done.secret or done.findings or done.data):
        frame.flash(request, done.message)
        return answers.to(request, onward)
    tables = {name: one for name, one in done.data.items() if isinstance(one, Table)}
    context = {
        "title": f"{turn.register.name}：{turn.command.label}",
        "tab": "",
        "command": turn.command,
        "done": done,
        "facts": {
            name: spelled(one) for name, one in done.data.items() if not isinstance(one, Table)
        },
        "tables": [(name, one, table.plain_rows(one)) for name, one in tables.items()],
        "findings": [one.as_dict() for one in done.findings],
        "onward": onward,
        "in_dialog": is_fragment(request),
    }
    if is_fragment(request):
        answer = bare.page(request, "web/register/_done.html", context)
        answer["HX-Retarget"], answer["HX-Reswap"] = "#rc-box", "innerHTML"
        return answer
    return frame.page(request, "web/register/done.html", context)


@endpoint("r/<str:code>/-/<str:command>/~/pick/<str:name>", name="register-pick", access=COMMAND)
def pick(request: WebRequest, code: str, command: str, name: str) -> HttpResponse:
    """What may be put into an input: units and values as trees, people by name."""
    return _choices(request, code, command, name)


@endpoint(
    "r/<str:code>/<str:key>/-/<str:command>/~/pick/<str:name>",
    name="register-pick-one",
    access=COMMAND,
)
def pick_for_one(request: WebRequest, code: str, key: str, command: str, name: str) -> HttpResponse:
    return _choices(request, code, command, name)


def _choices(request: WebRequest, code: str, command: str, name: str) -> HttpResponse:
    verb = register_commands.found_or_refused(register_of(code), command)
    known = next((one for one in verb.inputs if one.name == name), None)
    if known is None or known.entry not in ("unit", "value", "user"):
        raise errors.NOT_THERE.refuse(what=name, position=request.actor.position_name)
    text = request.GET.get("q", "").strip()[:60]
    parent = request.GET.get("parent", "")[:40]
    if known.entry == "unit":
        question = choosing.Question(actor=request.actor, on=clock.today(), q=text, parent=parent)
        found = choosing.units(question)
    elif known.entry == "value":
        found = _value_choices(request, known.of, text, parent)
    else:
        found = _people(text)
    level = request.GET.get("level", "1")
    context = {
        "choices": found,
        "level": int(level) if level.isdigit() and len(level) < 3 else 1,
        "q": text,
        "is_full": len(found) >= choosing.SHOWN_MAX,
        "limit": choosing.SHOWN_MAX,
        "is_account": known.entry == "user",
        "is_free": False,
    }
    return bare.page(request, "form/_choices.html", context)


def _value_choices(
    request: WebRequest, value_set: str, text: str, parent: str
) -> list[choosing.Choice]:
    year, division = request.actor.fiscal_year, request.actor.division
    shown = choosing.SHOWN_MAX
    if text:
        entries = values.search(value_set, year, text, division=division, limit=shown)
        return [choosing.Choice(one.code, one.name) for one in entries]
    catalogue = values.catalogue(value_set, year)
    return [
        choosing.Choice(one.code, one.name, is_branch=not catalogue.is_leaf(one, division=division))
        for one in catalogue.children(parent, division=division)[:shown]
        if one.is_enabled
    ]


def _people(text: str) -> list[choosing.Choice]:
    rows = User.objects.filter(is_active=True)
    if text:
        rows = (
            rows.filter(name__contains=text)
            | rows.filter(username__startswith=text.lower())
            | rows.filter(pinyin__startswith=text.lower())
        )
    found = rows.order_by("username")[: choosing.SHOWN_MAX]
    return [choosing.Choice(one.username, one.name) for one in found]
