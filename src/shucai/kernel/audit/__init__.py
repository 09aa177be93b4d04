"""审计 audit: one append-only row for every action, refused ones too, chained by hash."""

from shucai.kernel.audit.trail import AuditRow, prepare, record, record_attempt, refusals

__all__ = ["AuditRow", "prepare", "record", "record_attempt", "refusals"]
