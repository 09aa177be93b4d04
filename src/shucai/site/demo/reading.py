"""演示的内容 articles and announcements of the demo city, most of them read."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from shucai.kernel.content import articles, categories, issuing
from shucai.kernel.content.articles import Manuscript
from shucai.kernel.content.issuing import Letter
from shucai.kernel.content.models import Announcement
from shucai.kernel.content.reach import Reach
from shucai.kernel.identity import scope
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.models import User
from shucai.site.demo.people import SHOWN

EDITOR, REVIEWER = "bianji", "neishen"
# Who still has to confirm: every so many-th person.
UNCONFIRMED_EVERY: Final = 12
CATEGORIES: Final = (
    ("policy", "政策文件", ""),
    ("budget", "预算管理", "policy"),
    ("treasury", "国库集中支付", "policy"),
    ("guide", "操作指南", ""), ("download", "资料下载", ""), ("news", "工作动态", ""),
)  # fmt: skip
ARTICLES: Final = (
    (90, "treasury", "policy", "关于规范国库集中支付业务的操作要求", "佛财库〔2026〕8号",
     "## 一、支付申请\n\n预算单位应在**指标余额内**提出支付申请，用途填写具体事项，不写“其他”。\n\n"
     "## 二、时限\n\n| 环节 | 时限 |\n| --- | --- |\n| 单位审核 | 1 个工作日 |\n"
     "| 国库支付 | 1 个工作日 |\n\n"
     "## 三、退回\n\n退回的申请应在 3 个工作日内改正后重新送审。"),
    (60, "guide", "guide", "支付申请怎么填", "",
     "1. 打开[支付申请](/d/payment.application/)，选择指标。\n2. 逐行填写用途、收款人和金额。\n"
     "3. 保存后送审，退回的在待办事项中改正。\n\n"
     "### 常见问题\n\n- 余额不足：查看指标余额，或申请调剂。\n"
     "- 收款账号有误：系统在送审时提示。"),
    (30, "budget", "policy", "2027年部门预算编报要求", "佛财预〔2026〕31号",
     "各部门按**零基预算**要求编报，项目支出须有绩效目标。\n\n"
     "- 人员经费按编制和标准核定。\n- 项目名称按规则填写。"),
    (9, "news", "news", "全市一体化系统完成年终结账演练", "",
     "11 月中旬，市财政局组织六个区划完成年终结账演练，发现的问题已全部整改。"),
)  # fmt: skip


def publish(actors: Mapping[str, Actor], *, now: datetime) -> None:
    """Written by the editor, agreed to by the reviewer, on days of the past weeks."""
    editor, reviewer = actors[EDITOR], actors[REVIEWER]
    since = now - timedelta(days=120)
    for place, (code, name, parent) in enumerate(CATEGORIES, start=1):
        categories.add(
            actor=editor, code=code, name=name, parent=parent, position=place * 10, now=since
        )
    for ago, category, kind, title, source, body in ARTICLES:
        at = now - timedelta(days=ago)
        said = Manuscript(category=category, kind=kind, title=title, source=source, body=body)
        row = articles.write(actor=editor, said=said, now=at)
        articles.submit(actor=editor, article=row, now=at + timedelta(minutes=5))
        articles.review(
            actor=reviewer, article=row, is_agreed=True, opinion="同意发布",
            now=at + timedelta(hours=2),
        )  # fmt: skip
    _announcements(editor, reviewer, now)


def _announcements(editor: Actor, reviewer: Actor, now: datetime) -> None:
    told = Letter(
        title="关于编报下一年度预算的通知",
        body="请各单位核对基础信息，按时完成**下一年度预算**编报，要求见[编报要求](/articles/)。",
    )
    _issue(told, editor, reviewer, now - timedelta(days=5))
    must = Letter(
        title="关于年终结账时间安排的通知",
        body="## 时间安排\n\n- 支付申请：**12 月 25 日** 前送审。\n- 停止支付：12 月 31 日。\n\n"
        "逾期未支付的指标按结转规定办理，请合理安排。",
        level="warning",
        is_must_read=True,
        reach=Reach(
            duties=["payment.preparer", "payment.reviewer"], words="全市 · 支付经办、支付审核"
        ),
    )
    _confirmed(_issue(must, editor, reviewer, now - timedelta(days=3)), editor, now)


def _issue(said: Letter, editor: Actor, reviewer: Actor, at: datetime) -> Announcement:
    row = issuing.write(actor=editor, said=said, now=at)
    row = issuing.submit(actor=editor, announcement=row, now=at)
    return issuing.review(actor=reviewer, announcement=row, is_agreed=True, opinion="同意", now=at)


@transaction.atomic
def _confirmed(row: Announcement, editor: Actor, now: datetime) -> None:
    """Each person confirms for himself, as the database wants it."""
    scope.apply(editor)
    people = list(row.receipts.order_by("user_id").values_list("user_id", flat=True))
    shown = User.objects.filter(username__in=SHOWN).values_list("pk", flat=True)
    late = set(people[::UNCONFIRMED_EVERY]) - set(shown)  # visitors go straight to their desks
    with connection.cursor() as cursor:
        cursor.executemany(
            "SELECT set_config('shucai.user', %s, true), content_read(%s, %s)",
            [(str(user), row.pk, now - timedelta(days=2)) for user in people if user not in late],
        )
    scope.apply(editor)
