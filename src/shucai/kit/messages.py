"""通知 messages: notices to persons and holders of duties, and the channels out of the platform."""

from shucai.kernel.messages import deliveries, subscriptions, targets
from shucai.kernel.messages.events import Event
from shucai.kernel.messages.events import names as event_names
from shucai.kernel.messages.models import CHANNELS, Delivery, Subscription, Target
from shucai.kernel.messages.notices import Text, holders, send

__all__ = [
    "CHANNELS",
    "Delivery",
    "Event",
    "Subscription",
    "Target",
    "Text",
    "deliveries",
    "event_names",
    "holders",
    "send",
    "subscriptions",
    "targets",
]
