"""首次建立 first set-up: the first users, positions and the three officers of an empty system.

Possible only until officers are in office; from then on rights change by proposal and approval.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone

from shucai.kernel import audit
from shucai.kernel.identity import duties, errors, passwords, scope
from shucai.kernel.identity.models import User
from shucai.kernel.identity.profiles import PROFILES


@dataclass(frozen=True, slots=True)
class NewUser:
    """`password` is a digest made by Django's `make_password`."""

    username: str
    name: str
    password: str
    pinyin: str = ""
    phone: str = ""
    must_change: bool = True


@dataclass(frozen=True, slots=True)
class NewPosition:
    code: str
    name: str
    duties: Sequence[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class NewAppointment:
    """`username` and `position` (its code) name records of the same call or earlier ones."""

    username: str
    position: str
    scope_path: str
    division: str
    valid_from: date
    office: str = ""
    unit_code: str = ""
    unit_name: str = ""
    valid_to: date | None = None
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class FirstOfficer:
    """An officer in office and the password he must change."""

    username: str
    name: str
    one_time_password: str


def officers() -> list[tuple[str, str]]:
    """User names and offices (duty codes) in office."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT username, duty FROM identity_officers() ORDER BY duty, username")
        return [(username, duty) for username, duty in cursor.fetchall()]


def load(
    *,
    users: Sequence[NewUser],
    positions: Sequence[NewPosition],
    appointments: Sequence[NewAppointment],
    root: str,
    now: datetime,
) -> int:
    """Writes the first people and their positions; returns the number of appointments.

    Refused once officers are in office. `root` is the path of the whole city, for the trail.
    """
    known = officers()
    if known:
        names = "、".join(f"{username}（{duties.name_of(duty)}）" for username, duty in known[:6])
        raise errors.OFFICERS_EXIST.refuse(officers=names)
    actor = scope.system_actor(name="首次建立", fiscal_year=timezone.localdate(now).year, root=root)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT identity_first_load(%s::jsonb, %s::jsonb, %s::jsonb, %s)",
            [_rows(users), _rows(positions), _rows(appointments), now],
        )
        count = int(cursor.fetchone()[0])
        detail = {"users": len(users), "positions": len(positions), "appointments": count}
        audit.record(
            [audit.AuditRow(actor, now, "identity.first_load", "identity.user", "", "done", detail)]
        )
    return count


def _rows(records: Sequence[Any]) -> str:
    def plain(value: Any) -> Any:
        if isinstance(value, date):
            return value.isoformat()
        return list(value) if isinstance(value, tuple | list | frozenset) else value

    return json.dumps([{k: plain(v) for k, v in asdict(record).items()} for record in records])


def first_officers(
    *,
    names: dict[str, tuple[str, str]],
    root: str,
    division: str,
    now: datetime,
    profile: str = "",
) -> list[FirstOfficer]:
    """The three officers of an empty system, each with a one-time password.

    `names` maps the three duties to user name and full name; the security policy begins as
    `profile` says.
    """
    if profile and not officers():
        with connection.cursor() as cursor:
            figures = json.dumps(dict(PROFILES[profile]))
            cursor.execute("SELECT identity_first_policy(%s::jsonb)", [figures])
    today = timezone.localdate(now)
    chosen = [(duty, *names[duty], passwords.one_time()) for duty in duties.OFFICERS]
    load(
        users=[
            NewUser(username=username, name=name, password=make_password(secret))
            for _, username, name, secret in chosen
        ],
        positions=[
            NewPosition(code=duty.split(".")[1], name=duties.name_of(duty), duties=[duty])
            for duty, *_ in chosen
        ],
        appointments=[
            NewAppointment(
                username=username,
                position=duty.split(".")[1],
                scope_path=root,
                division=division,
                valid_from=today,
                is_default=True,
            )
            for duty, username, _, _ in chosen
        ],
        root=root,
        now=now,
    )
    return [FirstOfficer(username, name, secret) for _, username, name, secret in chosen]


def reset_officer(*, username: str, reason: str, now: datetime, root: str = "") -> FirstOfficer:
    """A one-time password for an officer whom no colleague can help; the trail keeps the reason.

    Meant for whoever has the machine itself (现场处置): with one officer in each office, the one
    who has lost his password has nobody to propose or to approve a reset.
    """
    known = {name for name, _ in officers()}
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).filter(username=username).first()
        if user is None or username not in known:
            raise errors.NOT_FOUND.refuse(noun="三员用户", key=username)
        secret = passwords.one_time()
        passwords.give_one_time(user, secret, now=now)
        actor = scope.system_actor(
            name="现场处置", fiscal_year=timezone.localdate(now).year, root=root
        )
        audit.record(
            [
                audit.AuditRow(
                    actor=actor,
                    at=now,
                    action="identity.reset_officer",
                    target_type="identity.user",
                    target=username,
                    result="done",
                    detail={"reason": reason.strip()[:200]},
                )
            ]
        )
    return FirstOfficer(user.username, user.name, secret)
