"""域的登记 domain registration: reads every declaration of a domain when the process starts.

A file in `documents/` or `registers/` is found by being there; nothing lists it.
"""

from importlib import import_module, util
from pkgutil import iter_modules
from typing import Final

from django.apps import AppConfig

FOLDERS: Final = ("documents", "registers")
ROOMS: Final = ("terms", "errors", "queries", "commands", "reports", "exchange", "jobs", "pages")


class DomainConfig(AppConfig):
    """A domain app: its Chinese name, and the rooms whose declarations it reads."""

    def import_models(self) -> None:
        """The records stand in the files of the document types, so those are read for Django."""
        super().import_models()
        for folder in FOLDERS:
            if util.find_spec(f"{self.name}.{folder}") is not None:
                package = import_module(f"{self.name}.{folder}")
                for found in iter_modules(package.__path__):
                    import_module(f"{package.__name__}.{found.name}")

    def ready(self) -> None:
        for room in ROOMS:
            if util.find_spec(f"{self.name}.{room}") is not None:
                import_module(f"{self.name}.{room}")
