"""权限问答 questions: what a position opens, and why somebody can or can't do something."""

from shucai.domains.platform import terms
from shucai.kit import identity, pages, rights

CELLS_MAX = 2_000


def _kinds(actor: object, record: object) -> list[tuple[str, str]]:
    return list(rights.KINDS.items())


def _things(actor: object, record: object) -> list[tuple[str, str]]:
    return [(one.code, f"{rights.KINDS[one.kind]}：{one.name}") for one in rights.things()]


def _matrix(call: pages.Call) -> pages.Answer:
    values = call.values
    found = rights.cells(
        position=values.get("position") or "",
        duty=values.get("duty") or "",
        kind=values.get("kind") or "",
    )
    rows = [
        (one.position, one.duty, rights.KINDS[one.thing.kind], one.thing.name, one.thing.code)
        for one in found
    ]
    note = f"至多显示 {CELLS_MAX} 行，全部可导出" if len(rows) > CELLS_MAX else ""
    return pages.Answer(
        verdict=f"共 {len(rows)} 项权限",
        tables={
            "岗位 × 职责 × 功能": pages.Table(
                ["岗位", "职责", "类别", "功能", "代码"], rows[:CELLS_MAX], note=note
            )
        },
        data={"count": len(rows)},
    )


def _why(call: pages.Call) -> pages.Answer:
    values = call.values
    known = identity.users_named([values["user"]])
    user = identity.directory.users(call.actor).filter(pk=known.get(values["user"], 0)).first()
    if user is None:
        raise identity.errors.NOT_FOUND.refuse("user", noun="用户", key=values["user"])
    thing = next(one for one in rights.things() if one.code == values["thing"])
    unit = values.get("unit")
    found = rights.explain(
        user=user,
        thing=thing,
        now=call.now,
        unit_path=rights.place(unit, call.actor)["scope_path"] if unit else "",
        fund_type=values.get("fund_type") or "",
        number=values.get("number") or "",
    )
    rows = [(one.step, "通过" if one.is_met else "不通过", one.why) for one in found.checks]
    return pages.Answer(
        verdict=found.verdict,
        look="good" if found.can else "bad",
        tables={"逐项判断": pages.Table(["步骤", "结果", "依据"], rows)},
        data={"can": found.can},
    )


MATRIX = pages.Question(
    code="platform.rights_matrix",
    name="岗位权限清单",
    icon="list-details",
    intro="每个岗位凭哪项职责能打开哪些页面、办理哪些环节；由系统的声明生成，与实际一致",
    readers=identity.OFFICERS,
    covers=["PLAT-009"],
    inputs=[
        pages.Input(
            name="position",
            label="岗位",
            entry="choice",
            is_required=False,
            options=terms.positions,
        ),
        pages.Input(
            name="duty", label="职责", entry="choice", is_required=False, options=terms.duties
        ),
        pages.Input(name="kind", label="类别", entry="choice", is_required=False, options=_kinds),
    ],
    answer=_matrix,
)

WHY = pages.Question(
    code="platform.rights_why",
    name="权限问答",
    icon="help-circle",
    intro="某人能不能办理某事，凭哪项任职；不能时缺什么，逐项列出",
    readers=identity.OFFICERS,
    covers=["PLAT-009"],
    inputs=[
        pages.Input(name="user", label="用户", entry="user", help="登录名或姓名"),
        pages.Input(name="thing", label="功能", entry="choice", options=_things),
        pages.Input(name="unit", label="单位", entry="unit", is_required=False),
        pages.Input(name="fund_type", label="资金性质", is_required=False, help="资金性质代码"),
        pages.Input(
            name="number",
            label="单据编号",
            is_required=False,
            help="连同单据状态一起判断",
        ),
    ],
    answer=_why,
)
