"""名录命令 registers: list, show and do for records, with the same refusals as on the pages."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db import transaction

from shucai.edge import clock
from shucai.edge.cli import errors, output, who
from shucai.kernel.files.keeping import Upload
from shucai.kernel.identity import scope
from shucai.kernel.identity.actor import Actor
from shucai.kernel.pages import register_commands, registers
from shucai.kernel.pages.register import Command, Register, Table
from shucai.kernel.pages.register_commands import Attempt
from shucai.kernel.pages.register_facts import (
    facts,
    filter_name,
    key_of,
    plain,
    sections,
    spelled,
)
from shucai.kernel.pages.registers import SPANS, Query


def list_records(given: Namespace) -> int:
    """`shucai list CODE`: in the register's order, all pages up to the limit."""
    register = registers.found_or_refused(given.type)
    actor = _actor(given)
    registers.refuse_without_duty(register, actor)
    filters = _filters(register, given.filter)
    text = " ".join(filters.pop("q", []))
    if given.sort and given.sort.removeprefix("-") not in registers.sorts(register):
        known = "、".join(registers.sorts(register))
        raise errors.BAD_FILTER.refuse("--sort", given=given.sort, known=known)
    query = Query(register=register, actor=actor, filters=filters, text=text, sort=given.sort)
    with transaction.atomic():
        scope.apply(actor)
        rows = registers.every(query, limit=given.limit)
        shown = [fact for fact in facts(register).values() if fact.column.is_shown]
        if given.json:
            output.say_json(
                [{"key": key_of(register, row), **_plain(register, row)} for row in rows]
            )
            return output.GOOD
        heads = ["键", *(fact.label for fact in shown)]
        lines = [
            dict(zip(heads, [key_of(register, row), *(f.text(row) for f in shown)], strict=True))
            for row in rows
        ]
    output.table(heads, lines)
    output.say(f"共 {len(rows)} 条" + ("（达到 --limit）" if len(rows) == given.limit else ""))
    return output.GOOD


def show(given: Namespace) -> int:
    """`shucai show CODE KEY`: facts, panels and what may be done."""
    register = registers.found_or_refused(given.type)
    actor = _actor(given)
    registers.refuse_without_duty(register, actor)
    with transaction.atomic():
        scope.apply(actor)
        record = registers.one(register, actor, given.number)
        found = [fact for part in sections(register).values() for fact in part]
        tables = {one.label: one.table(actor, record, clock.now()) for one in register.panels}
        allowed = register.allowed(actor, target="one", record=record)
        if given.json:
            output.say_json(
                {
                    "key": key_of(register, record),
                    "title": register.title(record),
                    "facts": {fact.name: plain(fact.value(record)) for fact in found},
                    "tables": plain(tables),
                    "commands": [command.code for command in allowed],
                }
            )
            return output.GOOD
        output.say(f"{register.name} {register.title(record)}")
        for fact in found:
            output.say(f"  {fact.label}：{fact.text(record)}")
    for label, table in tables.items():
        output.say(f"{label}：")
        _tell_table(table)
    output.say(f"可办理：{'、'.join(one.label for one in allowed) or '无'}")
    return output.GOOD


def do(given: Namespace) -> int:
    """`shucai do CODE KEY… COMMAND --set name=value`."""
    register = registers.found_or_refused(given.type)
    command = register_commands.found_or_refused(register, given.action)
    attempt = Attempt(
        register=register,
        command=command,
        actor=_actor(given),
        now=clock.now(),
        keys=list(dict.fromkeys(given.numbers)),
        given=_values(command, given.set),
        key=given.key,
    )
    if given.preview:
        seen = register_commands.preview(attempt)
        if given.json:
            output.say_json({"preview": plain(seen.table)})
        else:
            _tell_table(seen.table)
        return output.GOOD
    done = register_commands.run(attempt)
    if given.json:
        said = {"message": done.message, "secret": done.secret, "data": plain(done.data)}
        output.say_json({**said, "findings": [one.as_dict() for one in done.findings]})
        return output.GOOD
    output.say(done.message)
    if done.secret:
        output.say(f"只显示这一次：{done.secret}")
    for finding in done.findings:
        output.complain(finding.text)
    for name, value in done.data.items():
        if isinstance(value, Table):
            output.say(f"{name}：")
            _tell_table(value)
        else:
            output.say(f"  {name}：{spelled(value)}")
    return output.GOOD


def _actor(given: Namespace) -> Actor:
    return who.actor(user=given.user, position=given.position, year=given.year, now=clock.now())


def _plain(register: Register, row: Any) -> dict[str, Any]:
    return {name: plain(fact.value(row)) for name, fact in facts(register).items()}


def _tell_table(table: Table) -> None:
    if not table.rows:
        output.say(f"  {table.empty}")
        return
    heads = list(table.heads)
    output.table(heads, [dict(zip(heads, map(spelled, row), strict=True)) for row in table.rows])


def _filters(register: Register, given: Sequence[str]) -> dict[str, list[str]]:
    """`name=value` pairs; the same name twice means either. Raises Refused for unknown names."""
    known = ["q"]
    for one in register.filters:
        name = filter_name(register, one)
        known += [f"{name}_from", f"{name}_to"] if one.entry in SPANS else [name]
    found: dict[str, list[str]] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or name not in known:
            raise errors.BAD_FILTER.refuse("--filter", given=text, known="、".join(known))
        found.setdefault(name, []).append(value)
    return found


def _values(command: Command, given: Sequence[str]) -> dict[str, Any]:
    """`name=value` pairs; `@path` reads a file; the same name twice makes a list."""
    entries = {one.name: one.entry for one in command.inputs}
    found: dict[str, Any] = {}
    for text in given:
        name, sign, said = text.partition("=")
        if not sign:
            known = "、".join(entries) or "无"
            raise errors.BAD_FILTER.refuse("--set", given=text, known=known)
        value: Any = said
        if said.startswith("@"):
            content = _content(said[1:])
            is_file = entries.get(name) == "file"
            value = Upload(Path(said[1:]).name, content) if is_file else content.decode()
        if entries.get(name) == "choices":
            found.setdefault(name, []).append(value)
        else:
            found[name] = value
    return found


def _content(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as failure:
        reason = failure.strerror or str(failure)
        raise errors.NO_FILE.refuse("--set", path=path, reason=reason) from None
