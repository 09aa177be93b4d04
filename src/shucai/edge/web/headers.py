"""响应头 headers: a trace id for every request, and what browsers are told to forbid."""

import secrets
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse

POLICY: Final = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:;"
    " font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self';"
    " frame-src 'self'; frame-ancestors 'self'"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
}


class HeadersMiddleware:
    """Also tells caches to keep nothing that was shown to a signed-in person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.trace_id = secrets.token_hex(8)  # type: ignore[attr-defined]
        answer = self.get_response(request)
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        answer.headers.setdefault("X-Trace-Id", request.trace_id)  # type: ignore[attr-defined]
        if not answer.has_header("Cache-Control") and not request.path.startswith("/static/"):
            answer.headers["Cache-Control"] = "no-store"
        return answer
