"""What an operator is told about subscribers and the feed, on the metrics page."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from config.observing.standing import Standing
from events.models import RecordedEvent
from subscribers.models import Message, Stand
from subscribers.sending.sweep import send_events
from subscribers.services import pause_subscriber
from tenants.models import Tenant, User
from tests.subscribers.conftest import Known, Light, subscribe_at
from tests.subscribers.receiver import Receiver

pytestmark = pytest.mark.django_db


def figures() -> tuple[float, float, float]:
    """Messages given up, seconds of trouble, seconds without a place."""
    found = {metric.name: metric.samples for metric in Standing().collect()}
    names = (
        "messages_given_up", "subscriber_troubled_seconds",
        "events_unplaced_oldest_seconds",
    )  # fmt: skip
    values = []
    for name in names:
        (sample,) = found[f"vestibule_{name}"]
        values.append(sample.value)
    return values[0], values[1], values[2]


def test_all_is_well(engine: Known) -> None:
    send_events()
    assert figures() == (0, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_who_is_down_longest_and_what_they_miss(
    engine: Known, receiver: Receiver, demo_bank: Tenant, administrator: User,
    light: Light,
) -> None:  # fmt: skip
    other = subscribe_at(receiver.url, demo_bank, administrator)
    for _ in range(2):
        light(str(uuid4()))
    send_events()
    Message.objects.update(status="failed")
    now = timezone.now()
    for known, hours in ((engine, 5), (other, 2)):
        Stand.objects.filter(subscriber=known.row).update(
            troubled_since=now - timedelta(hours=hours)
        )
    given_up, seconds, _ = figures()
    assert given_up == 4
    assert 18_000 <= seconds < 18_100
    pause_subscriber(engine.row.pk, by=administrator, reason="Its people know")
    given_up, seconds, _ = figures()
    assert given_up == 2, "who is paused is in somebody's hands"
    assert 7200 <= seconds < 7300


def test_events_that_nobody_places(engine: Known, light: Light) -> None:
    for _ in range(2):
        light("")
    first = RecordedEvent.objects.order_by("-id")[1]
    past = timezone.now() - timedelta(seconds=400)
    RecordedEvent.objects.filter(pk=first.pk).update(created_at=past)
    assert 400 <= figures()[2] < 500
    send_events()
    assert figures()[2] == 0
