"""提问声明 question declarations: inputs in, an explained verdict out; nothing is ever written.

“May these stand together?”, “why may X not do Y?”: the page, its address with the inputs in it
and the API follow from the declaration.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, cast

from shucai.kernel import registry
from shucai.kernel.identity.actor import Actor
from shucai.kernel.pages.register import Call, Input, Table

Verdict = Literal["good", "warn", "bad", "plain"]
ENTRIES: Final = (
    "text", "integer", "money", "date", "flag", "choice", "choices", "unit", "value", "user",
    "formula",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The verdict in one sentence, and the reasons: heading → rows, in reading order.

    `data` is the machine form of the verdict for the API, besides the tables.
    """

    verdict: str
    look: Verdict = "plain"
    tables: Mapping[str, Table] = field(default_factory=dict)
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, kw_only=True)
class Question:
    """Something people ask again and again. `answer` reads and refuses; it changes nothing.

    `readers` are the duties that may ask. Inputs are those of commands, without files and secrets.
    """

    code: str
    name: str
    inputs: Sequence[Input]
    answer: Callable[[Call], Answer]
    readers: Sequence[str]
    covers: Sequence[str] = ()
    icon: str = "help-circle"
    intro: str = ""

    def __post_init__(self) -> None:
        registry.declare("question", self.code, self, where=registry.caller())

    def may_ask(self, actor: Actor) -> bool:
        return any(actor.can(duty) for duty in self.readers)


def questions() -> dict[str, Question]:
    """Every declared question, by code."""
    return cast(dict[str, Question], registry.all("question"))


def find_question(code: str) -> Question | None:
    return cast(Question | None, registry.find("question", code))


def _inspect() -> None:
    for code, one in questions().items():
        for asked in one.inputs:
            if asked.entry not in ENTRIES:
                registry.report(
                    kind="question",
                    code=code,
                    message=f"输入 {asked.name} 的种类 {asked.entry} 不能用于提问",
                    fix=f"改用 {'、'.join(ENTRIES)}",
                )
        for duty in one.readers:
            if registry.find("duty", duty) is None:
                registry.report(
                    kind="question", code=code, message=f"职责 {duty} 未声明", fix="改正 readers"
                )


registry.inspect_with(_inspect)
