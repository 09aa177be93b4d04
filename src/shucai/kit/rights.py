"""权限 rights: rosters from a file, the matrix of rights, and why somebody can or can't."""

from shucai.kernel.pages.rights_matrix import KINDS, cells, explain, things
from shucai.kernel.pages.rosters import heads, place, plan, propose

__all__ = ["KINDS", "cells", "explain", "heads", "place", "plan", "propose", "things"]
