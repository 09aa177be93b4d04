"""Addresses: everything lives in the edges."""

from shucai.edge.api import urls as api
from shucai.edge.web import urls as web

urlpatterns = [*web.urlpatterns, *api.urlpatterns]

handler404 = "shucai.edge.web.views.faults.not_found"
handler403 = "shucai.edge.web.views.faults.forbidden"
handler500 = "shucai.edge.web.views.faults.defect"
