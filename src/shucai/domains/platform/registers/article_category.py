"""栏目 article category: the tree in which articles are found."""

from typing import Any

from shucai.kit import content, identity, pages

READERS = [content.EDITOR, content.REVIEWER, *identity.OFFICERS]


def _add(call: pages.Call) -> pages.Done:
    values = call.values
    row = content.categories.add(
        actor=call.actor,
        code=values["code"],
        name=values["name"],
        parent=values["above"] or "",
        position=values["position"] or 100,
        now=call.now,
    )
    return pages.Done(f"已增加栏目“{row.name}”", to=f"/r/platform.article_category/{row.code}")


def _change(call: pages.Call) -> pages.Done:
    values = call.values
    content.categories.change(
        actor=call.actor,
        category=call.record,
        name=values["name"],
        parent=values["above"] or "",
        position=values["position"] or 100,
        now=call.now,
    )
    return pages.Done("已修改栏目")


def _switch(on: bool) -> Any:
    def run(call: pages.Call) -> pages.Done:
        content.categories.switch(actor=call.actor, category=call.record, on=on, now=call.now)
        return pages.Done("已启用栏目" if on else "已停用栏目")

    return run


def _tree(actor: Any, record: Any) -> list[tuple[str, str]]:
    return [(row.code, "　" * depth + row.name) for row, depth in content.categories.enabled()]


def _inputs(*first: pages.Input, is_new: bool) -> list[pages.Input]:
    def present(name: str) -> Any:
        return None if is_new else lambda record: getattr(record, name)

    return [
        *first,
        pages.Input(name="name", label="栏目", limit=40, initial=present("name")),
        pages.Input(
            name="above",
            label="上级栏目",
            entry="choice",
            options=_tree,
            is_required=False,
            initial=None if is_new else lambda one: one.parent.code if one.parent else "",
        ),
        pages.Input(
            name="position",
            label="顺序",
            entry="integer",
            is_required=False,
            initial=100 if is_new else present("position"),
            help="小的在前",
        ),
    ]


ARTICLE_CATEGORY = pages.Register(
    code="platform.article_category",
    name="内容栏目",
    model=content.Category,
    key="code",
    order="position",
    parent="parent",
    icon="folder",
    intro="文章按栏目查找；停用的栏目不再出现在阅读页",
    readers=READERS,
    search="code name",
    title=lambda row: row.name,
    trail=lambda row: [("content.category", str(row.pk))],
    filters=[pages.Filter(field="is_enabled", entry="flag")],
    columns=[
        pages.Column(field="code", look="code"),
        pages.Column(field="name"),
        pages.Column(field="parent__name", label="上级栏目"),
        pages.Column(field="position"),
        pages.Column(field="is_enabled"),
    ],
    commands=[
        pages.Command(
            code="add",
            label="增加栏目",
            by=[content.EDITOR],
            run=_add,
            target="none",
            icon="plus",
            inputs=_inputs(
                pages.Input(name="code", label="编码", limit=30, help="小写字母、数字、下划线"),
                is_new=True,
            ),
        ),
        pages.Command(
            code="change",
            label="修改",
            by=[content.EDITOR],
            run=_change,
            inputs=_inputs(is_new=False),
        ),
        pages.Command(
            code="stop",
            label="停用",
            by=[content.EDITOR],
            run=_switch(False),
            when=lambda row: row.is_enabled,
            icon="player-pause",
        ),
        pages.Command(
            code="resume",
            label="启用",
            by=[content.EDITOR],
            run=_switch(True),
            when=lambda row: not row.is_enabled,
            icon="player-play",
        ),
    ],
)
