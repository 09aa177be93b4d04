"""Composition root: settings, urls, processes."""
