"""标志 logo: the picture of a published portal; anybody may see it, the sign-in page shows it."""

import base64

from django.http import HttpResponse

from shucai.edge.web.endpoints import PUBLIC, endpoint
from shucai.edge.web.request import WebRequest
from shucai.kernel.pages import portal


@endpoint("portal/logo/<int:pk>", name="portal-logo", access=PUBLIC)
def logo(request: WebRequest, pk: int) -> HttpResponse:
    """A release never changes, so neither does its picture."""
    found = portal.logo(pk)
    if found is None:
        return HttpResponse(status=404)
    kind, data = found
    answer = HttpResponse(base64.b64decode(data), content_type=kind)
    answer["Cache-Control"] = "private, max-age=31536000, immutable"
    return answer
