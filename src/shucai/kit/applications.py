"""应用 applications: external applications and their keys, API tokens, and what pages there are."""

from shucai.kernel.identity.applications import (
    LABELS,
    Wanted,
    appointment_text,
    ask,
    decide,
    issue,
    keys,
    listed,
    stop,
    visible,
)
from shucai.kernel.identity.models import ApiToken, Application
from shucai.kernel.identity.tokens import OVERLAP_MAX, SCOPES, revoke, rotate, state_of
from shucai.kernel.identity.tokens import visible as visible_tokens
from shucai.kernel.pages.modules import Module, modules

__all__ = [
    "LABELS",
    "OVERLAP_MAX",
    "SCOPES",
    "ApiToken",
    "Application",
    "Module",
    "Wanted",
    "appointment_text",
    "ask",
    "decide",
    "issue",
    "keys",
    "listed",
    "modules",
    "revoke",
    "rotate",
    "state_of",
    "stop",
    "visible",
    "visible_tokens",
]
