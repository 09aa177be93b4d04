"""提问页 questions: inputs in the address, the verdict with its reasons below it."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse

from shucai.base.errors import Finding, Refused
from shucai.edge.web import bare, clock, frame
from shucai.edge.web.endpoints import PAGE, endpoint
from shucai.edge.web.errors import NOT_THERE
from shucai.edge.web.request import WebRequest, is_fragment
from shucai.kernel.pages import asked
from shucai.kernel.pages.question import Answer, Question, find_question
from shucai.kernel.pages.register import Call, Input


@dataclass(frozen=True, slots=True)
class Control:
    """An input as the form shows it; `suggest` is where typed text finds its options."""

    input: Input
    said: tuple[str, ...]
    options: tuple[tuple[str, str], ...]
    suggest: str
    fault: str

    @property
    def one(self) -> str:
        return self.said[0] if self.said else ""


@endpoint("q/<str:code>", name="question", access=PAGE)
def question(request: WebRequest, code: str) -> HttpResponse:
    declared = find_question(code)
    if declared is None:
        raise NOT_THERE.refuse(what=f"提问 {code}", position=request.actor.position_name)
    given = {name: request.GET.getlist(name) for name in request.GET}
    needs = any(one.is_required for one in declared.inputs)  # else the bare page answers
    is_asked = not needs or any(text.strip() for said in given.values() for text in said)
    values, findings = asked.read(declared.inputs, given, actor=request.actor)
    found: Answer | None = None
    if is_asked and not findings:
        found, findings = _answered(request, declared, values)
    context = {
        "title": declared.name,
        "question": declared,
        "controls": [
            _control(request, one, given, findings if is_asked else []) for one in declared.inputs
        ],
        "found": found,
        "findings": [one.as_dict() for one in findings] if is_asked else [],
        "base": f"/q/{code}",
    }
    if is_fragment(request):
        return bare.page(request, "web/question/_answer.html", context)
    return frame.page(request, "web/question/page.html", context)


def _answered(
    request: WebRequest, declared: Question, values: dict[str, Any]
) -> tuple[Answer | None, list[Finding]]:
    call = Call(actor=request.actor, record=None, records=(), values=values, now=clock.now())
    try:
        return declared.answer(call), []
    except Refused as refused:
        return None, list(refused.findings)


def _control(
    request: WebRequest, one: Input, given: dict[str, list[str]], findings: list[Finding]
) -> Control:
    initial = one.initial(request.actor) if callable(one.initial) else one.initial
    is_open = one.name not in given and not (given and one.entry == "flag")
    said = given.get(one.name) or ([str(initial)] if is_open and initial is not None else [])
    suggest = {"unit": "/find/units", "value": f"/find/values/{one.of}"}.get(one.entry, "")
    return Control(
        input=one,
        said=tuple(text[:200] for text in said),
        options=tuple(one.options(request.actor, None)) if one.options else (),
        suggest=suggest,
        fault=next((f.why for f in findings if f.place == one.name), ""),
    )
