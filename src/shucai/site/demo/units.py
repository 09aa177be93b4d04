"""单位的编排 planning units: departments of the city level and its districts, and what is below.

A department is a node of the tree; its own office is its unit 001; schools, hospitals and
centres follow. Only units (level 2) hold money.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from shucai.site.demo.data import Facts

DEPARTMENT_SHARE: Final = 0.42
UNITS_MAX: Final = 2_500
# Codes of the value set unit_kind.
ADMINISTRATION, INSTITUTION, HOSPITAL = "1", "3", "4"


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """A department (`parent` empty) or a unit that holds money.

    `group` is "office" for a department's own office, else the kind of institution.
    """

    division: str
    code: str
    name: str
    path: str
    parent: str
    kind: str
    office: str
    group: str
    department: str
    staff: int = 0
    main: str = ""
    second: str = ""
    project: str = ""
    fund_project: str = ""

    @property
    def is_department(self) -> bool:
        return not self.parent

    @property
    def is_administration(self) -> bool:
        return self.kind == ADMINISTRATION


def plan(facts: Facts, *, units: int) -> list[UnitPlan]:
    """Departments and exactly `units` units, in order of division and code."""
    found: list[UnitPlan] = []
    shares = _shares([d["share"] for d in facts.divisions], units)
    for division, size in zip(facts.divisions, shares, strict=True):
        found += _division(facts, division, size)
    return found


def _shares(weights: list[int], total: int) -> list[int]:
    """`total` in whole parts by weight, the largest remainders first; at least one each."""
    exact = [total * weight / sum(weights) for weight in weights]
    parts = [max(1, int(part)) for part in exact]
    order = sorted(range(len(weights)), key=lambda i: (int(exact[i]) - exact[i], i))
    for i in order[: max(0, total - sum(parts))]:
        parts[i] += 1
    return parts


def _division(facts: Facts, division: Mapping[str, Any], size: int) -> Iterator[UnitPlan]:
    code = division["code"]
    is_city = code == facts.city.division
    full_name = facts.city.name + ("" if is_city else division["name"])
    departments = facts.departments[: max(1, min(size, round(size * DEPARTMENT_SHARE)))]
    chosen = _institutions(facts, code, departments, size - len(departments))
    for department in departments:
        path = f"{facts.city.root}/{code[:6]}/{department['code']}"
        pattern = department.get("full") or (
            "中共{district}{name}" if department.get("party") else "{district}{name}"
        )
        name = pattern.format(district=full_name, name=department["name"])
        shared = {"division": code, "office": department["office"], "department": name}
        yield UnitPlan(
            code=department["code"], name=name, path=path, parent="",
            kind=ADMINISTRATION, group="department", **shared,
        )  # fmt: skip
        yield _own_office(department, name, path, is_city=is_city, shared=shared)
        below = chosen.get(department["code"], [])
        for number, (group, unit_name) in enumerate(below, start=2):
            kind = facts.kinds[group]
            unit = f"{department['code']}{number:03}"
            low, high = kind["staff"]
            yield UnitPlan(
                code=unit,
                name=unit_name,
                path=f"{path}/{unit}",
                parent=department["code"],
                kind=HOSPITAL if group in ("hospital", "tcm") else INSTITUTION,
                group=group,
                staff=facts.dice("staff", code, unit).randint(low, high),
                main=kind["function"],
                second=kind["function"],
                **shared,
            )


def _own_office(
    department: Mapping[str, Any], name: str, path: str, *, is_city: bool, shared: dict[str, Any]
) -> UnitPlan:
    unit = department["code"] + "001"
    return UnitPlan(
        code=unit,
        name=f"{name}（本级）",
        path=f"{path}/{unit}",
        parent=department["code"],
        kind=ADMINISTRATION,
        group="office",
        staff=department["staff"] if is_city else max(10, department["staff"] * 11 // 20),
        main=department["class"] + "01",
        second=department["class"] + "02",
        project=department.get("project", ""),
        fund_project=department.get("fund_project", ""),
        **shared,
    )


def _institutions(
    facts: Facts, division: str, departments: Any, wanted: int
) -> dict[str, list[tuple[str, str]]]:
    """By department: groups and names, kinds taking turns by weight until there are enough."""
    homes = {kind: d["code"] for d in departments for kind in d.get("children", ())}
    order = list(homes)
    names = {kind: list(_names(facts, division, kind)) for kind in order}
    credit = dict.fromkeys(order, 0)
    taken: list[tuple[str, str]] = []
    while len(taken) < wanted:
        open_kinds = [kind for kind in order if names[kind]]
        if not open_kinds:
            taken += _numbered(facts, division, wanted - len(taken))
            break
        for kind in open_kinds:
            credit[kind] += facts.kinds[kind]["weight"]
        best = max(open_kinds, key=lambda kind: (credit[kind], -order.index(kind)))
        credit[best] -= sum(facts.kinds[kind]["weight"] for kind in open_kinds)
        taken.append((best, names[best].pop(0)))
    found: dict[str, list[tuple[str, str]]] = {}
    for kind, name in sorted(taken, key=lambda pair: order.index(pair[0]) if order else 0):
        found.setdefault(homes.get(kind, departments[0]["code"]), []).append((kind, name))
    return found


def _names(facts: Facts, division: str, kind: str) -> Iterator[str]:
    said = facts.kinds[kind]
    if division == facts.city.division:
        yield from said["city"]
        return
    district = _district(facts, division)
    for name in said.get("names", ()):
        yield name.format(district=district)
    for pattern in said.get("towns", ()):
        for town in facts.towns(division):
            yield pattern.format(town=district + town)


def _numbered(facts: Facts, division: str, wanted: int) -> list[tuple[str, str]]:
    """More primary schools, when a very large city has used up every other name."""
    towns = [""] if division == facts.city.division else facts.towns(division)
    district = _district(facts, division)
    found: list[tuple[str, str]] = []
    for number in count(6):
        for town in towns:
            if len(found) == wanted:
                return found
            found.append(("primary", f"{district}{town}第{_chinese(number)}小学"))
    return found


def _district(facts: Facts, division: str) -> str:
    if division == facts.city.division:
        return facts.city.name
    return facts.city.name + next(str(d["name"]) for d in facts.divisions if d["code"] == division)


def _chinese(number: int) -> str:
    """一 to 九百九十九."""
    digits = "零一二三四五六七八九"
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{digits[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else digits[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (digits[ones] if ones else "")
