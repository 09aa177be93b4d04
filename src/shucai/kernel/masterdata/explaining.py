"""能否同用 explaining: may these elements stand together, and which rows decide that?

Every value, level, relation and value rule is looked at, whether or not an earlier one already
says no; each check names what decided and what would be allowed instead. Nothing is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from shucai.kernel.masterdata import levels, relations, value_rules, values

Verdict = Literal["pass", "fail", "note"]
NAMED_MAX: Final = 8


@dataclass(frozen=True, slots=True)
class Case:
    """What is asked: codes by value set, where and when, and for which document type."""

    elements: Mapping[str, str]
    fiscal_year: int
    on: date
    division: str = ""
    document_type: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. `decided_by` are the rows that decided, `instead` what is allowed."""

    kind: str
    subject: str
    verdict: Verdict
    why: str
    decided_by: str = ""
    instead: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """All checks, in the order in which they were made."""

    checks: tuple[Check, ...]

    @property
    def is_allowed(self) -> bool:
        return all(check.verdict != "fail" for check in self.checks)

    @property
    def failed(self) -> list[Check]:
        return [check for check in self.checks if check.verdict == "fail"]


def judge(case: Case) -> Judgement:
    """Every check of the year that these elements meet."""
    checks = [_value(case, value_set, code) for value_set, code in case.elements.items() if code]
    checks += _missing(case)
    for code in relations.codes(case.fiscal_year):
        found = _relation(case, code)
        if found is not None:
            checks.append(found)
    checks += _rules(case)
    return Judgement(tuple(checks))


def _value(case: Case, value_set: str, code: str) -> Check:
    known = values.catalogue(value_set, case.fiscal_year)
    demand = levels.demand_of_set(
        case.document_type, value_set, case.fiscal_year, division=case.division
    )
    least = demand.min_level if demand else None
    finding = known.usable(code, on=case.on, division=case.division, min_level=least)
    entry = known.find(code, division=case.division)
    where = entry.full_name if entry else ""
    rule = f"单据要求至少到第 {least} 级" if least is not None else "须为启用的末级"
    if finding is None:
        told = f"{entry.label if entry else code}可以使用"
        return Check("编码", f"{known.name} {code}", "pass", told, f"{where}（{rule}）")
    return Check(
        "编码",
        f"{known.name} {code}",
        "fail",
        finding.why,
        f"{where or '无此编码'}（{rule}）",
        _usable_near(case, known, code),
        finding.code,
    )


def _usable_near(case: Case, known: values.Catalogue, code: str) -> str:
    """Usable values below the code, else beside it, else those that begin like it."""
    entry = known.find(code, division=case.division)
    near: Sequence[values.Entry] = known.children(code, division=case.division)
    if not near and entry is not None:
        near = known.children(entry.parent_code, division=case.division)
    if not near:
        near = values.search(
            known.value_set, case.fiscal_year, code[:3], division=case.division, limit=NAMED_MAX * 3
        )
    usable = [e for e in near if known.usable(e.code, on=case.on, division=case.division) is None]
    return _named([entry.label for entry in usable])


def _named(labels: Sequence[str]) -> str:
    more = f"等 {len(labels)} 项" if len(labels) > NAMED_MAX else ""
    return "、".join(labels[:NAMED_MAX]) + more


def _missing(case: Case) -> list[Check]:
    if not case.document_type:
        return []
    found = levels.demands(case.document_type, case.fiscal_year, division=case.division)
    return [
        Check(
            "要素级次",
            one.label,
            "fail",
            f"该单据类型要求填写{one.label}，现为空",
            f"{one.owner}的要素级次设置",
            "请补充该要素",
        )
        for one in found
        if one.required and not case.elements.get(one.value_set)
    ]


def _relation(case: Case, code: str) -> Check | None:
    known = relations.relation(code, case.fiscal_year)
    left, right = case.elements.get(known.left_set), case.elements.get(known.right_set)
    if not left or not right:
        return None
    year, division = case.fiscal_year, case.division
    lefts, rights = values.catalogue(known.left_set, year), values.catalogue(known.right_set, year)
    subject = f"{lefts.name} {left} 与{rights.name} {right}"
    finding = relations.allowed(code, year, left, right, division=division)
    pairs = relations.deciding(code, year, left, right, division=division)
    decided = _named([f"{a}—{b}" for a, b in pairs])
    if finding is None:
        return Check("要素关联", subject, "pass", "有对应关系", decided)
    instead = relations.partners(code, year, left=left, division=division)
    return Check(
        "要素关联",
        subject,
        "fail",
        finding.why,
        decided or "没有该编码的关联",
        _named([entry.label for entry in instead]),
        finding.code,
    )


def _rules(case: Case) -> list[Check]:
    found = []
    faults = dict(value_rules.faults(case.elements, case.fiscal_year, division=case.division))
    for one in value_rules.tried(case.elements, case.fiscal_year, division=case.division):
        if not one.decides:
            continue
        rule = one.rule
        known = values.catalogue(rule.value_set, case.fiscal_year)
        entry = known.find(rule.value, division=case.division)
        wanted = entry.label if entry else rule.value
        given = case.elements.get(rule.value_set, "")
        fault = faults.get(rule.value_set)
        subject, decided = f"{known.name}：{rule.name}", f"{rule.code} {rule.condition}"
        if fault is not None:
            found.append(Check("定值规则", subject, "fail", fault.why, decided, wanted, fault.code))
        elif given:
            told = f"规则给出 {wanted}，现为 {given}"
            same = rule.is_forced or given.startswith(rule.value)
            found.append(Check("定值规则", subject, "pass" if same else "note", told, decided))
        else:
            found.append(Check("定值规则", subject, "note", f"规则给出 {wanted}", decided, wanted))
    return found
