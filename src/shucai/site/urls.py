"""Addresses: everything lives in the edges."""

urlpatterns: list[object] = []
