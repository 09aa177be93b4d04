"""进入 entry: which person acts in which position and year behind a request.

The cookie holds only the key of the login session. Whether that session still holds, and what
the position may do, is asked of the identity room each time, so a change of rights acts at once.
`?year=` shows another year in one tab without changing the session.
"""

from django.http import HttpRequest

from shucai.edge.web import clock
from shucai.edge.web.request import WebRequest
from shucai.kernel.identity import acting
from shucai.kernel.identity.acting import Acting

KEY = "key"


def enter(request: WebRequest, *, preference: str = "") -> Acting | None:
    """None without a login session that still holds. Refuses a year that is not opened."""
    key = request.session.get(KEY)
    if not isinstance(key, str):
        return None
    wanted = request.GET.get("year", "")
    year = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) == 4 else None
    return acting.resolve(
        key,
        now=clock.now(),
        fiscal_year=year,
        ip=address_of(request),
        trace_id=request.trace_id,
        preference=preference,
    )


def address_of(request: HttpRequest) -> str:
    """Where the request came from. The platform stands behind no proxy it would have to trust."""
    return str(request.META.get("REMOTE_ADDR", ""))[:45]
