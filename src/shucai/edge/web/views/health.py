"""健康 health: is the process alive, and can it serve."""

from http import HTTPStatus

from django.db import DatabaseError, connection
from django.http import HttpResponse, JsonResponse

from shucai.edge.web.endpoints import PUBLIC, endpoint
from shucai.edge.web.request import WebRequest


@endpoint("healthz", name="healthz", access=PUBLIC)
def alive(request: WebRequest) -> HttpResponse:
    """Touches nothing outside the process."""
    return JsonResponse({"state": "alive"})


@endpoint("readyz", name="readyz", access=PUBLIC)
def ready(request: WebRequest) -> HttpResponse:
    """The database answers and knows the calendar."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('public.calendar_period') IS NOT NULL")
            row = cursor.fetchone()
    except DatabaseError:
        row = None
    if row and row[0]:
        return JsonResponse({"state": "ready"})
    return JsonResponse({"state": "not ready"}, status=HTTPStatus.SERVICE_UNAVAILABLE)
