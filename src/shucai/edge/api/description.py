"""接口描述 description: OpenAPI 3.1, the generic operations spelt out for every type and action."""

import copy
from functools import cache
from typing import Any, Final

from ninja.openapi.schema import OpenAPISchema
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from shucai.edge.api import asides, register_shapes, registers, schemas, shapes
from shucai.edge.api import questions as asking
from shucai.edge.api.access import BODY_MAX, KEY_MAX, SCOPES, limits
from shucai.edge.api.endpoints import duties_of
from shucai.kernel.document.declare import DocumentType, types
from shucai.kernel.document.listing import SIZE_MAX
from shucai.kernel.pages.access import duty_names
from shucai.kernel.pages.question import questions

_REF: Final = "#/components/schemas/{model}"
_VERBS: Final = ("get", "post", "put", "delete")
PROBLEMS: Final = {
    "400": "请求体不是 JSON",
    "401": "没有令牌，或令牌无效",
    "403": "令牌权限、岗位职责或不相容岗位不允许",
    "404": "不存在，或不在数据范围内",
    "409": "状态、版本或余额已不允许",
    "413": "请求体过大",
    "415": "不是 application/json",
    "422": "请求内容需要修改",
    "428": "需要 If-Match",
    "429": "请求过于频繁",
    "500": "系统故障",
    "503": "暂时不可用，请按 Retry-After 重试",
}
_ALWAYS: Final = ("401", "403", "422", "429", "500", "503")


@cache
def document() -> dict[str, Any]:
    """The whole description; it changes only with the code."""
    from shucai.edge.api.urls import API

    said: dict[str, Any] = dict(OpenAPISchema(API, "api/v1"))
    said["components"]["schemas"] |= _static_schemas()
    generic = said["components"]["schemas"]
    paths: dict[str, Any] = {}
    for address, operations in said["paths"].items():
        if "{question}" in address:
            _spell_out_questions(paths, address, operations["get"])
            continue
        if "/registers/{code}" in address:
            register_shapes.spell_out(paths, address, operations)
            continue
        if "{type}" not in address:
            paths.setdefault(address, {}).update(operations)
            continue
        for kind in types().values():
            _spell_out(paths, address, operations, kind)
    for kind in types().values():
        generic.update(_schemas_of(kind, generic))
    generic.update(register_shapes.components(generic))
    for name in ("Document", "Row", "Listing", "RegisterRow", "RegisterListing", "RegisterRecord"):
        generic.pop(name)
    said["paths"] = {address: paths[address] for address in sorted(paths)}
    for operations in said["paths"].values():
        for operation in operations.values():
            _complete(operation)
    said["components"] |= _components()
    said["info"] |= {"description": _introduction(), "license": _LICENCE}
    said["tags"] = _tags()
    said["servers"] = [{"url": "/"}]
    return copy.deepcopy(said)


_LICENCE: Final = {"name": "Apache-2.0", "identifier": "Apache-2.0"}


def _introduction() -> str:
    rate, burst = limits()
    return (
        "数财的程序接口。以访问令牌（Authorization: Bearer）调用，令牌代表一名人员的一个岗位，"
        "数据范围与职责同网页一致。金额以文本表示，单位元，两位小数。\n\n"
        f"频率：每个令牌每秒 {rate} 次，短时最多 {burst} 次，见响应头 RateLimit。"
        f"请求体上限 {BODY_MAX // 1024 // 1024} MiB，列表每页上限 {SIZE_MAX} 行。"
        "写入类请求可带 Idempotency-Key，重复提交返回第一次的结果。"
        "拒绝一律为 application/problem+json，code 永久不变。"
    )


def _static_schemas() -> dict[str, Any]:
    """Schemas that no operation of ninja mentions by itself."""
    given: list[type[BaseModel]] = [schemas.ActionIn, schemas.BatchIn, schemas.Problem]
    given += [asides.AsideIn, asides.TakeIn, registers.RunIn]
    _, said = models_json_schema([(one, "validation") for one in given], ref_template=_REF)
    found: dict[str, Any] = said["$defs"]
    found["Problem"]["properties"]["results"] = {
        "type": "array",
        "items": {"type": "object"},
        "description": "批量办理未通过时逐笔的结果",
    }
    return found


def _schemas_of(kind: DocumentType, generic: dict[str, Any]) -> dict[str, Any]:
    """The components of one type."""
    word = shapes.words(kind)
    _, said = models_json_schema([(shapes.draft(kind), "validation")], ref_template=_REF)
    return {
        **said["$defs"],
        word: shapes.document_parts(kind, generic["Document"]),
        f"{word}Row": shapes.row_parts(kind, generic["Row"]),
        f"{word}Listing": _renamed(generic["Listing"], {"Row": f"{word}Row"}),
    }


def _renamed(said: Any, names: dict[str, str]) -> Any:
    """A copy in which references to generic components name those of the type."""
    if isinstance(said, list):
        return [_renamed(one, names) for one in said]
    if not isinstance(said, dict):
        return said
    copied = {key: _renamed(value, names) for key, value in said.items()}
    reference = str(copied.get("$ref", "")).rsplit("/", maxsplit=1)
    if reference[-1] in names and reference[0] == "#/components/schemas":
        copied["$ref"] = f"{reference[0]}/{names[reference[-1]]}"
    return copied


def _spell_out(
    paths: dict[str, Any], address: str, operations: dict[str, Any], kind: DocumentType
) -> None:
    word = shapes.words(kind)
    names = {"Document": word, "Row": f"{word}Row", "Listing": f"{word}Listing"}
    names["Draft"] = f"{word}Draft"
    for verb, operation in operations.items():
        for action in kind.actions if "{action}" in address else [""]:
            own = _renamed(operation, names)
            move = kind.move(action) if action else None
            label = f"{own['summary']}{move.label}" if move else own["summary"]
            own["summary"] = f"{kind.name}：{label}"
            own["operationId"] = ".".join(
                filter(None, [kind.code, operation["operationId"], action])
            )
            own["tags"] = [kind.name]
            own["parameters"] = [
                one for one in own["parameters"] if one.get("name") not in ("type", "action")
            ]
            if operation["operationId"] == "documents.list":
                own["parameters"] += shapes.list_parameters(kind)
            own["description"] = _demanded(kind, operation["operationId"], action)
            where = address.replace("{type}", kind.code).replace("{action}", action)
            paths.setdefault(where, {})[verb] = own


def _spell_out_questions(paths: dict[str, Any], address: str, operation: dict[str, Any]) -> None:
    for code, declared in questions().items():
        own = copy.deepcopy(operation)
        own["summary"] = f"{operation['summary']}：{declared.name}"
        own["operationId"] = f"{operation['operationId']}.{code}"
        own["description"] = f"需要职责：{duty_names(declared.readers)}。{declared.intro}"
        own["parameters"] = [one for one in own["parameters"] if one.get("name") != "question"]
        own["parameters"] += asking.parameters(declared)
        paths[address.replace("{question}", code)] = {"get": own}


def _demanded(kind: DocumentType, name: str, action: str) -> str:
    told = f"需要职责：{duty_names(duties_of(kind, name, action))}。"
    if action in kind.needs_reason:
        told += "必须填写意见。"
    return told


def _complete(operation: dict[str, Any]) -> None:
    """Security, refusals and headers, the same everywhere."""
    scope = operation.pop("x-scope", "")
    binary = operation.pop("x-binary", "")
    if binary:
        content = {"schema": {"type": "string", "contentMediaType": "application/octet-stream"}}
        operation["responses"] = {
            "200": {"description": binary, "content": {"application/octet-stream": content}}
        }
    has_security = operation.pop("security", None) is not None
    operation["security"] = [{"token": [scope] if scope else []}] if has_security else []
    responses = {str(status): said for status, said in operation["responses"].items()}
    if has_security:
        wanted = {*_ALWAYS, "404"}
        if "requestBody" in operation:
            wanted |= {"400", "409", "413", "415"}
        references = [one.get("$ref", "") for one in operation["parameters"]]
        if any("IfMatch" in one for one in references):
            wanted |= {"409"}
        if any("IfMatchRequired" in one for one in references):
            wanted |= {"428"}
        if operation["operationId"].endswith((".discard", ".detach")):
            wanted |= {"409"}
    else:
        wanted = {"404", "422", "500"}
    for status in sorted(wanted):
        responses[status] = {"$ref": f"#/components/responses/{status}"}
    for status, said in responses.items():
        if status.startswith("2"):
            said["headers"] = {"X-Trace-Id": {"$ref": "#/components/headers/TraceId"}}
            if has_security:
                said["headers"]["RateLimit"] = {"$ref": "#/components/headers/RateLimit"}
    operation["responses"] = responses


def _components() -> dict[str, Any]:
    told = "；".join(f"{code} {name}" for code, name in SCOPES.items())
    return {
        "securitySchemes": {
            "token": {
                "type": "http",
                "scheme": "bearer",
                "description": f"访问令牌。权限：{told}；"
                "可限定到域或类型，例如 documents.act:payment",
            }
        },
        "parameters": _parameters(),
        "headers": {
            "TraceId": {"description": "追踪号，联系运维时提供", "schema": {"type": "string"}},
            "RateLimit": {"description": "令牌剩余的请求额度", "schema": {"type": "string"}},
        },
        "responses": {
            status: {
                "description": told,
                "content": {
                    "application/problem+json": {"schema": {"$ref": _REF.format(model="Problem")}}
                },
            }
            for status, told in PROBLEMS.items()
        },
    }


def _parameters() -> dict[str, Any]:
    def one(
        name: str, where: str, told: str, schema: dict[str, Any], *, required: bool = False
    ) -> dict[str, Any]:
        return {
            "name": name, "in": where, "required": required, "description": told, "schema": schema,
        }  # fmt: skip

    version = {"type": "string", "pattern": r'^(\*|(W/)?"[0-9]{1,9}")$', "examples": ['"3"']}
    return {
        "Cursor": one(
            "cursor", "query", "上一页返回的 next 或 previous", {"type": "string", "maxLength": 400}
        ),
        "Limit": one(
            "limit", "query", "每页行数",
            {"type": "integer", "minimum": 1, "maximum": SIZE_MAX, "default": 50},
        ),
        "WithTotals": one(
            "totals", "query", "1 表示同时给出笔数与金额合计",
            {"type": "string", "enum": ["0", "1"]},
        ),
        "FiscalYear": one(
            "Fiscal-Year", "header", "年度；省略时为当前年度",
            {"type": "integer", "minimum": 2000, "maximum": 2100},
        ),
        "IdempotencyKey": one(
            "Idempotency-Key", "header", "同一标识的重复请求返回第一次的结果",
            {"type": "string", "minLength": 1, "maxLength": KEY_MAX, "pattern": r"^[!-~]+$"},
        ),
        "IfMatch": one("If-Match", "header", "所依据的版本（ETag）", version),
        "IfMatchRequired": one(
            "If-Match", "header", "所依据的版本（ETag）", version, required=True
        ),
    }  # fmt: skip


def _tags() -> list[dict[str, str]]:
    kinds = [{"name": kind.name, "description": kind.code} for kind in types().values()]
    rooms = ["名录", "单据", "台账", "基础数据", "平台", "附件", "提问"]
    return [*kinds, *({"name": room} for room in rooms)]
