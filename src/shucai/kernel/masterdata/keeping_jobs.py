"""后台办理 keeping in the background: imports, year copies and exports, with progress.

A file to be imported is kept with the run. A run repeated after a crash changes nothing twice:
what an import or copy has brought about is refused or left out the second time.
"""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from shucai.base.errors import Refused
from shucai.kernel.files import keeping as files
from shucai.kernel.files.keeping import Upload
from shucai.kernel.identity.actor import Actor
from shucai.kernel.jobs import queue
from shucai.kernel.jobs.declare import task
from shucai.kernel.jobs.models import JobRun
from shucai.kernel.jobs.work import Work
from shucai.kernel.masterdata import errors, exporting, importing, keeping, values, years
from shucai.kernel.masterdata.editing import Place

_NOTHING_LEFT: Final = errors.NO_DIFFERENCE.code


def start_import(
    *,
    actor: Actor,
    place: Place,
    file: Upload,
    digest: str,
    is_complete: bool,
    now: datetime,
    key: str = "",
) -> JobRun:
    """Queues the import of a file whose difference has been shown under that digest."""
    name = values.catalogue(place.value_set, place.fiscal_year).name
    keeping.demand_owner(actor, "导入值", division=place.division, set_name=name)
    with transaction.atomic():
        draft = f"import:{place.value_set}:{place.fiscal_year}"
        held = files.attach_to_draft(file, draft=draft, actor=actor, now=now)
        return queue.start(
            code="masterdata.import",
            actor=actor,
            now=now,
            args={
                "set": place.value_set,
                "year": place.fiscal_year,
                "division": place.division,
                "file": held.pk,
                "name": held.name,
                "digest": digest,
                "is_complete": is_complete,
            },
            key=f"values:{actor.user_id}:{key}" if key else "",
        )


@task(code="masterdata.import", name="导入值集", lock="masterdata.import")
def import_values(work: Work) -> Mapping[str, Any]:
    """Brings about the difference that was shown, or tells why it can't be."""
    said = work.args
    place = Place(str(said["set"]), int(said["year"]), str(said["division"]))
    opened = files.open(int(said["file"]), work.actor, now=work.now)
    work.progress(0, 2, "正在读取")
    rows = importing.read_file(str(said["name"]), opened.path.read_bytes())
    work.progress(1, 2, f"正在写入 {len(rows):,} 行")
    try:
        found = importing.apply(
            actor=work.actor,
            place=place,
            rows=rows,
            now=work.now,
            digest="" if work.attempt > 1 else str(said["digest"]),
            is_complete=bool(said["is_complete"]),
        )
    except Refused as refused:
        if work.attempt > 1 and refused.code == _NOTHING_LEFT:
            return {"note": "上次执行时已经写入"}
        raise
    work.progress(2, 2, f"新增 {len(found.added)}，变更 {len(found.changed)}")
    return {
        "added": len(found.added),
        "changed": len(found.changed),
        "stopped": len(found.stopped),
        "restarted": len(found.restarted),
        "unchanged": found.unchanged,
    }


def start_copy(
    *, actor: Actor, source: int, target: int, value_sets: Sequence[str], now: datetime
) -> JobRun:
    """Queues the copy of the sets; those that have values in the target year are left out."""
    keeping.demand_owner(actor, "复制年度", division="", set_name="值集")
    wanted = [one for one in years.prospects(source=source, target=target) if one.is_copied]
    if value_sets:
        wanted = [one for one in wanted if one.value_set in set(value_sets)]
    if not wanted:
        raise errors.YEAR_EMPTY.refuse(set="值集", source=source, target=target)
    return queue.start(
        code="masterdata.copy_year",
        actor=actor,
        now=now,
        args={"source": source, "target": target, "sets": [one.value_set for one in wanted]},
    )


@task(code="masterdata.copy_year", name="复制年度基础数据", lock="masterdata.copy_year")
def copy_year(work: Work) -> Mapping[str, Any]:
    """Copies the sets that are still empty in the target year, all or none."""
    source, target = int(work.args["source"]), int(work.args["target"])
    still = {o.value_set for o in years.prospects(source=source, target=target) if o.is_copied}
    wanted = [code for code in work.args["sets"] if code in still]
    if not wanted:
        return {"note": "目标年度已有数据，没有需要复制的"}
    copied = years.copy_year(
        actor=work.actor,
        value_sets=wanted,
        source=source,
        target=target,
        now=work.now,
        progress=work.progress,
    )
    work.progress(len(wanted), len(wanted), "已完成")
    return {
        "sets": len(copied.values),
        "values": sum(copied.values.values()),
        "rules": copied.rules,
        "relations": copied.relations,
        "levels": copied.levels,
        "value_rules": copied.value_rules,
    }


def start_export(*, actor: Actor, place: Place, now: datetime) -> JobRun:
    """Queues a workbook of the place in the columns of the import."""
    return queue.start(
        code="masterdata.export",
        actor=actor,
        now=now,
        args={"set": place.value_set, "year": place.fiscal_year, "division": place.division},
    )


@task(code="masterdata.export", name="导出值集")
def export_values(work: Work) -> Mapping[str, Any]:
    """Writes the values of the place; nobody but the actor may fetch the file."""
    said = work.args
    place = Place(str(said["set"]), int(said["year"]), str(said["division"]))
    heads, rows = exporting.table(place)
    work.progress(0, len(rows), "正在写入")
    name = values.catalogue(place.value_set, place.fiscal_year).name
    owner = f"-{place.division}" if place.division else ""
    content = io.BytesIO(exporting.workbook(heads, rows))
    kept = files.produce(
        content,
        name=f"{name}-{place.fiscal_year}{owner}.xlsx",
        actor=work.actor,
        now=work.clock(),
    )
    work.file_id = kept.pk
    work.progress(len(rows), len(rows), f"共 {len(rows):,} 行")
    return {"rows": len(rows), "file": kept.pk}
