"""主数据 master data: element and unit fields of documents, and what may stand beside what."""

from shucai.kernel.masterdata.fields import element, unit
from shucai.kernel.masterdata.relations import allowed, derived
from shucai.kernel.masterdata.values import name_of

__all__ = ["allowed", "derived", "element", "name_of", "unit"]
