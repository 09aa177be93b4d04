"""指标下达 allotment grant: the finance bureau gives units their spendable allotments.

Each line becomes one unit allotment (单位指标) with its own number 文号-行号. Issuing opens the
account and grants the amount; withdrawing takes back what nobody has used, whole or not at all.
"""

from collections.abc import Iterator, Sequence

from django.db import models

from shucai.base.errors import Finding
from shucai.domains.allotment import errors
from shucai.kit import control, document, ledger, masterdata, pages, report


class State(document.State):
    DRAFT = "draft", "草稿"
    REVIEWING = "reviewing", "待审核"
    APPROVED = "approved", "待下达"
    ISSUED = "issued", "已下达"
    WITHDRAWN = "withdrawn", "已收回"


class AllotmentGrant(document.Document):
    doc_no = models.CharField("文号", max_length=60)
    title = models.CharField("标题", max_length=120)
    source = masterdata.element("指标来源", of="budget_source")


class AllotmentGrantLine(document.Line):
    parent = document.parent(AllotmentGrant)
    receiver = masterdata.unit("预算单位")
    function = masterdata.element("支出功能分类", of="functional")
    gov_economy = masterdata.element("政府预算经济分类", of="economic_gov")
    dep_economy = masterdata.element("部门预算经济分类", of="economic_dept")
    fund_type = masterdata.element("资金性质", of="fund_type")
    project = masterdata.project_name("项目")
    allotment = ledger.account("指标", book="budget", kind="unit_allotment", null=True)


@control.rule(errors.OTHER_DIVISION, on="submit")
def stays_within_the_division(
    doc: AllotmentGrant, lines: Sequence[AllotmentGrantLine]
) -> Iterator[Finding]:
    """Money for lower divisions is a fiscal transfer, not an allotment."""
    for line in lines:
        if line.receiver.division_code != doc.header.division:
            yield errors.OTHER_DIVISION.at(
                f"lines[{line.seq}].receiver",
                seq=line.seq,
                unit=line.receiver.name,
                division=line.receiver.division_code,
                own=doc.header.division,
            )


@control.rule(errors.CLASS_MISMATCH, on="submit")
def keeps_the_two_economic_classes_in_step(
    doc: AllotmentGrant, lines: Sequence[AllotmentGrantLine]
) -> Iterator[Finding]:
    """What government and department call one expense stands in one row of the year's table."""
    for line in lines:
        gov, dep = line.gov_economy, line.dep_economy
        found = masterdata.allowed(
            "economic", doc.fiscal_year, gov, dep, division=doc.header.division
        )
        if found is not None:
            yield errors.CLASS_MISMATCH.at(
                f"lines[{line.seq}].dep_economy",
                seq=line.seq,
                gov=gov,
                dep=dep,
                reason=found.why,
            )


@control.rule(errors.PROJECT_NAME, on="submit")
def names_projects_by_the_rule(
    doc: AllotmentGrant, lines: Sequence[AllotmentGrantLine]
) -> Iterator[Finding]:
    """Length, words, composition and likeness to other projects of the unit, as published."""
    known: dict[int, set[str]] | None = None
    for line in lines:
        unit = line.receiver
        naming = masterdata.Naming(
            division=doc.header.division,
            fiscal_year=doc.fiscal_year,
            unit_name=unit.name,
            unit_short=unit.short_name,
            unit_path=unit.path,
        )
        rule = masterdata.project_names.rule(naming)
        if not rule.number:
            continue
        if known is None and rule.is_repeat_checked:
            known = ledger.project_names(
                units={one.receiver_id for one in lines}, fiscal_year=doc.fiscal_year
            )
        existing = (known or {}).get(unit.pk, ())
        for found in masterdata.project_names.faults(line.project, naming, existing=existing):
            yield errors.PROJECT_NAME.at(
                f"lines[{line.seq}].project",
                level=found.level,
                seq=line.seq,
                reason=found.why,
                fix=found.fix,
            )


# fmt: off
FLOW = [
    #             action      label   from             to
    document.Move("submit",   "送审", State.DRAFT,     State.REVIEWING, by="allotment.preparer"),
    document.Move("approve",  "审核", State.REVIEWING, State.APPROVED,  by="allotment.reviewer"),
    document.Move("return",   "退回", State.REVIEWING, State.DRAFT,     by="allotment.reviewer"),
    document.Move("recall",   "撤回", State.REVIEWING, State.DRAFT,     by="allotment.preparer"),
    document.Move("issue",    "下达", State.APPROVED,  State.ISSUED,    by="allotment.issuer"),
    document.Move("return",   "退回", State.APPROVED,  State.DRAFT,     by="allotment.issuer"),
    document.Move("withdraw", "收回", State.ISSUED,    State.WITHDRAWN, by="allotment.issuer"),
]
# fmt: on

ALLOTMENT_GRANT = document.DocumentType(
    code="allotment.grant",
    name="指标下达",
    covers=["PLAT-054"],
    model=AllotmentGrant,
    line=AllotmentGrantLine,
    number="ZB{year}-{region}{unit}-{seq:05}",
    flow=FLOW,
    final=[State.ISSUED, State.WITHDRAWN],
    void=[State.WITHDRAWN],
    separate=["submit", "approve", "issue"],
    needs_reason=["return", "withdraw"],
    rules=[
        stays_within_the_division,
        keeps_the_two_economic_classes_in_step,
        names_projects_by_the_rule,
    ],
    posts={
        "issue": ledger.grant(
            "allotment",
            opens=ledger.Opening(
                book="budget",
                kind="unit_allotment",
                number="{doc_no}-{seq:02}",
                unit="receiver",
                elements=(
                    "function_code=function gov_economy_code=gov_economy"
                    " dep_economy_code=dep_economy fund_type_code=fund_type"
                    " project_name=project source_code=source doc_no=doc_no name=project"
                ),
            ),
        ),
        "withdraw": ledger.ungrant("allotment", refuse=errors.ALLOTMENT_IN_USE),
    },
    summary="title",
    page=pages.DocumentPage(
        sections={"下达信息": "doc_no title source", "指标明细": "lines"},
        columns="number doc_no title unit amount state maker_name updated_at",
        filters="unit state source",
        line_columns=("receiver function gov_economy dep_economy fund_type project amount"),
        icon="scale",
        empty="这里列出已编制和已下达的单位指标。",
        intro="下达后，每一行成为一个可支付的单位指标。",
        print_title="预算指标下达单",
    ),
)

GRANTED_BY_FUND = report.Summary(
    code="allotment.granted_by_unit",
    name="指标下达汇总表",
    of=ALLOTMENT_GRANT,
    where={"state": State.ISSUED},
    by="source",
    measures={"笔数": "count()", "已下达": "sum(amount)"},
)
