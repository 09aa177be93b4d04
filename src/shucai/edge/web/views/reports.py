"""报表页 report pages: a declared summary with its chart; every row leads to the list behind it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse

from shucai.edge.web import asked, bare, charts, frame, sheets
from shucai.edge.web.endpoints import PAGE, endpoint
from shucai.edge.web.errors import NOT_THERE
from shucai.edge.web.request import WebRequest, is_fragment
from shucai.kernel.report import summary
from shucai.kernel.report.declare import Summary

BARS_MAX: Final = 12


@endpoint("report/<str:code>/", name="report", access=PAGE)
def report(request: WebRequest, code: str) -> HttpResponse:
    declared = _declared(request, code)
    kind = declared.of
    wanted = asked.read(kind, request.GET)
    result = summary.run(declared, request.actor, filters=wanted.query(request.actor).filters)
    context = {
        "title": declared.name,
        "declared": declared,
        "kind": kind,
        "asked": wanted,
        "text": wanted.text(),
        "base": f"/report/{code}/",
        "result": result,
        "rows": [(row, _drill(kind.code, row.filters, wanted)) for row in result.rows],
        "filters": asked.filters(kind, request.actor),
        "where": [kind.state_label(str(v)) for n, v in declared.where.items() if n == "state"],
        "chart": _chart(declared, result),
        "bar_count": min(len({row.labels[0] for row in result.rows}), BARS_MAX),
    }
    if is_fragment(request):
        return bare.page(request, "web/report/_table.html", context)
    return frame.page(request, "web/report/page.html", context)


@endpoint("report/<str:code>/-/export", name="report-export", access=PAGE)
def export(request: WebRequest, code: str) -> HttpResponse:
    declared = _declared(request, code)
    wanted = asked.read(declared.of, request.GET)
    result = summary.run(declared, request.actor, filters=wanted.query(request.actor).filters)
    rows: list[list[Any]] = [[*row.labels, *row.measures] for row in result.rows]
    rows.append(["合计", *[""] * (len(result.heads) - 1), *result.totals])
    heads = [*result.heads, *_measure_heads(result)]
    note = f"只含前 {summary.ROWS_MAX:,} 行" if result.is_cut else ""
    return sheets.answer(f"{declared.name}{request.actor.fiscal_year}", heads, rows, note=note)


def _declared(request: WebRequest, code: str) -> Summary:
    declared = summary.find(code)
    if declared is None:
        raise NOT_THERE.refuse(what=f"报表 {code}", position=request.actor.position_name)
    return declared


def _measure_heads(result: summary.Result) -> list[str]:
    pairs = zip(result.measures, result.money, strict=True)
    return [f"{name}(元)" if is_money else name for name, is_money in pairs]


def _drill(code: str, filters: Mapping[str, str], wanted: asked.Asked) -> str:
    said = {**{n: v[0] for n, v in wanted.filters.items()}, **filters}
    return f"/d/{code}/?{urlencode(said)}"


def _chart(declared: Summary, result: summary.Result) -> str:
    """The first amount by the first heading, largest first."""
    if True not in result.money or not result.rows:
        return ""
    at = result.money.index(True)
    parts: dict[str, Decimal] = {}
    for row in result.rows:
        label = row.labels[0].split(" ", maxsplit=1)[-1] or "未填"
        parts[label] = parts.get(label, Decimal(0)) + Decimal(row.measures[at])
    largest = sorted(parts.items(), key=lambda pair: -pair[1])[:BARS_MAX]
    unit = (Decimal(10**4), "万元") if largest[0][1] >= 10**5 else (Decimal(1), "元")
    return charts.bars(largest, unit=unit, name=result.measures[at])
