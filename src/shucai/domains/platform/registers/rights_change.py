"""权限变更 rights change: proposed by one officer, decided by another, effective at once."""

from datetime import datetime
from typing import Any

from shucai.domains.platform import terms
from shucai.kit import identity, pages, rights

TONES = {"proposed": "going", "approved": "done", "rejected": "bad", "withdrawn": "draft"}


def _approve(call: pages.Call) -> pages.Done:
    decided = identity.rights.approve(
        actor=call.actor,
        change_id=call.record.pk,
        opinion=call.values.get("opinion") or "",
        now=call.now,
    )
    rights.decided(decided.change, now=call.now)
    return pages.Done(
        f"已批准“{decided.change.summary}”，立即生效", secret=decided.one_time_password
    )


def _reject(call: pages.Call) -> pages.Done:
    decided = identity.rights.reject(
        actor=call.actor,
        change_id=call.record.pk,
        opinion=call.values["opinion"],
        now=call.now,
    )
    rights.decided(decided.change, now=call.now)
    return pages.Done(f"已驳回“{call.record.summary}”")


def _withdraw(call: pages.Call) -> pages.Done:
    identity.rights.withdraw(actor=call.actor, change_id=call.record.pk, now=call.now)
    return pages.Done(f"已撤回“{call.record.summary}”")


def _policy(call: pages.Call) -> pages.Done:
    fields = identity.changes.KINDS["policy.change"].fields
    return terms.propose(call, "policy.change", {name: call.values[name] for name in fields})


def _adopt(call: pages.Call) -> pages.Done:
    """The figures of a profile over those in force."""
    fields = identity.changes.KINDS["policy.change"].fields
    held = identity.policy()
    wanted = {name: getattr(held, name) for name in fields}
    return terms.propose(
        call, "policy.change", {**wanted, **identity.PROFILES[call.values["profile"]]}
    )


def _content(actor: Any, change: Any, now: datetime) -> pages.Table:
    """Old beside new; a batch as one line for each item."""
    kind = identity.changes.KINDS.get(change.kind)
    if "items" in change.payload:
        rows = []
        for seq, item in enumerate(change.payload["items"]):
            one = identity.changes.KINDS[item["kind"]]
            said = "，".join(
                f"{label} {_spelled(item['payload'].get(name))}"
                for name, (label, _) in one.fields.items()
                if item["payload"].get(name) not in (None, "", [])
            )
            rows.append((seq + 1, one.label, said))
        return pages.Table(["项", "事项", "内容"], rows)
    fields = kind.fields if kind else {}
    return pages.Table(
        ["项目", "现值", "申请值"],
        [
            (label, _spelled(change.before.get(name)), _spelled(change.payload.get(name)))
            for name, (label, _) in fields.items()
        ],
    )


def _kinds(actor: Any, record: Any) -> list[tuple[str, str]]:
    return [(code, kind.label) for code, kind in identity.changes.KINDS.items()]


def _spelled(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(identity.name_of(str(code)) for code in value)
    return "" if value is None else str(value)


RIGHTS_CHANGE = pages.Register(
    code="platform.rights_change",
    name="权限变更",
    model=identity.RightsChange,
    icon="user-check",
    intro="系统管理员提出，安全保密管理员审批，批准即生效；申请人与审批人不得为同一人",
    readers=identity.OFFICERS,
    search="summary target proposed_name decided_name",
    title=lambda change: change.summary,
    trail=lambda change: [("identity.change", str(change.pk))],
    covers=["PLAT-009"],
    filters=[
        pages.Filter(field="state"),
        pages.Filter(field="kind", options=_kinds),
        pages.Filter(field="proposed_at", entry="instant"),
    ],
    columns=[
        pages.Column(field="summary"),
        pages.Column(field="state", tones=TONES),
        pages.Column(field="proposed_name"),
        pages.Column(field="proposed_at"),
        pages.Column(field="decided_name"),
        pages.Column(field="decided_at"),
        pages.Column(field="reason"),
        pages.Column(field="kind", look="code", is_shown=False),
    ],
    facts={
        "变更": [
            pages.Column(field="summary"),
            pages.Column(field="state", tones=TONES),
            pages.Column(field="reason"),
            pages.Column(field="proposed_name"),
            pages.Column(field="proposed_at"),
            pages.Column(field="decided_name"),
            pages.Column(field="decided_at"),
            pages.Column(field="opinion"),
        ]
    },
    panels=[pages.Panel(code="content", label="内容", table=_content)],
    commands=[
        pages.Command(
            code="approve",
            label="批准",
            by=[identity.SECURITY_ADMIN],
            run=_approve,
            when=lambda change: change.state == "proposed",
            icon="check",
            confirm="批准后立即生效。",
            inputs=[
                pages.Input(name="opinion", label="意见", is_required=False, initial="同意"),
            ],
        ),
        pages.Command(
            code="reject",
            label="驳回",
            by=[identity.SECURITY_ADMIN],
            run=_reject,
            when=lambda change: change.state == "proposed",
            icon="x",
            inputs=[pages.Input(name="opinion", label="意见")],
        ),
        pages.Command(
            code="withdraw",
            label="撤回",
            by=[identity.SYSTEM_ADMIN, identity.REVIEWER],
            run=_withdraw,
            when=lambda change: change.state == "proposed",
            icon="arrow-back-up",
        ),
        pages.Command(
            code="policy",
            label="修改安全策略",
            by=[identity.SYSTEM_ADMIN],
            run=_policy,
            target="none",
            icon="settings",
            inputs=[*terms.policy_inputs(), terms.reason()],
        ),
        pages.Command(
            code="adopt",
            label="采用策略模板",
            by=[identity.SYSTEM_ADMIN],
            run=_adopt,
            target="none",
            icon="shield-lock",
            inputs=[
                pages.Input(
                    name="profile",
                    label="策略模板",
                    entry="choice",
                    options=lambda actor, record: identity.POLICY_CHOICES["profile"],
                ),
                terms.reason(),
            ],
        ),
    ],
)
