"""策略模板 policy profiles: two rule books that disagree, each as a whole set of figures.

`djbh3` follows GB/T 22239-2019 level 3 (complexity, periodic change, two factors for officers);
`asvs5` follows OWASP ASVS 5.0 (no composition rules, no forced change, long or second factor).
A policy names its profile; every figure that differs from it is shown as a deviation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from shucai.kernel.identity.models import SecurityPolicy

DJBH3: Final = "djbh3"
ASVS5: Final = "asvs5"
_SAME: Final[Mapping[str, Any]] = {
    "failures": 5,
    "lock_minutes": 15,
    "idle_minutes": 30,
    "session_hours": 12,
    "sessions": 3,
    "excess": "newest",
    "token_days": 365,
    "proof_after": 3,
    "address_failures": 50,
    "address_minutes": 10,
}
PROFILES: Final[Mapping[str, Mapping[str, Any]]] = {
    DJBH3: {
        **_SAME,
        "profile": DJBH3,
        "password_length": 10,
        "password_single": 10,
        "password_classes": 3,
        "password_history": 5,
        "password_days": 90,
        "two_factors": "officers",
    },
    ASVS5: {
        **_SAME,
        "profile": ASVS5,
        "password_length": 8,
        "password_single": 15,
        "password_classes": 1,
        "password_history": 0,
        "password_days": 0,
        "two_factors": "all",
    },
}
BASIS: Final[Mapping[str, str]] = {
    DJBH3: "GB/T 22239-2019 8.1.4.1 身份鉴别：复杂度、定期更换、失败处理、两种以上鉴别",
    ASVS5: "OWASP ASVS 5.0 6.2.1、6.2.4、6.2.5、6.2.10、6.3.3：重长度与双因素，不设种类与更换",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the policy beside what the profiles say."""

    name: str
    label: str
    value: str
    wanted: Mapping[str, str]
    deviates: bool


def figures(policy: SecurityPolicy) -> list[Figure]:
    """Every figure, in the order of the profiles, with what each profile would have."""
    chosen = PROFILES[policy.profile]
    return [
        Figure(
            name=name,
            label=label_of(name),
            value=spelled(name, getattr(policy, name)),
            wanted={code: spelled(name, PROFILES[code][name]) for code in PROFILES},
            deviates=getattr(policy, name) != chosen[name],
        )
        for name in chosen
        if name != "profile"
    ]


def deviations(policy: SecurityPolicy) -> list[Figure]:
    """Where the policy differs from the profile it names."""
    return [one for one in figures(policy) if one.deviates]


def label_of(name: str) -> str:
    return str(SecurityPolicy._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def spelled(name: str, value: Any) -> str:
    """A figure in words for people; zero means that the rule is off."""
    choices = dict(SecurityPolicy._meta.get_field(name).choices or ())  # type: ignore[union-attr]
    if value in choices:
        return str(choices[value])
    if value == 0 and name in ("password_days", "password_history"):
        return "不要求"
    if value == 1 and name == "password_classes":
        return "不要求"
    return str(value)
