"""主数据 master data: element and unit fields of documents."""

from shucai.kernel.masterdata.fields import element, unit

__all__ = ["element", "unit"]
