"""新旧编码对照 code mapping: what a code of one year is called in the next, with shares."""

from decimal import Decimal
from typing import Any

from shucai.base.errors import Refused
from shucai.kit import masterdata, pages

KEEPER = masterdata.KEEPER
READERS = [KEEPER, "identity.system_admin", "identity.security_admin", "identity.auditor"]
SHOWN_MAX = 300
mapping = masterdata.mapping


def _kinds(actor: Any, record: Any) -> list[tuple[str, str]]:
    return list(mapping.KINDS.items())


def _years(call: pages.Call) -> tuple[int, int]:
    source = int(call.values["source"])
    return source, source + 1


def _typed(call: pages.Call) -> list[mapping.Link]:
    """One old code with its new ones; several new codes carry their percentages."""
    said = call.values
    news = [part for part in (said["news"] or "").replace("，", ",").split(",") if part.strip()]
    links = []
    for part in news or [""]:
        code, _, share = part.strip().partition("=")
        portion = Decimal(share.rstrip("% ")) / 100 if share.strip() else Decimal(1)
        links.append(mapping.Link(said["old"].split(" ")[0], code.strip(), said["kind"], portion))
    return links


def _read(call: pages.Call) -> list[mapping.Link]:
    file = call.values["file"]
    table = masterdata.importing.read_cells(file.name, file.content)
    return mapping.read_table(table, name=file.name)


def _proposed(call: pages.Call) -> list[mapping.Link]:
    source, target = _years(call)
    found = mapping.gaps(call.values["value_set"], source=source, target=target)
    return [gap.proposed for gap in found if gap.proposed is not None]


def _preview_gaps(call: pages.Call) -> pages.Table:
    source, target = _years(call)
    found = mapping.gaps(call.values["value_set"], source=source, target=target)
    rows = [
        (gap.code, gap.full_name, gap.why, gap.proposed_name or "没有同名编码，请另行填写")
        for gap in found
    ]
    proposed = sum(1 for gap in found if gap.proposed is not None)
    more = f"；只显示前 {SHOWN_MAX} 行" if len(rows) > SHOWN_MAX else ""
    note = f"{source} 年有 {len(found):,} 个编码没有去向，其中 {proposed:,} 个可按同名对照{more}"
    heads = (f"{source} 年编码", "名称", "原因", f"拟对照的 {target} 年编码")
    return pages.Table(heads, rows[:SHOWN_MAX], note=note, empty="全部编码都有去向")


def _preview_file(call: pages.Call) -> pages.Table:
    links, (source, target) = _read(call), _years(call)
    findings = mapping.check(call.values["value_set"], links, source=source, target=target)
    if findings:
        raise Refused(findings)
    rows = [
        (one.old, one.new or "（取消）", mapping.KINDS[one.kind], f"{one.share * 100:.2f}%")
        for one in links
    ]
    note = f"共 {len(rows):,} 行，保存后代替这些原编码已有的对照"
    return pages.Table(("原编码", "新编码", "关系", "比例"), rows[:SHOWN_MAX], note=note)


def _saving(links_of: Any) -> Any:
    def run(call: pages.Call) -> pages.Done:
        links = links_of(call)
        done = masterdata.mapping.put(
            actor=call.actor,
            value_set=call.values["value_set"],
            years=_years(call),
            links=links,
            now=call.now,
        )
        return pages.Done(f"已保存 {done} 条对照")

    return run


def _name(record: Any, year: str, code: str) -> str:
    value = getattr(record, code)
    if not value:
        return "（取消）"
    return masterdata.name_of(record.value_set_id, getattr(record, year), value)


_WHERE = [
    pages.Input(name="value_set", label="值集", entry="choice", options=masterdata.offering.sets),
    pages.Input(
        name="source",
        label="原年度",
        entry="choice",
        options=masterdata.offering.years,
        help="与下一年度对照",
    ),
]

CODE_MAPPING = pages.Register(
    code="platform.code_mapping",
    name="新旧编码对照",
    model=masterdata.CodeMapping,
    order="value_set -from_year from_code to_code",
    search="from_code to_code",
    title=lambda record: f"{record.from_code} → {record.to_code or '取消'}",
    readers=READERS,
    icon="transfer",
    intro="跨年比较时原编码对应的新编码；拆分的编码写明比例，沿用且未改名的编码不需要对照",
    covers=["PLAT-005"],
    filters=[
        pages.Filter(field="value_set", label="值集", options=masterdata.offering.sets),
        pages.Filter(field="from_year", options=masterdata.offering.years),
        pages.Filter(field="kind"),
    ],
    columns=[
        pages.Column(field="value_set__name", label="值集"),
        pages.Column(field="from_year", look="code"),
        pages.Column(field="from_code", look="code"),
        pages.Column(
            field="old_name", label="原名称", value=lambda one: _name(one, "from_year", "from_code")
        ),
        pages.Column(field="kind"),
        pages.Column(field="to_code", look="code"),
        pages.Column(
            field="new_name", label="新名称", value=lambda one: _name(one, "to_year", "to_code")
        ),
        pages.Column(
            field="part", label="比例", value=lambda one: f"{one.share * 100:.2f}%", look="code"
        ),
    ],
    commands=[
        pages.Command(
            code="propose",
            label="查缺并按同名对照",
            by=[KEEPER],
            run=_saving(_proposed),
            target="none",
            inputs=_WHERE,
            preview=_preview_gaps,
            icon="wand",
        ),
        pages.Command(
            code="put",
            label="填写对照",
            by=[KEEPER],
            run=_saving(_typed),
            target="none",
            inputs=[
                *_WHERE,
                pages.Input(name="old", label="原编码", limit=60),
                pages.Input(name="kind", label="关系", entry="choice", options=_kinds),
                pages.Input(
                    name="news",
                    label="新编码",
                    is_required=False,
                    limit=400,
                    help="取消时不填；拆分时写 2050201=40,2050202=60",
                ),
            ],
            icon="plus",
        ),
        pages.Command(
            code="import",
            label="导入对照",
            by=[KEEPER],
            run=_saving(_read),
            target="none",
            inputs=[
                *_WHERE,
                pages.Input(
                    name="file",
                    label="文件",
                    entry="file",
                    help="xlsx 或 csv，列为原编码、新编码、关系、比例",
                ),
            ],
            preview=_preview_file,
            icon="table-import",
        ),
    ],
)
