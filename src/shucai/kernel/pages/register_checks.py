"""名录查验 start-up checks of registers: what a declaration names must be there.

Every fault of every register is told at once, with the place of the declaration.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from django.db import models

from shucai.kernel import registry
from shucai.kernel.pages.register import LOOKS, TONES, Column, Command, Filter, Register, registers
from shucai.kernel.pages.register_facts import field_of, filter_label, filter_name
from shucai.kernel.pages.registers import SPANS

CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")
_CODE: Final = re.compile(r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$")
_WORD: Final = re.compile(r"^[a-z][a-z0-9_]*$")
RESERVED: Final = {
    "q",
    "sort",
    "size",
    "cursor",
    "parent",
    "year",
    "pick",
    "key",
    "all",
    "query",
    "depth",
}
Faults = Iterator[tuple[str, str]]


def check_all() -> None:
    for code, register in registers().items():
        for check in _CHECKS:
            for message, fix in check(register):
                registry.report(kind="register", code=code, message=message, fix=fix)


def _names(register: Register) -> Faults:
    if not _CODE.match(register.code):
        yield f"代码 {register.code} 不是“域.名词”", "改为小写英文，例如 platform.user"
    if not CHINESE.search(register.name):
        yield f"名称 {register.name} 不是中文", "改为官方中文名称"
    if not register.columns:
        yield "没有列", "至少声明一列"
    if not register.readers:
        yield "没有可查阅的职责", "声明 readers"
    for duty in register.readers:
        if registry.find("duty", duty) is None:
            yield f"职责 {duty} 未声明", "改为已声明的职责代码"


def _paths(register: Register) -> Faults:
    facts = [one for columns in register.facts.values() for one in columns]
    for one in [*register.columns, *facts]:
        yield from _column(register, one)
    names = [one.field for one in register.columns]
    for name in {name for name in names if names.count(name) > 1}:
        yield f"列 {name} 声明了两次", "去掉一个，或用 value 计算并另取名称"
    for path in register.search.split():
        known = field_of(register.model, path)
        if known is None or known.is_relation:
            yield f"查找的字段 {path} 不存在", "改为记录的字段，关联用双下划线写到底"
    for path in register.order.split():
        if field_of(register.model, path.removeprefix("-")) is None:
            yield f"排序的字段 {path} 不存在", "改为记录的字段"


def _column(register: Register, one: Column) -> Faults:
    known = field_of(register.model, one.field) if one.value is None else None
    if one.value is None and known is None:
        yield f"列 {one.field} 不是{register.model.__name__}的字段", "改正字段名，或用 value 计算"
    label = one.label or (str(known.verbose_name) if known is not None else "")
    if not CHINESE.search(label):
        yield f"列 {one.field} 没有中文名称", "写 label，或给模型字段中文名"
    if one.look not in LOOKS:
        yield f"列 {one.field} 的样式 {one.look} 不存在", f"改为 {'、'.join(LOOKS)} 之一"
    for tone in one.tones.values():
        if tone not in TONES:
            yield f"列 {one.field} 的色调 {tone} 不存在", f"改为 {'、'.join(TONES)} 之一"


def _key(register: Register) -> Faults:
    known = field_of(register.model, register.key)
    if known is None or "__" in register.key or not (known.unique or known.primary_key):
        yield f"主键 {register.key} 不是唯一字段", "改为 pk 或模型中 unique 的字段"
    if not register.parent:
        return
    above = field_of(register.model, register.parent)
    if above is None or "__" in register.parent:
        yield f"上级字段 {register.parent} 不存在", "改为指向自身的外键，或 parent_code"
    elif above.is_relation and above.related_model is not register.model:
        yield f"上级字段 {register.parent} 不指向自身", "改为指向自身的外键"
    elif not above.is_relation:
        code = register.parent.removeprefix("parent_")
        if code == register.parent or field_of(register.model, code) is None:
            yield f"上级字段 {register.parent} 没有对应的编码字段", "改为 parent_code 与 code 一对"


def _filters(register: Register) -> Faults:
    names = [filter_name(register, one) for one in register.filters]
    for name in {name for name in names if names.count(name) > 1}:
        yield f"筛选 {name} 声明了两次", "改用另一个 lookup"
    for one, name in zip(register.filters, names, strict=True):
        known = field_of(register.model, one.field)
        if known is None:
            yield f"筛选的字段 {one.field} 不存在", "改为记录的字段"
            continue
        if name in RESERVED:
            yield f"筛选名 {name} 与地址参数重名", "换一个字段"
        if not CHINESE.search(filter_label(register, one)):
            yield f"筛选 {name} 没有中文名称", "写 label，或给模型字段中文名"
        yield from _filter_entry(one, known)


def _filter_entry(one: Filter, known: "models.Field[object, object]") -> Faults:
    has_choices = one.options is not None or bool(known.flatchoices)
    is_flag = isinstance(known, models.BooleanField)
    if one.entry in ("choice", "choices") and not has_choices and not is_flag:
        yield f"筛选 {one.field} 没有可选项", "声明 options，或改 entry"
    if one.entry == "value" and not one.of:
        yield f"筛选 {one.field} 没有值集", "写 of=值集代码"
    if one.entry in SPANS and one.lookup != "exact":
        yield f"筛选 {one.field} 是区间，不能有 lookup", "去掉 lookup"
    if one.entry in ("file", "formula", "json", "secret", "long"):
        yield f"筛选 {one.field} 不能用 {one.entry}", "改为 text、choice、date 等"


def _commands(register: Register) -> Faults:
    codes = [one.code for one in register.commands]
    for code in {code for code in codes if codes.count(code) > 1}:
        yield f"操作 {code} 声明了两次", "去掉一个"
    for one in register.commands:
        if not _WORD.match(one.code):
            yield f"操作 {one.code} 不是小写英文词", "例如 enable、change_cron"
        if not CHINESE.search(one.label):
            yield f"操作 {one.code} 没有中文名称", "写 label"
        if not one.by:
            yield f"操作 {one.code} 没有办理职责", "声明 by"
        for duty in one.by:
            if registry.find("duty", duty) is None:
                yield f"操作 {one.code} 的职责 {duty} 未声明", "改为已声明的职责代码"
        yield from _inputs(one)


def _inputs(command: Command) -> Faults:
    names = [one.name for one in command.inputs]
    for name in {name for name in names if names.count(name) > 1}:
        yield f"操作 {command.code} 的录入项 {name} 重名", "换一个名称"
    for one in command.inputs:
        if not _WORD.match(one.name) or one.name in RESERVED:
            yield f"操作 {command.code} 的录入项 {one.name} 不能用", "换一个小写英文词"
        if not CHINESE.search(one.label):
            yield f"操作 {command.code} 的录入项 {one.name} 没有中文名称", "写 label"
        if one.entry in ("choice", "choices") and one.options is None:
            yield f"操作 {command.code} 的录入项 {one.name} 没有可选项", "声明 options"
        if one.entry == "value" and not one.of:
            yield f"操作 {command.code} 的录入项 {one.name} 没有值集", "写 of=值集代码"


def _panels(register: Register) -> Faults:
    codes = [one.code for one in register.panels]
    for code in {code for code in codes if codes.count(code) > 1}:
        yield f"面板 {code} 声明了两次", "去掉一个"
    for one in register.panels:
        if not CHINESE.search(one.label):
            yield f"面板 {one.code} 没有中文名称", "写 label"


_CHECKS: Final[tuple[Callable[[Register], Faults], ...]] = (
    _names, _paths, _key, _filters, _commands, _panels,
)  # fmt: skip
