"""期间 accounting periods of each division and year; a missing period counts as closed."""

from django.db import models


class CalendarPeriod(models.Model):
    """Months 1 to 12 and 13 for the year end. State changes only through the room's functions."""

    STATES = (("open", "开放"), ("closed", "已结账"), ("locked", "已锁定"))

    division = models.CharField("财政区划", max_length=9)
    fiscal_year = models.PositiveSmallIntegerField("年度")
    month = models.PositiveSmallIntegerField("月份")
    state = models.CharField("状态", max_length=6, choices=STATES, default="open")
    changed_by = models.BigIntegerField(null=True)
    approved_by = models.BigIntegerField(null=True)
    reason = models.CharField("理由", max_length=200, blank=True, default="")
    changed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "calendar_period"
        constraints = [
            models.UniqueConstraint(
                fields=["division", "fiscal_year", "month"], name="calendar_period_once"
            ),
            models.CheckConstraint(
                condition=models.Q(month__gte=1, month__lte=13), name="calendar_period_month"
            ),
        ]
