"""通用的形状 schemas that are the same for every document type."""

from typing import Any, Final, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, StrictBool, StrictInt, StrictStr

from shucai.kernel.document.action import DOCUMENTS_MAX

Money = str
REASON_MAX: Final = 500


class Given(Schema):
    """A body that callers send: unknown keys are refused, not ignored."""

    model_config = ConfigDict(extra="forbid")


class Unit(Schema):
    code: str
    name: str


class Finding(Schema):
    """一条提示: what, why (with the figures) and the next step, at its place."""

    code: str
    level: Literal["forbid", "warn", "flag", "record"]
    at: str = Field(description='位置，例如 "payee_name" 或 "lines[3].amount"；空为整张单据')
    title: str
    detail: str
    fix: str
    basis: str
    data: dict[str, Any]
    text: str


class Problem(Schema):
    """拒绝 refusal, RFC 9457."""

    type: str
    status: int
    code: str = Field(description="永久代码，含义不变，不重复使用")
    title: str
    detail: str
    fix: str
    basis: str
    at: str
    data: dict[str, Any]
    findings: list[Finding]
    trace_id: str


class AllowedAction(Schema):
    action: str
    label: str
    duty: str
    needs_reason: bool
    findings: list[Finding] = Field(description="现在办理会遇到的提示；没有即可办理")


class Step(Schema):
    action: str
    label: str
    source: str
    target: str
    actor: str
    position: str
    opinion: str
    at: str


class Row(Schema):
    """列表中的一行。"""

    id: int
    address: str = Field(description="单号；未编号的草稿为 ~id")
    number: str | None
    version: int
    state: str
    state_label: str
    unit: Unit
    amount: Money
    summary: str
    business_date: str
    maker: str
    created_at: str
    updated_at: str
    submitted_at: str | None
    fields: dict[str, Any]


class Listing(Schema):
    rows: list[Row]
    next: str | None = Field(description="下一页的 cursor；没有下一页时为 null")
    previous: str | None
    totals: "Totals | None" = Field(description="按 totals=1 请求时给出")


class Totals(Schema):
    count: int
    is_capped: bool = Field(description="true 表示多于 count")
    amount: Money


class Document(Schema):
    """一张单据: header, fields, lines, permitted actions and steps."""

    type: str
    id: int
    address: str
    number: str | None
    version: int
    state: str
    state_label: str
    fiscal_year: int
    division: str
    unit: Unit
    amount: Money
    summary: str
    business_date: str
    maker: str
    is_editable: bool
    is_hung: bool
    created_at: str
    updated_at: str
    submitted_at: str | None
    fields: dict[str, Any]
    lines: list[dict[str, Any]]
    actions: list[AllowedAction]
    steps: list[Step]


class ActionIn(Given):
    """办理一张单据。"""

    opinion: StrictStr = Field(default="", max_length=REASON_MAX, title="意见")
    preview: StrictBool = Field(default=False, title="试算", description="只计算，不写入")
    to_node: StrictInt | None = Field(default=None, ge=1, le=100, title="退回到第几个节点")


class BatchIn(Given):
    """批量办理。"""

    numbers: list[StrictStr] = Field(min_length=1, max_length=DOCUMENTS_MAX, title="单号")
    mode: Literal["atomic", "each"] = Field(
        default="atomic", description="atomic 全部通过才办理；each 逐笔办理，未通过的逐笔说明"
    )
    opinion: StrictStr = Field(default="", max_length=REASON_MAX)
    preview: StrictBool = False
    versions: dict[str, StrictInt] = Field(default_factory=dict, description="所依据的版本")


class Balance(Schema):
    account: int
    number: str
    name: str
    granted: Money
    held: Money
    spent: Money
    available: Money
    change: Money


class Result(Schema):
    id: int
    number: str
    ok: bool
    state: str
    version: int
    next: str
    findings: list[Finding]


class Outcome(Schema):
    """办理结果: one row per document, in the order asked for."""

    ok: bool
    done: int
    preview: bool
    replayed: bool = Field(description="true 表示这是同一 Idempotency-Key 第一次请求的结果")
    results: list[Result]
    balances: list[Balance]


class FieldInfo(Schema):
    name: str
    title: str
    required: bool


class ActionInfo(Schema):
    action: str
    label: str
    sources: list[str]
    target: str
    duty: str
    needs_reason: bool


class TypeInfo(Schema):
    code: str
    name: str
    states: dict[str, str]
    fields: list[FieldInfo]
    line_fields: list[FieldInfo]
    actions: list[ActionInfo]
    filters: dict[str, str]


class Types(Schema):
    types: list[TypeInfo]
