"""无框页 bare pages: what is shown without the frame, and fragments; needs no kernel room."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string


def page(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    return HttpResponse(render_to_string(template, dict(context), request), status=status)
