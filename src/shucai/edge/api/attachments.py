"""附件接口 attachments: files of a document, under the same scope and duties as the document."""

from typing import Any, BinaryIO, Final, cast

from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from ninja import Router, Schema

from shucai.edge.api import errors, present
from shucai.edge.api.access import caller
from shucai.edge.api.documents import address_of, kind_of
from shucai.edge.api.endpoints import expose
from shucai.kernel.document import attaching
from shucai.kernel.files import keeping
from shucai.kernel.files.models import StoredFile

router = Router(tags=["附件"])
UPLOAD_MAX: Final = 64 * 1024 * 1024  # of a whole request; the files room limits each file
UPLOAD: Final = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {"type": "string", "contentMediaType": "application/octet-stream"},
                    "category": {"type": "string", "maxLength": 40, "title": "材料类别"},
                },
            }
        }
    },
}


class FileOut(Schema):
    id: int
    name: str
    content_type: str
    size: int
    sha256: str
    category: str
    is_late: bool
    owner: str
    created_at: str


class FilesOut(Schema):
    files: list[FileOut]


@expose(
    router,
    "GET",
    "/documents/{type}/{address}/files",
    name="files.list",
    scope="documents.read",
    summary="附件清单",
    responses={200: FilesOut},
)
def list_files(request: HttpRequest, type: str, address: str) -> HttpResponse:
    kind, who = kind_of(request, type), caller(request)
    found = attaching.attached(kind, address_of(address, who), actor=who.actor)
    return JsonResponse({"files": [_file(one) for one in found]})


@expose(
    router,
    "POST",
    "/documents/{type}/{address}/files",
    name="files.attach",
    scope="documents.write",
    summary="上传附件",
    upload=UPLOAD,
    responses={201: FileOut},
)
def attach_file(request: HttpRequest, type: str, address: str) -> HttpResponse:
    kind, who = kind_of(request, type), caller(request)
    size = int(request.META.get("CONTENT_LENGTH") or 0)
    if size > UPLOAD_MAX:
        raise errors.TOO_LARGE.refuse(size=f"{size:,}", limit=f"{UPLOAD_MAX:,}")
    given = request.FILES.get("file")
    if given is None:
        raise errors.SHAPE.refuse("file", item="file", reason="缺少该项，应以 multipart 上传")
    upload = keeping.Upload(
        name=given.name or "",
        content=cast(BinaryIO, given),
        category=request.POST.get("category", "")[:40],
    )
    place = address_of(address, who)
    kept = attaching.attach(kind, place, upload, actor=who.actor, now=who.now)
    return JsonResponse(_file(kept), status=201)


@expose(
    router,
    "GET",
    "/documents/{type}/{address}/files/{id}",
    name="files.get",
    scope="documents.read",
    summary="下载附件",
    binary="文件内容",
    responses={200: None},
)
def get_file(request: HttpRequest, type: str, address: str, id: int) -> HttpResponse | FileResponse:
    kind, who = kind_of(request, type), caller(request)
    place = address_of(address, who)
    _own(attaching.attached(kind, place, actor=who.actor), id, place)
    opened = keeping.open(id, who.actor, now=who.now)
    return FileResponse(opened.path.open("rb"), headers=dict(opened.headers))


@expose(
    router,
    "DELETE",
    "/documents/{type}/{address}/files/{id}",
    name="files.detach",
    scope="documents.write",
    summary="移除附件",
    responses={204: None},
)
def detach_file(request: HttpRequest, type: str, address: str, id: int) -> HttpResponse:
    kind, who = kind_of(request, type), caller(request)
    place = address_of(address, who)
    _own(attaching.attached(kind, place, actor=who.actor), id, place)
    attaching.detach(kind, place, id, actor=who.actor, now=who.now)
    return HttpResponse(status=204)


def _own(found: list[StoredFile], id: int, place: str) -> None:
    """A file is reached through its own document only."""
    if id not in {one.pk for one in found}:
        raise errors.FILE_NOT_FOUND.refuse(number=place, id=str(id)[:20])


def _file(one: StoredFile) -> dict[str, Any]:
    return {
        "id": one.pk,
        "name": one.name,
        "content_type": one.content_type,
        "size": one.size,
        "sha256": one.sha256,
        "category": one.category,
        "is_late": one.is_late,
        "owner": one.owner_name,
        "created_at": present.plain(one.created_at),
    }
