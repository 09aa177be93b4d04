"""Registers the check that turns declaration faults into start-up errors."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.db import models

if not hasattr(models.Field, "__class_getitem__"):
    # Generic in the type stubs only; at run time the parameters mean nothing.
    models.Field.__class_getitem__ = classmethod(lambda cls, _: cls)  # type: ignore[attr-defined]


class RegistryConfig(AppConfig):
    name = "shucai.kernel.registry"
    label = "registry"

    def ready(self) -> None:
        checks.register(declarations_are_sound, "shucai")


def declarations_are_sound(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Every fault of every declaration is an error with its place and remedy."""
    from shucai.kernel import registry

    return [
        checks.Error(f"{p.kind} {p.code}：{p.message}（{p.where}）", hint=p.fix, id="shucai.E001")
        for p in registry.examine()
    ]
