"""请求体 bodies: JSON read strictly, and every fault of form told at its place."""

import json
from collections.abc import Sequence
from typing import Any, NoReturn, TypeVar

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, QueryDict
from ninja.errors import ValidationError as NinjaValidationError
from pydantic import BaseModel, ValidationError

from shucai.base.errors import Finding, Refused
from shucai.edge.api import errors
from shucai.edge.api.access import BODY_MAX

Model = TypeVar("Model", bound=BaseModel)
FINDINGS_MAX = 200
_REASONS = {
    "missing": "缺少该项",
    "extra_forbidden": "接口没有这一项",
    "string_type": "应为文本",
    "int_type": "应为整数",
    "bool_type": "应为 true 或 false",
    "list_type": "应为数组",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "string_too_long": "文本过长，上限 {max_length} 个字",
    "string_too_short": "文本过短，至少 {min_length} 个字",
    "too_long": "项数过多，共 {actual_length} 项，上限 {max_length} 项",
    "too_short": "项数过少，至少 {min_length} 项",
    "literal_error": "应为 {expected} 之一",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "date_from_datetime_parsing": "应为 2026-01-31 形式的日期",
    "date_parsing": "应为 2026-01-31 形式的日期",
    "date_type": "应为 2026-01-31 形式的日期",
    "date_from_datetime_inexact": "应为 2026-01-31 形式的日期",
    "int_parsing": "应为整数",
    "json_invalid": "不是有效的 JSON",
}


def read(request: HttpRequest, model: type[Model]) -> Model:
    """The body as `model`. Raises Refused with every fault of form."""
    try:
        return model.model_validate(_json(request))
    except ValidationError as failure:
        raise Refused(_findings(failure.errors(include_url=False))) from None


def _json(request: HttpRequest) -> Any:
    given = request.headers.get("Content-Type", "")
    size = int(request.META.get("CONTENT_LENGTH") or 0)
    if size > BODY_MAX:
        raise errors.TOO_LARGE.refuse(size=f"{size:,}", limit=f"{BODY_MAX:,}")
    if size and given.partition(";")[0].strip().lower() != "application/json":
        raise errors.NOT_JSON.refuse(given=given[:60])
    try:
        body = request.body
    except RequestDataTooBig:
        raise errors.TOO_LARGE.refuse(size=f"{size:,}", limit=f"{BODY_MAX:,}") from None
    if not body:
        return {}
    try:
        said = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
        _must_be_text(said)
    except (ValueError, RecursionError) as failure:
        raise errors.MALFORMED.refuse(reason=str(failure)[:120]) from None
    return said


def _must_be_text(said: Any) -> None:
    """No text may hold what UTF-8 or the database can't: half a surrogate pair, or NUL."""
    if isinstance(said, str):
        if "\x00" in said:
            raise ValueError("text holds NUL")
        said.encode("utf-8")
    elif isinstance(said, dict):
        for name, value in said.items():
            _must_be_text(name)
            _must_be_text(value)
    elif isinstance(said, list):
        for value in said:
            _must_be_text(value)


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def _findings(faults: Sequence[Any]) -> list[Finding]:
    return [
        errors.SHAPE.at(place, item=place or "请求体", reason=_reason(fault))
        for fault in faults[:FINDINGS_MAX]
        for place in [_place(fault["loc"])]
    ]


def shape_faults(failure: NinjaValidationError) -> list[Finding]:
    """The same for parameters that ninja has read."""
    return _findings([{**fault, "loc": fault["loc"][1:]} for fault in failure.errors])


def _place(location: Sequence[Any]) -> str:
    """("lines", 2, "amount") is `lines[3].amount`; ("fields", "method") is `method`."""
    text = ""
    for part in location[1:] if location[:1] == ("fields",) else location:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += f".{part}" if text else str(part)
    return text[:120]


def _reason(fault: Any) -> str:
    told = _REASONS.get(fault["type"])
    if told is None:
        return str(fault["msg"])[:120]
    return told.format(**fault.get("ctx", {}))


def refuse_unknown_parameters(given: QueryDict, known: Sequence[str]) -> None:
    """An unknown parameter is refused: a misspelt filter must not show everything."""
    found = [
        errors.UNKNOWN_PARAMETER.at(name[:40], name=name[:40], known="、".join(known))
        for name in given
        if name not in known
    ]
    if found:
        raise Refused(found)
