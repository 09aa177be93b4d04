"""导入 import pages: a template, a file, every fault by row, and then drafts, all or none."""

from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from django.http import HttpResponse

from shucai.base.errors import Refused
from shucai.edge.web import answers, clock, errors, frame
from shucai.edge.web.endpoints import DOCUMENT, endpoint, scoped
from shucai.edge.web.request import WebRequest
from shucai.edge.web.views.lists import kind_of
from shucai.kernel.document import form_layout, import_jobs, importing
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.importing import ImportPreview
from shucai.kernel.files import keeping
from shucai.kernel.files.keeping import Opened, Upload

SHOWN_MAX: Final = 100
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@endpoint("d/<str:code>/-/import", name="import", access=DOCUMENT)
def start(request: WebRequest, code: str) -> HttpResponse:
    return _page(request, kind_of(code), step=1)


@endpoint("d/<str:code>/-/import/template.xlsx", name="import-template", access=DOCUMENT)
def template(request: WebRequest, code: str) -> HttpResponse:
    kind = kind_of(code)
    answer = HttpResponse(
        importing.template(kind, form_layout.current(kind, request.actor)), content_type=_XLSX
    )
    name = quote(f"{kind.name}导入模板.xlsx", safe="")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return answer


@endpoint("d/<str:code>/-/import/check", name="import-check", access=DOCUMENT, methods=("POST",))
def check(request: WebRequest, code: str) -> HttpResponse:
    """Reads the file and tells what it would bring, or every fault in it."""
    kind = kind_of(code)
    sent = request.FILES.get("file")
    if sent is None:
        raise errors.NO_FILE.refuse("file", type=kind.name)
    content, name = sent.read(), sent.name or ""
    try:
        found = importing.preview(kind, request.actor, name, content, clock.today())
    except Refused as refused:
        return _refused(request, kind, refused)
    held = 0
    if found.ok:
        upload = Upload(name=name, content=content)
        draft = f"{kind.code}:import"
        held = keeping.attach_to_draft(upload, draft=draft, actor=request.actor, now=clock.now()).pk
    return _page(request, kind, step=2, found=found, held=held)


@endpoint("d/<str:code>/-/import/commit", name="import-commit", access=DOCUMENT, methods=("POST",))
def commit(request: WebRequest, code: str) -> HttpResponse:
    """Saves what was checked; the file is read again, so nothing is taken on trust."""
    kind = kind_of(code)
    held = request.POST.get("held", "")
    file_id = int(held) if held.isascii() and held.isdigit() and len(held) < 18 else 0
    opened = keeping.open(file_id, request.actor, now=clock.now())
    content = opened.path.read_bytes()
    try:
        if importing.rows_of(kind, opened.name, content) > import_jobs.ROWS_AT_ONCE:
            return _in_background(request, kind, opened, key=held)
        headers = importing.commit(
            kind,
            request.actor,
            opened.name,
            content,
            today=clock.today(),
            now=clock.now(),
            key=held,
        )
    except Refused as refused:
        return _refused(request, kind, refused)
    frame.flash(request, f"已导入 {len(headers)} 笔{kind.name}草稿，请核对后送审")
    return answers.to(request, f"/d/{code}/?maker=me&state={kind.initial}")


def _in_background(
    request: WebRequest, kind: DocumentType, opened: Opened, *, key: str
) -> HttpResponse:
    """More rows than a person waits for; the job reads the file again and tells every fault."""
    with scoped(request.actor):
        run = import_jobs.start(
            kind,
            request.actor,
            opened.name,
            opened.path.read_bytes(),
            today=clock.today(),
            now=clock.now(),
            key=key,
        )
    return answers.started(request, run)


def _refused(request: WebRequest, kind: DocumentType, refused: Refused) -> HttpResponse:
    findings = [finding.as_dict() for finding in refused.findings[:SHOWN_MAX]]
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return _page(request, kind, step=1, findings=findings, status=status)


def _page(
    request: WebRequest,
    kind: DocumentType,
    *,
    step: int,
    found: ImportPreview | None = None,
    held: int = 0,
    findings: list[dict[str, Any]] | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    context = {
        "title": f"导入{kind.name}",
        "kind": kind,
        "base": f"/d/{kind.code}/-/import",
        "step": step,
        "found": found,
        "held": held,
        "shown_max": SHOWN_MAX,
        "rows_max": importing.ROWS_MAX,
        "findings": findings or [],
    }
    return frame.page(request, "form/import.html", context, status=status)
