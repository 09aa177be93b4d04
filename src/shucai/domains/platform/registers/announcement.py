"""通知公告 announcement: told to divisions, units, duties or positions; who has read it."""

from datetime import datetime
from typing import Any

from shucai.base import markup
from shucai.domains.platform import terms
from shucai.domains.platform.registers.article_category import READERS
from shucai.kit import content, pages


def _letter(call: pages.Call) -> content.Letter:
    values = call.values
    return content.Letter(
        title=values["title"],
        body=values["body"],
        level=values["level"],
        is_must_read=values["is_must_read"],
        **terms.reach(call),
    )


def _write(call: pages.Call) -> pages.Done:
    row = content.issuing.write(actor=call.actor, said=_letter(call), now=call.now)
    return pages.Done(f"已保存“{row.title}”", to=f"/r/platform.announcement/{row.pk}")


def _rewrite(call: pages.Call) -> pages.Done:
    content.issuing.rewrite(
        actor=call.actor, announcement=call.record, said=_letter(call), now=call.now
    )
    return pages.Done("已修改")


def _submit(call: pages.Call) -> pages.Done:
    row = content.issuing.submit(actor=call.actor, announcement=call.record, now=call.now)
    if row.state == "submitted":
        return pages.Done("须确认的和发给整个区划的通知由另一人审核，已送审")
    return pages.Done(f"已发布，送达 {row.told} 人" if row.issued_at else "已发布，到展示时间送达")


def _decide(is_agreed: bool) -> Any:
    def run(call: pages.Call) -> pages.Done:
        row = content.issuing.review(
            actor=call.actor,
            announcement=call.record,
            is_agreed=is_agreed,
            opinion=call.values["opinion"] or "",
            now=call.now,
        )
        if not is_agreed:
            return pages.Done("已退回")
        return pages.Done(f"已送达 {row.told} 人" if row.issued_at else "已同意，到展示时间送达")

    return run


def _withdraw(call: pages.Call) -> pages.Done:
    content.issuing.withdraw(
        actor=call.actor, announcement=call.record, reason=call.values["reason"], now=call.now
    )
    return pages.Done("已撤回，收到的人会看到原因")


def _remind(call: pages.Call) -> pages.Done:
    count = content.issuing.remind(actor=call.actor, announcement=call.record, now=call.now)
    return pages.Done(f"已提醒 {count} 人")


def _levels(actor: Any, record: Any) -> list[tuple[str, str]]:
    return list(content.Announcement.LEVELS)


def _body(actor: Any, record: Any, now: datetime) -> pages.Table:
    lines = markup.plain(record.body).splitlines()[:200]
    return pages.Table(["正文"], [(line,) for line in lines])


def _receipts(actor: Any, record: Any, now: datetime) -> pages.Table:
    link = f"/r/platform.receipt/?announcement={record.pk}"
    rows = [
        ("送达", f"{record.told:,} 人", ""),
        ("已读", f"{record.seen:,} 人", ""),
        ("未读", f"{content.issuing.unread_count(record):,} 人", "明细与导出见“阅读回执”"),
    ]
    return pages.Table(["回执", "人数", "说明"], rows, links=[link, link, link])


def _inputs() -> list[pages.Input]:
    had = terms.had
    return [
        pages.Input(name="title", label="标题", limit=120, initial=had("title")),
        pages.Input(
            name="level", label="级别", entry="choice", options=_levels,
            initial=lambda row: row.level if row is not None else "info",
        ),
        pages.Input(name="body", label="正文", entry="long", initial=had("body"), help=markup.HELP),
        pages.Input(
            name="is_must_read", label="办理业务前须确认", entry="flag", is_required=False,
            initial=lambda row: row.is_must_read if row is not None else False,
            help="收件人确认前不能打开其他页面；三员不受限",
        ),
        *terms.reach_inputs(with_positions=True),
    ]  # fmt: skip


ANNOUNCEMENT = pages.Register(
    code="platform.announcement",
    name="通知公告",
    model=content.Announcement,
    order="-changed_at",
    icon="bell",
    intro="按区划、单位、职责或岗位发送，留下阅读回执；须确认的和发给整个区划的由另一人审核",
    empty="编写的通知公告会出现在这里。",
    readers=READERS,
    rows=content.issuing.visible,
    search="title author_name reach",
    title=lambda row: row.title,
    trail=lambda row: [("content.announcement", str(row.pk))],
    covers=["PLAT-004"],
    filters=[
        pages.Filter(field="state"),
        pages.Filter(field="level"),
        pages.Filter(field="is_must_read", entry="flag"),
        pages.Filter(field="issued_at", entry="instant"),
    ],
    columns=[
        pages.Column(field="title"),
        pages.Column(field="state", tones=terms.CONTENT_TONES),
        pages.Column(field="level", tones={"warning": "wait", "urgent": "bad"}),
        pages.Column(field="is_must_read"),
        pages.Column(field="reach"),
        pages.Column(field="told"),
        pages.Column(field="seen"),
        pages.Column(field="author_name"),
        pages.Column(field="issued_at"),
    ],
    facts={
        "通知": [
            pages.Column(field="state", tones=terms.CONTENT_TONES),
            pages.Column(field="level"),
            pages.Column(field="is_must_read"),
            pages.Column(field="reach"),
            pages.Column(field="visible_from"),
            pages.Column(field="visible_to"),
            pages.Column(field="issued_at"),
        ],
        "办理": [
            pages.Column(field="author_name"),
            pages.Column(field="reviewed_name"),
            pages.Column(field="reviewed_at"),
            pages.Column(field="opinion"),
            pages.Column(field="withdrawn_at"),
            pages.Column(field="reason"),
        ],
    },
    panels=[
        pages.Panel(code="body", label="正文", table=_body),
        pages.Panel(code="receipts", label="阅读情况", table=_receipts),
    ],
    commands=[
        pages.Command(
            code="write",
            label="编写通知",
            by=[content.EDITOR],
            run=_write,
            target="none",
            inputs=_inputs(),
            icon="plus",
        ),
        pages.Command(
            code="rewrite",
            label="修改",
            by=[content.EDITOR],
            run=_rewrite,
            inputs=_inputs(),
            when=terms.stands_in("draft", "returned"),
        ),
        pages.Command(
            code="submit",
            label="发布",
            by=[content.EDITOR],
            run=_submit,
            icon="send",
            when=terms.stands_in("draft", "returned"),
            confirm="须确认的和发给整个区划的先由另一人审核，其余立即送达。",
        ),
        pages.Command(
            code="agree",
            label="审核通过",
            by=[content.REVIEWER],
            run=_decide(True),
            icon="check",
            when=terms.stands_in("submitted"),
            confirm="通过后送达全部收件人。",
            inputs=[pages.Input(name="opinion", label="意见", is_required=False)],
        ),
        pages.Command(
            code="send_back",
            label="退回",
            by=[content.REVIEWER],
            run=_decide(False),
            when=terms.stands_in("submitted"),
            icon="arrow-back-up",
            inputs=[pages.Input(name="opinion", label="退回原因")],
        ),
        pages.Command(
            code="remind",
            label="提醒未读",
            by=[content.EDITOR],
            run=_remind,
            icon="bell",
            when=lambda row: row.state == "published" and row.told > row.seen,
        ),
        pages.Command(
            code="withdraw",
            label="撤回",
            by=[content.EDITOR, content.REVIEWER],
            run=_withdraw,
            when=terms.stands_in("published", "submitted"),
            is_grave=True,
            icon="arrow-back-up",
            inputs=[pages.Input(name="reason", label="撤回原因")],
        ),
    ],
)
