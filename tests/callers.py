"""调用方 callers: the people of the small city with real logins and API tokens, and a client.

The clock of API and command line stands at `factories.NOW`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from django.test import Client

from shucai.edge import clock
from shucai.kernel.identity import acting, duties, setup, tokens
from shucai.kernel.identity.models import User
from tests import factories, people
from tests.factories import NOW, World

ROOT_PEOPLE = {
    "keeper": "masterdata.keeper",
    "sysadmin": duties.SYSTEM_ADMIN,
    "secadmin": duties.SECURITY_ADMIN,
    "auditor": duties.AUDITOR,
}
ALL_SCOPES = ("*",)


@dataclass
class Caller:
    """One person's program: speaks JSON with his token."""

    secret: str
    client: Client = field(default_factory=Client)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        said: dict[str, Any] = {"headers": {"Authorization": f"Bearer {self.secret}", **headers}}
        if body is not None:
            said["data"] = body if isinstance(body, str | bytes) else json.dumps(body)
            said["content_type"] = "application/json"
        return self.client.generic(method, f"/api/v1{path}", **said)

    def get(self, path: str, **headers: str) -> Any:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("POST", path, {} if body is None else body, **headers)


@dataclass
class Callers:
    """The city, and a caller for whoever is asked for."""

    world: World
    _numbers: "count[int]" = field(default_factory=count)

    def token(self, who: str, scopes: Sequence[str] = ALL_SCOPES, *, days: int = 30) -> str:
        return tokens.create(
            actor=self.world.people[who],
            name=f"{who}-{next(self._numbers)}",
            scopes=scopes,
            expires_at=NOW + timedelta(days=days),
            now=NOW,
        ).secret

    def as_(self, who: str, scopes: Sequence[str] = ALL_SCOPES) -> Caller:
        return Caller(self.token(who, scopes))


def found(monkeypatch: pytest.MonkeyPatch) -> Callers:
    """The small city whose people can sign in; nobody's rights differ from `factories`."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    world = factories.found()
    digest = people.digest()
    held = {name: sorted(actor.duties) for name, actor in world.people.items()}
    held.pop("everything")  # incompatible duties that nobody could be given
    held |= {name: [duty] for name, duty in ROOT_PEOPLE.items()}
    setup.load(
        users=[
            setup.NewUser(username=_login(name), name=_name(world, name), password=digest)
            for name in held
        ],
        positions=[
            setup.NewPosition(code=name, name=f"{_name(world, name)}的岗位", duties=own)
            for name, own in held.items()
        ],
        appointments=[_appointment(world, name) for name in held],
        root="4406",
        now=NOW,
    )
    for name in held:
        user = User.objects.get(username=_login(name))
        world.people[name] = acting.actor_for(
            user_id=user.pk, appointment_id=None, fiscal_year=None, now=NOW
        )
    return Callers(world)


def _login(name: str) -> str:
    return name.replace("_", "-")


def _name(world: World, name: str) -> str:
    return world.people[name].name if name in world.people else name


def _appointment(world: World, name: str) -> setup.NewAppointment:
    known = world.people.get(name)
    return setup.NewAppointment(
        username=_login(name),
        position=name,
        scope_path=known.scope_path if known else "4406",
        division=known.division if known else factories.DIVISION,
        valid_from=date(2026, 1, 1),
        unit_code=known.unit_code if known else "",
        unit_name=known.unit_name if known else "",
        is_default=True,
    )
