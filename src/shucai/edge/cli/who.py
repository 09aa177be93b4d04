"""办理人 who acts: a named user in one of his positions; access to the data directory is the key.

Whoever may read the data directory may act as anybody there, so every action is written to the
audit trail with the channel `cli` and the name of the operating system's user.
"""

import getpass
import os
import secrets
from datetime import datetime

from shucai.edge.cli import errors
from shucai.kernel.identity import acting
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.models import Appointment, User


def actor(*, user: str, position: str, year: int | None, now: datetime) -> Actor:
    """The user in the position named, else in his default one. Raises Refused."""
    wanted = (user or os.environ.get("SHUCAI_USER", "")).strip().lower()
    if not wanted:
        raise errors.NO_USER.refuse("--as")
    found = User.objects.filter(username=wanted).first()
    if found is None:
        raise errors.UNKNOWN_USER.refuse("--as", user=wanted, reason="没有这个登录名", known="无")
    if not found.is_active:
        raise errors.UNKNOWN_USER.refuse("--as", user=wanted, reason="该用户已停用", known="无")
    chosen = _choose(wanted, acting.appointments_of(user_id=found.pk, now=now), position)
    return acting.actor_for(
        user_id=found.pk,
        appointment_id=chosen.pk,
        fiscal_year=year,
        now=now,
        channel="cli",
        ip=_operator(),
        trace_id=secrets.token_hex(8),
    )


def _choose(user: str, held: list[Appointment], position: str) -> Appointment:
    fitting = [one for one in held if position in ("", one.position.code, one.position.name)]
    if not fitting:
        known = "、".join(one.position.name for one in held) or "无"
        reason = f"没有岗位“{position}”" if held else "该用户现在没有任职"
        raise errors.UNKNOWN_USER.refuse("--position", user=user, reason=reason, known=known)
    return fitting[0]  # the default one comes first


def _operator() -> str:
    """The operating system's user, kept where other channels keep the address."""
    try:
        return f"local:{getpass.getuser()}"[:45]
    except (KeyError, OSError):
        return f"local:{os.getuid()}"
