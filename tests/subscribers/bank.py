"""Subscribers and messages for the two banks of the tests of separation and roles."""

from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from events.services import publish
from subscribers.feed.placing import place_events
from subscribers.models import Attempt, Message
from subscribers.sending.leases import give_back, take
from subscribers.sending.queue import claim
from subscribers.services import add_subscriber, allow_restricted, replay
from tenants.models import Tenant, User
from tenants.services import get_machine
from tests.subscribers.facts import LampLit


def add_subscribers(tenant: Tenant, word: str, officer: User) -> None:
    """One has messages that were refused; what happens next has no place yet."""
    with override_settings(SUBSCRIBER_ALLOWED_NETWORKS=["127.0.0.0/8"]):
        known, _ = add_subscriber(
            tenant=tenant, name=f"Risk engine of {word}", by=officer, event_types=[],
            url=f"https://127.0.0.1/{word}", reason=word,
        )  # fmt: skip
    while place_events():
        pass
    allow_restricted(known.pk, is_allowed=True, by=officer, reason=word)
    replay(known.pk, since=tenant.history.last().history_date, by=officer, reason=word)
    held = take(known.pk)
    assert held
    claim(held)
    give_back(held)
    for message in Message.objects.filter(subscriber=known, status="running"):
        Attempt.objects.create(
            message=message, at=timezone.now(), status_code=500, milliseconds=9,
            error="Answered 500.", answer=f"{word} is not well",
        )  # fmt: skip
    Message.objects.filter(subscriber=known).update(status="failed")
    # Of every bank there is: filling this one gave their places to those of the first.
    for each in Tenant.objects.all():
        with transaction.atomic():
            publish(LampLit(), by=get_machine("setup"), tenant_id=each.pk)
