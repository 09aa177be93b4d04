"""附件 attaching: files of a document, added and removed by those who work on it."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from django.db import transaction

from shucai.kernel.configuration.parameters import parameter
from shucai.kernel.document import errors
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.models import Header
from shucai.kernel.document.work import split_addresses
from shucai.kernel.files import keeping
from shucai.kernel.files.keeping import Upload
from shucai.kernel.files.models import StoredFile
from shucai.kernel.identity import scope
from shucai.kernel.identity.actor import Actor

FILE_MEGABYTES: Final = parameter(
    code="files.megabytes",
    name="单个附件上限",
    default=20,
    low=1,
    high=200,
    unit="兆字节",
    help="不超过安装时规定的上限",
)


def attach(
    kind: DocumentType, address: str, upload: Upload, *, actor: Actor, now: datetime
) -> StoredFile:
    """Adds a file; after the submission too, marked as late. Raises Refused with the reason."""
    header = _header(kind, address, actor)
    _refuse_without_duty(kind, address, actor)
    return keeping.attach(limited(upload, actor), header_id=header.pk, actor=actor, now=now)


def limited(upload: Upload, actor: Actor) -> Upload:
    """The upload with the size that is allowed to the actor's unit."""
    said = FILE_MEGABYTES.value(division=actor.division, unit_path=actor.scope_path)
    return replace(upload, limit=int(said) * 1024 * 1024)


def attached(kind: DocumentType, address: str, *, actor: Actor) -> list[StoredFile]:
    """The files of a document, for everybody who may see it."""
    return keeping.of_document(header_id=_header(kind, address, actor).pk, actor=actor)


def detach(
    kind: DocumentType, address: str, file_id: int, *, actor: Actor, now: datetime
) -> StoredFile:
    """Removes a file while the document may be edited. Raises Refused otherwise."""
    header = _header(kind, address, actor)
    _refuse_without_duty(kind, address, actor)
    own = {file.pk for file in keeping.of_document(header_id=header.pk, actor=actor)}
    return keeping.remove(file_id if file_id in own else 0, actor, now=now)


def _header(kind: DocumentType, address: str, actor: Actor) -> Header:
    numbers, ids = split_addresses([address])
    with transaction.atomic():
        scope.apply(actor)
        found = Header.objects.filter(type=kind.code)
        header = (found.filter(pk__in=ids) if ids else found.filter(number__in=numbers)).first()
    if header is None:
        raise errors.NOT_FOUND.refuse(number=address, position=actor.position_name)
    return header


def _refuse_without_duty(kind: DocumentType, address: str, actor: Actor) -> None:
    if not any(actor.can(move.by) for move in kind.flow):
        raise errors.ATTACH_NO_DUTY.refuse(number=address, position=actor.position_name)
