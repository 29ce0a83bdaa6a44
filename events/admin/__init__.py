"""Deliveries and events as staff see them, and how the outbox is doing."""

from events.admin import deliveries as deliveries
from events.admin import health as health
from events.admin import nightly as nightly
from events.admin import recorded as recorded
