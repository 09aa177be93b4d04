"""附件区 files of the form: what is attached, and whether more may be."""

from typing import Any, Final

from shucai.kernel.document import attaching, type_settings
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.reading import Dossier
from shucai.kernel.files import keeping
from shucai.kernel.files.models import StoredFile
from shucai.kernel.files.sniffing import size_text
from shucai.kernel.identity.actor import Actor

ICONS: Final = {
    "pdf": "file-type-pdf",
    "xlsx": "file-spreadsheet",
    "xls": "file-spreadsheet",
    "csv": "file-spreadsheet",
    "png": "photo",
    "jpg": "photo",
    "jpeg": "photo",
    "ofd": "file-certificate",
}


def waiting(kind: DocumentType) -> str:
    """The name under which files wait for the first saving of a document; per user."""
    return f"{kind.code}:new"


def context(kind: DocumentType, actor: Actor, dossier: Dossier | None) -> dict[str, Any]:
    if dossier is None:
        found = keeping.of_draft(draft=waiting(kind), actor=actor)
        may_add = may_remove = actor.can(kind.maker)
    else:
        found = attaching.attached(kind, dossier.address, actor=actor)
        may_add = any(actor.can(move.by) for move in kind.flow)
        may_remove = actor.can(kind.maker) and dossier.header.is_editable
    return {
        "files": [_shown(file) for file in found],
        "may_attach": may_add,
        "may_detach": may_remove,
        "file_findings": [],
        "files_required": _required(kind, actor, dossier),
        "files_max": keeping.PER_DOCUMENT,
        "file_size_max": size_text(keeping.SIZE_MAX),
    }


def _required(
    kind: DocumentType, actor: Actor, dossier: Dossier | None
) -> list[tuple[str, str, int, str]]:
    """What must be attached, by the settings of the type."""
    header = dossier.header if dossier is not None else None
    return type_settings.required(
        kind,
        division=header.division if header else actor.division,
        fiscal_year=header.fiscal_year if header else actor.fiscal_year,
        unit_path=header.unit_path if header else actor.scope_path,
    )


def _shown(file: StoredFile) -> dict[str, Any]:
    extension = file.name.rpartition(".")[2].lower()
    return {
        "id": file.pk,
        "name": file.name,
        "size": size_text(file.size),
        "icon": ICONS.get(extension, "file-text"),
        "kind": extension,
        "is_late": file.is_late,
        "owner": file.owner_name,
        "at": file.created_at,
    }
