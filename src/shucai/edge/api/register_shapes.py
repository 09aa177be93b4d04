"""名录的形状 schemas of registers: rows, filters and command bodies, spelt out for each one."""

import copy
from collections.abc import Mapping
from typing import Any

from shucai.edge.api.shapes import MONEY_IN
from shucai.kernel.pages import register_inputs, registers
from shucai.kernel.pages.access import duty_names
from shucai.kernel.pages.register import MANY_MAX, Command, Input, Register
from shucai.kernel.pages.register import registers as declared
from shucai.kernel.pages.register_facts import Fact, facts, filter_label, filter_name, sections
from shucai.kernel.pages.registers import SPANS

_REF = "#/components/schemas/{}"


def word(one: Register) -> str:
    """platform.job_run → PlatformJobRun."""
    return "".join(part.title() for part in one.code.replace(".", "_").split("_"))


def filter_names(one: Register) -> dict[str, str]:
    """Every query parameter that narrows the list, with its title."""
    found: dict[str, str] = {}
    for by in one.filters:
        name, label = filter_name(one, by), filter_label(one, by)
        if by.entry in SPANS:
            found |= {f"{name}_from": f"{label}起", f"{name}_to": f"{label}止"}
        else:
            found[name] = label
    return found


def components(generic: Mapping[str, Any]) -> dict[str, Any]:
    """Row, listing, record and one body per command, for every register."""
    found: dict[str, Any] = {}
    for one in declared().values():
        name = word(one)
        listed = _facts(one, facts(one).values())
        shown = _facts(one, [fact for part in sections(one).values() for fact in part])
        found[f"{name}Row"] = _with(generic["RegisterRow"], one.name, listed)
        found[f"{name}Record"] = _with(generic["RegisterRecord"], one.name, shown)
        listing = copy.deepcopy(generic["RegisterListing"])
        listing["properties"]["rows"]["items"] = {"$ref": _REF.format(f"{name}Row")}
        found[f"{name}Listing"] = {**listing, "title": f"{one.name}列表"}
        for command in one.commands:
            found[f"{name}{_title(command)}"] = _body(one, command)
    return found


def _title(command: Command) -> str:
    return "".join(part.title() for part in command.code.split("_")) + "In"


def _with(generic: Mapping[str, Any], title: str, found: dict[str, Any]) -> dict[str, Any]:
    own = copy.deepcopy(dict(generic))
    own["properties"]["facts"] = found
    return {**own, "title": title}


def _facts(one: Register, found: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "title": f"{one.name}的栏目",
        "properties": {fact.name: _fact(fact) for fact in found},
    }


def _fact(fact: Fact) -> dict[str, Any]:
    said: dict[str, Any] = {"title": fact.label}
    if fact.choices:
        said["description"] = "；".join(f"{code} {text}" for code, text in fact.choices.items())
    return said


def _body(one: Register, command: Command) -> dict[str, Any]:
    values = {
        "type": "object",
        "properties": {given.name: _input(given) for given in command.inputs},
        "required": [i.name for i in command.inputs if i.is_required and i.entry != "flag"],
        "additionalProperties": False,
    }
    least = 0 if command.target == "none" else 1
    most = {"none": 0, "one": 1}.get(command.target, MANY_MAX)
    keys = {"type": "array", "items": {"type": "string"}, "minItems": least, "maxItems": most}
    properties: dict[str, Any] = {"values": values, "preview": {"type": "boolean"}}
    required = ["values"] if values["required"] else []
    if command.target != "none":
        properties["keys"] = {**keys, "title": f"{one.name}的 key"}
        required.append("keys")
    return {
        "title": f"{one.name}：{command.label}",
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _input(one: Input) -> dict[str, Any]:
    said: dict[str, Any] = {"title": one.label}
    if one.help:
        said["description"] = one.help
    kinds: dict[str, dict[str, Any]] = {
        "integer": {"type": ["integer", "string"]},
        "money": {"type": "string", "pattern": MONEY_IN},
        "date": {"type": "string", "format": "date"},
        "instant": {"type": "string"},
        "flag": {"type": "boolean"},
        "choices": {"type": "array", "items": {"type": "string"}},
        "json": {},
        "file": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "content": {"type": "string"}},
            "required": ["name", "content"],
        },
    }
    limit = register_inputs.limit_of(one)
    return said | kinds.get(one.entry, {"type": "string", "maxLength": limit})


def parameters(one: Register) -> list[dict[str, Any]]:
    """The query parameters of a list, described one by one."""
    found = [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": label,
            "schema": {"type": "array", "items": {"type": "string", "maxLength": 200}},
        }
        for name, label in filter_names(one).items()
    ]
    if one.search:
        found.append(_parameter("q", "关键字", {"type": "string", "maxLength": 100}))
    orders = [order for name in registers.sorts(one) for order in (name, f"-{name}")]
    if orders:
        found.append(_parameter("sort", "排序，前加 - 为降序", {"type": "string", "enum": orders}))
    return found


def _parameter(name: str, told: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": told, "schema": schema}


def spell_out(paths: dict[str, Any], address: str, operations: Mapping[str, Any]) -> None:
    """The generic operations as they stand for each register and command."""
    for one in declared().values():
        commands: list[Command | None] = [None]
        if "{command}" in address:
            commands = list(one.commands)
        for command in commands:
            where = address.replace("{code}", one.code)
            if command is not None:
                where = where.replace("{command}", command.code)
            for verb, operation in operations.items():
                paths.setdefault(where, {})[verb] = _own(one, command, operation)


def _own(one: Register, command: Command | None, operation: Mapping[str, Any]) -> dict[str, Any]:
    own = copy.deepcopy(dict(operation))
    name = operation["operationId"]
    own["summary"] = f"{one.name}：{command.label if command else operation['summary']}"
    own["operationId"] = f"{name}.{one.code}" + (f".{command.code}" if command else "")
    wanted = command.by if command else one.readers
    own["description"] = f"需要职责：{duty_names(wanted)}。{one.intro}"
    fixed = ("code", "command")
    own["parameters"] = [p for p in own["parameters"] if p.get("name") not in fixed]
    if name == "registers.rows":
        own["parameters"] += parameters(one)
    if command is not None:
        schema = {"$ref": _REF.format(f"{word(one)}{_title(command)}")}
        own["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    else:
        kind = "Listing" if name == "registers.rows" else "Record"
        content = own["responses"][200]["content"]["application/json"]
        content["schema"] = {"$ref": _REF.format(f"{word(one)}{kind}")}
    return own
