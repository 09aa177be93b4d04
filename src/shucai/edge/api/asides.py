"""旁办接口 asides: hand over, add a signer, hang, resume; and drafts taken over from documents."""

from typing import Literal

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router, Schema
from pydantic import Field, StrictInt, StrictStr

from shucai.edge.api import bodies, present, schemas
from shucai.edge.api.access import caller
from shucai.edge.api.documents import address_of, kind_of, refusal
from shucai.edge.api.endpoints import expose
from shucai.kernel.document import sideways, succession
from shucai.kernel.document.action import DOCUMENTS_MAX

router = Router(tags=["单据"])
Verb = Literal["hand_over", "add_signer", "hang", "resume"]
TAKEN_MAX = 200


class AsideIn(schemas.Given):
    """转办、加签、挂起、解除挂起。"""

    numbers: list[StrictStr] = Field(min_length=1, max_length=DOCUMENTS_MAX, title="单号")
    opinion: StrictStr = Field(max_length=schemas.REASON_MAX, title="理由")
    to_user: StrictInt | None = Field(default=None, ge=1, title="转办或加签的对象（用户编号）")


class TakeIn(schemas.Given):
    """由来源单据生成草稿。"""

    source: StrictStr = Field(max_length=60, title="来源单据类型")
    numbers: list[StrictStr] = Field(min_length=1, max_length=TAKEN_MAX, title="来源单号")


class TakenOut(Schema):
    addresses: list[str]


@expose(
    router,
    "POST",
    "/documents/{type}/aside/{verb}",
    name="documents.aside",
    scope="documents.act",
    summary="旁办（转办、加签、挂起、解除挂起）",
    parameters=("FiscalYear",),
    body="AsideIn",
    responses={200: schemas.Outcome},
)
def aside(request: HttpRequest, type: str, verb: Verb) -> HttpResponse:
    kind, who = kind_of(request, type), caller(request)
    said = bodies.read(request, AsideIn)
    outcome = sideways.run(
        sideways.Sideways(
            type=kind,
            numbers=list(dict.fromkeys(address_of(number, who) for number in said.numbers)),
            name=verb,
            actor=who.actor,
            now=who.now,
            opinion=said.opinion,
            to_user=said.to_user,
        )
    )
    if len(outcome.results) == 1 and not outcome.ok:
        return refusal(request, outcome)
    return JsonResponse(present.outcome(kind, outcome, is_preview=False))


@expose(
    router,
    "POST",
    "/documents/{type}/take",
    name="documents.take",
    scope="documents.write",
    summary="由来源单据生成草稿",
    parameters=("FiscalYear",),
    body="TakeIn",
    responses={201: TakenOut},
)
def take(request: HttpRequest, type: str) -> HttpResponse:
    kind, who = kind_of(request, type), caller(request)
    said = bodies.read(request, TakeIn)
    kind_of(request, said.source)
    headers = succession.take(
        succession.Take(
            type=kind,
            source=said.source,
            numbers=list(dict.fromkeys(address_of(number, who) for number in said.numbers)),
            actor=who.actor,
            now=who.now,
            today=who.today,
        )
    )
    return JsonResponse({"addresses": [header.address for header in headers]}, status=201)
