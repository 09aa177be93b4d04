"""Document types of the domain; importing this package declares them."""

from shucai.domains.payment.documents import payment_application

__all__ = ["payment_application"]
