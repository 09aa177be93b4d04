"""无框页 bare pages and pieces: templates made into answers; needs no kernel room.

The token that protects forms is put in last, in one pass over the finished text. So a piece that
depends on nothing but its key (a menu, a filter block, the head of a table) is made once. Where
a whole page is the same but for a few slots, its mould is made once and the slots are filled.
"""

import re
import secrets
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CSRF_ALLOWED_CHARS, get_token
from django.template import engines
from jinja2 import Template
from markupsafe import Markup, escape

PIECES_MAX: Final = 2_000
_SLOT: Final = secrets.token_hex(16)  # nobody can type it
_FIELD: Final = Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(_SLOT)
_MARK: Final = re.compile(f"{_SLOT}(?:-([a-z_]+);)?")
_PIECES: dict[tuple[str, Hashable], Markup] = {}
_MOULDS: dict[tuple[str, Hashable, Sequence[str]], Sequence[str]] = {}


@lru_cache(maxsize=500)
def _template(name: str) -> Template:
    engine: Any = engines["jinja2"]
    found: Template = engine.env.get_template(name)
    return found


def render(request: HttpRequest, template: str, context: Mapping[str, Any]) -> str:
    """The finished text of a template."""
    return finish(request, _rendered(request, template, context))


def finish(request: HttpRequest, text: str) -> str:
    return text.replace(_SLOT, _token(request)) if _SLOT in text else text


def _token(request: HttpRequest) -> str:
    """As Django's `get_token`: the secret of the cookie under a new mask. But a cookie that is
    there is not set anew by every page, since it outlasts every login, and each login renews it.
    """
    secret = request.META.get("CSRF_COOKIE")
    if secret is None:
        return get_token(request)
    chars, size = CSRF_ALLOWED_CHARS, len(CSRF_ALLOWED_CHARS)
    mask = [byte % size for byte in secrets.token_bytes(len(secret))]
    cipher = [chars[(chars.index(c) + m) % size] for c, m in zip(secret, mask, strict=True)]
    return "".join([*(chars[m] for m in mask), *cipher])


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


def moulded(
    request: HttpRequest,
    template: str,
    key: Hashable,
    make: Callable[[], Mapping[str, Any]],
    slots: Mapping[str, str],
) -> HttpResponse:
    """A page that is the same for an equal key but for its slots; `make` is the rest of its
    context. The template may ask whether a slot is empty, and write it out, and nothing else."""
    filled = tuple(name for name, text in slots.items() if text)
    known = _MOULDS.get((template, key, filled))
    if known is None:
        if len(_MOULDS) >= PIECES_MAX:
            _MOULDS.clear()
        marks = {name: escape(f"{_SLOT}-{name};") if name in filled else "" for name in slots}
        text = _rendered(request, template, {**make(), **marks})
        known = _MOULDS[template, key, filled] = _MARK.split(text)
    fill = {"": _token(request), **{name: str(escape(text)) for name, text in slots.items()}}
    parts = [fill[one or ""] if at % 2 else one for at, one in enumerate(known)]
    return HttpResponse("".join(parts))


def part(request: HttpRequest, template: str, context: Mapping[str, Any]) -> Markup:
    """A part of a page that is made for this request."""
    return Markup(_rendered(request, template, context))  # noqa: S704 (a template escaped it)


def _rendered(request: HttpRequest, template: str, context: Mapping[str, Any]) -> str:
    said = {**context, "request": request, "csrf_token": _SLOT, "csrf_input": _FIELD}
    return _template(template).render(said)
