"""附件 attachments of a document: shown in its form, added, fetched and removed.

Files of a document never saved wait under the name of its type and become its own with the
first saving.
"""

from typing import Any, BinaryIO, cast

from django.http import FileResponse, HttpResponse

from shucai.base.errors import Refused
from shucai.edge.web import answers, bare, clock, frame
from shucai.edge.web.endpoints import DOCUMENT, endpoint, scoped
from shucai.edge.web.form import files
from shucai.edge.web.request import WebRequest, is_fragment
from shucai.edge.web.views.lists import kind_of
from shucai.kernel.document import attaching, reading
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.files import keeping
from shucai.kernel.files.keeping import Upload


@endpoint("d/<str:code>/new/files", name="form-attach-new", access=DOCUMENT, methods=("POST",))
def attach_new(request: WebRequest, code: str) -> HttpResponse:
    return _attach(request, kind_of(code), "")


@endpoint(
    "d/<str:code>/<str:address>/files", name="form-attach", access=DOCUMENT, methods=("POST",)
)
def attach(request: WebRequest, code: str, address: str) -> HttpResponse:
    return _attach(request, kind_of(code), address)


def _attach(request: WebRequest, kind: DocumentType, address: str) -> HttpResponse:
    """Takes every file that may be taken; the others come back with their reasons."""
    findings = []
    for sent in request.FILES.getlist("files"):
        upload = Upload(
            name=sent.name or "", content=cast(BinaryIO, sent.file) if sent.file else b""
        )
        try:
            if address:
                attaching.attach(kind, address, upload, actor=request.actor, now=clock.now())
            else:
                keeping.attach_to_draft(
                    attaching.limited(upload, request.actor),
                    draft=files.waiting(kind),
                    actor=request.actor,
                    now=clock.now(),
                )
        except Refused as refused:
            findings += [finding.as_dict() for finding in refused.findings]
    return _answer(request, kind, address, findings)


@endpoint("d/<str:code>/new/files/<int:pk>", name="form-file-new", access=DOCUMENT)
def fetch_new(request: WebRequest, code: str, pk: int) -> FileResponse:
    return _fetch(request, pk)


@endpoint("d/<str:code>/<str:address>/files/<int:pk>", name="form-file", access=DOCUMENT)
def fetch(request: WebRequest, code: str, address: str, pk: int) -> FileResponse:
    """Always a download; the files room says who may have it and keeps a row of it."""
    return _fetch(request, pk)


def _fetch(request: WebRequest, pk: int) -> FileResponse:
    opened = keeping.open(pk, request.actor, now=clock.now())
    answer = FileResponse(opened.path.open("rb"))
    for name, value in opened.headers.items():
        answer[name] = value
    return answer


@endpoint(
    "d/<str:code>/new/files/<int:pk>/remove",
    name="form-detach-new",
    access=DOCUMENT,
    methods=("POST",),
)
def detach_new(request: WebRequest, code: str, pk: int) -> HttpResponse:
    keeping.remove(pk, request.actor, now=clock.now())
    return _answer(request, kind_of(code), "", [])


@endpoint(
    "d/<str:code>/<str:address>/files/<int:pk>/remove",
    name="form-detach",
    access=DOCUMENT,
    methods=("POST",),
)
def detach(request: WebRequest, code: str, address: str, pk: int) -> HttpResponse:
    kind = kind_of(code)
    attaching.detach(kind, address, pk, actor=request.actor, now=clock.now())
    return _answer(request, kind, address, [])


def _answer(
    request: WebRequest, kind: DocumentType, address: str, findings: list[dict[str, Any]]
) -> HttpResponse:
    where = f"/d/{kind.code}/{address or 'new'}"
    if not is_fragment(request):
        for finding in findings:
            said = f"{finding['what']}：{finding['why']}。{finding['fix']}"
            frame.flash(request, said, look="bad")
        return answers.to(request, where)
    with scoped(request.actor):
        dossier = None
        if address:
            dossier = reading.open_one(kind=kind, actor=request.actor, address=address)
        context = {**files.context(kind, request.actor, dossier), "base": where}
    return bare.page(request, "form/_files.html", {**context, "file_findings": findings})
