"""导出 exporting: a selection of documents as a workbook, made in the background.

The file holds what the actor may see, page by page in the order of the list, documents on one
sheet and their lines on another; nobody but the actor may fetch it.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from django.db import models, transaction
from django.utils import timezone

from shucai.kernel.configuration.parameters import parameter
from shucai.kernel.document import errors, list_layout, listing
from shucai.kernel.document.columns import line_fields
from shucai.kernel.document.declare import DocumentType, find_type
from shucai.kernel.document.layouts import EXTRA
from shucai.kernel.document.list_layout import ListLayout
from shucai.kernel.document.listing import HEADER_FIELDS, Query
from shucai.kernel.document.showing import Names, Shown, kind_of
from shucai.kernel.document.spreadsheet import ROWS_MAX, Book, Head, Look, Sheet
from shucai.kernel.files import keeping
from shucai.kernel.identity import scope
from shucai.kernel.jobs.declare import task
from shucai.kernel.jobs.work import Work

DOCUMENTS_MAX: Final = 200_000
EXPORT_LIMIT: Final = parameter(
    code="lists.export_documents",
    name="一次导出单据上限",
    default=DOCUMENTS_MAX,
    low=1_000,
    high=DOCUMENTS_MAX,
    unit="张",
    help="超过时请缩小筛选范围分次导出",
)
PAGE: Final = 200
_HEADER_LOOKS: Final[Mapping[str, Look]] = {
    "amount": "money",
    "business_date": "date",
    "created_at": "instant",
    "updated_at": "instant",
    "submitted_at": "instant",
}
_LOOKS: Final[Mapping[str, Look]] = {"money": "money", "number": "number", "date": "date"}
_REFERENCES: Final = ("element", "unit", "account")


@task(code="document.export", name="导出单据")
def export(work: Work) -> Mapping[str, Any]:
    """Writes the selection in `args` (type, filters, sort, columns) and keeps the file."""
    kind = find_type(str(work.args["type"]))
    if kind is None:
        raise errors.UNKNOWN_TYPE.refuse(type=work.args["type"])
    query = _query(kind, work)
    total = _count(query)
    limit = EXPORT_LIMIT.value(division=work.actor.division, unit_path=work.actor.scope_path)
    if total > limit:
        raise errors.EXPORT_TOO_BIG.refuse(type=kind.name, limit=limit)
    name = f"{kind.name}-{timezone.localtime(work.now):%Y%m%d-%H%M}.xlsx"
    with tempfile.TemporaryDirectory(prefix="shucai-export-") as folder:
        path = Path(folder) / "export.xlsx"
        rows = _write(query, path, work=work, total=total)
        with path.open("rb") as content:
            file = keeping.produce(content, name=name, actor=work.actor, now=work.clock())
    work.file_id = file.pk
    return {"documents": rows, "file": file.pk, "name": name}


def _query(kind: DocumentType, work: Work) -> Query:
    """In the order of the list; one by time of change would move while it is read."""
    sort = str(work.args.get("sort") or "-id")
    if sort.removeprefix("-") == "updated_at":
        sort = "-id"
    filters = {
        str(name): [str(value) for value in values]
        for name, values in dict(work.args.get("filters") or {}).items()
    }
    wanted = [str(name) for name in work.args.get("columns") or ()]
    extra = [name for name in wanted if name.startswith(EXTRA)]
    every = (*HEADER_FIELDS, *(f.name for f in kind.fields()), *extra) if extra else ()
    return Query(type=kind, actor=work.actor, filters=filters, sort=sort, size=PAGE, columns=every)


def _count(query: Query) -> int:
    with transaction.atomic():
        scope.apply(query.actor)
        return listing.count(query, limit=DOCUMENTS_MAX + 1)


def _pages(query: Query) -> Iterator[tuple[list[dict[str, Any]], list[dict[str, Any]]]]:
    """Rows of documents and of their lines; a short transaction a page, none held for long."""
    cursor = ""
    while True:
        with transaction.atomic():
            scope.apply(query.actor)
            page = listing.page(replace(query, cursor=cursor))
            lines = _lines(query.type, [row["id"] for row in page.rows])
        yield page.rows, lines
        cursor = page.next
        if not cursor:
            return


def _lines(kind: DocumentType, ids: Sequence[int]) -> list[dict[str, Any]]:
    names = [f.attname for f in kind.line_fields()]
    parents = {"parent_id__in": ids}
    rows = kind.line._default_manager.filter(**parents)
    order = {pk: place for place, pk in enumerate(ids)}
    found = list(rows.values("parent_id", "seq", *names))
    return sorted(found, key=lambda row: (order[row["parent_id"]], row["seq"]))


def _write(query: Query, path: Path, *, work: Work, total: int) -> int:
    kind = query.type
    wanted = [str(name) for name in work.args.get("columns") or kind.page.columns.split()]
    layout = list_layout.current(kind, work.actor)
    columns = [c for name in dict.fromkeys(wanted) for c in _columns(kind, layout, name)]
    line_columns = [c for f in line_fields(kind) for c in _field_columns(f)]
    with Book(path, created=work.now, title=kind.name) as book:
        documents = book.sheet(kind.name, [head for head, _ in columns])
        details = _Details(book, [head for head, _ in line_columns])
        work.progress(0, total, "正在读取")
        for rows, lines in _pages(query):
            if documents.rows + len(rows) > DOCUMENTS_MAX:
                raise errors.EXPORT_TOO_BIG.refuse(type=kind.name, limit=DOCUMENTS_MAX)
            shown = _shown(kind.fields(), rows, query)
            for row, own in zip(rows, shown, strict=True):
                documents.add([pick(row, own) for _, pick in columns])
            addresses = {row["id"]: row["address"] for row in rows}
            for line, own in zip(lines, _shown(kind.line_fields(), lines, query), strict=True):
                values = [pick(line, own) for _, pick in line_columns]
                details.add([addresses[line["parent_id"]], line["seq"], *values])
            work.progress(documents.rows, total, f"已写 {documents.rows} 笔")
        documents.finish(total=True)
        details.finish()
    return documents.rows


class _Details:
    """The lines, on as many sheets as they need."""

    def __init__(self, book: Book, heads: Sequence[Head]) -> None:
        self._book = book
        self._heads = [Head("单号"), Head("行号", "number"), *heads]
        self._sheets: list[Sheet] = []
        self._open()

    def _open(self) -> None:
        place = len(self._sheets) + 1
        label = "明细" if place == 1 else f"明细{place}"
        self._sheets.append(self._book.sheet(label, self._heads))

    def add(self, values: Sequence[Any]) -> None:
        if self._sheets[-1].rows >= ROWS_MAX:
            self._open()
        self._sheets[-1].add(values)

    def finish(self) -> None:
        for sheet in self._sheets:
            sheet.finish(total=True)


def _shown(
    fields: Sequence[models.Field[Any, Any]], rows: Sequence[Mapping[str, Any]], query: Query
) -> list[dict[str, Shown]]:
    """What people read for the fields of the rows; names are looked up once a page."""
    records = [{f.name: row.get(f.attname) for f in fields} for row in rows]
    actor = query.actor
    with transaction.atomic():
        scope.apply(actor)
        names = Names(fields, records, fiscal_year=actor.fiscal_year, division=actor.division)
        return [{f.name: names.show(f, record[f.name]) for f in fields} for record in records]


Pick = Any  # takes the raw row and the shown fields, gives the cell


def _columns(kind: DocumentType, layout: ListLayout, name: str) -> list[tuple[Head, Pick]]:
    """The columns of one list column in the words of the list; a reference has one for its code
    and one for its name."""
    label = layout.column(name).label
    if name == "unit":
        return [
            (Head("单位编码"), lambda row, own: row["unit_code"]),
            (Head(label or "预算单位", width=30), lambda row, own: row["unit_name"]),
        ]
    if name == "state":
        return [(Head(label or "状态"), lambda row, own: kind.state_label(row["state"]))]
    if name.startswith(EXTRA):
        return _extra_columns(layout, name, label)
    if name in HEADER_FIELDS:
        head = Head(label or HEADER_FIELDS[name], _HEADER_LOOKS.get(name, "text"))
        key = "address" if name == "number" else name
        return [(head, lambda row, own: row[key])]
    known = next((f for f in kind.fields() if f.name == name), None)
    return _field_columns(known, label) if known is not None else []


def _extra_columns(layout: ListLayout, name: str, label: str) -> list[tuple[Head, Pick]]:
    known = next((one for one in layout.extras if one.key == name), None)
    if known is None:
        return []
    return [(Head(label or known.label), lambda row, own: row["extra"].get(known.name, ""))]


def _field_columns(known: models.Field[Any, Any], laid: str = "") -> list[tuple[Head, Pick]]:
    kind, label, name = kind_of(known), laid or str(known.verbose_name), known.name
    if kind in _REFERENCES:
        return [
            (Head(f"{label}编码"), lambda row, own: own[name].code),
            (Head(label), lambda row, own: own[name].text),
        ]
    if kind in _LOOKS:
        return [(Head(label, _LOOKS[kind]), lambda row, own: row[known.attname])]
    return [(Head(label), lambda row, own: own[name].text)]
