"""The WSGI application that the web server loads."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shucai.site.settings")
application = get_wsgi_application()

from shucai.kernel.audit import logbook  # noqa: E402 (needs the apps)
from shucai.kernel.configuration import delivery  # noqa: E402
from shucai.kernel.identity.crypto import service  # noqa: E402

delivery.start(kind="web")
logbook.start()
service.provider()  # its known answers are asked before the first request, not by it

# What was loaded stays for the life of the process: the collector need not look at it again and
# again. A quarter of the time of a list page.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 20)
