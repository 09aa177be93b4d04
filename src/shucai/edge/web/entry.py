"""进入 entry: which person acts in which position and year behind a request.

The cookie holds only the key of the login session, the position and the year chosen; whether
that session still holds, and what the position may do, is asked of the identity room each time,
so a change of rights acts at once.
"""

from dataclasses import dataclass

from shucai.edge.web.request import WebRequest


@dataclass(frozen=True, slots=True)
class Visit:
    """What a request knows besides the actor. `own_year` is the year without `?year=`."""

    session_key: str
    own_year: int
    must_change_password: bool
    place_name: str


def enter(request: WebRequest) -> Visit | None:
    """None without a login session that still holds."""
    raise NotImplementedError
