"""配置缓存 configuration: routes, rules and settings of types, kept by the process.

Every action reads the version of the configuration with its other facts; a new version, made by
a trigger on the tables behind it, throws away what was kept.
"""

import threading
from typing import Any
from uuid import UUID

from shucai.kernel.control.check import Configured
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.type_settings import TypeSettings
from shucai.kernel.workflow.routes import Routes


class _Kept(threading.local):
    def __init__(self) -> None:
        self.version: UUID | None = None
        self.shelf: dict[tuple[str, ...], Any] = {}


_KEPT = _Kept()


def routes(version: UUID | None, document_type: str, fiscal_year: int) -> Routes:
    """The published routes of a type in a year."""
    key = ("routes", document_type, str(fiscal_year))
    shelf = _shelf(version)
    if key not in shelf:
        shelf[key] = Routes(document_type, fiscal_year)
    found: Routes = shelf[key]
    return found


def rules(version: UUID | None, document_type: str, action: str) -> Configured:
    """The configured rules of a type at a move."""
    key = ("rules", document_type, action)
    shelf = _shelf(version)
    if key not in shelf:
        shelf[key] = Configured(document_type, action)
    found: Configured = shelf[key]
    return found


def settings(version: UUID | None, kind: DocumentType) -> TypeSettings:
    """How documents of a type are numbered, and which attachments they need."""
    key = ("settings", kind.code)
    shelf = _shelf(version)
    if key not in shelf:
        shelf[key] = TypeSettings(kind)
    found: TypeSettings = shelf[key]
    return found


def _shelf(version: UUID | None) -> dict[tuple[str, ...], Any]:
    if version is None or version != _KEPT.version:
        _KEPT.version, _KEPT.shelf = version, {}
    return _KEPT.shelf
