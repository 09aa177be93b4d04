"""The records of the domain, for Django."""

from shucai.domains.allotment.documents.allotment_grant import (
    AllotmentGrant,
    AllotmentGrantLine,
)

__all__ = ["AllotmentGrant", "AllotmentGrantLine"]
