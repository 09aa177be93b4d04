"""编码规则 code rule: how many characters each level of a value set adds, and which ones."""

from datetime import datetime
from typing import Any

from shucai.kit import masterdata, pages

KEEPER = masterdata.KEEPER
READERS = [KEEPER, "identity.system_admin", "identity.security_admin", "identity.auditor"]
SHOWN_MAX = 300


def _asked(call: pages.Call) -> tuple[str, int, masterdata.codes.Rule]:
    said, record = call.values, call.record
    rule = masterdata.codes.parsed(said["lengths"], said["charsets"] or "")
    if record is not None:
        return record.value_set_id, record.fiscal_year, rule
    return said["value_set"], int(said["fiscal_year"]), rule


def _offenders(value_set: str, year: int, rule: masterdata.codes.Rule) -> pages.Table:
    found = masterdata.codes.broken_by(rule, value_set=value_set, fiscal_year=year)
    more = f"，只显示前 {SHOWN_MAX} 个" if len(found) > SHOWN_MAX else ""
    note = f"{rule.text}：{len(found):,} 个启用的编码不符合{more}"
    empty = "现有编码全部符合"
    return pages.Table(("编码", "不符合之处"), found[:SHOWN_MAX], note=note, empty=empty)


def _preview(call: pages.Call) -> pages.Table:
    return _offenders(*_asked(call))


def _put(call: pages.Call) -> pages.Done:
    value_set, year, rule = _asked(call)
    masterdata.codes.change_rule(
        actor=call.actor,
        value_set=value_set,
        fiscal_year=year,
        rule=rule,
        reason=call.values["reason"] or "",
        now=call.now,
    )
    return pages.Done(f"编码规则已改为 {rule.text}")


def _propose(call: pages.Call) -> pages.Done:
    record, above = call.record, call.values["above"] or ""
    code = masterdata.codes.propose(
        record.value_set_id,
        record.fiscal_year,
        parent=above,
        division=masterdata.offering.division_of(call.values["owner"]),
    )
    return pages.Done(f"{above or '顶级'}之下的下一个编码是 {code}", data={"编码": code})


def _broken(actor: Any, record: Any, now: datetime) -> pages.Table:
    rule = masterdata.codes.made(record)
    return _offenders(record.value_set_id, record.fiscal_year, rule)


def _charsets(record: Any) -> str:
    return "-".join(record.charsets or [record.charset]) if record else ""


_RULE = [
    pages.Input(
        name="lengths",
        label="各级长度",
        limit=60,
        help="每一级增加的位数，如 3-2-2",
        initial=lambda record: "-".join(map(str, record.lengths)) if record else "",
    ),
    pages.Input(
        name="charsets",
        label="字符",
        is_required=False,
        limit=120,
        help="digits 数字，alphanumeric 数字和大写字母；各级不同时以横线依次写明",
        initial=_charsets,
    ),
    pages.Input(
        name="reason",
        label="保留不符编码的理由",
        is_required=False,
        help="有编码不符合新规则时，填写理由才能保存；这些编码保留，新增编码须符合规则",
    ),
]

CODE_RULE = pages.Register(
    code="platform.code_rule",
    name="编码规则",
    model=masterdata.CodeRule,
    order="value_set -fiscal_year",
    search="value_set__code value_set__name",
    title=lambda record: f"{record.value_set.name} {record.fiscal_year} 年编码规则",
    readers=READERS,
    icon="adjustments-horizontal",
    intro="每一级的长度和字符；修改规则前列出不符合的编码，按规则给出下一个编码",
    covers=["PLAT-006"],
    filters=[
        pages.Filter(field="value_set", label="值集", options=masterdata.offering.sets),
        pages.Filter(field="fiscal_year", options=masterdata.offering.years),
    ],
    columns=[
        pages.Column(field="value_set__name", label="值集"),
        pages.Column(field="fiscal_year", look="code"),
        pages.Column(
            field="rule",
            label="规则",
            value=lambda record: masterdata.codes.made(record).text,
        ),
        pages.Column(
            field="levels", label="级数", value=lambda record: len(record.lengths), look="number"
        ),
        pages.Column(field="reason"),
    ],
    facts={
        "规则": [
            pages.Column(field="value_set__name", label="值集"),
            pages.Column(field="fiscal_year", look="code"),
            pages.Column(
                field="rule",
                label="规则",
                value=lambda record: masterdata.codes.made(record).text,
            ),
            pages.Column(
                field="example",
                label="首个编码",
                value=lambda record: masterdata.codes.made(record).example(),
                look="code",
            ),
            pages.Column(field="reason"),
        ]
    },
    panels=[pages.Panel(code="broken", label="不符合规则的编码", table=_broken)],
    commands=[
        pages.Command(
            code="put",
            label="新增规则",
            by=[KEEPER],
            run=_put,
            target="none",
            inputs=[
                pages.Input(
                    name="value_set",
                    label="值集",
                    entry="choice",
                    options=masterdata.offering.sets,
                ),
                pages.Input(
                    name="fiscal_year",
                    label="年度",
                    entry="choice",
                    options=masterdata.offering.years,
                ),
                *_RULE,
            ],
            preview=_preview,
            icon="plus",
        ),
        pages.Command(
            code="change",
            label="修改规则",
            by=[KEEPER],
            run=_put,
            inputs=_RULE,
            preview=_preview,
            icon="pencil",
        ),
        pages.Command(
            code="propose",
            label="给出下一个编码",
            by=[KEEPER],
            run=_propose,
            inputs=[
                pages.Input(
                    name="owner",
                    label="归属",
                    entry="choice",
                    options=masterdata.offering.owners,
                ),
                pages.Input(
                    name="above", label="上级编码", is_required=False, limit=40, help="最上级不填"
                ),
            ],
            icon="wand",
        ),
    ],
)
