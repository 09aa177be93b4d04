"""职责 duties: function rights by code, and which of them one person may not hold together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from shucai.kernel import registry


@dataclass(frozen=True, slots=True)
class Duty:
    """A function right. Incompatibility holds both ways, however it was declared."""

    code: str
    name: str
    domain: str
    incompatible: frozenset[str]


def duty(*, code: str, name: str, domain: str, incompatible: Sequence[str] = ()) -> Duty:
    """Declares a duty; the codes it excludes are checked when the process starts."""
    declared = Duty(code=code, name=name, domain=domain, incompatible=frozenset(incompatible))
    where = registry.caller()
    registry.declare("duty", code, declared, where=where)
    if code in declared.incompatible:
        registry.report(
            kind="duty",
            code=code,
            message="职责与自身不相容",
            fix="从 incompatible 中去掉自身",
            where=where,
        )
    return declared


SYSTEM_ADMIN: Final = "identity.system_admin"
SECURITY_ADMIN: Final = "identity.security_admin"
AUDITOR: Final = "identity.auditor"
OFFICERS: Final = (SYSTEM_ADMIN, SECURITY_ADMIN, AUDITOR)

duty(code=SYSTEM_ADMIN, name="系统管理员", domain="identity")
duty(code=SECURITY_ADMIN, name="安全保密管理员", domain="identity", incompatible=[SYSTEM_ADMIN])
duty(
    code=AUDITOR,
    name="安全审计员",
    domain="identity",
    incompatible=[SYSTEM_ADMIN, SECURITY_ADMIN],
)

APPLICANT: Final = "identity.applicant"
REVIEWER: Final = "identity.reviewer"
duty(code=APPLICANT, name="用户申请", domain="identity")
duty(code=REVIEWER, name="权限复核", domain="identity")


def find(code: str) -> Duty | None:
    found: Duty | None = registry.find("duty", code)
    return found


def every() -> list[tuple[str, str]]:
    """All declared duties with their names, by code."""
    return [(code, one.name) for code, one in sorted(registry.all("duty").items())]


def name_of(code: str) -> str:
    known = find(code)
    return known.name if known else code


Pairs = frozenset[tuple[str, str]]
NONE: Final[Pairs] = frozenset()


def excluded(left: str, right: str, pairs: Pairs = NONE) -> bool:
    """The two may not be held by one person: declared on either side, or an officer with more.

    An officer of the three (三员) holds no business duty beside his office. `pairs` are those
    agreed on besides, each in code order.
    """
    if (min(left, right), max(left, right)) in pairs:
        return True
    one, other = find(left), find(right)
    if (one and right in one.incompatible) or (other and left in other.incompatible):
        return True
    return (left in OFFICERS) != (right in OFFICERS)


def conflicts(codes: Iterable[str], pairs: Pairs = NONE) -> list[tuple[str, str]]:
    """Every pair of the duties that exclude each other, in code order."""
    return [pair for pair in combinations(sorted(set(codes)), 2) if excluded(*pair, pairs)]


def check_all() -> None:
    """Reports duties that exclude a duty nobody declared."""
    for code, declared in registry.all("duty").items():
        for other in sorted(declared.incompatible):
            if registry.find("duty", other) is None:
                registry.report(
                    kind="duty",
                    code=code,
                    message=f"不相容职责 {other} 未声明",
                    fix="改为已声明的职责代码",
                )
