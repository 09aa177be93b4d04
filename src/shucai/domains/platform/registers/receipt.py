"""阅读回执 receipt: one announcement reached one person, who has read it or not yet."""

from shucai.domains.platform.registers.article_category import READERS
from shucai.kit import content, pages

RECEIPT = pages.Register(
    code="platform.receipt",
    name="阅读回执",
    model=content.Receipt,
    order="-delivered_at",
    icon="checks",
    intro="通知公告送达谁、谁已读、谁未读；作者和审核人看本人经手的，审计员看全部",
    readers=READERS,
    rows=content.issuing.receipts,
    search="name unit_name announcement__title",
    title=lambda row: f"{row.announcement.title} {row.name}",
    filters=[
        pages.Filter(field="announcement", label="通知公告编号", entry="integer"),
        pages.Filter(field="unit_name", entry="text"),
        pages.Filter(field="read_at", entry="instant"),
        pages.Filter(field="is_read", entry="flag"),
    ],
    columns=[
        pages.Column(
            field="announcement__title",
            label="通知公告",
            link="/r/platform.announcement/{announcement_id}",
        ),
        pages.Column(field="name"),
        pages.Column(field="unit_name"),
        pages.Column(field="position_name"),
        pages.Column(field="delivered_at"),
        pages.Column(field="is_read"),
        pages.Column(field="read_at"),
        pages.Column(field="reminded_at"),
    ],
)
