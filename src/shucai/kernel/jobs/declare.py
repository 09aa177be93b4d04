"""任务声明 job declarations: what runs in the background, by the clock, or after a message.

A job may run again from its start after a crash, so it must be idempotent: it looks at what is
already done, or guards a step with `work.once`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, cast

from croniter import croniter  # type: ignore[import-untyped]  # publishes no types

from shucai.kernel import registry

if TYPE_CHECKING:
    from shucai.kernel.jobs.work import Work

ATTEMPTS: Final = 3

Function = Callable[["Work"], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Task:
    """A job. `every` is a cron text in local time; `alert` the duty told when it can't be done.

    Runs with the same `lock` follow one another.
    """

    code: str
    name: str
    function: Function
    every: str = ""
    attempts: int = ATTEMPTS
    alert: str = ""
    lock: str = ""
    doc: str = ""

    def __call__(self, work: "Work") -> Mapping[str, Any] | None:
        return self.function(work)


def task(
    *,
    code: str,
    name: str,
    every: str = "",
    attempts: int = ATTEMPTS,
    alert: str = "",
    lock: str = "",
) -> Callable[[Function], Task]:
    """Declares the function as the job `code`."""

    def wrap(function: Function) -> Task:
        declared = Task(
            code=code,
            name=name,
            function=function,
            every=every,
            attempts=attempts,
            alert=alert,
            lock=lock,
            doc=(function.__doc__ or "").strip(),
        )
        registry.declare("job", code, declared, where=registry.caller())
        if every and not croniter.is_valid(every):
            registry.report(
                kind="job",
                code=code,
                message=f"定时 {every!r} 无效",
                fix="写成五段的 cron 格式，例如 10 2 * * *（每天 02:10）",
            )
        if attempts < 1:
            registry.report(kind="job", code=code, message="attempts 小于 1", fix="至少执行 1 次")
        return declared

    return wrap


def find_task(code: str) -> Task | None:
    return cast(Task | None, registry.find("job", code))


def tasks() -> dict[str, Task]:
    return cast(dict[str, Task], registry.all("job"))


@dataclass(frozen=True, slots=True)
class Message:
    """What a transaction wanted others to know. `id` is the same on every delivery."""

    id: int
    topic: str
    key: str
    payload: Mapping[str, Any]
    created_at: datetime


Handle = Callable[[Sequence[Message], datetime], None]
Topics = Callable[[], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Consumer:
    """Takes the messages of some topics, in order per key, at least once each."""

    code: str
    name: str
    topics: Topics
    handle: Handle


def on(
    *topics: str, consumer: str, name: str, those_of: Topics | None = None
) -> Callable[[Handle], Handle]:
    """Declares `handle(messages, now)` as a consumer of the topics.

    It gets a list, and is called again with single messages when a list fails. What it writes
    to the database commits together with the receipt; anything else it does must be keyed by
    the message id. `those_of` names topics that are known only when all is declared.
    """

    def wrap(handle: Handle) -> Handle:
        def named() -> Iterable[str]:
            return (*topics, *(those_of() if those_of else ()))

        declared = Consumer(code=consumer, name=name, topics=named, handle=handle)
        registry.declare("consumer", consumer, declared, where=registry.caller())
        return handle

    return wrap


def consumers() -> dict[str, Consumer]:
    return cast(dict[str, Consumer], registry.all("consumer"))
