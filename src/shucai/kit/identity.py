"""职责 duties: function rights a domain declares, and which exclude each other."""

from shucai.kernel.identity.duties import duty

__all__ = ["duty"]
