"""单据 document: what a domain needs to declare one kind of document."""

from shucai.kernel.document.declare import (
    Document,
    DocumentType,
    HandOver,
    Line,
    State,
    money,
    parent,
)
from shucai.kernel.workflow.declare import Move

__all__ = ["Document", "DocumentType", "HandOver", "Line", "Move", "State", "money", "parent"]
