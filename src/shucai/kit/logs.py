"""日志 logs: the trail in words, interface calls, defects, and the deposited heads of the chain."""

from shucai.base.browsers import browser_name
from shucai.kernel.audit import logbook
from shucai.kernel.audit.deposits import deposit, deposits, receive
from shucai.kernel.audit.models import AuditEntry, Defect, HeadDeposit, InterfaceCall
from shucai.kernel.audit.views import usage_by_day, usage_by_route
from shucai.kernel.pages import trail_words as words

__all__ = [
    "AuditEntry",
    "Defect",
    "HeadDeposit",
    "InterfaceCall",
    "browser_name",
    "deposit",
    "deposits",
    "logbook",
    "receive",
    "usage_by_day",
    "usage_by_route",
    "words",
]
