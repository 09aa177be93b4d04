"""用语 terms of people and rights: inputs that registers share, and what is made of them.

Each makes a proposal, a decision or a request of the identity room; none changes a right itself.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from shucai.kit import content, identity, pages, rights


def propose(call: pages.Call, kind: str, payload: Mapping[str, Any]) -> pages.Done:
    """A change of rights that waits for the security administrator."""
    change = identity.rights.propose(
        actor=call.actor,
        kind=kind,
        payload=payload,
        reason=call.values.get("reason") or "",
        now=call.now,
    )
    rights.proposed(change, now=call.now)
    return pages.Done(
        f"已提出“{change.summary}”，等待安全保密管理员审批",
        to=f"/r/platform.rights_change/{change.pk}",
        data={"权限变更": change.pk},
    )


def day(value: Any) -> str:
    return value.isoformat() if value else ""


def today(call: pages.Call) -> str:
    return pages.local_day(call.now).isoformat()


def appointment(call: pages.Call) -> dict[str, Any]:
    """The position, place and span typed in a form."""
    values = call.values
    found = [p for p in identity.directory.positions(call.actor) if p.code == values["position"]]
    return {
        "position_id": found[0].pk,
        **rights.place(values["unit"], call.actor),
        "office": values.get("office") or "",
        "fund_types": values.get("fund_types") or "",
        "valid_from": day(values.get("valid_from")) or today(call),
        "valid_to": day(values.get("valid_to")),
    }


def person(call: pages.Call) -> dict[str, Any]:
    values = call.values
    return {
        name: values.get(name) or "" for name in ("username", "name", "phone", "employee_no")
    } | {"pinyin": pages.spelled(values.get("name") or "")}


def positions(actor: Any, record: Any) -> Sequence[tuple[str, str]]:
    rows = identity.directory.positions(actor)
    return [(p.code, p.name) for p in rows if p.is_enabled]


def askable(actor: Any, record: Any) -> Sequence[tuple[str, str]]:
    """Positions a unit may ask for: none of the three officers'."""
    rows = identity.directory.positions(actor)
    offices = set(identity.OFFICERS)
    return [(p.code, p.name) for p in rows if p.is_enabled and not offices & set(p.duties)]


def duties(actor: Any, record: Any) -> Sequence[tuple[str, str]]:
    return identity.every()


def names(codes: Sequence[str]) -> str:
    return "、".join(identity.name_of(code) for code in codes)


def reason(label: str = "理由") -> pages.Input:
    return pages.Input(name="reason", label=label)


PERSON = (
    pages.Input(name="username", label="登录名", help="2 至 40 位小写字母、数字、点、横线"),
    pages.Input(name="name", label="姓名"),
    pages.Input(name="employee_no", label="工号", is_required=False),
    pages.Input(name="phone", label="手机", is_required=False),
)


def place_inputs(offered: Any) -> tuple[pages.Input, ...]:
    return (
        pages.Input(name="position", label="岗位", entry="choice", options=offered),
        pages.Input(name="unit", label="单位", entry="unit", help="数据范围含下属单位"),
        pages.Input(name="office", label="业务科室", is_required=False, help="不填为全部科室"),
        pages.Input(
            name="fund_types",
            label="资金性质",
            is_required=False,
            help="资金性质代码，多个用空格分开，含下级；不填为全部",
        ),
        pages.Input(
            name="valid_from", label="起", entry="date", is_required=False, help="不填为当天"
        ),
        pages.Input(
            name="valid_to", label="止（不含）", entry="date", is_required=False, help="不填为长期"
        ),
    )


def roster(kind: str) -> tuple[Any, Any]:
    """The preview and the proposal of a file of people or leavers."""

    def preview(call: pages.Call) -> pages.Table:
        upload = call.values["file"]
        planned = rights.plan(
            actor=call.actor, roster=kind, name=upload.name, content=upload.content, now=call.now
        )
        bad = [("", "不能导入", finding.text) for finding in planned.findings]
        note = f"{len(planned.words)} 行可以导入，{len(bad)} 处有误；有误时整批不能提出"
        return pages.Table(["行", "事项", "说明"], [*bad, *planned.words], note=note)

    def run(call: pages.Call) -> pages.Done:
        upload = call.values["file"]
        change = rights.propose(
            actor=call.actor,
            roster=kind,
            name=upload.name,
            content=upload.content,
            reason=call.values["reason"],
            now=call.now,
        )
        rights.proposed(change, now=call.now)
        return pages.Done(
            f"已提出“{change.summary}”，等待安全保密管理员审批",
            to=f"/r/platform.rights_change/{change.pk}",
        )

    return preview, run


def roster_command(code: str, label: str, kind: str) -> pages.Command:
    preview, run = roster(kind)
    heads = rights.heads(kind)
    return pages.Command(
        code=code,
        label=label,
        by=[identity.SYSTEM_ADMIN],
        run=run,
        preview=preview,
        target="none",
        icon="upload",
        inputs=[
            pages.Input(
                name="file",
                label="名册文件",
                entry="file",
                of="xlsx csv",
                help=f"第一行为表头：{'、'.join(heads)}；模板在“权限模板与导出”下载",
            ),
            reason(),
        ],
    )


def policy_inputs() -> tuple[pages.Input, ...]:
    """One input for each figure of the security policy, with its present value."""
    fields = identity.changes.KINDS["policy.change"].fields

    def present(name: str) -> Any:
        return lambda record: getattr(identity.policy(), name)

    return tuple(
        pages.Input(
            name=name,
            label=label,
            entry="choice" if name in identity.POLICY_CHOICES else "integer",
            options=_offered(name) if name in identity.POLICY_CHOICES else None,
            initial=present(name),
        )
        for name, (label, _) in fields.items()
    )


def _offered(name: str) -> Any:
    return lambda actor, record: identity.POLICY_CHOICES[name]


CONTENT_TONES = {
    "draft": "draft",
    "submitted": "going",
    "returned": "bad",
    "published": "done",
    "withdrawn": "wait",
}


def _division_paths(actor: Any, record: Any) -> Sequence[tuple[str, str]]:
    return content.choosing.divisions(actor)


def _position_codes(actor: Any, record: Any) -> Sequence[tuple[str, str]]:
    return content.choosing.positions(actor)


def _had(name: str) -> Any:
    """What the record says now, for a form that changes it."""
    return lambda record: getattr(record, name) if record is not None else ""


def _places(deep: bool) -> Any:
    """The paths of divisions, or of a unit below one."""

    def said(record: Any) -> Any:
        paths = [p for p in getattr(record, "paths", ()) if (p.count("/") > 1) == deep]
        return (paths or [""])[0] if deep else paths

    return said


def reach_inputs(*, with_positions: bool) -> tuple[pages.Input, ...]:
    """Whom a text is for and when; nothing chosen is everybody in the sender's scope."""
    positions = pages.Input(
        name="positions", label="岗位", entry="choices", options=_position_codes,
        is_required=False, initial=_had("positions"), help="与职责任一相符即可",
    )  # fmt: skip
    return (
        pages.Input(
            name="divisions", label="区划", entry="choices", options=_division_paths,
            is_required=False, initial=_places(False), help="含区划内全部单位；不选为本人数据范围",
        ),
        pages.Input(
            name="unit", label="单位", entry="unit", is_required=False, initial=_places(True),
            help="含下属单位",
        ),
        pages.Input(
            name="duties", label="职责", entry="choices", options=duties, is_required=False,
            initial=_had("duties"), help="不选为全体人员",
        ),
        *((positions,) if with_positions else ()),
        pages.Input(
            name="visible_from", label="展示起", entry="instant", is_required=False,
            initial=_had("visible_from"), help="不填为发布时",
        ),
        pages.Input(
            name="visible_to", label="展示止", entry="instant", is_required=False,
            initial=_had("visible_to"), help="不填为长期",
        ),
    )  # fmt: skip


def reach(call: pages.Call) -> dict[str, Any]:
    """Reach and span of what was typed."""
    values = call.values
    return {
        "reach": content.choosing.reach(
            actor=call.actor,
            divisions=values.get("divisions") or (),
            unit=values.get("unit") or "",
            duties=values.get("duties") or (),
            positions=values.get("positions") or (),
        ),
        "span": content.Span(values.get("visible_from"), values.get("visible_to")),
    }


def had(name: str) -> Any:
    return _had(name)


def stands_in(*states: str) -> Any:
    """For `when` of a command: the record stands in one of the states."""
    return lambda row: row.state in states
