"""配置声明 configuration declarations: a kind of content that is edited, published and rolled back.

A release is a full, immutable content under a place: kind × key × division × year. Nothing
configured takes effect but by a release; editing and publishing are acts of two persons.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from shucai.base.errors import Finding
from shucai.kernel import registry

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of configuration. `content` is plain JSON data, whole at every release.

    `keys` lists what can be configured, key → name. `standard` is the content while nothing was
    published: what the declarations say. `check` finds every fault before a release can be
    proposed and again before it is published. `lines` spells the content out, path → text, for
    reading and for comparing two releases.
    """

    code: str
    name: str
    keys: Callable[[], Mapping[str, str]]
    lines: Callable[[Content], Mapping[str, str]]
    standard: Callable[[Place], Content] = _nothing
    check: Callable[[Place, Content], Sequence[Finding]] = _no_findings
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


def kinds() -> dict[str, Kind]:
    """Every declared kind, by code."""
    return cast(dict[str, Kind], registry.all("configuration"))


def find_kind(code: str) -> Kind | None:
    return cast(Kind | None, registry.find("configuration", code))
