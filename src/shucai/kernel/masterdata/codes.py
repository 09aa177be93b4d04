"""编码规则 code rules: length of each level, allowed characters, the next code, existing codes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Final

from django.db import transaction

from shucai.base.codes import lengths
from shucai.base.errors import Finding, Refused
from shucai.kernel import audit
from shucai.kernel.identity.actor import Actor
from shucai.kernel.masterdata import cache, errors, keeping, values
from shucai.kernel.masterdata.fields import CODE_MAX
from shucai.kernel.masterdata.models import CodeRule, Value, ValueSet

_ALPHABETS: Final = {"digits": "0123456789", "alphanumeric": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_NAMES: Final = {"digits": "数字", "alphanumeric": "数字和大写字母"}
EXAMPLES_MAX: Final = 5


@dataclass(frozen=True, slots=True)
class Rule:
    """Lengths that each level adds, and the characters allowed: for all levels or for each."""

    lengths: tuple[int, ...]
    charset: str = "digits"
    charsets: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        if len(set(self.charsets)) > 1:
            parts = [f"{n} 位{_NAMES[c]}" for n, c in zip(self.lengths, self.charsets, strict=True)]
            return "，".join(f"{at} 级 {part}" for at, part in enumerate(parts, start=1))
        return f"{'-'.join(map(str, self.lengths))} 位{_NAMES[self.charset_of(1)]}"

    def charset_of(self, level: int) -> str:
        return self.charsets[level - 1] if self.charsets else self.charset

    def wrong_letters(self, code: str) -> list[str]:
        """The characters that their level does not allow, in order, each once."""
        wrong, start = [], 0
        for level, end in enumerate(self.totals, start=1):
            allowed = _ALPHABETS[self.charset_of(level)]
            wrong += [ch for ch in code[start:end] if ch not in allowed]
            start = end
        last = _ALPHABETS[self.charset_of(len(self.lengths))]
        wrong += [ch for ch in code[start:] if ch not in last]
        return sorted(set(wrong))

    @property
    def totals(self) -> tuple[int, ...]:
        """Length of a whole code at each level."""
        return lengths(self.lengths)

    def level_of(self, code: str) -> int | None:
        """1 for the top; None for a length no level has."""
        return self.totals.index(len(code)) + 1 if len(code) in self.totals else None

    def parent_of(self, code: str) -> str:
        """The code without its last level; empty at the top and for a length no level has."""
        level = self.level_of(code)
        return code[: self.totals[level - 2]] if level and level > 1 else ""

    def fault(self, code: str, *, parent: str | None = None) -> str:
        """Why the code breaks the rule; empty when it keeps it."""
        wrong = self.wrong_letters(code)
        if wrong:
            return f"含有不允许的字符 {''.join(wrong)}"
        if self.level_of(code) is None:
            return f"共 {len(code)} 位，各级应为 {'、'.join(map(str, self.totals))} 位"
        if parent is not None and self.parent_of(code) != parent:
            return (
                f"按规则上级应为 {self.parent_of(code) or '（顶级）'}，现为 {parent or '（顶级）'}"
            )
        return ""

    def example(self, parent: str = "") -> str:
        level = (self.level_of(parent) or 0) + 1 if parent else 1
        length = self.lengths[min(level, len(self.lengths)) - 1]
        return parent + "1".rjust(length, "0")

    def next_after(self, taken: Iterable[str], *, parent: str) -> str | None:
        """The lowest free code above the highest one taken, else the lowest gap; None when full.

        Codes that end in 99 are left to “其他” and proposed last.
        """
        level = self.level_of(parent) if parent else 0
        if level is None or level >= len(self.lengths):
            return None
        length, alphabet = self.lengths[level], _ALPHABETS[self.charset_of(level + 1)]
        used = {_number(code[len(parent) :], alphabet) for code in taken if code.startswith(parent)}
        size = len(alphabet) ** length
        other = size - 1 if length > 1 else size
        highest = max((n for n in used if n < other), default=0)
        order = chain(range(highest + 1, other), range(1, highest), range(other, size))
        free = next((n for n in order if n not in used), None)
        return None if free is None else parent + _spelled(free, alphabet, length)


def _number(text: str, alphabet: str) -> int:
    value = 0
    for ch in text:
        value = value * len(alphabet) + max(alphabet.find(ch), 0)
    return value


def _spelled(number: int, alphabet: str, length: int) -> str:
    letters = []
    for _ in range(length):
        number, rest = divmod(number, len(alphabet))
        letters.append(alphabet[rest])
    return "".join(reversed(letters))


def rule_for(value_set: str, fiscal_year: int) -> Rule | None:
    """The rule of the set in that year; None where codes are free."""
    found = CodeRule.objects.filter(value_set__code=value_set, fiscal_year=fiscal_year).first()
    return made(found) if found else None


def made(stored: CodeRule) -> Rule:
    return Rule(tuple(stored.lengths), stored.charset, tuple(stored.charsets))


def parsed(lengths: str, charsets: str = "") -> Rule:
    """A rule as people write it: `3-2-2` and, for each level or once for all, `digits` …"""
    numbers = [int(part) for part in re.findall(r"\d{1,3}", lengths)]
    words = [w for w in re.split(r"[-,，、\s]+", charsets) if w] or ["digits"]
    wrong = [w for w in words if w not in _ALPHABETS] or len(words) not in (1, len(numbers))
    if wrong or not re.fullmatch(r"\s*\d{1,3}(\s*[-,，、]\s*\d{1,3})*\s*", lengths):
        raise _bad_lengths(lengths)
    return Rule(tuple(numbers), words[0], tuple(words) if len(words) > 1 else ())


def _bad_lengths(said: str) -> Refused:
    return errors.RULE_BAD.refuse("lengths", lengths=said or "（空）", limit=CODE_MAX)


def check_code(value_set: str, fiscal_year: int, code: str, *, parent: str = "") -> Finding | None:
    """None when the code keeps the rule below that parent."""
    rule = rule_for(value_set, fiscal_year)
    reason = rule.fault(code, parent=parent) if rule else _plain_fault(code)
    if not reason:
        return None
    return errors.CODE_FORM.at(
        "code",
        code=code,
        set=values.catalogue(value_set, fiscal_year).name,
        reason=reason,
        rule=rule.text if rule else f"至多 {CODE_MAX} 位字母、数字、点和横线",
        example=rule.example(parent) if rule else "A01",
    )


def _plain_fault(code: str) -> str:
    if re.fullmatch(rf"[0-9A-Za-z._-]{{1,{CODE_MAX}}}", code):
        return ""
    return f"共 {len(code)} 位或含有不允许的字符"


def propose(value_set: str, fiscal_year: int, *, parent: str = "", division: str = "") -> str:
    """The next free code below `parent`; refused when the level is full or there is no rule."""
    rule = rule_for(value_set, fiscal_year)
    known = values.catalogue(value_set, fiscal_year)
    taken = [e.code for e in known.entries(division=division)]
    below = [c for c in taken if rule and rule.parent_of(c) == parent and c != parent]
    found = rule.next_after(below, parent=parent) if rule else None
    if found is None:
        level = rule.level_of(parent) if rule and parent else 0
        deep = rule is not None and level is not None and level < len(rule.lengths)
        length = rule.lengths[level or 0] if rule and deep else 0
        raise errors.CODES_USED_UP.refuse(parent=parent or "顶级", length=length)
    return found


@audit.refusals("masterdata.change_rule", "masterdata.code_rule")
def change_rule(
    *,
    actor: Actor,
    value_set: str,
    fiscal_year: int,
    rule: Rule,
    now: datetime,
    reason: str = "",
) -> Rule:
    """A new rule. Refused while enabled codes of the year break it, unless a reason is given.

    With a reason those codes stay as they are; new ones must keep the rule.
    """
    known = values.catalogue(value_set, fiscal_year)
    keeping.demand_owner(actor, "修改编码规则", division="", set_name=known.name)
    _demand_sound(rule)
    reason = reason.strip()[:200]
    with transaction.atomic():
        broken = broken_by(rule, value_set=value_set, fiscal_year=fiscal_year)
        if broken and not reason:
            examples = "、".join(f"{code}（{why}）" for code, why in broken[:EXAMPLES_MAX])
            raise errors.RULE_BROKEN.refuse(
                set=known.name,
                year=fiscal_year,
                rule=rule.text,
                count=len(broken),
                examples=examples,
            )
        before = rule_for(value_set, fiscal_year)
        CodeRule.objects.update_or_create(
            value_set=ValueSet.objects.get(code=value_set),
            fiscal_year=fiscal_year,
            defaults={
                "lengths": list(rule.lengths),
                "charset": rule.charset,
                "charsets": list(rule.charsets),
                "reason": reason if broken else "",
            },
        )
        detail = {"old": before.text if before else "", "new": rule.text, "kept": len(broken)}
        keeping.note(
            actor=actor,
            now=now,
            action="change_rule",
            target=("code_rule", f"{value_set}/{fiscal_year}"),
            detail=detail | ({"reason": reason} if broken else {}),
        )
    cache.forget()
    return rule


def _demand_sound(rule: Rule) -> None:
    charsets = rule.charsets or (rule.charset,)
    sound = 1 <= len(rule.lengths) <= 10 and all(1 <= n <= 12 for n in rule.lengths)
    fits = len(rule.charsets) in (0, len(rule.lengths)) and set(charsets) <= set(_ALPHABETS)
    if not (sound and fits) or sum(rule.lengths) > CODE_MAX:
        raise _bad_lengths("-".join(map(str, rule.lengths)))


def excused(value_set: str, fiscal_year: int) -> frozenset[str]:
    """Enabled codes that break the rule and were kept with a reason."""
    found = CodeRule.objects.filter(value_set__code=value_set, fiscal_year=fiscal_year).first()
    if found is None or not found.reason:
        return frozenset()
    broken = broken_by(made(found), value_set=value_set, fiscal_year=fiscal_year)
    return frozenset(code for code, _ in broken)


def broken_by(rule: Rule, *, value_set: str, fiscal_year: int) -> list[tuple[str, str]]:
    """Enabled codes of the year that break the rule, each with the reason."""
    rows = Value.objects.filter(
        value_set__code=value_set, fiscal_year=fiscal_year, is_enabled=True
    ).order_by("code")
    pairs = rows.values_list("code", "parent_code")
    found = [(code, rule.fault(code, parent=parent)) for code, parent in pairs]
    return [(code, reason) for code, reason in found if reason]
