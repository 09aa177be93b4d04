"""用户名录 directory: which users, appointments, sessions and leavers an officer may see."""

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.models import Appointment, LoginSession, Position, RightsChange, User
from shucai.kernel.identity.records import (
    DutyExclusion,
    Leaver,
    ReviewCampaign,
    ReviewItem,
    RightsFinding,
)


def _held(actor: Actor) -> QuerySet[Appointment]:
    low, high = actor.range
    return Appointment.objects.filter(scope_path__gte=low, scope_path__lt=high)


def users(actor: Actor) -> QuerySet[User]:
    """Those with an appointment in the range, and those without any; with their first one."""
    own = Appointment.objects.filter(user=OuterRef("pk"))
    first = own.filter(is_enabled=True).order_by("-is_default", "principal_id", "pk")
    return User.objects.filter(Q(pk__in=_held(actor).values("user")) | ~Exists(own)).annotate(
        first_position=Subquery(first.values("position__name")[:1]),
        first_unit=Subquery(first.values("unit_name")[:1]),
    )


def positions(actor: Actor) -> QuerySet[Position]:
    return Position.objects.all()


def appointments(actor: Actor) -> QuerySet[Appointment]:
    return _held(actor).select_related("user", "position", "principal")


def sessions(actor: Actor) -> QuerySet[LoginSession]:
    found = LoginSession.objects.filter(user__in=_held(actor).values("user"))
    return found.select_related("user", "appointment__position")


def changes(actor: Actor) -> QuerySet[RightsChange]:
    return RightsChange.objects.all()


def exclusions(actor: Actor) -> QuerySet[DutyExclusion]:
    return DutyExclusion.objects.all()


def findings(actor: Actor) -> QuerySet[RightsFinding]:
    return RightsFinding.objects.all()


def leavers(actor: Actor) -> QuerySet[Leaver]:
    return Leaver.objects.select_related("user").filter(
        Q(user__in=_held(actor).values("user"))
        | ~Exists(Appointment.objects.filter(user=OuterRef("user")))
    )


def campaigns(actor: Actor) -> QuerySet[ReviewCampaign]:
    return ReviewCampaign.objects.all()


def review_items(actor: Actor) -> QuerySet[ReviewItem]:
    """What the actor may answer for, by row-level security."""
    return ReviewItem.objects.select_related("campaign", "appointment")
