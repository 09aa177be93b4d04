"""安全策略页 security: the policy beside both profiles, and what certificates go by."""

from typing import Final

from django.http import HttpResponse

from shucai.edge.web import frame
from shucai.edge.web.endpoints import duty, endpoint
from shucai.edge.web.request import WebRequest
from shucai.kernel.identity import certificates, crypto, profiles, security
from shucai.kernel.identity.duties import AUDITOR, SECURITY_ADMIN, SYSTEM_ADMIN
from shucai.kernel.identity.models import SecurityPolicy

WATCH: Final = duty(SYSTEM_ADMIN, SECURITY_ADMIN, AUDITOR)


@endpoint("security/", name="security", access=WATCH)
def security_policy(request: WebRequest) -> HttpResponse:
    """The policy beside both profiles, where it deviates, and what certificates go by."""
    policy, provider = security.policy(), crypto.provider()
    context = {
        "title": "安全策略",
        "policy": policy,
        "profiles": dict(SecurityPolicy.PROFILES),
        "figures": profiles.figures(policy),
        "deviations": profiles.deviations(policy),
        "basis": profiles.BASIS,
        "provider": provider,
        "algorithms": crypto.ALGORITHMS,
        "missing": provider.missing(),
        "authorities": certificates.bundle(),
        "revocations": len(certificates.revocations()),
        "may_propose": request.actor.can(SYSTEM_ADMIN),
    }
    return frame.page(request, "web/officers/policy.html", context)
