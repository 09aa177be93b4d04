"""编码发布 publication: local codes one division offers to others, and what they made of it."""

from datetime import datetime
from typing import Any

from shucai.base.errors import Refused
from shucai.kit import masterdata, pages

KEEPER = masterdata.KEEPER
READERS = [KEEPER, "identity.system_admin", "identity.security_admin", "identity.auditor"]
SHOWN_MAX = 300
publishing = masterdata.publishing
offering = masterdata.offering


def _own(actor: Any, record: Any) -> list[tuple[str, str]]:
    return [pair for pair in offering.owners(actor) if pair[0] != offering.STANDARD]


def _place(call: pages.Call) -> masterdata.Place:
    said = call.values
    return masterdata.Place(said["value_set"], call.actor.fiscal_year, said["owner"])


def _publish_preview(call: pages.Call) -> pages.Table:
    found = publishing.offered(_place(call), below=call.values["below"] or "")
    rows = [(value.code, value.name, value.parent_code) for value in found[:SHOWN_MAX]]
    note = f"发布 {len(found):,} 个编码，内容以此刻为准"
    return pages.Table(("编码", "名称", "上级编码"), rows, note=note, empty="没有本地编码")


def _publish(call: pages.Call) -> pages.Done:
    said = call.values
    made = publishing.publish(
        actor=call.actor,
        place=_place(call),
        title=said["title"],
        targets=said["targets"],
        below=said["below"] or "",
        now=call.now,
    )
    return pages.Done(f"已发布 {made.count} 个编码", to=f"/r/platform.publication/{made.pk}")


def _take_preview(call: pages.Call) -> pages.Table:
    found = publishing.preview(actor=call.actor, publication=call.record.pk)
    if found.findings:
        raise Refused(found.findings)
    rows = [("新增", row.code, row.name, f"上级 {row.parent_code or '无'}") for row in found.added]
    for one in found.changed:
        told = "；".join(f"{old or '空'} → {new or '空'}" for old, new in one.fields.values())
        rows.append(("变更", one.code, one.name, told[:200]))
    rows += [("恢复", code, name, "") for code, name in found.restarted]
    note = (
        f"新增 {len(found.added):,}，变更 {len(found.changed):,}，"
        f"恢复 {len(found.restarted):,}，不变 {found.unchanged:,}；接收后由本区划维护"
    )
    heads = ("变化", "编码", "名称", "说明")
    return pages.Table(heads, rows[:SHOWN_MAX], note=note, empty="没有差异")


def _take(call: pages.Call) -> pages.Done:
    seen = publishing.preview(actor=call.actor, publication=call.record.pk)
    taken = publishing.take(
        actor=call.actor, publication=call.record.pk, now=call.now, digest=seen.digest
    )
    return pages.Done(f"已接收：新增 {taken.added} 个，变更 {taken.changed} 个")


def _withdraw(call: pages.Call) -> pages.Done:
    publishing.withdraw(actor=call.actor, publication=call.record.pk, now=call.now)
    return pages.Done("已收回，已经接收的编码不受影响")


def _content(actor: Any, record: Any, now: datetime) -> pages.Table:
    rows = [(one["code"], one["name"], one["parent"]) for one in record.rows[:SHOWN_MAX]]
    more = f"只显示前 {SHOWN_MAX} 个" if record.count > SHOWN_MAX else ""
    return pages.Table(("编码", "名称", "上级编码"), rows, note=more)


def _takings(actor: Any, record: Any, now: datetime) -> pages.Table:
    names = masterdata.listing.division_names()
    rows = [
        (
            names.get(one.division, one.division),
            one.actor_name,
            f"{one.at:%Y-%m-%d %H:%M}",
            f"{one.added:,}",
            f"{one.changed:,}",
            f"{one.unchanged:,}",
        )
        for one in publishing.takings(record.pk)
    ]
    heads = ("接收区划", "接收人", "时间", "新增", "变更", "不变")
    return pages.Table(heads, rows, empty="还没有区划接收")


PUBLICATION = pages.Register(
    code="platform.publication",
    name="编码发布",
    model=masterdata.Publication,
    order="-pk",
    search="title actor_name",
    rows=publishing.visible,
    title=lambda record: record.title,
    readers=READERS,
    icon="share",
    intro="把本区划的本地编码发布给其他区划，接收方先看差异再接收",
    empty="发布本地编码后，会列在这里。",
    covers=["PLAT-005"],
    filters=[
        pages.Filter(field="value_set", label="值集", options=offering.sets),
        pages.Filter(field="fiscal_year", options=offering.years),
        pages.Filter(field="division", entry="text", lookup="exact"),
    ],
    columns=[
        pages.Column(field="title"),
        pages.Column(field="value_set__name", label="值集"),
        pages.Column(field="fiscal_year", look="code"),
        pages.Column(field="division", look="code"),
        pages.Column(field="count"),
        pages.Column(field="actor_name"),
        pages.Column(field="at"),
        pages.Column(field="withdrawn_at"),
    ],
    panels=[
        pages.Panel(code="content", label="发布的编码", table=_content),
        pages.Panel(code="takings", label="接收记录", table=_takings),
    ],
    commands=[
        pages.Command(
            code="publish",
            label="发布本地编码",
            by=[KEEPER],
            run=_publish,
            target="none",
            inputs=[
                pages.Input(name="value_set", label="值集", entry="choice", options=offering.sets),
                pages.Input(name="owner", label="发布区划", entry="choice", options=_own),
                pages.Input(
                    name="below",
                    label="编码开头",
                    is_required=False,
                    limit=40,
                    help="只发布某一支，不填为全部",
                ),
                pages.Input(
                    name="targets",
                    label="接收区划",
                    entry="choices",
                    is_required=False,
                    options=offering.divisions,
                    help="不选为全部其他区划",
                ),
                pages.Input(name="title", label="说明", limit=120),
            ],
            preview=_publish_preview,
            icon="share",
        ),
        pages.Command(
            code="take",
            label="接收",
            by=[KEEPER],
            run=_take,
            when=lambda record: record.withdrawn_at is None,
            preview=_take_preview,
            icon="download",
        ),
        pages.Command(
            code="withdraw",
            label="收回",
            by=[KEEPER],
            run=_withdraw,
            when=lambda record: record.withdrawn_at is None,
            confirm="收回后其他区划不能再接收。",
            icon="arrow-back-up",
        ),
    ],
)
