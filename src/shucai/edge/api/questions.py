"""提问接口 questions: what the token's position may ask, and the explained verdicts."""

from typing import Any, Final

from django.db import transaction
from django.http import HttpRequest
from ninja import Router, Schema

from shucai.base.errors import Refused
from shucai.edge.api import errors
from shucai.edge.api.access import caller
from shucai.edge.api.bodies import refuse_unknown_parameters
from shucai.edge.api.endpoints import expose
from shucai.edge.api.present import plain
from shucai.kernel.identity import scope
from shucai.kernel.pages import asked
from shucai.kernel.pages.access import duty_names
from shucai.kernel.pages.question import Question, find_question, questions
from shucai.kernel.pages.register import Call, Input, Table

router = Router(tags=["提问"])


class AskedOut(Schema):
    name: str
    label: str
    entry: str
    is_required: bool
    help: str
    value_set: str


class QuestionOut(Schema):
    code: str
    name: str
    intro: str
    inputs: list[AskedOut]


class QuestionsOut(Schema):
    questions: list[QuestionOut]


class ReasonsOut(Schema):
    name: str
    heads: list[str]
    rows: list[list[str]]
    note: str


class AnswerOut(Schema):
    question: str
    verdict: str
    look: str
    tables: list[ReasonsOut]
    data: dict[str, Any]


@expose(
    router, "GET", "/questions", name="questions.list", scope="questions.ask",
    summary="岗位可以提的问题", responses={200: QuestionsOut},
)  # fmt: skip
def list_questions(request: HttpRequest) -> Any:
    actor = caller(request).actor
    return {"questions": [_question(one) for one in questions().values() if one.may_ask(actor)]}


def _question(one: Question) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": one.name,
        "intro": one.intro,
        "inputs": [_input(asked_for) for asked_for in one.inputs],
    }


def _input(one: Input) -> dict[str, Any]:
    return {
        "name": one.name,
        "label": one.label,
        "entry": one.entry,
        "is_required": one.is_required,
        "help": one.help,
        "value_set": one.of if one.entry == "value" else "",
    }


@expose(
    router, "GET", "/questions/{question}", name="questions.ask", scope="questions.ask",
    summary="提问", query=None, parameters=("FiscalYear",), responses={200: AnswerOut},
)  # fmt: skip
def ask(request: HttpRequest, question: str) -> Any:
    who = caller(request)
    declared = find_question(question)
    if declared is None:
        raise errors.QUESTION_NOT_FOUND.refuse(code=question[:60])
    if not declared.may_ask(who.actor):
        raise errors.QUESTION_FORBIDDEN.refuse(
            name=declared.name,
            duty=duty_names(declared.readers),
            position=who.actor.position_name,
        )
    refuse_unknown_parameters(request.GET, [one.name for one in declared.inputs])
    given = {name: request.GET.getlist(name) for name in request.GET}
    with transaction.atomic():
        scope.apply(who.actor)
        values, findings = asked.read(declared.inputs, given, actor=who.actor)
        if findings:
            raise Refused(findings)
        call = Call(actor=who.actor, record=None, records=(), values=values, now=who.now)
        found = declared.answer(call)
    return {
        "question": declared.code,
        "verdict": found.verdict,
        "look": found.look,
        "tables": [_table(name, table) for name, table in found.tables.items()],
        "data": {name: plain(value) for name, value in found.data.items()},
    }


def _table(name: str, table: Table) -> dict[str, Any]:
    return {
        "name": name,
        "heads": list(table.heads),
        "rows": [[str(plain(cell) if cell is not None else "") for cell in r] for r in table.rows],
        "note": table.note,
    }


_SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "integer": {"type": "integer"},
    "date": {"type": "string", "format": "date"},
    "flag": {"type": "string", "enum": ["0", "1"]},
    "choices": {"type": "array", "items": {"type": "string"}},
}


def parameters(declared: Question) -> list[dict[str, Any]]:
    """The query parameters of one question, for the description."""
    return [
        {
            "name": one.name,
            "in": "query",
            "required": one.is_required,
            "description": f"{one.label}。{one.help}" if one.help else one.label,
            "schema": _SCHEMAS.get(one.entry, {"type": "string", "maxLength": one.limit}),
        }
        for one in declared.inputs
    ]
