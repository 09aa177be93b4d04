"""类型的形状 shapes: pydantic models of one document type, generated from its declaration.

Only the form is judged here (unknown keys, wrong JSON types). Values are judged by the input of
the kernel, which tells every fault at once in the words people read.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Annotated, Any, Final

from django.db import models
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    WithJsonSchema,
    create_model,
)

from shucai.kernel.document.declare import LINES_MAX, DocumentType, is_required
from shucai.kernel.document.listing import HEADER_FIELDS, SORTS
from shucai.kernel.ledger.declare import AccountField
from shucai.kernel.masterdata.fields import ElementField

MONEY_IN: Final = r"^\d{1,12}(\.\d{1,2})?$"
MONEY_OUT: Final = r"^-?\d{1,16}\.\d{2}$"
PLAIN_FILTERS: Final = {
    "q": "单号开头，或摘要、单位、内容中的词（两个字以上）",
    "number": "单号",
    "state": "状态",
    "unit": "预算单位编码，含其下级单位",
    "maker": "me 表示本人经办",
    "todo": "1 表示等待本岗位办理",
    "amount_from": "金额不低于（元）",
    "amount_to": "金额不高于（元）",
    "date_from": "业务日期不早于",
    "date_to": "业务日期不晚于",
}


def words(kind: DocumentType) -> str:
    """`payment.application` → `PaymentApplication`."""
    return "".join(part.title().replace("_", "") for part in kind.code.split("."))


def own_filters(kind: DocumentType) -> list[models.Field[Any, Any]]:
    """The declared filters that are fields of the document itself."""
    wanted = set(kind.page.filters.split())
    return [known for known in kind.fields() if known.name in wanted]


def filter_names(kind: DocumentType) -> dict[str, str]:
    """Every filter of a list, with what it means."""
    own = {known.name: str(known.verbose_name) for known in own_filters(kind)}
    return {**PLAIN_FILTERS, **own}


def field_schema(known: models.Field[Any, Any], *, is_input: bool) -> dict[str, Any]:
    """The JSON schema of one field, in its official name."""
    schema: dict[str, Any] = {"title": str(known.verbose_name), **_kind(known, is_input=is_input)}
    if is_input and not is_required(known):
        _allow_null(schema)
    if not is_input:
        if known.null:
            _allow_null(schema)
        elif "enum" in schema and known.blank:
            schema["enum"] = [*schema["enum"], ""]
    return schema


def _allow_null(schema: dict[str, Any]) -> None:
    schema["type"] = [schema["type"], "null"]
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], None]


def _kind(known: models.Field[Any, Any], *, is_input: bool) -> dict[str, Any]:
    if isinstance(known, AccountField):
        text = f"台账编号（{known.book}/{known.kind}）"
        return {"type": "string", "description": text}
    if isinstance(known, models.ForeignKey):
        return {"type": "string", "description": "预算单位编码"}
    if isinstance(known, models.DecimalField):
        return {
            "type": "string",
            "description": "金额，元，两位小数；以文本表示，不丢精度",
            "pattern": MONEY_IN if is_input else MONEY_OUT,
            "examples": ["1234.50"],
        }
    if isinstance(known, models.DateField):
        return {"type": "string", "format": "date"}
    if isinstance(known, models.BooleanField):
        return {"type": "boolean"}
    if isinstance(known, models.IntegerField):
        return {"type": "integer"}
    if isinstance(known, ElementField):
        text = f"值集 {known.value_set} 中启用的末级编码"
        return {"type": "string", "description": text, "x-value-set": known.value_set}
    if known.choices:
        told = "；".join(f"{value} {label}" for value, label in known.flatchoices)
        values = [str(value) for value, _ in known.flatchoices]
        return {"type": "string", "enum": values, "description": told}
    schema: dict[str, Any] = {"type": "string"}
    if known.max_length:
        schema["maxLength"] = known.max_length
    if is_input and is_required(known):
        schema["minLength"] = 1
    return schema


def _python_type(known: models.Field[Any, Any]) -> Any:
    if isinstance(known, models.BooleanField):
        return StrictBool | None
    if isinstance(known, models.IntegerField):
        return StrictInt | None
    return StrictStr | None


def _tidy(required: Sequence[str]) -> Callable[[dict[str, Any]], None]:
    """Defaults serve the collecting of all faults at once; the description does not show them."""

    def tidy(schema: dict[str, Any]) -> None:
        for said in schema.get("properties", {}).values():
            said.pop("default", None)
        schema["required"] = list(required)
        if not required:
            del schema["required"]
        schema["additionalProperties"] = False

    return tidy


def _model(
    name: str, doc: str, fields: Sequence[models.Field[Any, Any]], *, is_input: bool
) -> type[BaseModel]:
    """Unknown names are let through here and refused by the kernel, which knows the known ones."""
    required = [f.name for f in fields if not is_input or is_required(f)]
    config = ConfigDict(extra="allow", json_schema_extra=_tidy(required))
    spelt: dict[str, Any] = {
        known.name: (
            Annotated[_python_type(known), WithJsonSchema(field_schema(known, is_input=is_input))],
            Field(default=None),
        )
        for known in fields
    }
    return create_model(name, __config__=config, __doc__=doc, **spelt)


@cache
def draft(kind: DocumentType) -> type[BaseModel]:
    """What a caller sends to make or replace a draft."""
    word = words(kind)
    fields = _model(f"{word}Fields", f"{kind.name}的抬头栏目", kind.fields(), is_input=True)
    line = _model(f"{word}Line", f"{kind.name}的明细行", kind.line_fields(), is_input=True)
    lines = Annotated[list[line], Field(min_length=0, max_length=LINES_MAX)]  # type: ignore[valid-type]

    def tidy(schema: dict[str, Any]) -> None:
        _tidy(["fields", "lines"])(schema)
        schema["properties"]["lines"]["minItems"] = 1

    return create_model(
        f"{word}Draft",
        __config__=ConfigDict(extra="forbid", json_schema_extra=tidy),
        __doc__=f"{kind.name}草稿",
        unit=(StrictStr, Field(default="", title="预算单位编码", description="省略时为本单位")),
        business_date=(date | None, Field(default=None, title="业务日期")),
        summary=(StrictStr, Field(default="", title="摘要", max_length=200)),
        fields=(fields, Field()),
        lines=(lines, Field()),
    )


def _object(
    title: str, fields: Sequence[models.Field[Any, Any]], more: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    properties = {
        **(more or {}),
        **{known.name: field_schema(known, is_input=False) for known in fields},
    }
    return {
        "title": title,
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _state(kind: DocumentType) -> dict[str, Any]:
    told = "；".join(f"{value} {label}" for value, label in kind.states.choices)
    return {"type": "string", "enum": list(kind.states.values), "description": told}


def document_parts(kind: DocumentType, generic: Mapping[str, Any]) -> dict[str, Any]:
    """The answer for one document: the common part with this type's fields and lines."""
    properties = {
        **generic["properties"],
        "type": {"const": kind.code},
        "state": _state(kind),
        "fields": _object(f"{kind.name}的抬头栏目", kind.fields()),
        "lines": {
            "type": "array",
            "items": _object(
                f"{kind.name}的明细行", kind.line_fields(), {"seq": {"type": "integer"}}
            ),
        },
    }
    return {**generic, "title": kind.name, "properties": properties}


def row_parts(kind: DocumentType, generic: Mapping[str, Any]) -> dict[str, Any]:
    """The answer for one row of a list."""
    properties = {
        **generic["properties"],
        "state": _state(kind),
        "fields": _object(f"{kind.name}的抬头栏目", kind.fields()),
    }
    return {**generic, "title": f"{kind.name}（列表行）", "properties": properties}


def list_parameters(kind: DocumentType) -> list[dict[str, Any]]:
    """The query parameters of a list, described one by one."""
    schemas: dict[str, dict[str, Any]] = {name: {"type": "string"} for name in PLAIN_FILTERS}
    schemas["q"] = {"type": "string", "minLength": 1, "maxLength": 100}
    schemas["state"] = {"type": "array", "items": _state(kind), "uniqueItems": True}
    schemas["unit"] = {"type": "array", "items": {"type": "string", "maxLength": 20}}
    schemas["number"] = {"type": "array", "items": {"type": "string", "maxLength": 60}}
    schemas["maker"] = {"type": "string", "enum": ["me"]}
    schemas["todo"] = {"type": "string", "enum": ["1"]}
    schemas["amount_from"] = schemas["amount_to"] = {"type": "string", "pattern": MONEY_IN}
    schemas["date_from"] = schemas["date_to"] = {"type": "string", "format": "date"}
    for known in own_filters(kind):
        one = _kind(known, is_input=True)
        schemas[known.name] = {"type": "array", "items": {**one, "maxLength": 200}}
    names = filter_names(kind)
    parameters = [
        {"name": name, "in": "query", "required": False, "description": names[name], "schema": one}
        for name, one in schemas.items()
    ]
    orders = [order for name in SORTS for order in (name, f"-{name}")]
    told = "、".join(HEADER_FIELDS.get(name, "录入顺序") for name in SORTS)
    parameters.append(
        {
            "name": "sort",
            "in": "query",
            "required": False,
            "description": f"排序：{told}；前加 - 为降序",
            "schema": {"type": "string", "enum": orders, "default": "-id"},
        }
    )
    return parameters
