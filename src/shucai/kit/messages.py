"""通知 messages: notices to persons and holders of duties."""

from shucai.kernel.messages.notices import Text, holders, send

__all__ = ["Text", "holders", "send"]
