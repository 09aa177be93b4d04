"""操作名 words of the trail, for the templates of the channel."""

from shucai.kernel.pages.trail_words import ACTIONS, TARGETS, action, brief, home, target

__all__ = ["ACTIONS", "TARGETS", "action", "brief", "home", "target"]
