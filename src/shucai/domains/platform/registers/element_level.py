"""要素级次 element level: which elements a document type must carry, and how deep, by year."""

from datetime import datetime
from typing import Any

from shucai.kit import masterdata, pages

KEEPER = masterdata.KEEPER
READERS = [KEEPER, "identity.system_admin", "identity.security_admin", "identity.auditor"]
offering = masterdata.offering
levels = masterdata.levels


def _put(call: pages.Call) -> pages.Done:
    said, record = call.values, call.record
    kind, _, field = (
        (record.document_type, "", record.field) if record else said["element"].partition(":")
    )
    levels.put(
        actor=call.actor,
        document_type=kind,
        field=field,
        fiscal_year=call.actor.fiscal_year,
        division=record.division if record else offering.division_of(said["owner"]),
        min_level=said["min_level"],
        required=said["is_demanded"],
        now=call.now,
    )
    return pages.Done("已保存要素级次，此后录入的单据按此检查")


def _remove(call: pages.Call) -> pages.Done:
    levels.remove(actor=call.actor, level=call.record.pk, now=call.now)
    return pages.Done("已取消该设置", to="/r/platform.element_level/")


def _column(record: Any) -> Any:
    found = levels.columns(record.document_type)
    return next((one for one in found if one.field == record.field), None)


def _type_name(record: Any) -> str:
    known = _column(record)
    return str(known.type_name if known else record.document_type)


def _label(record: Any) -> str:
    known = _column(record)
    return str(known.label if known else record.field)


def _all(actor: Any, record: Any, now: datetime) -> pages.Table:
    """Every element of the document type with what is in force for the division."""
    found = []
    for one in levels.columns(record.document_type):
        said = levels.demand(
            one.document_type, one.field, record.fiscal_year, division=record.division
        )
        least = f"至少第 {said.min_level} 级" if said else "末级"
        must = "必填" if said and said.required else "按单据规定"
        found.append((one.label, "明细" if one.is_line else "抬头", least, must))
    return pages.Table(("要素", "位置", "级次", "填写"), found)


_SAID = [
    pages.Input(
        name="min_level",
        label="最低级次",
        entry="integer",
        initial=lambda record: record.min_level if record else 1,
        help="编码至少到第几级，更细的都可以",
    ),
    pages.Input(
        name="is_demanded",
        label="必填",
        entry="flag",
        is_required=False,
        initial=lambda record: record.required if record else True,
    ),
]

ELEMENT_LEVEL = pages.Register(
    code="platform.element_level",
    name="单据要素级次",
    model=masterdata.ElementLevel,
    order="document_type field division",
    search="document_type field value_set",
    rows=masterdata.listing.element_levels,
    title=lambda record: f"{_type_name(record)} {_label(record)}",
    readers=READERS,
    icon="stack-2",
    intro="每种单据带哪些要素、编码至少到第几级、是否必填；没有设置的要素要求末级",
    covers=["PLAT-005"],
    filters=[
        pages.Filter(field="document_type", entry="choice", options=offering.document_types),
        pages.Filter(field="value_set", options=offering.sets),
    ],
    columns=[
        pages.Column(field="type", label="单据类型名称", value=_type_name),
        pages.Column(field="label", label="要素", value=_label),
        pages.Column(field="value_set", look="code"),
        pages.Column(field="min_level", look="number"),
        pages.Column(field="required"),
        pages.Column(field="owner", label="归属", value=lambda one: one.division or "标准"),
    ],
    panels=[pages.Panel(code="all", label="该单据的全部要素", table=_all)],
    commands=[
        pages.Command(
            code="put",
            label="设置要素级次",
            by=[KEEPER],
            run=_put,
            target="none",
            inputs=[
                pages.Input(
                    name="element",
                    label="单据与要素",
                    entry="choice",
                    options=offering.element_fields,
                ),
                pages.Input(name="owner", label="归属", entry="choice", options=offering.owners),
                *_SAID,
            ],
            icon="plus",
        ),
        pages.Command(
            code="change", label="修改", by=[KEEPER], run=_put, inputs=_SAID, icon="pencil"
        ),
        pages.Command(
            code="remove",
            label="取消设置",
            by=[KEEPER],
            run=_remove,
            confirm="取消后按标准设置检查；没有标准设置的，要求末级编码。",
            icon="x",
        ),
    ],
)
