"""人员的编排 planning people: staff in every role, and the accounts shown to visitors."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from shucai.site.demo.data import Facts
from shucai.site.demo.units import UnitPlan

FIRST_DAY: Final = date(2025, 1, 1)
TREASURY, BUDGET_OFFICE, FINANCE = "111", "02", "111001"

# fmt: off
POSITIONS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "unit_clerk":         ("单位经办",       ("payment.preparer",)),
    "unit_reviewer":      ("单位审核",       ("payment.reviewer",)),
    "unit_leader":        ("单位负责人",     ("payment.leader", "identity.applicant",
                                            "identity.reviewer")),
    "center_clerk":       ("核算中心经办",   ("payment.preparer",)),
    "center_reviewer":    ("核算中心审核",   ("payment.reviewer",)),
    "center_leader":      ("核算中心负责人", ("payment.leader",)),
    "treasurer":          ("国库支付",       ("payment.treasurer",)),
    "allotment_clerk":    ("指标经办",       ("allotment.preparer",)),
    "allotment_reviewer": ("指标审核",       ("allotment.reviewer",)),
    "allotment_issuer":   ("指标下达",       ("allotment.issuer",)),
    "data_keeper":        ("基础数据管理",   ("masterdata.keeper",)),
    "content_editor":     ("内容编辑",       ("content.editor",)),
    "content_reviewer":   ("内容审核",       ("content.reviewer",)),
    "operations":         ("运行维护",       ()),
    "system_admin":       ("系统管理员",     ("identity.system_admin",)),
    "security_admin":     ("安全保密管理员", ("identity.security_admin",)),
    "auditor":            ("安全审计员",     ("identity.auditor",)),
}
# Roles of each finance bureau: user name (with the prefix of the district), position.
FINANCE_STAFF: Final = (
    ("zhibiao",  "allotment_clerk"),
    ("zbshenhe", "allotment_reviewer"),
    ("zbxiada",  "allotment_issuer"),
    ("zhifu",    "treasurer"),
    ("hesuan",   "center_clerk"),
    ("hsshenhe", "center_reviewer"),
    ("hsfuze",   "center_leader"),
)
CITY_STAFF: Final = (
    ("jichu",  "data_keeper"),
    ("bianji", "content_editor"),
    ("neishen", "content_reviewer"),
    ("yunwei", "operations"),
    ("xitong", "system_admin"),
    ("anquan", "security_admin"),
    ("shenji", "auditor"),
)
HEAD: Final = "fuze"
OFFICE_STAFF: Final = (("zb_jkw", "06"), ("zb_shbz", "07"))
PREFIXES: Final = {"440604000": "cc_", "440605000": "nh_", "440606000": "sd_",
                   "440607000": "ss_", "440608000": "gm_"}
# What `demo_accounts` shows, one of each role first.
SHOWN: Final = ("jingban", "shenhe", "fuze", "zhifu", "zhibiao", "zbshenhe", "zbxiada", "zb_jkw",
                "hesuan", "hsshenhe", "hsfuze", "jichu", "bianji", "neishen", "yunwei",
                "xitong", "anquan", "shenji",
                "cc_jingban", "cc_shenhe", "cc_zhifu")
# fmt: on


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """One person in one position. `office` narrows the scope to a business office."""

    username: str
    name: str
    position: str
    scope: str
    division: str
    unit: UnitPlan
    office: str = ""


def prefix(facts: Facts, division: str) -> str:
    """What the user names of a finance bureau begin with; nothing for the city level."""
    return "" if division == facts.city.division else PREFIXES[division]


WORDS: Final = {"jb": "jingban", "sh": "shenhe", "fz": "fuze"}


def clerk_of(facts: Facts, unit: UnitPlan, shown: Sequence[UnitPlan], *, role: str = "jb") -> str:
    """The user name of the unit's clerk (`jb`), reviewer (`sh`) or leader (`fz`)."""
    if unit in shown:
        return prefix(facts, unit.division) + WORDS[role]
    return f"{role}.{unit.division[:6]}.{unit.code}"


def plan(facts: Facts, units: Sequence[UnitPlan], *, shown: Sequence[UnitPlan]) -> list[PersonPlan]:
    """Clerk and reviewer of every unit, the finance bureaus, the officers.

    `shown` are the units, one a division at most, whose people visitors sign in as; they have a
    head who asks for users and reviews rights.
    """
    return [*_finance(facts, units), *_units(facts, units, shown)]


def second_places(people: Sequence[PersonPlan], units: Sequence[UnitPlan]) -> list[PersonPlan]:
    """The clerk visitors sign in as also serves a second unit, so that positions can be switched.

    A unit of the same department if there is one, else one of the same division.
    """
    clerk = next(person for person in people if person.username == SHOWN[0])
    near = [
        unit
        for unit in units
        if unit.division == clerk.division and not unit.is_department and unit != clerk.unit
    ]
    near.sort(key=lambda unit: (unit.parent != clerk.unit.parent, unit.path))
    return [replace(clerk, scope=unit.path, unit=unit) for unit in near[:1]]


def _finance(facts: Facts, units: Sequence[UnitPlan]) -> Iterator[PersonPlan]:
    for division in (d["code"] for d in facts.divisions):
        bureau = next(
            (u for u in units if u.division == division and u.code == FINANCE),
            next(u for u in units if u.division == division and not u.is_department),
        )
        scope = f"{facts.city.root}/{division[:6]}"
        for word, position in FINANCE_STAFF:
            username = prefix(facts, division) + word
            yield _person(facts, username, position, scope, bureau)
        if division != facts.city.division:
            yield _person(facts, f"{prefix(facts, division)}jichu", "data_keeper", scope, bureau)
        else:
            for word, office in OFFICE_STAFF:
                yield _person(facts, word, "allotment_clerk", scope, bureau, office=office)
            for word, position in CITY_STAFF:
                yield _person(facts, word, position, facts.city.root, bureau)


def _units(
    facts: Facts, units: Sequence[UnitPlan], shown: Sequence[UnitPlan]
) -> Iterator[PersonPlan]:
    for unit in units:
        if not unit.is_department:
            roles = [("jb", "unit_clerk"), ("sh", "unit_reviewer")]
            if unit in shown:  # the leader of the accounting centre decides for the others
                roles.append(("fz", "unit_leader"))
            for role, position in roles:
                username = clerk_of(facts, unit, shown, role=role)
                yield _person(facts, username, position, unit.path, unit)


def _person(
    facts: Facts, username: str, position: str, scope: str, unit: UnitPlan, *, office: str = ""
) -> PersonPlan:
    return PersonPlan(
        username=username,
        name=_name(facts, username),
        position=position,
        scope=scope,
        division=unit.division,
        unit=unit,
        office=office,
    )


def _name(facts: Facts, username: str) -> str:
    dice = facts.dice("person", username)
    given = dice.choice(("given_men", "given_women"))
    return str(dice.choice(facts.people["surnames"]) + dice.choice(facts.people[given]))
