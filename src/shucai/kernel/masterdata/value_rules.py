"""定值规则 value rules: where a condition over the elements holds, another element has a value.

Rules are data by year. Those of the division come before the general ones; the first that holds
for a value set decides. A forced rule refuses another value, any other rule only proposes one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from shucai.base import formula
from shucai.base.errors import Finding, Refused
from shucai.kernel import audit
from shucai.kernel.identity.actor import Actor
from shucai.kernel.masterdata import cache, errors, keeping, values
from shucai.kernel.masterdata.models import ValueRule, ValueSet

RULES_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class Known:
    """A rule as the cache keeps it."""

    pk: int
    code: str
    name: str
    division: str
    condition: str
    value_set: str
    value: str
    is_forced: bool
    basis: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a rule: held, and decided its value set, for these elements."""

    rule: Known
    holds: bool
    decides: bool


def known(fiscal_year: int, *, division: str = "") -> list[Known]:
    """The enabled rules of the year in the order in which they are tried."""
    found: list[Known] = cache.kept(("value_rules", "", fiscal_year), lambda: _load(fiscal_year))
    own = [rule for rule in found if rule.division == division] if division else []
    return own + [rule for rule in found if not rule.division]


def _load(fiscal_year: int) -> list[Known]:
    rows = ValueRule.objects.filter(fiscal_year=fiscal_year, is_enabled=True)
    return [
        Known(
            pk=row.pk,
            code=row.code,
            name=row.name,
            division=row.division,
            condition=row.condition,
            value_set=row.value_set,
            value=row.value,
            is_forced=row.is_forced,
            basis=row.basis,
        )
        for row in rows.order_by("position", "code")[:RULES_MAX]
    ]


def tried(elements: Mapping[str, str], fiscal_year: int, *, division: str = "") -> list[Tried]:
    """Every rule with what became of it. `elements` are codes by value set."""
    facts = facts_of(elements)
    decided: set[str] = set()
    found = []
    for rule in known(fiscal_year, division=division):
        holds = formula.holds(rule.condition, facts)
        found.append(Tried(rule, holds, holds and rule.value_set not in decided))
        if holds:
            decided.add(rule.value_set)
    return found


def derived(elements: Mapping[str, str], fiscal_year: int, *, division: str = "") -> dict[str, str]:
    """The values the rules give, by value set; what is there already is not looked at."""
    found = tried(elements, fiscal_year, division=division)
    return {one.rule.value_set: one.rule.value for one in found if one.decides}


def faults(
    elements: Mapping[str, str], fiscal_year: int, *, division: str = ""
) -> list[tuple[str, Finding]]:
    """Value set and finding, for every element that differs from what a forced rule gives it."""
    if not known(fiscal_year, division=division):
        return []
    found = []
    for one in tried(elements, fiscal_year, division=division):
        rule, code = one.rule, elements.get(one.rule.value_set, "")
        if one.decides and rule.is_forced and code and not _is_below(code, rule, fiscal_year):
            found.append((rule.value_set, _differs(rule, code, fiscal_year)))
    return found


def _is_below(code: str, rule: Known, fiscal_year: int) -> bool:
    """The value itself, or one further down its branch."""
    catalogue = values.catalogue(rule.value_set, fiscal_year)
    return code == rule.value or any(
        entry.code == rule.value for entry in catalogue.chain(code, division=rule.division)
    )


def _differs(rule: Known, code: str, fiscal_year: int) -> Finding:
    catalogue = values.catalogue(rule.value_set, fiscal_year)
    wanted = catalogue.find(rule.value, division=rule.division)
    return errors.RULE_VALUE.at(
        set=catalogue.name,
        code=code,
        rule=rule.name,
        number=rule.code,
        wanted=wanted.label if wanted else rule.value,
    )


def facts_of(elements: Mapping[str, str]) -> dict[str, Any]:
    """Codes under the names of their value sets and under the codes of the sets."""
    facts: dict[str, Any] = {}
    for code, name in _sets().items():
        facts[name] = facts[code] = elements.get(code) or None
    return facts


def names() -> list[str]:
    """What a condition may name."""
    return [*_sets().values(), *_sets()]


def _sets() -> dict[str, str]:
    return cache.kept(
        ("set_names", "", 0), lambda: dict(ValueSet.objects.values_list("code", "name")[:500])
    )


@audit.refusals("masterdata.put_value_rule", "masterdata.value_rule")
def put(
    *,
    actor: Actor,
    fiscal_year: int,
    division: str,
    code: str,
    facts: Mapping[str, Any],
    now: datetime,
) -> ValueRule:
    """A new rule, or other content for an existing one.

    `facts`: name, condition, value_set, value, is_forced, position, basis.
    """
    keeping.demand_owner(actor, "维护定值规则", division=division, set_name="定值规则")
    code = code.strip()
    said = _sound(code, facts, fiscal_year, division)
    with transaction.atomic():
        place = {"fiscal_year": fiscal_year, "division": division, "code": code}
        held = ValueRule.objects.select_for_update(no_key=True).filter(**place).first()
        before = _content(held) if held else {}
        rule = held or ValueRule(**place)
        for name, value in said.items():
            setattr(rule, name, value)
        rule.is_enabled = True
        rule.save()
        _note(actor, now, "put_value_rule", rule, {"old": before, "new": _content(rule)})
    cache.forget()
    return rule


_CONTENT: Final = (
    "name",
    "condition",
    "value_set",
    "value",
    "is_forced",
    "position",
    "basis",
)


def _content(rule: ValueRule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in _CONTENT}


def _sound(code: str, facts: Mapping[str, Any], fiscal_year: int, division: str) -> dict[str, Any]:
    """The content, once every part of it can be used; all faults at once."""
    said = {"is_forced": True, "position": 100, "basis": "", **facts}
    name, condition = str(said.get("name", "")).strip(), str(said.get("condition", "")).strip()
    findings: list[Finding] = []
    if not 1 <= len(code) <= 40:
        reason = f"共 {len(code)} 个字，应为 1 至 40 个字"
        findings.append(errors.BAD_TEXT.at("code", label="规则编号", reason=reason))
    if not 1 <= len(name) <= 80:
        reason = f"共 {len(name)} 个字，应为 1 至 80 个字"
        findings.append(errors.BAD_TEXT.at("name", label="规则名称", reason=reason))
    if not 1 <= len(condition) <= 500:
        reason = f"共 {len(condition)} 个字，应为 1 至 500 个字"
        findings.append(errors.BAD_TEXT.at("condition", label="条件", reason=reason))
    else:
        findings += formula.check(condition, names())
    value_set, value = str(said.get("value_set", "")), str(said.get("value", ""))
    catalogue = values.catalogue(value_set, fiscal_year)
    entry = catalogue.find(value, division=division)
    if entry is None:
        findings.append(
            errors.UNKNOWN_VALUE.at("value", set=catalogue.name, code=value, year=fiscal_year)
        )
    elif not entry.is_enabled:
        findings.append(
            errors.STOPPED_VALUE.at(
                "value", set=catalogue.name, code=value, name=entry.name, year=fiscal_year
            )
        )
    if findings:
        raise Refused(findings)
    return {
        "name": name,
        "condition": formula.canonical(condition),
        "value_set": value_set,
        "value": value,
        "is_forced": bool(said["is_forced"]),
        "position": int(said["position"] or 100),
        "basis": str(said["basis"] or "")[:200],
    }


@audit.refusals("masterdata.switch_value_rule", "masterdata.value_rule")
def switch(*, actor: Actor, rules: Sequence[int], to: bool, now: datetime) -> int:
    """Rules are stopped or used again; returns how many changed."""
    found = list(ValueRule.objects.filter(pk__in=list(rules)).order_by("pk")[:RULES_MAX])
    for rule in found:
        keeping.demand_owner(actor, "维护定值规则", division=rule.division, set_name="定值规则")
    changed = [rule for rule in found if rule.is_enabled != to]
    with transaction.atomic():
        for rule in changed:
            rule.is_enabled = to
            rule.save(update_fields=["is_enabled"])
            action = "restart_value_rule" if to else "stop_value_rule"
            _note(actor, now, action, rule, {"name": rule.name})
    cache.forget()
    return len(changed)


def _note(
    actor: Actor, now: datetime, action: str, rule: ValueRule, detail: dict[str, Any]
) -> None:
    keeping.note(
        actor=actor,
        now=now,
        action=action,
        target=("value_rule", f"{rule.fiscal_year}/{rule.division or '*'}/{rule.code}"),
        detail=detail,
    )
