"""A kind of configuration that only tests know, and the two persons who work on it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from shucai.base.errors import Finding, Problem
from shucai.kernel import registry
from shucai.kernel.configuration import drafts, releases
from shucai.kernel.configuration.declare import Content, Kind, Place, find_kind
from shucai.kernel.configuration.fields import Field
from shucai.kernel.configuration.models import Release
from tests.people import NOW, Staff

CODE = "greeting"
BAD_WORD = Problem(code="TST-9901", what="配置有误", why="问候语含有“{word}”", fix="请改用别的词")
FIELDS = [
    Field(name="text", label="问候语", required=True, size=20),
    Field(name="times", label="次数", kind="integer", low=1, high=9, unit="次"),
    Field(name="loud", label="大声", kind="flag"),
    Field(name="tone", label="语气", kind="choice", options=lambda: [("warm", "热情")]),
    Field(
        name="guests",
        label="客人",
        kind="rows",
        columns=[Field(name="name", label="姓名", required=True)],
    ),
]


def _standard(place: Place) -> Content:
    return {"text": "您好", "times": 1}


def _faults(place: Place, content: Content) -> Sequence[Finding]:
    return [BAD_WORD.at("text", word="坏")] if "坏" in content.get("text", "") else []


@contextmanager
def declared() -> Iterator[Kind]:
    """The kind, known for a while."""
    kind = find_kind(CODE) or Kind(
        code=CODE,
        name="问候语",
        keys=lambda: {"hall": "大厅", "door": "门口"},
        fields=lambda place: FIELDS,
        standard=_standard,
        check=_faults,
    )
    yield kind
    registry.forget("configuration", [CODE])


def place(key: str = "hall", division: str = "", year: int = 0) -> Place:
    return Place(CODE, key, division, year)


def save(staff: Staff, text: str, at: Place | None = None, **facts: Any) -> Mapping[str, Any]:
    where = at or place()
    draft = drafts.find(where)
    content = {"text": text, **facts}
    version = draft.version if draft else 0
    drafts.save(actor=staff.system, place=where, content=content, version=version, now=NOW)
    return content


def proposed(staff: Staff, text: str, at: Place | None = None) -> Release:
    where = at or place()
    save(staff, text, where)
    draft = drafts.find(where)
    assert draft is not None
    return releases.propose(
        actor=staff.system, place=where, note="改问候语", version=draft.version, now=NOW
    )


def published(
    staff: Staff, text: str, at: Place | None = None, paths: Sequence[str] = ()
) -> Release:
    release = proposed(staff, text, at)
    return releases.publish(
        actor=staff.security, release_id=release.pk, paths=paths, opinion="同意", now=NOW
    )
