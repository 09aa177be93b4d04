"""Addresses: everything lives in the edges."""

from django.conf import settings

urlpatterns: list[object] = []

# While the house is being built: the pages need the document room. Goes away when it has landed.
if "document" in settings.KERNEL_ROOMS:
    from shucai.edge.web import urls as web

    urlpatterns += web.urlpatterns

handler404 = "shucai.edge.web.views.faults.not_found"
handler403 = "shucai.edge.web.views.faults.forbidden"
handler500 = "shucai.edge.web.views.faults.defect"
