"""Document types of the domain; importing this package declares them."""

from shucai.domains.allotment.documents import allotment_grant

__all__ = ["allotment_grant"]
