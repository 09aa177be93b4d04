"""权限复核 review: a campaign over all appointments of a place, and the answers to each."""

from datetime import datetime
from typing import Any

from shucai.kit import identity, pages, rights

SECURITY = identity.SECURITY_ADMIN
ANSWERERS = [identity.REVIEWER, identity.SYSTEM_ADMIN]
TONES = {"open": "wait", "keep": "done", "remove": "bad"}


def _open(call: pages.Call) -> pages.Done:
    place = rights.place(call.values["unit"], call.actor)
    made = identity.reviews.open_campaign(
        actor=call.actor,
        title=call.values["title"],
        root_path=place["scope_path"],
        deadline=call.values["deadline"],
        now=call.now,
    )
    told = rights.announce(made, now=call.now)
    progress = identity.reviews.progress(made)
    return pages.Done(
        f"已发起“{made.title}”，共 {progress.total} 项任职，已通知 {told} 名复核人",
        to=f"/r/platform.review/{made.pk}",
    )


def _close(call: pages.Call) -> pages.Done:
    identity.reviews.close_campaign(actor=call.actor, campaign_id=call.record.pk, now=call.now)
    return pages.Done(f"已结束“{call.record.title}”")


def _progress(campaign: Any) -> str:
    found = identity.reviews.progress(campaign)
    return f"{found.total - found.unanswered}/{found.total}"


def _result(campaign: Any) -> str:
    found = identity.reviews.progress(campaign)
    return f"保留 {found.kept}，取消 {found.removed}，未复核 {found.unanswered}"


def _unanswered(actor: Any, campaign: Any, now: datetime) -> pages.Table:
    rows = list(identity.reviews.unanswered(campaign)[:200])
    return pages.Table(
        ["用户", "岗位", "单位", "上次登录"],
        [(one.person, one.position, one.unit_name, one.last_login_at) for one in rows],
        links=[f"/r/platform.review_item/{one.pk}" for one in rows],
        looks=["text", "text", "text", "instant"],
        note="至多显示 200 项，全部在复核事项中筛选“未复核”并导出",
        empty="全部已复核",
    )


def _answer(decision: Any) -> Any:
    def run(call: pages.Call) -> pages.Done:
        for item in call.records:
            identity.reviews.answer(
                actor=call.actor,
                item_id=item.pk,
                decision=decision,
                opinion=call.values.get("opinion") or "",
                now=call.now,
            )
        word = "保留" if decision == "keep" else "提出取消"
        return pages.Done(f"已{word} {len(call.records)} 项任职")

    return run


REVIEW = pages.Register(
    code="platform.review",
    name="权限复核",
    model=identity.ReviewCampaign,
    icon="checklist",
    intro="定期请各单位逐项确认人员任职；取消的任职转为权限变更，到期未答的列出",
    readers=[*identity.OFFICERS, identity.REVIEWER],
    search="title",
    title=lambda one: one.title,
    trail=lambda one: [("identity.review", str(one.pk))],
    covers=["PLAT-009"],
    filters=[pages.Filter(field="state")],
    columns=[
        pages.Column(field="title"),
        pages.Column(field="state", tones={"open": "going", "closed": "done"}),
        pages.Column(
            field="root_path", label="范围", value=lambda one: rights.place_name(one.root_path)
        ),
        pages.Column(field="deadline"),
        pages.Column(field="progress", label="已复核", value=_progress),
        pages.Column(field="opened_name"),
        pages.Column(field="opened_at"),
        pages.Column(field="closed_at"),
    ],
    facts={
        "复核": [
            pages.Column(field="title"),
            pages.Column(field="state", tones={"open": "going", "closed": "done"}),
            pages.Column(
                field="root_path", label="范围", value=lambda one: rights.place_name(one.root_path)
            ),
            pages.Column(field="deadline"),
            pages.Column(field="progress", label="已复核", value=_progress),
            pages.Column(field="result", label="结果", value=_result),
            pages.Column(field="opened_name"),
            pages.Column(field="opened_at"),
            pages.Column(field="closed_at"),
        ]
    },
    panels=[pages.Panel(code="unanswered", label="未复核", table=_unanswered)],
    commands=[
        pages.Command(
            code="open",
            label="发起复核",
            by=[SECURITY],
            run=_open,
            target="none",
            icon="checklist",
            inputs=[
                pages.Input(name="title", label="名称", limit=80),
                pages.Input(name="unit", label="范围", entry="unit", help="含下属单位"),
                pages.Input(name="deadline", label="截止日期", entry="date"),
            ],
        ),
        pages.Command(
            code="close",
            label="结束",
            by=[SECURITY],
            run=_close,
            when=lambda one: one.state == "open",
            icon="lock",
            confirm="结束后不能再复核，未复核的事项照原样列出。",
        ),
    ],
)

REVIEW_ITEM = pages.Register(
    code="platform.review_item",
    name="复核事项",
    model=identity.ReviewItem,
    icon="list-check",
    intro="本单位范围内待确认的任职",
    readers=[*identity.OFFICERS, identity.REVIEWER],
    rows=identity.directory.review_items,
    search="person username position unit_name",
    title=lambda one: f"{one.person}：{one.position}",
    trail=lambda one: [("identity.review", str(one.pk))],
    filters=[
        pages.Filter(field="decision"),
        pages.Filter(field="campaign__title", label="复核", entry="text"),
    ],
    columns=[
        pages.Column(field="person"),
        pages.Column(field="position"),
        pages.Column(field="unit_name"),
        pages.Column(field="last_login_at"),
        pages.Column(field="decision", tones=TONES),
        pages.Column(field="decided_name"),
        pages.Column(field="decided_at"),
        pages.Column(field="opinion"),
        pages.Column(field="campaign__title", label="复核"),
        pages.Column(field="campaign__deadline", label="截止日期"),
    ],
    commands=[
        pages.Command(
            code="keep",
            label="保留",
            by=ANSWERERS,
            run=_answer("keep"),
            target="many",
            when=lambda one: one.decision != "remove",
            icon="check",
        ),
        pages.Command(
            code="remove",
            label="取消",
            by=ANSWERERS,
            run=_answer("remove"),
            target="many",
            when=lambda one: one.decision != "remove",
            is_grave=True,
            icon="user-minus",
            confirm="所选任职提出终止，由安全保密管理员审批后生效。",
            inputs=[pages.Input(name="opinion", label="原因")],
        ),
    ],
)
