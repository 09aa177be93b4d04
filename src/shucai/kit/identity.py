"""身份 identity: duties a domain declares; users, positions and rights, and what changes them."""

from shucai.kernel.identity import (
    changes,
    delegations,
    directory,
    errors,
    officers,
    requests,
    reviews,
    rights,
)
from shucai.kernel.identity.colleagues import users_named
from shucai.kernel.identity.duties import (
    APPLICANT,
    AUDITOR,
    REVIEWER,
    SECURITY_ADMIN,
    SYSTEM_ADMIN,
    duty,
    every,
    name_of,
)
from shucai.kernel.identity.models import (
    Appointment,
    LoginSession,
    Position,
    RightsChange,
    SecurityPolicy,
    User,
)
from shucai.kernel.identity.profiles import PROFILES
from shucai.kernel.identity.records import (
    Delegation,
    DutyExclusion,
    Leaver,
    ReviewCampaign,
    ReviewItem,
    RightsFinding,
    RightsRequest,
)
from shucai.kernel.identity.security import policy

OFFICERS = (SYSTEM_ADMIN, SECURITY_ADMIN, AUDITOR)
POLICY_CHOICES = {
    "excess": SecurityPolicy.EXCESS,
    "profile": SecurityPolicy.PROFILES,
    "two_factors": SecurityPolicy.TWO_FACTORS,
}

__all__ = [
    "APPLICANT",
    "AUDITOR",
    "OFFICERS",
    "POLICY_CHOICES",
    "PROFILES",
    "REVIEWER",
    "SECURITY_ADMIN",
    "SYSTEM_ADMIN",
    "Appointment",
    "Delegation",
    "DutyExclusion",
    "Leaver",
    "LoginSession",
    "Position",
    "ReviewCampaign",
    "ReviewItem",
    "RightsChange",
    "RightsFinding",
    "RightsRequest",
    "User",
    "changes",
    "delegations",
    "directory",
    "duty",
    "errors",
    "every",
    "name_of",
    "officers",
    "policy",
    "requests",
    "reviews",
    "rights",
    "users_named",
]
