"""演示账号 the accounts shown to visitors: one for each role, in the order of the work."""

from shucai.kernel.identity.models import Appointment
from shucai.site.demo.people import SHOWN
from shucai.site.demo.writing import PASSWORD


def accounts() -> list[dict[str, str]]:
    """User name, name, position, unit and password; empty before the city is loaded."""
    rows = Appointment.objects.select_related("user", "position").filter(
        user__username__in=SHOWN, is_default=True
    )
    known = {row.user.username: row for row in rows}
    return [
        {
            "username": username,
            "name": known[username].user.name,
            "position": known[username].position.name,
            "unit": known[username].unit_name,
            "password": PASSWORD,
        }
        for username in SHOWN
        if username in known
    ]
