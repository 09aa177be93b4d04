"""系统参数 parameters: figures and switches declared beside the code that obeys them.

A group is edited and published as one content. A parameter that a release does not mention, or
mentions with a value the declaration no longer allows, has its default.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from shucai.kernel import registry
from shucai.kernel.configuration import fields, reading
from shucai.kernel.configuration.declare import Content, Kind, Place
from shucai.kernel.configuration.fields import Field

GROUPS: Final[Mapping[str, str]] = {
    "lists": "列表与导出",
    "files": "附件与文件",
    "desk": "工作台",
    "messages": "消息",
    "jobs": "后台任务",
    "logs": "日志与审计",
    "other": "其他",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """`group` is one of GROUPS; the name within it is the last part of `code`."""

    code: str
    name: str
    default: Any
    kind: Literal["integer", "choice", "flag", "text"] = "integer"
    low: int | None = None
    high: int | None = None
    options: Sequence[tuple[str, str]] = ()
    unit: str = ""
    help: str = ""

    @property
    def group(self) -> str:
        return self.code.partition(".")[0]

    @property
    def field(self) -> Field:
        return Field(
            name=self.code.partition(".")[2],
            label=self.name,
            kind=self.kind,
            help=f"{self.help}（标准值 {self.default}）",
            unit=self.unit,
            low=self.low,
            high=self.high,
            options=lambda: self.options,
            default=self.default,
        )

    def value(self, *, division: str = "", fiscal_year: int = 0, unit_path: str = "") -> Any:
        """What holds for the unit; the default where nothing else was published."""
        found = reading.current(
            KIND.code,
            self.group,
            division=division,
            fiscal_year=fiscal_year,
            unit_path=unit_path,
        )
        name = self.field.name
        said = found.content.get(name, self.default)
        return self.default if fields.check([self.field], {name: said}) else said


def parameter(
    *,
    code: str,
    name: str,
    default: Any,
    kind: Literal["integer", "choice", "flag", "text"] = "integer",
    low: int | None = None,
    high: int | None = None,
    options: Sequence[tuple[str, str]] = (),
    unit: str = "",
    help: str = "",
) -> Parameter:
    """Declares a parameter and returns what reads it."""
    declared = Parameter(
        code=code,
        name=name,
        default=default,
        kind=kind,
        low=low,
        high=high,
        options=options,
        unit=unit,
        help=help,
    )
    where = registry.caller()
    registry.declare("parameter", code, declared, where=where)
    if declared.group not in GROUPS or not declared.field.name:
        registry.report(
            kind="parameter",
            code=code,
            message=f"参数组 {declared.group} 不存在",
            fix=f"代码以 {'、'.join(GROUPS)} 之一和“.”开头",
            where=where,
        )
    if fields.check([declared.field], {declared.field.name: default}):
        registry.report(
            kind="parameter",
            code=code,
            message=f"标准值 {default} 不在允许范围内",
            fix="改正标准值或范围",
            where=where,
        )
    return declared


def parameters(group: str = "") -> list[Parameter]:
    """The declared parameters in code order."""
    known = cast(dict[str, Parameter], registry.all("parameter"))
    return [one for one in known.values() if group in ("", one.group)]


def _keys() -> Mapping[str, str]:
    return {code: name for code, name in GROUPS.items() if parameters(code)}


def _fields(place: Place) -> Sequence[Field]:
    return [one.field for one in parameters(place.key)]


def _standard(place: Place) -> Content:
    return {one.field.name: one.default for one in parameters(place.key)}


KIND: Final = Kind(
    code="parameter",
    name="系统参数",
    keys=_keys,
    fields=_fields,
    standard=_standard,
    covers=["PLAT-018"],
    icon="adjustments",
    intro="列表、导出、附件等的数量与开关，取值范围由系统声明",
    position=20,
)
