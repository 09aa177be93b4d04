"""要素级次 element levels: how deep a code must go in a field of a document type, by year."""

from dataclasses import dataclass

from shucai.kernel.masterdata import cache
from shucai.kernel.masterdata.models import ElementLevel


@dataclass(frozen=True, slots=True)
class Demand:
    """Codes from `min_level` down are deep enough, leaf or not; an empty field may be refused."""

    min_level: int
    required: bool


def demand(
    document_type: str, field: str, fiscal_year: int, *, division: str = ""
) -> Demand | None:
    """The demand of the division, else the general one; None leaves it at leaves."""
    known = _all(fiscal_year)
    return known.get((document_type, field, division)) or known.get((document_type, field, ""))


def _all(fiscal_year: int) -> dict[tuple[str, str, str], Demand]:
    return cache.kept(("levels", "", fiscal_year), lambda: _load(fiscal_year))


def _load(fiscal_year: int) -> dict[tuple[str, str, str], Demand]:
    rows = ElementLevel.objects.filter(fiscal_year=fiscal_year)
    return {
        (row.document_type, row.field, row.division): Demand(row.min_level, row.required)
        for row in rows
    }
