"""可选项 offering: what the keeper of master data may choose from in forms and filters."""

from typing import Final

from shucai.kernel.identity.actor import Actor
from shucai.kernel.masterdata import levels
from shucai.kernel.masterdata.models import Division, Value, ValueSet

STANDARD: Final = "standard"
OPTIONS_MAX: Final = 500

Options = list[tuple[str, str]]


def is_city_wide(actor: Actor) -> bool:
    return "/" not in actor.scope_path


def owners(actor: Actor, record: object = None) -> Options:
    """Whose values the actor keeps: standard ones city-wide, and those of his division."""
    rows = Division.objects.filter(is_enabled=True)
    if not is_city_wide(actor):
        rows = rows.filter(code9=actor.division)
    else:
        rows = rows.filter(path__startswith=f"{actor.scope_path}/")
    own = [(one.code9, f"{one.name}本地编码") for one in rows.order_by("path")[:OPTIONS_MAX]]
    return [(STANDARD, "标准编码"), *own] if is_city_wide(actor) else own


def division_of(owner: str | None) -> str:
    """The division that an owner's word means; empty for standard values."""
    return "" if owner in (None, "", STANDARD) else str(owner)


def divisions(actor: Actor, record: object = None) -> Options:
    """The other divisions that can be offered something."""
    rows = Division.objects.filter(is_enabled=True, path__startswith=f"{_root(actor)}/")
    return [
        (one.code9, one.name)
        for one in rows.exclude(code9=actor.division).order_by("path")[:OPTIONS_MAX]
    ]


def _root(actor: Actor) -> str:
    return actor.scope_path.split("/", maxsplit=1)[0]


def sets(actor: Actor, record: object = None) -> Options:
    rows = ValueSet.objects.order_by("code").values_list("code", "name")
    return [(code, f"{name}（{code}）") for code, name in rows[:OPTIONS_MAX]]


def years(actor: Actor, record: object = None) -> Options:
    """The years that have values, and the next one; the latest first."""
    found = set(Value.objects.order_by().values_list("fiscal_year", flat=True).distinct()[:50])
    found |= {actor.fiscal_year, actor.fiscal_year + 1}
    return [(str(year), f"{year} 年") for year in sorted(found, reverse=True)]


def document_types(actor: Actor, record: object = None) -> Options:
    """The document types that carry elements."""
    found = {one.document_type: one.type_name for one in levels.columns()}
    return sorted(found.items(), key=lambda pair: pair[1])


def element_fields(actor: Actor, record: object = None) -> Options:
    """Type and field in one word, for forms that set the level of an element."""
    return [
        (f"{one.document_type}:{one.field}", f"{one.type_name} · {one.label}")
        for one in levels.columns()
    ]


def states(actor: Actor, record: object = None) -> Options:
    return [("1", "启用"), ("0", "已停用")]
