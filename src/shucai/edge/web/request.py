"""请求 request: what the channel adds to Django's request, typed."""

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from shucai.kernel.identity.acting import Acting
    from shucai.kernel.identity.actor import Actor


class WebRequest(HttpRequest):
    """`actor` and `visit` are there behind every endpoint that is not public."""

    actor: "Actor"
    visit: "Acting"
    trace_id: str


def is_fragment(request: HttpRequest) -> bool:
    """Asked for by htmx, which swaps the answer into the page."""
    return request.headers.get("HX-Request") == "true"
