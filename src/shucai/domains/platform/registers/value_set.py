"""值集 value set: a catalogue of codes, its years, newer editions taken in and given out."""

from collections import Counter
from datetime import datetime
from typing import Any

from shucai.base.errors import Refused
from shucai.kit import masterdata, pages

KEEPER = masterdata.KEEPER
READERS = [KEEPER, "identity.system_admin", "identity.security_admin", "identity.auditor"]
SHOWN_MAX = 300
FIELDS = {
    "name": "改名",
    "parent_code": "移位",
    "valid_from": "启用日期",
    "valid_to": "停用日期",
    "edition": "版本",
    "source": "出处",
    "confidence": "可信度",
    "extra": "补充",
}


def _define(call: pages.Call) -> pages.Done:
    said = call.values
    made = masterdata.editing.define_set(
        actor=call.actor,
        code=said["code"] if call.record is None else call.record.code,
        name=said["name"],
        national_code=said["national_code"] or "",
        description=said["description"] or "",
        now=call.now,
    )
    return pages.Done(f"已保存值集 {made.name}", to=f"/r/platform.value_set/{made.code}")


def _place(call: pages.Call) -> masterdata.Place:
    division = masterdata.offering.division_of(call.values["owner"])
    return masterdata.Place(call.record.code, int(call.values["fiscal_year"]), division)


def _difference(call: pages.Call) -> masterdata.importing.Difference:
    file = call.values["file"]
    rows = masterdata.importing.read_file(file.name, file.content)
    found = masterdata.importing.preview(_place(call), rows, is_complete=call.values["is_complete"])
    if found.findings:
        raise Refused(found.findings)
    return found


def _import_preview(call: pages.Call) -> pages.Table:
    """Every addition, rename, move, stop and return; stops with the rows that use the code."""
    found = _difference(call)
    used = masterdata.usage.counts(
        found.place.value_set, found.place.fiscal_year, [code for code, _ in found.stopped]
    )
    rows: list[tuple[str, ...]] = [
        ("停用", code, name, f"在用 {used[code]:,} 处" if code in used else "没有使用")
        for code, name in found.stopped
    ]
    rows += [("恢复", code, name, "") for code, name in found.restarted]
    for one in found.changed:
        words = "、".join(FIELDS[name] for name in one.fields)
        told = "；".join(f"{old or '空'} → {new or '空'}" for old, new in one.fields.values())
        rows.append((words, one.code, one.name, told[:200]))
    rows += [("新增", row.code, row.name, f"上级 {row.parent_code or '无'}") for row in found.added]
    counted = Counter(row[0] for row in rows)
    told = "，".join(f"{word} {count:,}" for word, count in counted.items()) or "没有差异"
    more = f"；只显示前 {SHOWN_MAX} 行" if len(rows) > SHOWN_MAX else ""
    note = f"{told}，不变 {found.unchanged:,}{more}"
    return pages.Table(("变化", "编码", "名称", "说明"), rows[:SHOWN_MAX], note=note)


def _import(call: pages.Call) -> pages.Done:
    found = _difference(call)
    masterdata.importing.demand_change(found)
    run = masterdata.keeping_jobs.start_import(
        actor=call.actor,
        place=found.place,
        file=call.values["file"],
        digest=found.digest,
        is_complete=call.values["is_complete"],
        now=call.now,
        key=call.key,
    )
    return pages.Done("已开始导入，完成后在任务页查看结果", to=f"/tasks/{run.pk}")


def _export(call: pages.Call) -> pages.Done:
    run = masterdata.keeping_jobs.start_export(actor=call.actor, place=_place(call), now=call.now)
    return pages.Done("已开始生成文件，完成后在任务页下载", to=f"/tasks/{run.pk}")


def _copy_preview(call: pages.Call) -> pages.Table:
    source, target = int(call.values["source"]), int(call.values["target"])
    wanted = set(call.values["value_sets"])
    found = [
        one
        for one in masterdata.years.prospects(source=source, target=target)
        if not wanted or one.value_set in wanted
    ]
    rows = [
        (
            one.value_set,
            one.name,
            f"{one.count:,}",
            f"{one.ended:,}",
            f"{one.held:,}",
            "复制" if one.is_copied else f"跳过，{target} 年已有 {one.held:,} 个",
        )
        for one in found
    ]
    copied = [one for one in found if one.is_copied]
    note = f"复制 {len(copied)} 个值集、{sum(one.count for one in copied):,} 个编码"
    heads = ("值集", "名称", f"{source} 年启用", "到期不再复制", f"{target} 年已有", "处理")
    return pages.Table(heads, rows, note=note + "，连同编码规则、要素关联、级次和定值规则")


def _copy(call: pages.Call) -> pages.Done:
    run = masterdata.keeping_jobs.start_copy(
        actor=call.actor,
        source=int(call.values["source"]),
        target=int(call.values["target"]),
        value_sets=call.values["value_sets"],
        now=call.now,
    )
    return pages.Done("已开始复制年度，进度见任务页", to=f"/tasks/{run.pk}")


def _by_year(actor: Any, record: Any, now: datetime) -> pages.Table:
    counts = masterdata.listing.year_counts(record.code)
    table = []
    for year in sorted(counts, reverse=True):
        rule = masterdata.codes.rule_for(record.code, year)
        kinds = [f"{counts[year][word]:,}" for word in ("standard", "local", "stopped")]
        table.append((f"{year} 年", *kinds, rule.text if rule else "编码自由"))
    return pages.Table(("年度", "标准编码", "本地编码", "已停用", "编码规则"), table)


def _published(actor: Any, record: Any, now: datetime) -> pages.Table:
    found = masterdata.publishing.visible(actor).filter(value_set=record.code).order_by("-pk")[:50]
    rows = [
        (one.title, one.division, f"{one.count:,}", one.actor_name, f"{one.at:%Y-%m-%d}")
        for one in found
    ]
    links = [f"/r/platform.publication/{one.pk}" for one in found]
    heads = ("说明", "发布区划", "编码数", "发布人", "日期")
    return pages.Table(heads, rows, links=links, empty="没有发布过")


_OWNER = pages.Input(name="owner", label="归属", entry="choice", options=masterdata.offering.owners)
_YEAR = pages.Input(
    name="fiscal_year", label="年度", entry="choice", options=masterdata.offering.years
)
_TEXTS = [
    pages.Input(
        name="name",
        label="名称",
        limit=80,
        initial=lambda record: record.name if record else "",
    ),
    pages.Input(
        name="national_code",
        label="国家标准目录",
        is_required=False,
        limit=20,
        initial=lambda record: record.national_code if record else "",
        help="如 VD10004",
    ),
    pages.Input(
        name="description",
        label="说明",
        entry="long",
        is_required=False,
        limit=300,
        initial=lambda record: record.description if record else "",
    ),
]

VALUE_SET = pages.Register(
    code="platform.value_set",
    name="值集",
    model=masterdata.ValueSet,
    key="code",
    order="code",
    search="code name national_code",
    title=lambda record: record.name,
    readers=READERS,
    icon="books",
    intro="主数据的目录：每个值集按年度管理一棵编码树",
    empty="装载参考数据或新增值集后，会列在这里。",
    covers=["PLAT-005"],
    columns=[
        pages.Column(field="code", look="code"),
        pages.Column(
            field="name", link="/r/platform.value/?value_set={code}", label="名称（打开编码树）"
        ),
        pages.Column(field="national_code", look="code"),
        pages.Column(field="description"),
    ],
    facts={
        "值集": [
            pages.Column(field="code", look="code"),
            pages.Column(field="name"),
            pages.Column(field="national_code", look="code"),
            pages.Column(field="description"),
        ]
    },
    panels=[
        pages.Panel(code="years", label="各年度", table=_by_year),
        pages.Panel(code="published", label="发布记录", table=_published),
    ],
    commands=[
        pages.Command(
            code="define",
            label="新增值集",
            by=[KEEPER],
            run=_define,
            target="none",
            inputs=[
                pages.Input(name="code", label="值集代码", limit=40, help="小写英文"),
                *_TEXTS,
            ],
            icon="plus",
        ),
        pages.Command(
            code="copy_year",
            label="复制年度",
            by=[KEEPER],
            run=_copy,
            target="none",
            inputs=[
                pages.Input(
                    name="source",
                    label="从年度",
                    entry="choice",
                    options=masterdata.offering.years,
                ),
                pages.Input(
                    name="target",
                    label="到年度",
                    entry="choice",
                    options=masterdata.offering.years,
                ),
                pages.Input(
                    name="value_sets",
                    label="值集",
                    entry="choices",
                    is_required=False,
                    options=masterdata.offering.sets,
                    help="不选为全部；目标年度已有编码的值集不会被覆盖",
                ),
            ],
            preview=_copy_preview,
            icon="copy",
        ),
        pages.Command(
            code="rename",
            label="修改",
            by=[KEEPER],
            run=_define,
            inputs=_TEXTS,
            icon="pencil",
        ),
        pages.Command(
            code="import",
            label="导入新版",
            by=[KEEPER],
            run=_import,
            inputs=[
                _YEAR,
                _OWNER,
                pages.Input(
                    name="file",
                    label="文件",
                    entry="file",
                    help="xlsx 或 csv，列为编码、名称、上级编码等，与导出的文件相同",
                ),
                pages.Input(
                    name="is_complete",
                    label="文件是完整的新版，其中没有的编码停用",
                    entry="flag",
                    is_required=False,
                ),
            ],
            preview=_import_preview,
            icon="table-import",
        ),
        pages.Command(
            code="export",
            label="导出编码",
            by=READERS,
            run=_export,
            inputs=[_YEAR, _OWNER],
            icon="table-export",
        ),
    ],
)
