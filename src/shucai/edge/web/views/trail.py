"""审计页 audit trail: for the auditor alone; filtered, read and exported, never changed."""

import json
from datetime import datetime, time, timedelta
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date

from shucai.edge.web import bare, clock, frame, sheets, words
from shucai.edge.web.endpoints import duty, endpoint, scoped
from shucai.edge.web.query import text
from shucai.edge.web.request import WebRequest, is_fragment
from shucai.kernel import audit
from shucai.kernel.audit import deposits, reading, sealing
from shucai.kernel.document.declare import types
from shucai.kernel.identity.duties import AUDITOR
from shucai.kernel.identity.models import User

NAMES = ("who", "action", "target_type", "target", "result", "since", "until")
HEADS = (
    "序号",
    "时间",
    "人员",
    "岗位",
    "来源",
    "通道",
    "操作",
    "对象类型",
    "对象",
    "结果",
    "内容",
    "摘要值",
)


@endpoint("audit/", name="audit", access=duty(AUDITOR))
def trail(request: WebRequest) -> HttpResponse:
    rows, before = reading.page(_wanted(request))
    context = {
        "title": "审计日志",
        "asked": {name: request.GET.get(name, "") for name in NAMES},
        "results": list(reading.RESULTS.items()),
        "labels": reading.RESULTS,
        "rows": rows,
        "before": before,
        "words": words,
        "link": lambda **changes: text(request.GET, NAMES, **changes),
    }
    if is_fragment(request):
        return bare.page(request, "web/audit/_rows.html", context)
    context["head"] = sealing.head()
    context["actions"] = list(words.ACTIONS.items())
    context["targets"] = [*((k.code, k.name) for k in types().values()), *words.TARGETS.items()]
    return frame.page(request, "web/audit/page.html", context)


@endpoint("audit/export", name="audit-export", access=duty(AUDITOR), methods=("POST",))
def export(request: WebRequest) -> HttpResponse:
    """A workbook of the rows, newest first; that it was taken is itself in the trail."""
    with scoped(request.actor):
        rows, is_cut = reading.export(_wanted(request))
        audit.record(
            [
                audit.AuditRow(
                    actor=request.actor,
                    at=clock.now(),
                    action="audit.export",
                    target_type="audit",
                    target="",
                    result="done",
                    detail={name: request.POST.get(name, "") for name in NAMES},
                )
            ]
        )
    table = [
        [
            str(row.id), row.at, row.name, row.position, row.ip, row.channel, row.action,
            row.target_type, row.target, reading.RESULTS.get(row.result, row.result), row.said,
            row.leaf,
        ]
        for row in rows
    ]  # fmt: skip
    note = f"只导出最近 {reading.EXPORT_MAX:,} 条，请缩小时间范围" if is_cut else ""
    return sheets.answer(f"审计日志{clock.today():%Y%m%d}", HEADS, table, note=note)


@endpoint("audit/head", name="audit-head", access=duty(AUDITOR), methods=("POST",))
def head(request: WebRequest) -> HttpResponse:
    """The newest head as a file for the party that keeps it; that it was taken is kept, too."""
    said = deposits.receive(actor=request.actor, now=clock.now())
    answer = HttpResponse(json.dumps(said, ensure_ascii=False), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="audit-head-{said["seal"]}.json"'
    return answer


def _wanted(request: WebRequest) -> reading.Wanted:
    said = request.POST if request.method == "POST" else request.GET
    before = said.get("before", "")
    return reading.Wanted(
        action=said.get("action", "").strip(),
        target_type=said.get("target_type", "").strip(),
        target=said.get("target", "").strip(),
        result=said.get("result", "").strip(),
        actor_ids=_people(said.get("who", "").strip()),
        since=_midnight(said.get("since", ""), 0),
        until=_midnight(said.get("until", ""), 1),
        before=int(before) if before.isdigit() and len(before) < 19 else 0,
    )


def _people(who: str) -> tuple[int, ...] | None:
    """The persons of that name or login; None when nobody was asked for."""
    if not who:
        return None
    known = User.objects.filter(name=who) | User.objects.filter(username=who.lower())
    return tuple(known.values_list("pk", flat=True)[:100])


def _midnight(day: Any, plus: int) -> datetime | None:
    try:
        found = parse_date(day)
    except ValueError:
        return None
    if found is None:
        return None
    return timezone.make_aware(datetime.combine(found + timedelta(days=plus), time.min))
