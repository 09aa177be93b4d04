"""The site plus one view that does nothing, for the web bench only."""

import os

from django.conf import settings
from django.core.servers.basehttp import get_internal_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shucai.site.settings")
application = get_internal_wsgi_application()  # the site's own, with its way of collecting garbage
settings.ROOT_URLCONF = "shucai.edge.bench.urls"
