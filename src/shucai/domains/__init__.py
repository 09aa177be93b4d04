"""Siblings that never import one another: folders of declarations."""
