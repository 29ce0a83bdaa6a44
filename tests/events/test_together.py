"""New rows and the fact that begins with them are stored together or not at all."""

import pytest
from django.db import DatabaseError, IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common.keys import new_id
from events.models import Delivery, Heartbeat, RecordedEvent
from events.services import publish_new
from events.together import insert_together
from tenants.models import Tenant, User
from tests.events.conftest import BoxOpened, Subscribe


def do_nothing(_: BoxOpened) -> None:
    """Stand for a handler that has nothing to do."""


def heart(name: str) -> Heartbeat:
    return Heartbeat(name=name, seen_at=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_rows_event_and_delivery_are_there(
    setup_machine: User, subscribe_for_now: Subscribe
) -> None:
    subscribe_for_now(do_nothing)
    with CaptureQueriesContext(connection) as asked:
        publish_new(
            BoxOpened(box="a"), rows=[heart("a")], by=setup_machine, tenant_id=None
        )
    assert Heartbeat.objects.filter(name="a").exists()
    event = RecordedEvent.objects.get()
    assert event.as_event() == BoxOpened(box="a")
    assert event.actor == setup_machine
    assert event.deliveries.get().status == Delivery.Status.DUE
    if connection.vendor == "postgresql":
        assert len(asked) == 1


@pytest.mark.django_db(transaction=True)
def test_a_row_that_is_there_already_leaves_nothing(
    setup_machine: User, subscribe_for_now: Subscribe
) -> None:
    subscribe_for_now(do_nothing)
    heart("a").save(force_insert=True)
    with pytest.raises(IntegrityError):
        publish_new(
            BoxOpened(box="a"), rows=[heart("b"), heart("a")],
            by=setup_machine, tenant_id=None,
        )  # fmt: skip
    assert not Heartbeat.objects.filter(name="b").exists()
    assert not RecordedEvent.objects.exists()
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_event_that_cannot_be_kept_takes_the_row_with_it(
    setup_machine: User,
) -> None:
    with pytest.raises(DatabaseError):
        publish_new(
            BoxOpened(box="a"), rows=[heart("a")], by=setup_machine,
            tenant_id=new_id(),
        )  # fmt: skip
    assert not Heartbeat.objects.filter(name="a").exists()


def test_in_a_transaction_a_refusal_spoils_no_more_than_itself(
    setup_machine: User,
) -> None:
    heart("a").save(force_insert=True)
    with pytest.raises(IntegrityError):
        publish_new(
            BoxOpened(box="a"), rows=[heart("a")], by=setup_machine, tenant_id=None
        )
    assert not RecordedEvent.objects.exists()


def test_signed_records_are_refused(demo_bank: Tenant) -> None:
    with pytest.raises(TypeError, match="save_as"):
        insert_together([Tenant(name="Hill Bank", slug="hill")])
    assert Tenant.objects.get() == demo_bank
