"""提问 questions of the public service centre: explained verdicts over master data."""

from datetime import date
from typing import Any

from shucai.kit import applications, files, logs, masterdata, pages

OFFICERS = ["identity.system_admin", "identity.security_admin", "identity.auditor"]
READERS = [
    masterdata.KEEPER, "identity.system_admin", "identity.security_admin", "identity.auditor",
]  # fmt: skip
ELEMENTS = {
    "functional": "支出功能分类",
    "economic_gov": "政府预算经济分类",
    "economic_dept": "部门预算经济分类",
    "fund_type": "资金性质",
    "budget_source": "指标来源",
    "project_category": "项目类别",
}
WORDS = {"pass": "通过", "fail": "不通过", "note": "提示"}
offering = masterdata.offering


def _together(call: pages.Call) -> pages.Answer:
    said = call.values
    year = int(said["fiscal_year"] or call.actor.fiscal_year)
    today = call.now.date()
    case = masterdata.explaining.Case(
        elements={code: said[code] for code in ELEMENTS if said[code]},
        fiscal_year=year,
        on=said["on"] or (today if today.year == year else date(year, 1, 1)),
        division=said["division"] or call.actor.division,
        document_type=said["document_type"] or "",
    )
    found = masterdata.explaining.judge(case)
    failed = found.failed
    if not case.elements:
        verdict, look = "没有填写要素", "plain"
    elif failed:
        verdict, look = f"不可以：{len(failed)} 项不通过，{failed[0].why}", "bad"
    else:
        verdict, look = f"可以同时使用：{len(found.checks)} 项检查全部通过", "good"
    rows = [
        (
            c.kind,
            c.subject,
            WORDS[c.verdict],
            f"{c.why}（{c.code}）" if c.code else c.why,
            c.decided_by,
            c.instead,
        )
        for c in found.checks
    ]
    heads = ("检查", "对象", "结论", "说明", "依据的规则或编码", "可以改用")
    note = f"{year} 年，业务日期 {case.on}，区划 {case.division}"
    return pages.Answer(
        verdict=verdict,
        look=look,  # type: ignore[arg-type]  # one of the three words above
        tables={"逐项检查": pages.Table(heads, rows, note=note, empty="没有可检查的内容")},
        data={"is_allowed": found.is_allowed, "checks": len(found.checks)},
    )


def _element(code: str, label: str) -> pages.Input:
    return pages.Input(name=code, label=label, entry="value", of=code, is_required=False, limit=80)


TOGETHER = pages.Question(
    code="platform.elements_together",
    name="要素能否同用",
    intro="填写几个要素，逐项给出编码、级次、关联和定值规则的结论、依据和可以改用的编码",
    inputs=[
        *(_element(code, label) for code, label in ELEMENTS.items()),
        pages.Input(
            name="document_type",
            label="单据类型",
            entry="choice",
            is_required=False,
            options=offering.document_types,
        ),
        pages.Input(
            name="fiscal_year",
            label="年度",
            entry="choice",
            is_required=False,
            options=offering.years,
            initial=lambda actor: actor.fiscal_year,
        ),
        pages.Input(
            name="division",
            label="财政区划",
            is_required=False,
            limit=9,
            initial=lambda actor: actor.division,
        ),
        pages.Input(name="on", label="业务日期", entry="date", is_required=False),
    ],
    answer=_together,
    readers=READERS,
    icon="checklist",
    covers=["PLAT-005"],
)


def _mapped(call: pages.Call) -> pages.Answer:
    source = int(call.values["source"])
    value_set = call.values["value_set"]
    found = masterdata.mapping.gaps(value_set, source=source, target=source + 1)
    rows: list[Any] = [
        (gap.code, gap.full_name, gap.why, gap.proposed_name or "没有同名编码") for gap in found
    ]
    heads = (f"{source} 年编码", "名称", "原因", f"同名的 {source + 1} 年编码")
    verdict = f"{len(found):,} 个编码没有去向" if found else "全部编码都有去向"
    return pages.Answer(
        verdict=verdict,
        look="bad" if found else "good",
        tables={"没有去向的编码": pages.Table(heads, rows[:500], empty="无")},
        data={"gaps": len(found)},
    )


MAPPED = pages.Question(
    code="platform.codes_mapped",
    name="新旧对照是否完整",
    intro="原年度的每个编码，下一年度仍在使用，或者有对照、注明取消",
    inputs=[
        pages.Input(name="value_set", label="值集", entry="choice", options=offering.sets),
        pages.Input(name="source", label="原年度", entry="choice", options=offering.years),
    ],
    answer=_mapped,
    readers=READERS,
    icon="transfer",
    covers=["PLAT-005"],
)


def _domains(actor: Any, record: Any) -> list[tuple[str, str]]:
    return [(one, one) for one in dict.fromkeys(m.domain for m in applications.modules(actor))]


def _modules(call: pages.Call) -> pages.Answer:
    wanted, text = call.values.get("domain"), (call.values.get("text") or "").strip()
    every = applications.modules(call.actor)
    found = [
        one
        for one in every
        if (not wanted or one.domain == wanted)
        and (not text or text in f"{one.name} {one.shown_as} {one.code} {one.page} {one.duties}")
        and (not call.values.get("hidden") or one.is_hidden)
    ]
    rows = [
        (
            one.domain,
            f"{one.tab} · {one.group}",
            one.shown_as,
            one.kind,
            one.page,
            one.duties,
            "、".join(one.covers),
            "菜单中隐藏" if one.is_hidden else "使用中",
        )
        for one in found
    ]
    heads = ["模块", "菜单", "功能", "种类", "地址", "可见职责", "功能编号", "状态"]
    hidden = sum(one.is_hidden for one in every)
    return pages.Answer(
        verdict=f"登记了 {len({m.domain for m in every})} 个模块、{len(every)} 项功能，"
        f"其中 {hidden} 项在菜单配置中隐藏",
        tables={
            f"{len(found)} 项功能": pages.Table(heads, rows, links=[one.page for one in found])
        },
        data={"count": len(found), "hidden": hidden},
    )


MODULES = pages.Question(
    code="platform.modules",
    name="模块与菜单",
    icon="layout-grid",
    covers=["PLAT-010"],
    intro="已安装的模块登记了哪些菜单和页面，哪些职责可见，是否在菜单配置中隐藏",
    readers=["identity.system_admin", "identity.security_admin", "identity.auditor"],
    inputs=[
        pages.Input(
            name="domain", label="模块", entry="choice", is_required=False, options=_domains
        ),
        pages.Input(name="text", label="名称、代码或职责", is_required=False, limit=40),
        pages.Input(name="hidden", label="只看隐藏的", entry="flag", is_required=False),
    ],
    answer=_modules,
)


def _usage(call: pages.Call) -> pages.Answer:
    found, size = files.centre.usage(), files.centre.size_text
    most, each = files.centre.limits()
    heads = ["项目", "文件", "大小"]
    looks: list[pages.Look] = ["text", "number", "text"]

    def table(parts: Any) -> pages.Table:
        rows = [(name, n, size(total)) for name, n, total in parts]
        return pages.Table(heads, rows, looks=looks, empty="没有文件")

    return pages.Answer(
        verdict=f"共 {found.files:,} 个文件，{size(found.size)}；"
        f"{found.unscanned:,} 个未查毒，查毒服务{files.centre.scanner_state()}",
        look="warn" if found.unscanned else "good",
        tables={
            "按类型": table(found.by_kind),
            "按用途": table(found.by_purpose),
            "按月份": table(found.by_month),
            "按单位（单位路径）": table(found.by_unit),
            "允许的类型": pages.Table(
                ["类型", "扩展名"],
                files.centre.kinds(),
                note=f"单个文件至多 {size(most)}，每张单据至多 {each} 个；"
                "在系统参数“附件与文件”中调整",
            ),
        },
        data={"files": found.files, "bytes": found.size, "unscanned": found.unscanned},
    )


FILE_USAGE = pages.Question(
    code="platform.file_usage",
    name="文件存储",
    icon="database",
    covers=["PLAT-013"],
    intro="存储了多少文件，按类型、用途、月份和单位；允许的类型、大小上限和查毒状态",
    readers=OFFICERS,
    inputs=[],
    answer=_usage,
)


def _audit_work(call: pages.Call) -> pages.Answer:
    views = logs.audit_views
    span = views.span_of(call.values["since"], call.values["until"])
    view = call.values["view"]
    rows = views.selected(span, view)
    counts = [(name, views.selected(span, code).count()) for code, name in views.VIEWS.items()]
    latest = views.latest(rows)
    number: list[pages.Look] = ["text", "number"]
    return pages.Answer(
        verdict=f"{views.VIEWS[view]}：{dict(counts)[views.VIEWS[view]]:,} 条",
        tables={
            "各项数量": pages.Table(["视图", "条数"], counts, looks=number),
            "按人员": pages.Table(
                ["人员", "单位", "条数", "其中拒绝"],
                views.by_person(rows),
                looks=["text", "text", "number", "number"],
            ),
            "按操作": pages.Table(
                ["操作", "条数"],
                [(logs.words.action(code), n) for code, n in views.by_action(rows)],
                looks=number,
            ),
            "按日期": pages.Table(
                ["日期", "完成", "拒绝"],
                views.by_day(rows),
                looks=["date", "number", "number"],
            ),
            "最近的记录": pages.Table(
                ["时间", "人员", "操作", "对象", "结果", "内容"],
                [
                    (
                        one.at,
                        one.name,
                        logs.words.action(one.action),
                        one.target,
                        one.get_result_display(),
                        logs.words.brief(one.target_type, one.detail),
                    )
                    for one in latest
                ],
                links=[f"/r/platform.operation_log/{one.pk}" for one in latest],
                note=f"至多 {views.ROWS_MAX} 条，全部在操作日志中",
            ),
        },
        data={code: n for code, (_, n) in zip(views.VIEWS, counts, strict=True)},
    )


def _views(actor: Any, record: Any) -> list[tuple[str, str]]:
    return list(logs.audit_views.VIEWS.items())


AUDIT_WORK = pages.Question(
    code="platform.audit_work",
    name="审计工作台",
    icon="report-analytics",
    covers=["OPS-029"],
    intro="谁做了什么、被拒绝的尝试、非工作时间（周一至周五 8 时至 19 时以外）、批量导出和权限变更",
    readers=["identity.auditor"],
    inputs=[
        pages.Input(name="since", label="开始日期", entry="date"),
        pages.Input(name="until", label="结束日期", entry="date"),
        pages.Input(name="view", label="视图", entry="choice", options=_views, initial="all"),
    ],
    answer=_audit_work,
)
