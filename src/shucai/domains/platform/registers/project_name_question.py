"""项目名称试算 project name tester: what a rule makes of some words, or has against a name."""

from shucai.kit import masterdata, pages

names = masterdata.project_names
READERS = [
    masterdata.KEEPER, "identity.system_admin", "identity.security_admin", "identity.auditor",
    "allotment.preparer",
]  # fmt: skip


def _categories(actor: object, record: object) -> list[tuple[str, str]]:
    return [(code, name) for code, name in names.keys().items() if code != names.EVERY]


def _answer(call: pages.Call) -> pages.Answer:
    said = call.values
    naming = names.naming_of(said["unit"], actor=call.actor, category=said.get("category") or "")
    rule = names.rule(naming)
    name, found = said.get("name") or "", []
    if name:
        found = names.faults(name, naming)
    elif said.get("words"):
        typed = (said["words"] or "").replace(";", "；").split("；")
        name, found = names.propose(typed, naming)
    if not name and not found:
        verdict, look = "填写各段内容得到名称，或填写名称逐项检查", "plain"
    elif found:
        verdict, look = f"{found[0].what}：{found[0].why}", "bad"
    else:
        verdict, look = f"可以使用：{name}", "good"
    which = f"第 {rule.number} 号发布" if rule.number else "标准规则，不作限制"
    suggested = [(one,) for one in names.suggestions(naming)]
    return pages.Answer(
        verdict=verdict,
        look=look,  # type: ignore[arg-type]  # one of the three words above
        tables={
            "逐项检查": pages.Table(
                ("结论", "说明", "处理", "代码"),
                [(one.what, one.why, one.fix, one.code) for one in found],
                note=f"{which}；组成：{rule.pattern}",
                empty="没有不符合的地方",
            ),
            "可选的模板": pages.Table(("名称",), suggested, empty="没有模板"),
        },
        data={"name": name, "is_allowed": bool(name) and not found, "release": rule.number},
    )


TESTER = pages.Question(
    code="platform.project_name",
    name="项目名称试算",
    intro="按现行规则由各段内容组成项目名称，或检查一个名称符合与否、为什么",
    inputs=[
        pages.Input(name="unit", label="单位", entry="unit"),
        pages.Input(
            name="category",
            label="项目类别",
            entry="choice",
            is_required=False,
            options=_categories,
        ),
        pages.Input(
            name="words",
            label="各段内容",
            is_required=False,
            help="依次填写规则中的填写内容和选列，用；分开",
        ),
        pages.Input(name="name", label="已有名称", is_required=False, limit=200),
    ],
    answer=_answer,
    readers=READERS,
    icon="writing",
    covers=["PLAT-018"],
)
