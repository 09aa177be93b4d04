"""地址参数 query parts of addresses: some names kept, some changed, empty ones left out."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict


def text(said: QueryDict, names: Iterable[str], **changes: Any) -> str:
    """With its question mark, or nothing."""
    kept = {name: said.get(name, "") for name in names}
    kept.update(changes)
    pairs = [(name, value) for name, value in kept.items() if value not in ("", None)]
    return "?" + urlencode(pairs) if pairs else ""
