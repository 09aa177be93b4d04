"""财政区划 division: a place with its own budget, keeper and local codes."""

from datetime import datetime
from typing import Any

from shucai.kit import masterdata, pages

READERS = [
    masterdata.KEEPER, "identity.system_admin", "identity.security_admin", "identity.auditor",
]  # fmt: skip


def _units(actor: Any, record: Any, now: datetime) -> pages.Table:
    """The units at the top of the division, with how many lie below each."""
    top, count = masterdata.listing.units_of(record.code9)
    table = [(one.code, one.name, one.office, f"第 {one.level} 级") for one in top]
    links = [f"/r/platform.unit/{one.pk}" for one in top]
    note = f"共 {count:,} 个启用的单位"
    heads = ("单位编码", "单位名称", "业务科室", "级次")
    return pages.Table(heads, table, links=links, note=note, empty="没有单位")


def _local(actor: Any, record: Any, now: datetime) -> pages.Table:
    """The local codes of the division in the actor's year, by value set."""
    counts = masterdata.listing.local_counts(record.code9, actor.fiscal_year)
    names = dict(masterdata.offering.sets(actor))
    table = [(names.get(code, code), f"{count:,}") for code, count in sorted(counts.items())]
    links = [
        f"/r/platform.value/?value_set={code}&division={record.code9}" for code in sorted(counts)
    ]
    return pages.Table(("值集", "本地编码"), table, links=links, empty="没有本地编码")


DIVISION = pages.Register(
    code="platform.division",
    name="财政区划",
    model=masterdata.Division,
    key="code9",
    order="path",
    parent="parent",
    search="code9 name",
    title=lambda record: record.name,
    readers=READERS,
    icon="map-pin",
    intro="行政区划与财政区划，随参考数据装载",
    covers=["PLAT-005"],
    filters=[
        pages.Filter(field="level", entry="integer"),
        pages.Filter(
            field="is_enabled", entry="flag", label="状态", options=masterdata.offering.states
        ),
    ],
    columns=[
        pages.Column(field="code9", look="code"),
        pages.Column(field="name"),
        pages.Column(field="level", look="number"),
        pages.Column(field="is_enabled"),
    ],
    panels=[
        pages.Panel(code="units", label="单位", table=_units),
        pages.Panel(code="local", label="本地编码", table=_local),
    ],
)
