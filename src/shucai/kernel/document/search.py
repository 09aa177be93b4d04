"""检索 search: the pieces of text kept beside the header for a GIN index."""

from shucai.base.bigrams import PIECES_MAX, bigrams, bigrams_of

__all__ = ["PIECES_MAX", "bigrams", "bigrams_of"]
