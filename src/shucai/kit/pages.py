"""页面 pages: menus, lists, forms and figures of the work desk, declared."""

from shucai.kernel.pages.declare import DocumentPage, Menu, MenuItem, document_item
from shucai.kernel.pages.figures import LedgerFigures

__all__ = ["DocumentPage", "LedgerFigures", "Menu", "MenuItem", "document_item"]
