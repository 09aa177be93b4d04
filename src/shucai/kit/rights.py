"""权限 rights: rosters from a file, the matrix of rights, why somebody can or can't, notices."""

from shucai.kernel.document.rights_notices import (
    announce,
    decided,
    handled,
    proposed,
    submitted,
)
from shucai.kernel.pages.rights_matrix import KINDS, cells, explain, things
from shucai.kernel.pages.rosters import heads, place, place_name, plan, propose

__all__ = [
    "KINDS",
    "announce",
    "cells",
    "decided",
    "explain",
    "handled",
    "heads",
    "place",
    "place_name",
    "plan",
    "propose",
    "proposed",
    "submitted",
    "things",
]
