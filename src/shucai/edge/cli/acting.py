"""办理 do: one move for a list of documents, the same call as page and API make."""

from argparse import Namespace

from shucai.edge import clock
from shucai.edge.cli import errors, output, registers, who
from shucai.kernel.document import errors as document_errors
from shucai.kernel.document import pipeline, sideways
from shucai.kernel.document.action import Action, Outcome
from shucai.kernel.document.declare import DocumentType, find_type
from shucai.kernel.identity.actor import Actor
from shucai.kernel.pages.register import find_register

SHOWN_MAX = 200


def kind_of(code: str) -> DocumentType:
    kind = find_type(code)
    if kind is None:
        raise document_errors.UNKNOWN_TYPE.refuse(type=code)
    return kind


def do(given: Namespace) -> int:
    """`shucai do TYPE NUMBER… ACTION`: 0 when every document was done, 2 when any was refused."""
    if find_register(given.type) is not None:
        return registers.do(given)
    kind, now = kind_of(given.type), clock.now()
    if not given.numbers:
        raise errors.MISUSED.refuse(reason="没有写单号", command="shucai do")
    actor = who.actor(user=given.user, position=given.position, year=given.year, now=now)
    numbers = list(dict.fromkeys(given.numbers))
    if given.action in sideways.LABELS:
        outcome = sideways.run(
            sideways.Sideways(
                type=kind,
                numbers=numbers,
                name=given.action,
                actor=actor,
                now=now,
                opinion=given.opinion,
                to_user=given.to_user,
            )
        )
    else:
        outcome = pipeline.run(
            Action(
                type=kind.code,
                numbers=numbers,
                name=given.action,
                actor=actor,
                now=now,
                today=clock.day(now),
                opinion=given.opinion,
                mode="each" if given.each else "atomic",
                key=_key(actor, given.key),
                preview=given.preview,
            )
        )
    if given.json:
        output.say_json({**outcome.as_dict(), "preview": given.preview, "done": outcome.done})
    else:
        _tell(kind, outcome, preview=given.preview)
    return output.GOOD if outcome.ok else output.MISUSED


def _key(actor: Actor, key: str) -> str:
    return f"cli:{actor.user_id}:{key}"[:80] if key else ""


def _tell(kind: DocumentType, outcome: Outcome, *, preview: bool) -> None:
    for one in outcome.results[:SHOWN_MAX]:
        if one.ok:
            state = kind.state_label(one.state) if one.state else ""
            onward = f"，下一步：{one.next}" if one.next else ""
            output.say(f"{one.number} {state}{onward}")
        for finding in one.findings:
            (output.say if one.ok else output.complain)(finding["text"])
    if len(outcome.results) > SHOWN_MAX:
        output.say(f"…… 其余 {len(outcome.results) - SHOWN_MAX} 笔未列出，可用 --json 查看全部")
    for balance in outcome.balances:
        output.say(
            f"  {balance.number} {balance.name} 可用 {balance.available:,.2f} 元"
            f"（已下达 {balance.granted:,.2f}，冻结 {balance.held:,.2f}，"
            f"已用 {balance.spent:,.2f}）"
        )
    label = "试算" if preview else "重复请求，此前已办理" if outcome.replayed else "办理"
    output.say(f"{label} {outcome.done} 笔，未办理 {len(outcome.results) - outcome.done} 笔")
