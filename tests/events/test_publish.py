"""A fact is recorded with the change it tells of, or not at all."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.db import transaction

from events.delivery import run
from events.events import EVENT_TYPES, SUBSCRIPTIONS, Event, subscribe
from events.models import Delivery, RecordedEvent
from events.services import publish
from tenants.models import Tenant, User
from tests.events.conftest import BoxOpened, PublishOne, Subscribe

TheirBox = BoxOpened
CaptureCallbacks = Callable[..., list[Callable[[], object]]]


def do_nothing(_: BoxOpened) -> None:
    """Stand for a handler that has nothing to do."""


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_is_refused(setup_machine: User) -> None:
    with pytest.raises(transaction.TransactionManagementError, match="BoxOpened"):
        publish(BoxOpened(box="a"), by=setup_machine, tenant_id=None)
    assert not RecordedEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_rollback_leavesdo_nothing(
    setup_machine: User, subscribe_for_now: Subscribe
) -> None:
    subscribe_for_now(do_nothing)

    class ChangedOurMindError(Exception):
        pass

    with pytest.raises(ChangedOurMindError), transaction.atomic():
        publish(BoxOpened(box="a"), by=setup_machine, tenant_id=None)
        assert Delivery.objects.count() == 1
        raise ChangedOurMindError
    assert not RecordedEvent.objects.exists()
    assert not Delivery.objects.exists()


def test_one_delivery_to_each_subscriber(
    demo_bank: Tenant, setup_machine: User, subscribe_for_now: Subscribe
) -> None:
    subscribe_for_now(do_nothing, "tests.first")
    subscribe_for_now(do_nothing, "tests.second")
    event = BoxOpened(box="a")
    record = publish(
        event, by=setup_machine, tenant_id=demo_bank.pk, reason="It was Monday"
    )
    assert record.as_event() == event
    assert (record.actor, record.reason) == (setup_machine, "It was Monday")
    assert record.tenant_id == demo_bank.pk
    assert set(record.deliveries.values_list("handler", "status", "attempts")) == {
        ("tests.first", "due", 0),
        ("tests.second", "due", 0),
    }


def test_a_fact_that_interests_nobody_is_kept(setup_machine: User) -> None:
    record = publish(BoxOpened(box="a"), by=setup_machine, tenant_id=None)
    assert RecordedEvent.objects.get() == record
    assert not Delivery.objects.exists()


def test_workers_are_told_only_after_the_commit(
    publish_one: PublishOne,
    subscribe_for_now: Subscribe,
    django_capture_on_commit_callbacks: CaptureCallbacks,
) -> None:
    subscribe_for_now(do_nothing)
    with django_capture_on_commit_callbacks() as callbacks:  # type: ignore[attr-defined]
        publish_one()
    assert len(callbacks) == 1


def test_unknown_keys_of_a_payload_are_ignored(
    publish_one: PublishOne, subscribe_for_now: Subscribe
) -> None:
    """A worker of the last release reads what the next one wrote, and the reverse."""
    seen: list[BoxOpened] = []
    subscribe_for_now(seen.append)
    delivery = publish_one("b")
    payload = {"box": "b", "colour": "a key of the next release"}
    RecordedEvent.objects.filter(pk=delivery.event_id).update(payload=payload)
    assert run(delivery.pk)
    assert seen == [BoxOpened(box="b", times=1)]


def test_a_type_that_no_release_knows_goes_to_staff(
    publish_one: PublishOne, subscribe_for_now: Subscribe
) -> None:
    subscribe_for_now(do_nothing)
    delivery = publish_one()
    RecordedEvent.objects.filter(pk=delivery.event_id).update(type="BoxForgotten")
    assert not run(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.FAILED
    assert "no tests.open_box any more" in delivery.last_error


def test_two_facts_or_handlers_of_one_name_are_refused() -> None:
    with pytest.raises(TypeError, match="two events named BoxOpened"):

        @dataclass(frozen=True, kw_only=True)
        class BoxOpened(Event):
            """Have a name that is taken."""

    assert EVENT_TYPES["BoxOpened"] is TheirBox
    subscribe(TheirBox)(do_nothing)
    try:
        with pytest.raises(TypeError, match=r"Two handlers are named .*do_nothing"):
            subscribe(TheirBox)(do_nothing)
    finally:
        name = f"{do_nothing.__module__}.{do_nothing.__name__}"
        assert SUBSCRIPTIONS.pop(name).title == "Do nothing"


def test_a_restricted_fact_says_so(setup_machine: User) -> None:
    restricted = EVENT_TYPES["TaskOpened"].from_payload(
        {"customer_id": "c", "task_id": "t", "kind": "escalation", "reason": "r"}
    )
    record = publish(restricted, by=setup_machine, tenant_id=None)
    assert record.is_restricted
    assert record.subject_id == "c"
    open_to_all = publish(BoxOpened(box="a"), by=setup_machine, tenant_id=None)
    assert not open_to_all.is_restricted
    assert open_to_all.subject_id == ""
