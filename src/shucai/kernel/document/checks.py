"""声明检查 declaration checks: every fault of a document type stops the start, by name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any

from django.db import models

from shucai.kernel import registry
from shucai.kernel.document.declare import DocumentType, find_type, types
from shucai.kernel.document.effects import RESOLVES, origin
from shucai.kernel.document.listing import HEADER_FIELDS
from shucai.kernel.ledger.accounts import AccountSpec
from shucai.kernel.ledger.declare import AccountField, Opening

_NUMBER_PARTS = {"year", "region", "unit", "seq"}


def check_all() -> None:
    """Reports every fault of every declared type to the registry."""
    for kind in types().values():
        for check in (
            _check_code,
            _check_flow,
            _check_names,
            _check_posts,
            _check_page,
            _check_takes,
        ):
            check(kind)


def _fault(kind: DocumentType, message: str, fix: str) -> None:
    registry.report(kind="document", code=kind.code, message=message, fix=fix)


def _check_code(kind: DocumentType) -> None:
    if not re.fullmatch(r"[a-z_]+\.[a-z_]+", kind.code):
        _fault(kind, "代码应为“域.类型”", "使用小写字母和下划线，例如 payment.application")
    elif kind.model._meta.app_label != kind.app_label:
        _fault(kind, "代码的前半段与所在的域不一致", f"改为 {kind.model._meta.app_label}.…")
    parts = {name for _, name, _, _ in Formatter().parse(kind.number) if name}
    if parts != _NUMBER_PARTS:
        _fault(kind, f"编号规则 {kind.number!r} 无效", "写明 year、region、unit 和 seq 四部分")
    if not kind.covers:
        _fault(kind, "没有写明所实现的功能编号", "填写 covers，例如 ['PLAT-062']")


def _check_flow(kind: DocumentType) -> None:
    states = set(kind.states.values)
    reached = {kind.initial}
    for move in kind.flow:
        for state in (move.source, move.target):
            if state not in states:
                _fault(kind, f"环节“{move.label}”引用了未知状态 {state}", "改为 State 中的值")
        if registry.find("duty", move.by) is None:
            _fault(kind, f"环节“{move.label}”的职责 {move.by} 未声明", "在 terms.py 中声明职责")
    for _ in kind.flow:
        reached |= {move.target for move in kind.flow if move.source in reached}
    for state in sorted(states - reached):
        _fault(kind, f"状态 {state} 无法到达", "增加到达它的环节，或删去该状态")
    seen: set[tuple[str, str]] = set()
    for move in kind.flow:
        if (move.action, move.source) in seen:
            _fault(kind, f"环节 {move.action} 在状态 {move.source} 重复", "删去重复的一行")
        seen.add((move.action, move.source))


def _check_names(kind: DocumentType) -> None:
    actions = set(kind.actions)
    for label, names in (
        ("separate", kind.separate),
        ("needs_reason", kind.needs_reason),
        ("posts", kind.posts),
    ):
        for name in names:
            if name not in actions:
                _fault(kind, f"{label} 中的 {name} 不是任何环节", "改为 FLOW 中的环节代码")
    for rule in kind.rules:
        for name in rule.on - actions:
            _fault(kind, f"规则 {rule.name} 的环节 {name} 不存在", "改为 FLOW 中的环节代码")
    for state in kind.final:
        if state not in kind.states.values:
            _fault(kind, f"final 中的 {state} 不是状态", "改为 State 中的值")


def _check_posts(kind: DocumentType) -> None:
    for action, effect in kind.posts.items():
        if effect.of and effect.of not in kind.posts:
            _fault(kind, f"{action} 结转的 {effect.of} 没有记账", "写明先前占用额度的环节")
            continue
        if effect.of and kind.posts[effect.of].verb not in RESOLVES[effect.verb]:
            verbs = "、".join(sorted(RESOLVES[effect.verb]))
            _fault(kind, f"{action} 不能结转 {effect.of}", f"{effect.verb} 只能结转 {verbs}")
            continue
        first = origin(kind, effect)
        for name in filter(None, (first.field, first.to_field)):
            _check_account(kind, action, name)
        if effect.opens is not None:
            _check_opening(kind, action, effect.opens)


def _check_account(kind: DocumentType, action: str, name: str) -> None:
    known = {f.name: f for f in kind.line_fields()}.get(name)
    if not isinstance(known, AccountField):
        _fault(kind, f"{action} 记账的字段 {name} 不是明细上的台账字段", "使用 ledger.account 字段")
        return
    book = registry.find("book", known.book)
    if book is None or known.kind not in book.kinds:
        _fault(kind, f"台账 {known.book}/{known.kind} 未声明", "在 terms.py 中声明账簿及账户类别")


def _check_opening(kind: DocumentType, action: str, opening: Opening) -> None:
    names = {f.name for f in (*kind.line_fields(), *kind.fields())} | {"seq", *HEADER_FIELDS}
    for name in (opening.unit, *opening.number_fields, *opening.element_map.values()):
        if name not in names:
            _fault(kind, f"{action} 开户引用了未知字段 {name}", "改为明细、单据或抬头上的字段名")
    if opening.period_mode != "year":
        _fault(kind, f"{action} 开户的控制期间 {opening.period_mode} 尚不支持", "使用 year")
    for name in opening.element_map:
        if name not in AccountSpec.__dataclass_fields__:
            _fault(kind, f"{action} 开户引用了未知要素 {name}", "改为台账账户上的要素")


def _check_page(kind: DocumentType) -> None:
    own = {f.name for f in kind.fields()}
    lines = {f.name for f in kind.line_fields()}
    for title, names in kind.page.sections.items():
        for name in names.split():
            if name != "lines" and name not in own:
                _fault(kind, f"页面“{title}”引用了未知字段 {name}", "改为单据上的字段名")
    for name in kind.page.legal.split():
        if name not in own | lines:
            _fault(kind, f"法定栏目 {name} 不存在", "改为单据或明细上的字段名")
    for name in kind.page.columns.split():
        if name not in own and name not in HEADER_FIELDS:
            _fault(kind, f"列表引用了未知字段 {name}", "改为抬头或单据上的字段名")
    for name in kind.page.filters.split():
        if name not in own and name not in {"unit", "state", "number"}:
            _fault(kind, f"筛选引用了未知字段 {name}", "改为 unit、state 或单据上的字段名")
    for name in kind.page.line_columns.split():
        if name not in lines:
            _fault(kind, f"明细引用了未知字段 {name}", "改为明细上的字段名")
    if kind.summary and kind.summary not in own | lines:
        _fault(kind, f"摘要引用了未知字段 {kind.summary}", "改为单据或明细上的字段名")


def _check_takes(kind: DocumentType) -> None:
    for state in kind.void:
        if state not in kind.states.values:
            _fault(kind, f"void 中的 {state} 不是状态", "改为 State 中的值")
    for taken in kind.takes:
        source = find_type(taken.source)
        if source is None:
            _fault(kind, f"承接的来源 {taken.source} 不存在", "改为已声明的单据类型代码")
            continue
        if taken.when not in source.states.values:
            _fault(kind, f"承接的来源状态 {taken.when} 不存在", f"改为 {source.code} 的状态")
        _check_mapping(kind, taken.fields, kind.fields(), source.fields())
        _check_mapping(kind, taken.lines, kind.line_fields(), source.line_fields())


def _check_mapping(
    kind: DocumentType,
    mapping: Mapping[str, str],
    own: Sequence[models.Field[Any, Any]],
    theirs: Sequence[models.Field[Any, Any]],
) -> None:
    for name in mapping.keys() - {f.name for f in own}:
        _fault(kind, f"承接写入了未知字段 {name}", "改为本单据的字段名")
    for name in set(mapping.values()) - {f.name for f in theirs}:
        _fault(kind, f"承接读取了未知字段 {name}", "改为来源单据的字段名")


_CHECKS = (_check_code, _check_flow, _check_names, _check_posts, _check_page, _check_takes)
