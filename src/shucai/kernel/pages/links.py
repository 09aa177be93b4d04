"""链接 links: where the list of records that carry an element stands."""

from urllib.parse import urlencode

from django.apps import apps

from shucai.kernel.document.declare import types
from shucai.kernel.ledger.models import LedgerAccount
from shucai.kernel.pages.declare import menus

_LEDGER_FILTERS = {"function_code": "function", "fund_type_code": "fund_type"}


def list_of(model: str, field: str, code: str) -> str:
    """The list page of the records of `model` whose `field` is `code`; empty without one.

    A list that has no such filter is not offered: it would show other records.
    """
    if not model:
        return ""
    record = apps.get_model(model)
    if record is LedgerAccount:
        return _ledger(field, code)
    for kind in types().values():
        if record is kind.model and field in kind.page.filters.split():
            return f"/d/{kind.code}/?{urlencode({field: code})}"
    return ""


def _ledger(field: str, code: str) -> str:
    name = _LEDGER_FILTERS.get(field)
    pages = [i.page for menu in menus() for i in menu.items if i.page.startswith("/ledger/")]
    return f"{pages[0]}?{urlencode({name: code})}" if name and pages else ""
