"""The feed and its places; subscribers, their secrets, and what is sent to them."""

from subscribers.models.feed import Feed, FeedEntry, Unplaced
from subscribers.models.message import Attempt, Message
from subscribers.models.subscriber import Secret, Stand, Subscriber

__all__ = [
    "Attempt", "Feed", "FeedEntry", "Message", "Secret", "Stand", "Subscriber",
    "Unplaced",
]  # fmt: skip
