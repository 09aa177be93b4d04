"""日志 logs: the trail in words, interface calls, defects, and the deposited heads of the chain."""

from shucai.base.browsers import browser_name
from shucai.kernel.audit import logbook
from shucai.kernel.audit import views as audit_views
from shucai.kernel.audit.deposits import deposit, deposits, receive
from shucai.kernel.audit.models import AuditEntry, Defect, HeadDeposit, InterfaceCall
from shucai.kernel.audit.reading import same_request, signing_in
from shucai.kernel.audit.views import usage_by_day, usage_by_route
from shucai.kernel.jobs.nightly import compare, prove
from shucai.kernel.pages import trail_words as words

__all__ = [
    "AuditEntry",
    "Defect",
    "HeadDeposit",
    "InterfaceCall",
    "audit_views",
    "browser_name",
    "compare",
    "deposit",
    "deposits",
    "logbook",
    "prove",
    "receive",
    "same_request",
    "signing_in",
    "usage_by_day",
    "usage_by_route",
    "words",
]
