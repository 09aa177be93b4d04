"""Addresses of the web bench: the site's own, and an empty view."""

from importlib import import_module
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path

SITE: Final = "shucai.site.urls"


def empty(request: HttpRequest) -> HttpResponse:
    """The least a Django view can do."""
    return HttpResponse(b"")


_site = import_module(SITE if __name__ == settings.ROOT_URLCONF else settings.ROOT_URLCONF)
urlpatterns: list[Any] = [path("bench/empty", empty), *_site.urlpatterns]
