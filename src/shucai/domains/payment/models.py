"""The records of the domain, for Django."""

from shucai.domains.payment.documents.payment_application import (
    PaymentApplication,
    PaymentApplicationLine,
)

__all__ = ["PaymentApplication", "PaymentApplicationLine"]
