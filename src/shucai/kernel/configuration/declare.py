"""配置声明 configuration declarations: a kind of content that is edited, published and rolled back.

A release is a full, immutable content under a place: kind × key × division × year. Nothing
configured takes effect but by a release; editing and publishing are acts of two persons.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from shucai.base.errors import Finding
from shucai.kernel import registry
from shucai.kernel.configuration import fields
from shucai.kernel.configuration.fields import Field

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """What a content is for. An empty `division` is every division, year 0 is every year."""

    kind: str
    key: str
    division: str = ""
    fiscal_year: int = 0


def _nothing(place: Place) -> Content:
    return {}


def _no_findings(place: Place, content: Content) -> Sequence[Finding]:
    return ()


def _no_warnings(place: Place, content: Content, *, on: date) -> Sequence[Finding]:
    return ()


def _no_fields(place: Place) -> Sequence[Field]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of configuration. `content` is plain JSON data, whole at every release.

    `keys` lists what can be configured, key → name. `standard` is the content while nothing was
    published: what the declarations say. `check` finds every fault before a release can be
    proposed and again before it is published; `warn` tells what stands in nobody's way but should
    be known that day. `lines` spells the content out, path → text, for
    reading and for comparing two releases; without it the fields or the bare data do.

    `fields` gives the generic editor its form. A kind with an editor of its own names its address
    in `editor_page`, with `{key}`, `{division}` and `{fiscal_year}` (escaped) as placeholders;
    with `shows_releases` it also shows one, by `&release=` and its number. `preview_page` is the
    address, with the same placeholders, that draws what is typed in the generic editor: it is
    posted the whole form and changes nothing.
    """

    code: str
    name: str
    keys: Callable[[], Mapping[str, str]]
    lines: Callable[[Content], Mapping[str, str]] | None = None
    fields: Callable[[Place], Sequence[Field]] = _no_fields
    editor_page: str = ""
    shows_releases: bool = False
    preview_page: str = ""
    standard: Callable[[Place], Content] = _nothing
    check: Callable[[Place, Content], Sequence[Finding]] = _no_findings
    warn: Callable[..., Sequence[Finding]] = _no_warnings
    by_division: bool = True
    by_year: bool = True
    editor: str = "identity.system_admin"
    publisher: str = "identity.security_admin"
    covers: Sequence[str] = ()
    icon: str = "settings"
    intro: str = ""
    position: int = 100

    def __post_init__(self) -> None:
        registry.declare("configuration", self.code, self, where=registry.caller())

    def faults(self, place: Place, content: Content) -> list[Finding]:
        """Every fault, of the schema first."""
        schema = self.fields(place)
        found = fields.check(schema, content) if schema else []
        return found or list(self.check(place, content))

    def spelled(self, place: Place, content: Content) -> dict[str, str]:
        """The content in words, path → text."""
        if self.lines is not None:
            return dict(self.lines(content))
        schema = self.fields(place)
        return fields.lines(schema, content) if schema else fields.flat(content)


def kinds() -> dict[str, Kind]:
    """Every declared kind, by code."""
    return cast(dict[str, Kind], registry.all("configuration"))


def find_kind(code: str) -> Kind | None:
    return cast(Kind | None, registry.find("configuration", code))


def check_all() -> None:
    """Reports kinds whose duties nobody declared, or whose editor is also the publisher."""
    for code, kind in kinds().items():
        unknown = [d for d in (kind.editor, kind.publisher) if registry.find("duty", d) is None]
        if unknown:
            registry.report(
                kind="configuration",
                code=code,
                message=f"职责 {'、'.join(unknown)} 未声明",
                fix="改为已声明的职责代码",
            )
        if kind.editor == kind.publisher:
            registry.report(
                kind="configuration",
                code=code,
                message="编辑与发布是同一职责",
                fix="发布改用另一职责",
            )
