"""示例名录 sample registers: every kind of column, filter, input and command, for tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from shucai.base.errors import Problem
from shucai.kernel import registry
from shucai.kernel.identity.actor import Actor
from shucai.kernel.masterdata.models import Unit, ValueSet
from shucai.kernel.pages.register import (
    Call,
    Column,
    Command,
    Done,
    Filter,
    Input,
    Panel,
    Register,
    Table,
)

ADMIN, SECURITY = "identity.system_admin", "identity.security_admin"
CODES = ("sample.unit", "sample.set")
TAKEN = Problem(
    code="SAM-0001",
    what="名称“{name}”已被使用",
    why="已有 {count} 个值集使用该名称",
    fix="请换一个名称",
)
STATES = [("used", "在用"), ("stopped", "停用")]
TONES = {"used": "done", "stopped": "draft"}
COLOURS = [("red", "红色"), ("blue", "蓝色")]


@contextmanager
def declared() -> Iterator[dict[str, Register]]:
    """The two registers, known to every channel while the context lasts."""
    try:
        yield {"unit": _unit(), "set": _set()}
    finally:
        registry.forget("register", CODES)


def _visible(actor: Actor) -> Any:
    low, high = actor.range
    return Unit.objects.filter(path__gte=low, path__lt=high)


def _unit() -> Register:
    return Register(
        code="sample.unit",
        name="示例单位",
        model=Unit,
        key="pk",
        order="path",
        parent="parent",
        rows=_visible,
        readers=[ADMIN, SECURITY],
        search="code name pinyin",
        title=lambda unit: f"{unit.code} {unit.name}",
        columns=[
            Column(field="name"),
            Column(field="code", look="code"),
            Column(field="division_code"),
            Column(field="valid_from"),
            Column(field="is_enabled", tones={"1": "done", "0": "draft"}),
            Column(field="parent__name", label="上级"),
        ],
        filters=[
            Filter(field="is_enabled", entry="flag"),
            Filter(field="level", entry="integer"),
            Filter(field="valid_from", entry="date"),
            Filter(field="name", entry="text"),
        ],
    )


def _set() -> Register:
    return Register(
        code="sample.set",
        name="示例值集",
        model=ValueSet,
        key="code",
        order="code",
        readers=[ADMIN, SECURITY],
        search="code name",
        intro="值集是编码的目录",
        empty="还没有值集，请先新增。",
        title=lambda found: found.name,
        trail=lambda found: [("masterdata.value_set", found.code)],
        columns=[
            Column(field="name"),
            Column(field="code", look="code"),
            Column(field="description", label="状态", tones=TONES),
            Column(field="letters", label="字母", value=lambda one: list(one.code), look="list"),
            Column(field="count", label="字数", value=lambda one: len(one.name), look="number"),
            Column(field="national_code", is_shown=False),
        ],
        filters=[
            Filter(
                field="description",
                label="状态",
                options=lambda actor, record: STATES,
                initial="used",
            )
        ],
        panels=[Panel(code="letters", label="字母清单", table=_letters)],
        commands=_commands(),
    )


def _letters(actor: Actor, found: Any, now: datetime) -> Table:
    return Table(["字母"], [[letter] for letter in found.code], empty="没有字母")


def _commands() -> list[Command]:
    return [
        Command(
            code="create",
            label="新增值集",
            by=[ADMIN],
            target="none",
            run=_create,
            icon="plus",
            inputs=[
                Input(name="code", label="编码", limit=20),
                Input(name="name", label="名称", limit=20),
                Input(name="why", label="理由", entry="long", is_required=False),
            ],
        ),
        Command(
            code="everything",
            label="全部录入",
            by=[ADMIN],
            run=_tell,
            target="one",
            inputs=_inputs(),
        ),
        Command(
            code="rename",
            label="更名",
            by=[ADMIN],
            run=_rename,
            preview=_preview,
            inputs=[Input(name="name", label="名称", initial=lambda found: found.name)],
        ),
        Command(
            code="stop",
            label="停用",
            by=[SECURITY],
            run=_stop,
            target="many",
            when=lambda found: found.description != "stopped",
            is_grave=True,
            confirm="停用后不能再使用其中的编码。",
        ),
        Command(code="key", label="新密钥", by=[ADMIN], run=_secret, icon="key"),
    ]


def _inputs() -> list[Input]:
    def one(entry: Any, label: str, **more: Any) -> Input:
        return Input(name=f"in_{entry}", label=label, entry=entry, is_required=False, **more)

    return [
        one("text", "文本"),
        one("long", "长文本"),
        one("integer", "整数"),
        one("money", "金额"),
        one("date", "日期"),
        one("instant", "时间"),
        one("flag", "是否"),
        one("choice", "颜色", options=lambda actor, record: COLOURS),
        one("choices", "多种颜色", options=lambda actor, record: COLOURS),
        one("unit", "单位"),
        one("value", "功能分类", of="functional"),
        one("user", "人员"),
        one("file", "文件", of="csv"),
        one("formula", "公式"),
        one("json", "参数"),
        one("secret", "密码"),
    ]


def _create(call: Call) -> Done:
    taken = ValueSet.objects.filter(name=call.values["name"]).count()
    if taken:
        raise TAKEN.refuse("name", name=call.values["name"], count=taken)
    make(call.values["code"], call.values["name"])
    return Done("已新增值集", to=f"/r/sample.set/{call.values['code']}")


def make(code: str, name: str) -> ValueSet:
    return ValueSet.objects.create(code=code, name=name, description="used")


def _tell(call: Call) -> Done:
    return Done("已收到", data={name: str(value) for name, value in call.values.items()})


def _preview(call: Call) -> Table:
    ValueSet.objects.filter(pk=call.record.pk).update(name="预览中")
    return Table(["原名", "新名"], [[call.record.name, call.values["name"]]])


def _rename(call: Call) -> Done:
    ValueSet.objects.filter(pk=call.record.pk).update(name=call.values["name"])
    return Done("已更名")


def _stop(call: Call) -> Done:
    for found in call.records:
        ValueSet.objects.filter(pk=found.pk).update(description="stopped")
    rows = [[found.name, "已停用"] for found in call.records]
    return Done(f"已停用 {len(rows)} 个值集", data={"结果": Table(["值集", "结果"], rows)})


def _secret(call: Call) -> Done:
    return Done("已生成", secret=f"sk-{call.record.code}-0001")
