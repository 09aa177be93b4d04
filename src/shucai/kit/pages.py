"""页面 pages: menus, lists and forms, declared."""

from shucai.kernel.pages.declare import DocumentPage, Menu, MenuItem, document_item

__all__ = ["DocumentPage", "Menu", "MenuItem", "document_item"]
