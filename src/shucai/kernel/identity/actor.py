"""办理人 actor: one person in one position, in one year, through one channel."""

from dataclasses import dataclass


def subtree(path: str) -> tuple[str, str]:
    """The half-open range of unit paths at and below `path`: "/" is followed by "0"."""
    return path, path + "0"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. Carried explicitly through every call; there is no ambient user."""

    user_id: int
    name: str
    position_name: str
    duties: frozenset[str]
    scope_path: str
    office: str
    unit_code: str
    unit_name: str
    division: str
    fiscal_year: int
    appointment_id: int | None = None
    channel: str = "web"
    ip: str = ""
    trace_id: str = ""
    fund_types: frozenset[str] = frozenset()  # with all below them; empty: every fund
    principal_id: int | None = None  # the person acted for (代办), if any

    def can(self, duty: str) -> bool:
        return duty in self.duties

    def covers(self, path: str, office: str) -> bool:
        """The row lies in the unit subtree and the business office of the position."""
        low, high = self.range
        return low <= path < high and self.office in ("", office)

    def draws_on(self, fund_type: str) -> bool:
        """The fund is one of the position's; what names no fund is open to all."""
        if not self.fund_types or not fund_type:
            return True
        return any(fund_type.startswith(one) for one in self.fund_types)

    @property
    def persons(self) -> tuple[int, ...]:
        """Whose work this is: the actor's, and that of the person he acts for."""
        return (self.user_id,) if self.principal_id is None else (self.user_id, self.principal_id)

    @property
    def range(self) -> tuple[str, str]:
        return subtree(self.scope_path)
