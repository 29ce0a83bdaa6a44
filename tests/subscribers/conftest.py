"""A bank with a subscriber, and a system that listens."""

from collections.abc import Iterator
from typing import Any, Protocol
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from events.models import RecordedEvent
from events.services import publish
from subscribers.models import Message, Stand, Subscriber
from subscribers.sending.serving import serve
from subscribers.sending.sweep import send_events
from subscribers.services import add_subscriber
from tenants.models import Tenant, User
from tests.conftest import MakeStaff
from tests.subscribers.facts import LampHidden, LampLit
from tests.subscribers.receiver import Receiver, running_receiver


class Light(Protocol):
    def __call__(
        self, customer_id: str = "", *, tenant: Tenant | None = None,
        hidden: bool = False,
    ) -> RecordedEvent: ...  # fmt: skip


@pytest.fixture(autouse=True)
def _local_network(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Receivers of tests listen on this machine, and in a hurry."""
    settings.SUBSCRIBER_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    settings.SUBSCRIBER_HTTP_ALLOWED = True
    monkeypatch.setattr("subscribers.sending.posting.READ_WITHIN", 0.6)
    monkeypatch.setattr("subscribers.sending.posting.ALL_WITHIN", 1.2)


@pytest.fixture
def administrator(make_staff: MakeStaff) -> User:
    return make_staff("administrator")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running


class Known:
    """A subscriber of the demo bank and its first secret."""

    def __init__(self, row: Subscriber, secret: str) -> None:
        self.row, self.secret = row, secret

    @property
    def stand(self) -> Stand:
        found: Stand = Stand.objects.get(subscriber=self.row)
        return found

    def messages(self) -> list[Message]:
        return list(Message.objects.filter(subscriber=self.row).order_by("position"))


def subscribe_at(url: str, tenant: Tenant, by: User, **said: Any) -> Known:
    asked = {"name": f"Risk engine {uuid4()}", "event_types": [], **said}
    return Known(
        *add_subscriber(tenant=tenant, url=url, by=by, reason="Needs to know", **asked)
    )


@pytest.fixture
def engine(receiver: Receiver, demo_bank: Tenant, administrator: User) -> Known:
    send_events()  # what set the bank up is behind us
    return subscribe_at(receiver.url, demo_bank, administrator)


@pytest.fixture
def light(demo_bank: Tenant, setup_machine: User) -> Light:
    def make(
        customer_id: str = "", *, tenant: Tenant | None = None, hidden: bool = False
    ) -> RecordedEvent:
        kind = LampHidden if hidden else LampLit
        with transaction.atomic():
            return publish(
                kind(customer_id=customer_id),
                by=setup_machine,
                tenant_id=(tenant or demo_bank).pk,
                reason="Said by somebody in confidence",
            )

    return make


def hurry(known: Known) -> None:
    """Let no wait be left, as if the time had passed."""
    now = timezone.now()
    Stand.objects.filter(subscriber=known.row).update(next_try_at=None)
    known_due = Message.objects.filter(subscriber=known.row, status="due")
    known_due.update(due_at=now)


def send_until_done(known: Known, most: int = 20) -> None:
    for _ in range(most):
        send_events()
        if not Message.objects.filter(subscriber=known.row).open().exists():
            return
        hurry(known)
    raise AssertionError("Messages still wait.")


__all__ = ["Known", "Light", "hurry", "send_until_done", "serve", "subscribe_at"]
