"""A fact of our own, and handlers that live for one test."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import pytest
from django.db import transaction
from django.utils import timezone

from events.events import SUBSCRIPTIONS, Event, Handler, Subscription
from events.models import Delivery, RecordedEvent
from events.services import publish
from tenants.models import User


@dataclass(frozen=True, kw_only=True)
class BoxOpened(Event):
    """A fact that nobody outside these tests publishes."""

    box: str
    times: int = 1


class Subscribe(Protocol):
    def __call__(self, handler: Handler, name: str = "tests.open_box") -> Handler: ...


PublishOne = Callable[..., Delivery]


@pytest.fixture
def subscribe_for_now(monkeypatch: pytest.MonkeyPatch) -> Subscribe:
    """Subscribe a handler to BoxOpened until the test ends."""

    def subscribe(handler: Handler, name: str = "tests.open_box") -> Handler:
        subscription = Subscription(name, BoxOpened.__name__, handler, "Open box")
        monkeypatch.setitem(SUBSCRIPTIONS, name, subscription)
        return handler

    return subscribe


@pytest.fixture
def publish_one(setup_machine: User) -> PublishOne:
    """Publish a BoxOpened and return its first delivery."""

    def publish_box(box: str = "a") -> Delivery:
        with transaction.atomic():
            record = publish(BoxOpened(box=box), by=setup_machine, tenant_id=None)
        return record.deliveries.order_by("handler").first() or _none(record)

    return publish_box


def _none(record: RecordedEvent) -> Delivery:
    pytest.fail(f"Nobody subscribed to {record}.")


def make_due(delivery: Delivery, *, at: datetime | None = None) -> None:
    """Let the time pass that the delivery waits for."""
    Delivery.objects.filter(pk=delivery.pk).update(due_at=at or timezone.now())


def end_lease(delivery: Delivery) -> None:
    """Let the time pass that a running delivery is leased for."""
    past = timezone.now() - timedelta(seconds=1)
    Delivery.objects.filter(pk=delivery.pk).update(leased_until=past)
