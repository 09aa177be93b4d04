"""安全策略 security policy: the figures that passwords, lockout and sessions go by."""

from shucai.kernel.identity.models import SecurityPolicy


def policy() -> SecurityPolicy:
    """The stored figures; the defaults of the house while none are stored."""
    return SecurityPolicy.objects.filter(pk=1).first() or SecurityPolicy()
