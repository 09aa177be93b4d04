"""域的登记 domain registration: reads every declaration of a domain when the process starts."""

from importlib import import_module, util
from typing import ClassVar

from django.apps import AppConfig

ROOMS = (
    "terms",
    "errors",
    "documents",
    "registers",
    "queries",
    "commands",
    "reports",
    "jobs",
    "pages",
)


class DomainConfig(AppConfig):
    """A domain app: its Chinese name, and the rooms whose declarations it reads."""

    rooms: ClassVar[tuple[str, ...]] = ROOMS

    def ready(self) -> None:
        for room in self.rooms:
            name = f"{self.name}.{room}"
            if util.find_spec(name) is not None:
                import_module(name)
