"""人员 people: three officers, a clerk and a reviewer, put in office the official way."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db import transaction

from shucai.kernel.audit.models import AuditEntry
from shucai.kernel.identity import acting, duties, scope, setup
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.models import User

PASSWORD = "Shucai@2026"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
ROOT, CITY = "4406", "440600000"
UNIT = "4406/440600/105/105001"


@lru_cache
def digest() -> str:
    return make_password(PASSWORD)


@dataclass(frozen=True, slots=True)
class Staff:
    """The actors by role, as their default appointments make them."""

    system: Actor
    security: Actor
    auditor: Actor
    clerk: Actor
    reviewer: Actor


PEOPLE = {
    "sysadmin": ("系统管理员", [duties.SYSTEM_ADMIN], ROOT),
    "secadmin": ("安全保密管理员", [duties.SECURITY_ADMIN], ROOT),
    "auditor": ("安全审计员", [duties.AUDITOR], ROOT),
    "clerk": ("支付经办岗", ["payment.preparer"], UNIT),
    "reviewer": ("支付审核岗", ["payment.reviewer"], UNIT),
}


def appoint() -> Staff:
    """Everybody is in office since New Year."""
    setup.load(
        users=[
            setup.NewUser(username=name, name=f"{title}甲", password=digest(), must_change=False)
            for name, (title, _, _) in PEOPLE.items()
        ],
        positions=[
            setup.NewPosition(code=name, name=title, duties=held)
            for name, (title, held, _) in PEOPLE.items()
        ],
        appointments=[
            setup.NewAppointment(
                username=name,
                position=name,
                scope_path=path,
                division=CITY,
                valid_from=date(2026, 1, 1),
                unit_code=path.rsplit("/", 1)[-1],
                unit_name="市教育局" if path == UNIT else "",
                is_default=True,
            )
            for name, (_, _, path) in PEOPLE.items()
        ],
        root=ROOT,
        now=NOW,
    )
    actors = [actor_of(name) for name in PEOPLE]
    return Staff(*actors)


def actor_of(username: str, *, now: datetime = NOW) -> Actor:
    user = User.objects.get(username=username)
    return acting.actor_for(user_id=user.pk, appointment_id=None, fiscal_year=None, now=now)


def trail(auditor: Actor) -> list[tuple[str, str, str]]:
    """Action, target and result of every audit row, as the auditor sees them."""
    with transaction.atomic():
        scope.apply(auditor)
        rows = AuditEntry.objects.order_by("pk")
        return list(rows.values_list("action", "target", "result"))
