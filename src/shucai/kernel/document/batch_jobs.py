"""后台批量办理 batches in the background: more documents than one request should move.

A batch in which each document stands alone goes in parts, each a transaction with a key of its
own: a run that is repeated after a crash or a stop gets the first answers and does the rest.
All-or-none is one transaction, and so is a trial.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from django.db import transaction

from shucai.kernel.document import errors, pipeline
from shucai.kernel.document.action import Action, DocumentResult, Outcome
from shucai.kernel.document.models import Request
from shucai.kernel.jobs import queue
from shucai.kernel.jobs.declare import task
from shucai.kernel.jobs.models import JobRun
from shucai.kernel.jobs.work import Work

CODE: Final = "document.batch"
AT_ONCE: Final = 200  # what a screen moves while the person waits
PART: Final = 500
TOLD_MAX: Final = 300  # results kept of an answer that is not kept by its key


def start(action: Action) -> JobRun:
    """Queues the action for all its documents; a used key gives back its run.

    Raises Refused for what is not understood, and for a key used for another request.
    """
    kind = pipeline.kind_of(action)
    key = f"batch:{action.actor.user_id}:{action.key}" if action.key else ""
    said = {
        "type": action.type,
        "numbers": list(action.numbers),
        "action": action.name,
        "versions": dict(action.versions),
        "opinion": action.opinion,
        "mode": action.mode,
        "today": str(action.today),
        "preview": action.preview,
        "digest": action.digest,
    }
    with transaction.atomic():
        run = queue.start(code=CODE, actor=action.actor, now=action.now, args=said, key=key)
        if run.args["digest"] != action.digest:
            raise errors.KEY_REUSED.refuse(key=action.key)
        move = kind.move(action.name)
        label = f"{move.label if move else action.name}{'试算' if action.preview else ''}"
        JobRun.objects.filter(pk=run.pk).update(
            name=f"批量{label}{kind.name}"[:80], total=len(action.numbers)
        )
    run.refresh_from_db()
    return run


@task(code=CODE, name="批量办理")
def move_documents(work: Work) -> Mapping[str, Any]:
    """Moves the documents in `args`, and tells how many went and how many did not."""
    total = len(work.args["numbers"])
    done = refused = 0
    last = Outcome(results=())
    work.progress(0, total, "正在办理")
    for part in _parts(work):
        last = pipeline.run(part)
        done, refused = done + last.done, refused + len(last.results) - last.done
        work.progress(done + refused, total, told(done, refused, is_trial=part.preview))
    result = {"passed": done, "refused": refused}
    if work.args["preview"] or (work.args["mode"] == "atomic" and not last.ok):
        return {**result, "outcome": _shortened(last).as_dict()}  # rolled back, so not kept by key
    return result


def told(done: int, refused: int, *, is_trial: bool = False) -> str:
    label = "可办理" if is_trial else "已办理"
    return f"{label} {done:,} 笔，未通过 {refused:,} 笔"


def _parts(work: Work) -> Iterator[Action]:
    args = work.args
    numbers: Sequence[str] = args["numbers"]
    action = Action(
        type=str(args["type"]),
        numbers=numbers,
        name=str(args["action"]),
        actor=work.actor,
        now=work.now,
        today=date.fromisoformat(str(args["today"])),
        opinion=str(args["opinion"]),
        mode=args["mode"],
        versions=args["versions"],
        preview=bool(args["preview"]),
    )
    if action.preview or action.mode == "atomic":
        yield replace(action, key="" if action.preview else _key(work.run_id, 0))
        return
    for place, begin in enumerate(range(0, len(numbers), PART)):
        part = numbers[begin : begin + PART]
        yield replace(action, numbers=part, now=work.clock(), key=_key(work.run_id, place))


def _key(run_id: int, place: int) -> str:
    return f"run:{run_id}:{place:05}"


def _shortened(outcome: Outcome) -> Outcome:
    """Refused ones first."""
    order = sorted(outcome.results, key=lambda result: result.ok)
    return Outcome(results=tuple(order[:TOLD_MAX]), balances=outcome.balances)


def outcome(run: JobRun) -> Outcome:
    """What has been answered so far, refused ones first; at most TOLD_MAX of a trial.

    The caller has found the run by `queue.find`, which refuses strangers.
    """
    if "outcome" in run.result:
        return replace(Outcome.from_dict(run.result["outcome"]), replayed=False)
    kept = Request.objects.filter(
        key__gte=_key(run.pk, 0), key__lte=_key(run.pk, 99_999), actor_id=run.started_by or 0
    ).order_by("key")
    results: list[DocumentResult] = []
    for said in kept.values_list("outcome", flat=True):
        if said:
            results += Outcome.from_dict(said).results
    return Outcome(results=tuple(sorted(results, key=lambda result: result.ok)))
