"""The site plus one view that does nothing, for the web bench only."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shucai.site.settings")
application = get_wsgi_application()
settings.ROOT_URLCONF = "shucai.edge.bench.urls"
