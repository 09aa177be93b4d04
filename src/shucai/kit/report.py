"""报表 report: summaries beside a document type."""

from shucai.kernel.report.declare import Summary

__all__ = ["Summary"]
