"""地址 addresses of the channel: whatever the views declared with `@endpoint`."""

from importlib import import_module
from pkgutil import iter_modules

from shucai.edge.web import endpoints, views

for _module in iter_modules(views.__path__):
    import_module(f"{views.__name__}.{_module.name}")

urlpatterns = endpoints.addresses()
