"""文章 article: written by one person, read by others once a second one has agreed."""

from datetime import datetime
from typing import Any

from shucai.base import markup
from shucai.domains.platform import terms
from shucai.domains.platform.registers.article_category import READERS, _tree
from shucai.kit import content, pages


def _manuscript(call: pages.Call) -> content.Manuscript:
    values = call.values
    return content.Manuscript(
        category=values["category"],
        kind=values["kind"],
        title=values["title"],
        summary=values["summary"] or "",
        source=values["source"] or "",
        body=values["body"],
        **terms.reach(call),
    )


def _write(call: pages.Call) -> pages.Done:
    row = content.articles.write(actor=call.actor, said=_manuscript(call), now=call.now)
    return pages.Done(f"已保存“{row.title}”", to=f"/r/platform.article/{row.pk}")


def _rewrite(call: pages.Call) -> pages.Done:
    content.articles.rewrite(
        actor=call.actor, article=call.record, said=_manuscript(call), now=call.now
    )
    return pages.Done("已修改，送审并通过后展示")


def _submit(call: pages.Call) -> pages.Done:
    version = content.articles.submit(actor=call.actor, article=call.record, now=call.now)
    return pages.Done(f"第 {version.number} 版已送审")


def _decide(is_agreed: bool) -> Any:
    def run(call: pages.Call) -> pages.Done:
        content.articles.review(
            actor=call.actor,
            article=call.record,
            is_agreed=is_agreed,
            opinion=call.values["opinion"] or "",
            now=call.now,
        )
        return pages.Done("已审核通过，到展示时间即可阅读" if is_agreed else "已退回")

    return run


def _withdraw(call: pages.Call) -> pages.Done:
    content.articles.withdraw(
        actor=call.actor, article=call.record, reason=call.values["reason"], now=call.now
    )
    return pages.Done("已撤下")


def _attach(call: pages.Call) -> pages.Done:
    row = content.attaching.attach(
        actor=call.actor, article=call.record, upload=call.values["file"], now=call.now
    )
    return pages.Done(f"已添加附件“{row.name}”")


def _detach(call: pages.Call) -> pages.Done:
    row = content.attaching.detach(
        actor=call.actor, article=call.record, file_id=int(call.values["file"]), now=call.now
    )
    return pages.Done(f"已移除附件“{row.name}”")


def _files(actor: Any, record: Any) -> list[tuple[str, str]]:
    return [(str(one.pk), one.name) for one in content.attaching.files(record.pk)]


def _kinds(actor: Any, record: Any) -> list[tuple[str, str]]:
    return list(content.Article.KINDS)


def _body(actor: Any, record: Any, now: datetime) -> pages.Table:
    lines = markup.plain(record.body).splitlines()[:200]
    return pages.Table(["正文"], [(line,) for line in lines], note="阅读页按格式展示")


def _versions(actor: Any, record: Any, now: datetime) -> pages.Table:
    said = {None: "待审核", True: "同意", False: "退回"}
    rows = [
        (one.number, one.title, one.made_name, f"{pages.local(one.made_at)}",
         said[one.is_agreed], one.reviewed_name, one.opinion,
         "展示中" if one.pk == record.shown_id else "")
        for one in content.articles.versions(record)
    ]  # fmt: skip
    heads = ["版本", "标题", "编写", "送审时间", "审核", "审核人", "意见", "状态"]
    return pages.Table(heads, rows, empty="还没有送审过")


def _attachments(actor: Any, record: Any, now: datetime) -> pages.Table:
    rows = [(one.name, f"{one.size:,}", one.owner_name, pages.local(one.created_at))
            for one in content.attaching.files(record.pk)]  # fmt: skip
    heads = ["附件", "字节", "上传人", "上传时间"]
    return pages.Table(heads, rows, empty="没有附件")


def _inputs() -> list[pages.Input]:
    had = terms.had
    return [
        pages.Input(
            name="category", label="栏目", entry="choice", options=_tree,
            initial=lambda row: row.category.code if row is not None else "",
        ),
        pages.Input(
            name="kind", label="类型", entry="choice", options=_kinds,
            initial=lambda row: row.kind if row is not None else "policy",
        ),
        pages.Input(name="title", label="标题", limit=120, initial=had("title")),
        pages.Input(
            name="source", label="来源或文号", limit=80, is_required=False, initial=had("source")
        ),
        pages.Input(
            name="summary", label="摘要", limit=300, is_required=False, initial=had("summary")
        ),
        pages.Input(name="body", label="正文", entry="long", initial=had("body"), help=markup.HELP),
        *terms.reach_inputs(with_positions=False),
    ]  # fmt: skip


ARTICLE = pages.Register(
    code="platform.article",
    name="内容维护",
    model=content.Article,
    order="-changed_at",
    icon="news",
    intro="政策文件、操作指南、资料下载和动态；编写后由另一人审核，再按展示期和接收范围阅读",
    empty="编写的文章会出现在这里。",
    readers=READERS,
    rows=content.articles.visible,
    search="title summary source author_name",
    title=lambda row: row.title,
    trail=lambda row: [("content.article", str(row.pk))],
    covers=["PLAT-003"],
    filters=[
        pages.Filter(field="state"),
        pages.Filter(field="kind"),
        pages.Filter(field="published_at", entry="instant"),
    ],
    columns=[
        pages.Column(field="title"),
        pages.Column(field="state", tones=terms.CONTENT_TONES),
        pages.Column(field="kind"),
        pages.Column(field="category__name", label="栏目"),
        pages.Column(field="reach"),
        pages.Column(field="author_name"),
        pages.Column(field="published_at"),
        pages.Column(
            field="people",
            label="阅读人数",
            look="number",
            value=lambda row: content.reading.counted(row)[0],
        ),
        pages.Column(field="changed_at", is_shown=False),
    ],
    facts={
        "文章": [
            pages.Column(field="state", tones=terms.CONTENT_TONES),
            pages.Column(field="kind"),
            pages.Column(field="category__name", label="栏目"),
            pages.Column(field="source"),
            pages.Column(field="summary"),
            pages.Column(field="author_name"),
            pages.Column(field="unit_name"),
        ],
        "展示": [
            pages.Column(field="reach"),
            pages.Column(field="visible_from"),
            pages.Column(field="visible_to"),
            pages.Column(field="published_at"),
            pages.Column(field="version"),
            pages.Column(field="opinion"),
            pages.Column(field="reason"),
            pages.Column(
                field="read",
                label="阅读",
                value=lambda row: "{} 人 {} 次".format(*content.reading.counted(row)),
            ),
        ],
    },
    panels=[
        pages.Panel(code="body", label="正文", table=_body),
        pages.Panel(code="files", label="附件", table=_attachments),
        pages.Panel(code="versions", label="版本与审核", table=_versions),
    ],
    commands=[
        pages.Command(
            code="write",
            label="编写文章",
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
            when=terms.stands_in("draft", "returned", "published", "withdrawn"),
        ),
        pages.Command(
            code="attach",
            label="添加附件",
            by=[content.EDITOR],
            run=_attach,
            icon="paperclip",
            when=terms.stands_in("draft", "returned"),
            inputs=[pages.Input(name="file", label="附件", entry="file")],
        ),
        pages.Command(
            code="detach",
            label="移除附件",
            by=[content.EDITOR],
            run=_detach,
            icon="trash",
            when=terms.stands_in("draft", "returned"),
            inputs=[pages.Input(name="file", label="附件", entry="choice", options=_files)],
        ),
        pages.Command(
            code="submit",
            label="送审",
            by=[content.EDITOR],
            run=_submit,
            icon="send",
            when=terms.stands_in("draft", "returned"),
            confirm="送审后由另一人审核，通过前不能修改。",
        ),
        pages.Command(
            code="agree",
            label="审核通过",
            by=[content.REVIEWER],
            run=_decide(True),
            icon="check",
            when=terms.stands_in("submitted"),
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
            code="withdraw",
            label="撤下",
            by=[content.EDITOR, content.REVIEWER],
            run=_withdraw,
            when=lambda row: row.shown_id is not None,
            is_grave=True,
            icon="eye-off",
            inputs=[pages.Input(name="reason", label="原因")],
        ),
    ],
)
