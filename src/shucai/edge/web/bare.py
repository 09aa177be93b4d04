"""无框页 bare pages and pieces: templates made into answers; needs no kernel room.

The token that protects forms is put in last, in one pass over the finished text. So a piece that
depends on nothing but its key (a menu, a filter block, the head of a table) is made once.
"""

import secrets
from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template import engines
from jinja2 import Template
from markupsafe import Markup

PIECES_MAX: Final = 2_000
_SLOT: Final = secrets.token_hex(16)  # nobody can type it
_FIELD: Final = Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(_SLOT)
_PIECES: dict[tuple[str, Hashable], Markup] = {}


@lru_cache(maxsize=500)
def _template(name: str) -> Template:
    engine: Any = engines["jinja2"]
    found: Template = engine.env.get_template(name)
    return found


def render(request: HttpRequest, template: str, context: Mapping[str, Any]) -> str:
    """The finished text of a template."""
    return finish(request, _rendered(request, template, context))


def finish(request: HttpRequest, text: str) -> str:
    return text.replace(_SLOT, get_token(request)) if _SLOT in text else text


def page(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    return HttpResponse(render(request, template, context), status=status)


def piece(
    request: HttpRequest, template: str, key: Hashable, make: Callable[[], Mapping[str, Any]]
) -> Markup:
    """A part of a page that is the same for an equal key, whoever asks; `make` is its context."""
    known = _PIECES.get((template, key))
    if known is None:
        if len(_PIECES) >= PIECES_MAX:
            _PIECES.clear()
        known = _PIECES[template, key] = part(request, template, make())
    return known


def part(request: HttpRequest, template: str, context: Mapping[str, Any]) -> Markup:
    """A part of a page that is made for this request."""
    return Markup(_rendered(request, template, context))  # noqa: S704 (a template escaped it)


def _rendered(request: HttpRequest, template: str, context: Mapping[str, Any]) -> str:
    said = {**context, "request": request, "csrf_token": _SLOT, "csrf_input": _FIELD}
    return _template(template).render(said)
