"""An article from the first draft to its readers: two persons, versions, schedule, attachment."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from tests import content_world, people
from tests.content_world import World

from shucai.base.errors import Refused
from shucai.kernel.content import articles, attaching, categories, reading
from shucai.kernel.content.models import Article, ArticleVersion
from shucai.kernel.content.reach import Reach, Span
from shucai.kernel.files.keeping import Upload

pytestmark = [pytest.mark.django_db, pytest.mark.function("PLAT-003")]
NOW = timezone.now().replace(microsecond=0)


@pytest.fixture
def world(tmp_path, settings) -> World:  # type: ignore[no-untyped-def]
    settings.DATA = tmp_path
    return content_world.build(now=NOW)


def act(client, command: str, pk: int | None = None, **said):  # type: ignore[no-untyped-def]
    key = f"{pk}/" if pk else ""
    return client.post(
        f"/r/platform.article/{key}-/{command}", {"go": "1", "sure": "1", **said}, follow=True
    ).content.decode()


def test_written_agreed_read_and_withdrawn_in_the_browser(world: World) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    editor, reviewer, clerk = (world.client(n) for n in ("bianji", "neishen", "zhifu"))
    act(editor, "write", category="policy", kind="guide", title="支付操作指南",
        body="## 第一步\n\n填写<b>用途</b>，见[首页](/)。\n\n| 项 | 值 |\n| 甲 | 乙 |")  # fmt: skip
    row = Article.objects.get()
    file = SimpleUploadedFile("标准.txt", "一类地区 500 元".encode(), "text/plain")
    assert "已添加附件" in act(editor, "attach", row.pk, file=file)
    assert "已送审" in act(editor, "submit", row.pk)
    assert clerk.get(f"/articles/{row.pk}").status_code != 200
    assert "内容审核" in act(editor, "agree", row.pk)
    assert "已审核通过" in act(reviewer, "agree", row.pk, opinion="同意")

    page = clerk.get(f"/articles/{row.pk}").content.decode()
    assert "<h2>第一步</h2>" in page
    assert "&lt;b&gt;用途&lt;/b&gt;" in page
    assert '<a href="/">首页</a>' in page
    assert "<td>乙</td>" in page
    assert "支付操作指南" in clerk.get("/articles/?q=指南&category=policy").content.decode()
    assert "没有找到" in clerk.get("/articles/?q=不存在的词").content.decode()
    link = page[page.index(f"/articles/{row.pk}/files/") :].partition('"')[0]
    fetched = clerk.get(link)
    assert b"".join(fetched).decode() == "一类地区 500 元"
    assert "attachment" in fetched["Content-Disposition"]
    assert reading.counted(row) == (1, 1)
    assert "1 人 1 次" in editor.get(f"/r/platform.article/{row.pk}").content.decode()
    assert "已撤下" in act(reviewer, "withdraw", row.pk, reason="办法已废止")
    assert clerk.get(f"/articles/{row.pk}").status_code != 200
    assert clerk.get(link).status_code != 200
    trail = people.trail(world.actors["auditor"])
    assert ("content.article_publish", str(row.pk), "done") in trail
    assert ("platform.article.agree", str(row.pk), "refused") in trail


def test_nobody_agrees_to_his_own_and_a_published_text_shows_until_the_next(world: World) -> None:
    row = content_world.article(world, NOW)
    both = world.actors["bianji"]
    from dataclasses import replace

    both = replace(both, duties=frozenset({"content.editor", "content.reviewer"}))
    said = articles.Manuscript(
        category="policy",
        kind="policy",
        title="差旅费管理办法（修订）",
        body="出差须事先审批并报备。",
    )
    articles.rewrite(actor=both, article=row, said=said, now=NOW)
    articles.submit(actor=both, article=row, now=NOW)
    with pytest.raises(Refused) as own:
        articles.review(actor=both, article=row, is_agreed=True, opinion="", now=NOW)
    clerk = world.actors["zhifu"]
    before = reading.opened(actor=clerk, article_id=row.pk, now=NOW).title
    articles.review(actor=world.actors["neishen"], article=row, is_agreed=True, opinion="", now=NOW)

    assert own.value.code == "CNT-1002"
    assert before == "差旅费管理办法"
    assert reading.opened(actor=clerk, article_id=row.pk, now=NOW).title.endswith("（修订）")
    assert [one.number for one in articles.versions(row)] == [2, 1]
    with pytest.raises(DatabaseError), transaction.atomic():
        ArticleVersion.objects.filter(number=1).update(title="改")
    with pytest.raises(DatabaseError), transaction.atomic():
        ArticleVersion.objects.filter(number=1).delete()


def test_schedule_and_reach_decide_who_reads_when(world: World) -> None:
    hidden = content_world.article(
        world, NOW, title="国库专用", reach=Reach(duties=["payment.treasurer"], words="国库")
    )
    clerk, treasurer = world.actors["zhifu"], world.actors["guoku"]
    later = articles.write(
        actor=world.actors["bianji"],
        said=articles.Manuscript(
            category="policy", kind="news", title="下周的动态", body="下周一起开放新的功能。",
            span=Span(NOW + timedelta(days=3), NOW + timedelta(days=5)),
        ),
        now=NOW,
    )  # fmt: skip
    articles.submit(actor=world.actors["bianji"], article=later, now=NOW)
    articles.review(
        actor=world.actors["neishen"], article=later, is_agreed=True, opinion="", now=NOW
    )

    def titles(actor, now):  # type: ignore[no-untyped-def]
        return [one.title for one in reading.latest(actor=actor, now=now)]

    assert titles(clerk, NOW) == []
    assert titles(treasurer, NOW) == ["国库专用"]
    assert titles(clerk, NOW + timedelta(days=4)) == ["下周的动态"]
    assert titles(clerk, NOW + timedelta(days=6)) == []
    assert hidden.state == "published"
    with pytest.raises(Refused) as foreign:
        articles.write(
            actor=world.actors["quji"],
            said=articles.Manuscript(
                category="policy", kind="news", title="越界", body="发给别的区划的内容。",
                reach=Reach(paths=["4406/440605"]),
            ),
            now=NOW,
        )  # fmt: skip
    assert foreign.value.code == "CNT-1103"


def test_a_category_in_use_stays_and_the_tree_has_no_loop(world: World) -> None:
    editor = world.actors["bianji"]
    top = categories.found("policy")
    assert top is not None
    below = categories.add(
        actor=editor, code="travel", name="差旅", parent="policy", position=1, now=NOW
    )
    with pytest.raises(Refused) as used:
        categories.switch(actor=editor, category=top, on=False, now=NOW)
    with pytest.raises(Refused) as loop:
        categories.change(
            actor=editor, category=top, name="政策", parent="travel", position=1, now=NOW
        )
    with pytest.raises(Refused) as taken:
        categories.add(actor=editor, code="travel", name="又", parent="", position=1, now=NOW)
    categories.switch(actor=editor, category=below, on=False, now=NOW)

    assert [r.value.code for r in (used, loop, taken)] == ["CNT-1201", "CNT-1202", "CNT-1203"]
    assert [row.code for row, _ in categories.enabled()] == ["policy"]


def test_each_refusal_says_what_is_wrong(world: World) -> None:
    editor, clerk = world.actors["bianji"], world.actors["zhifu"]
    row = content_world.article(world, NOW)

    def said(**more):  # type: ignore[no-untyped-def]
        text = {"title": "标题", "body": "足够长的一段正文内容。", **more}
        return articles.Manuscript(category="policy", kind="news", **text)

    def write(actor, **more):  # type: ignore[no-untyped-def]
        return articles.write(actor=actor, said=said(**more), now=NOW)

    codes = []
    for attempt in (
        lambda: write(clerk),
        lambda: articles.submit(actor=editor, article=row, now=NOW),
        lambda: reading.opened(actor=clerk, article_id=row.pk + 99, now=NOW),
        lambda: write(editor, body="短"),
        lambda: write(editor, span=Span(NOW, NOW - timedelta(days=1))),
    ):
        with pytest.raises(Refused) as refused, transaction.atomic():
            attempt()
        codes.append(refused.value.code)

    assert codes == ["CNT-1001", "CNT-1003", "CNT-1004", "CNT-1101", "CNT-1102"]


def test_an_article_takes_so_many_files_and_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = world.actors["bianji"]
    said = articles.Manuscript(
        category="policy", kind="download", title="资料", body="资料见附件，供各单位下载。"
    )
    row = articles.write(actor=editor, said=said, now=NOW)
    monkeypatch.setattr(attaching, "PER_ARTICLE", 1)

    def attach(name: str) -> int:
        upload = Upload(name, "甲".encode())
        return attaching.attach(actor=editor, article=row, upload=upload, now=NOW).pk

    first = attach("甲.txt")
    with pytest.raises(Refused) as full:
        attach("乙.txt")
    attaching.detach(actor=editor, article=row, file_id=first, now=NOW)

    assert full.value.code == "CNT-1301"
    assert attaching.files(row.pk) == []
