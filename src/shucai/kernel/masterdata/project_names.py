"""项目名称规则 project name rules: what a project may be called, by category, division and year.

The standard rule demands nothing. A published one bounds the length, forbids words and signs,
prescribes the parts of a name, tells names that repeat or merely resemble another, and offers
templates. Any domain that lets people name a project asks `faults` and `suggestions`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from shucai.base.errors import Finding, Level
from shucai.kernel.configuration import reading
from shucai.kernel.configuration.declare import Content, Kind, Place
from shucai.kernel.configuration.fields import Field
from shucai.kernel.identity.actor import Actor
from shucai.kernel.masterdata import project_name_errors as errors
from shucai.kernel.masterdata import project_name_parts as parts
from shucai.kernel.masterdata.models import Unit, Value

CODE: Final = "project_name"
EVERY: Final = "all"
LENGTH_MAX: Final = 120
_REPEATS: Final = {
    "free": "不检查",
    "alike": "不得与本单位已有项目只差空格、标点或全半角",
    "same": "不得与本单位已有项目同名或近似",
}
_LEVELS: Final = {"forbid": "禁止送审", "warn": "提示，说明理由后可以送审"}
Repeat = Literal["", "alike", "same"]


@dataclass(frozen=True, slots=True)
class Naming:
    """Whose project is named: what the parts of a name are filled with."""

    division: str
    fiscal_year: int
    unit_name: str
    unit_short: str = ""
    unit_path: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule in force. `number` 0 is the standard one."""

    content: Content
    number: int

    @property
    def level(self) -> Level:
        return "warn" if self.content.get("level") == "warn" else "forbid"

    @property
    def is_repeat_checked(self) -> bool:
        return str(self.content.get("repeat", "free")) != "free"

    @property
    def pattern(self) -> str:
        return parts.spelled(self.content.get("parts", ()))


def naming_of(code: str, *, actor: Actor, category: str = "") -> Naming:
    """For a unit in the actor's scope, in the year of his session."""
    low, high = actor.range
    units = Unit.objects.filter(code=code, path__gte=low, path__lt=high)
    unit = units.order_by("path").first()
    return Naming(
        division=unit.division_code if unit else actor.division,
        fiscal_year=actor.fiscal_year,
        unit_name=unit.name if unit else actor.unit_name,
        unit_short=unit.short_name if unit else "",
        unit_path=unit.path if unit else actor.scope_path,
        category=category,
    )


def rule(naming: Naming) -> Rule:
    """The rule for the category of the project, else that for every category."""
    found = None
    for key in dict.fromkeys((naming.category or EVERY, EVERY)):
        found = reading.current(
            CODE,
            key,
            division=naming.division,
            fiscal_year=naming.fiscal_year,
            unit_path=naming.unit_path,
        )
        if found.release_number:
            break
    return Rule(found.content, found.release_number) if found is not None else Rule({}, 0)


def faults(
    name: str, naming: Naming, *, place: str = "", existing: Collection[str] = ()
) -> list[Finding]:
    """What is wrong with a name, with figures; `existing` are the other projects of the unit."""
    known = rule(naming)
    found = judge(name, known.content, naming, place=place)
    if known.is_repeat_checked:
        found += repeated(name, known.content, naming, existing, place=place)
    return [one.problem.at(one.place, level=known.level, **one.data) for one in found]


def judge(name: str, content: Content, naming: Naming, *, place: str = "") -> list[Finding]:
    """What a name has wrong by itself."""
    found: list[Finding] = []
    length = len(name)
    least, most = int(content.get("least") or 1), int(content.get("most") or LENGTH_MAX)
    if length < least:
        found.append(errors.NAME_SHORT.at(place, name=name, length=length, least=least))
    if length > most:
        over = length - most
        found.append(errors.NAME_LONG.at(place, name=name, length=length, most=most, over=over))
    found += _words(name, content, place)
    found += _signs(name, content, place)
    if content.get("follow"):
        found += _pattern(name, content, naming, place)
    return found


def propose(typed: Sequence[str], naming: Naming) -> tuple[str, list[Finding]]:
    """The name that the rule makes of what was typed, blank after blank, and why it won't do."""
    content = rule(naming).content
    name, found = parts.composed(content.get("parts", ()), typed, filling(naming))
    return name, found or judge(name, content, naming)


def suggestions(naming: Naming, *, typed: str = "") -> list[str]:
    """The templates of the rule for this unit and year that contain what was typed.

    A template that names what isn't known here, say the unit, is left out.
    """
    known = filling(naming)
    rows = [str(row.get("name", "")) for row in rule(naming).content.get("templates", ())]
    found = [parts.replaced(one, known) for one in rows if parts.is_known(one, known)]
    return [name for name in dict.fromkeys(found) if typed in name]


def filling(naming: Naming) -> dict[str, str]:
    """The words that parts and templates stand for."""
    return {
        "year": str(naming.fiscal_year),
        "unit": naming.unit_short or naming.unit_name,
        "unit_name": naming.unit_name,
        "category": keys().get(naming.category, "") if naming.category else "",
    }


def likeness(name: str) -> str:
    """What is left of a name without spaces, signs, case and width: alike names are equal."""
    import unicodedata

    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


def _words(name: str, content: Content, place: str) -> list[Finding]:
    return [
        errors.NAME_WORD.at(
            place,
            name=name,
            at=name.index(row["word"]) + 1,
            word=row["word"],
            reason=row.get("why") or "不说明项目的内容",
        )
        for row in content.get("forbidden", ())
        if row.get("word") and row["word"] in name
    ]


def _signs(name: str, content: Content, place: str) -> list[Finding]:
    if not content.get("is_strict"):
        return []
    allowed = str(content.get("signs") or "")
    for at, letter in enumerate(name, start=1):
        if not letter.isalnum() and letter not in allowed:
            signs = allowed or "零个符号"
            return [errors.NAME_SIGN.at(place, name=name, at=at, sign=letter, signs=signs)]
    return []


def _pattern(name: str, content: Content, naming: Naming, place: str) -> list[Finding]:
    rows = content.get("parts", ())
    reached, wanted = parts.matched(name, rows, filling(naming))
    if not wanted:
        return []
    pattern = parts.spelled(rows)
    return [errors.NAME_PATTERN.at(place, name=name, at=reached, wanted=wanted, pattern=pattern)]


def repeated(
    name: str,
    content: Content,
    naming: Naming,
    existing: Collection[str],
    *,
    place: str = "",
) -> list[Finding]:
    """The first of the unit's other projects that a name repeats or merely resembles."""
    is_same_told = content.get("repeat") == "same"
    plain = likeness(name)
    for other in sorted(existing):
        if likeness(other) != plain or (other == name and not is_same_told):
            continue
        how = "同名" if other == name else "只差空格、标点、大小写或全半角"
        year = naming.fiscal_year
        return [errors.NAME_TAKEN.at(place, name=name, year=year, other=other, how=how)]
    return []


def keys() -> Mapping[str, str]:
    """Every category of the value set, and one rule for all that have none."""
    rows = Value.objects.filter(value_set__code="project_category", division="")
    named = dict(rows.order_by("fiscal_year", "code").values_list("code", "name")[:500])
    return {EVERY: "全部项目类别", **dict(sorted(named.items()))}


def standard(place: Place) -> Content:
    return {"least": 1, "most": LENGTH_MAX, "repeat": "free", "level": "forbid"}


def _choices(known: Mapping[str, str]) -> Any:
    return lambda: list(known.items())


FIELDS: Final = (
    Field(name="least", label="至少字数", kind="integer", low=1, high=LENGTH_MAX, required=True),
    Field(name="most", label="至多字数", kind="integer", low=1, high=LENGTH_MAX, required=True),
    Field(name="is_strict", label="限制标点", kind="flag", help="只许汉字、字母、数字和所列符号"),
    Field(name="signs", label="允许的符号", size=60, help="例如 （）—、"),
    Field(
        name="repeat", label="重名", kind="choice", options=_choices(_REPEATS), required=True
    ),
    Field(name="level", label="不符合时", kind="choice", options=_choices(_LEVELS), required=True),
    Field(name="follow", label="必须按组成规则命名", kind="flag"),
    Field(
        name="parts",
        label="名称的组成",
        kind="rows",
        help="各段依次相连；固定文字写内容，填写内容写栏名，选列写可选的词并用顿号分开",
        columns=(
            Field(
                name="kind", label="种类", kind="choice", options=_choices(parts.KINDS),
                required=True,
            ),
            Field(name="text", label="文字", size=200),
            Field(name="low", label="至少字数", kind="integer", low=1, high=LENGTH_MAX),
            Field(name="high", label="至多字数", kind="integer", low=1, high=LENGTH_MAX),
            Field(name="optional", label="可以省略", kind="flag"),
        ),
    ),
    Field(
        name="forbidden",
        label="禁用词",
        kind="rows",
        columns=(
            Field(name="word", label="词", size=20, required=True),
            Field(name="why", label="理由", size=60),
        ),
    ),
    Field(
        name="templates",
        label="名称模板",
        kind="rows",
        help="录入时供选择；可写 {年度}、{单位简称}、{单位名称}、{项目类别}",
        columns=(
            Field(name="name", label="名称", size=LENGTH_MAX, required=True),
            Field(name="note", label="适用情形", size=60),
        ),
    ),
)  # fmt: skip
_SAMPLE: Final = Naming(
    division="", fiscal_year=2026, unit_name="示例市第一中学", unit_short="市一中"
)


def check(place: Place, content: Content) -> Sequence[Finding]:
    """Lengths that cross, parts without text, templates that break their own rule."""
    found = list(parts.check(content))
    found += parts.crossed(content, "least", "most", "项目名称", "least")
    if content.get("follow") and not content.get("parts"):
        found.append(errors.PARTS_MISSING.at("parts", count=0))
    if found:
        return found
    for row, one in enumerate(content.get("templates", ()), start=1):
        name = parts.replaced(one["name"], filling(_SAMPLE))
        wrong = judge(name, {**content, "follow": False}, _SAMPLE)
        found += [
            errors.TEMPLATE_WRONG.at(f"templates[{row}].name", row=row, reason=said.why)
            for said in wrong[:1]
        ]
    return found


KIND: Final = Kind(
    code=CODE,
    name="项目名称规则",
    keys=keys,
    fields=lambda place: FIELDS,
    standard=standard,
    check=check,
    covers=["PLAT-018"],
    icon="writing",
    intro="各类项目的名称：组成、字数、禁用词、重名和供选择的模板",
    position=40,
)
