"""Publish facts and let staff try a delivery again."""

import logging
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from common.errors import DomainError
from events.events import Event, subscribe, subscriptions_to
from events.models import Delivery, Heartbeat, RecordedEvent
from events.nudges import nudge
from events.together import insert_together
from tenants.models import User

__all__ = [
    "beat", "deliveries_about", "publish", "publish_again", "publish_new",
    "retry_delivery", "subscribe",
]  # fmt: skip

log = logging.getLogger(__name__)


def publish(
    event: Event, *, by: User, tenant_id: UUID | None, reason: str = ""
) -> RecordedEvent:
    """Record the fact and a delivery to every subscriber, in the caller's transaction.

    Workers are told after the commit; when they cannot be told, the sweep finds the
    deliveries later. Raises TransactionManagementError outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(
            f"{type(event).__name__} published outside a transaction."
        )
    record = _record_of(event, by, tenant_id, reason)
    _insert(record)
    return record


def publish_new(
    event: Event, *, rows: Sequence[Model], by: User, tenant_id: UUID | None
) -> None:
    """Insert new rows and publish the fact that begins with them, all or nothing.

    For doors that must be quick: to PostgreSQL all of it is one statement, which needs
    no transaction around it. Raises IntegrityError when a row is there already.
    """
    database = transaction.get_connection()
    is_one_statement = database.vendor == "postgresql" and not database.in_atomic_block
    with nullcontext() if is_one_statement else transaction.atomic():
        _insert(_record_of(event, by, tenant_id, ""), beside=rows)


def _record_of(
    event: Event, by: User, tenant_id: UUID | None, reason: str
) -> RecordedEvent:
    return RecordedEvent(
        tenant_id=tenant_id,
        type=type(event).__name__,
        payload=event.payload(),
        subject_id=event.subject_id,
        actor=by,
        reason=reason,
        is_restricted=event.is_restricted,
        created_at=timezone.now(),
    )


def _insert(record: RecordedEvent, beside: Sequence[Model] = ()) -> None:
    now = record.created_at
    deliveries = [
        Delivery(event=record, handler=s.name, due_at=now, created_at=now)
        for s in subscriptions_to(record.type)
    ]
    insert_together([*beside, record, *deliveries])
    if deliveries:
        ids = [str(delivery.pk) for delivery in deliveries]
        # A lambda: Django's robust hooks need a __qualname__ when they fail.
        transaction.on_commit(lambda: nudge(ids), robust=True)


@transaction.atomic
def retry_delivery(delivery_id: UUID, *, by: User) -> None:
    """Make a delivery due now, whatever its number of tries.

    Raises DomainError when it is done or running.
    """
    delivery = Delivery.objects.select_for_update().get(pk=delivery_id)
    if delivery.status not in (Delivery.Status.DUE, Delivery.Status.FAILED):
        raise DomainError(f"This delivery is {delivery.get_status_display().lower()}.")
    delivery.status = Delivery.Status.DUE
    delivery.due_at = timezone.now()
    delivery.attempts = 0
    delivery.save(update_fields=["status", "due_at", "attempts"])
    log.info("Delivery %s tried again by %s", delivery.pk, by.pk)
    transaction.on_commit(lambda: nudge([str(delivery_id)]), robust=True)


@transaction.atomic
def publish_again(key: str, value: str) -> int:
    """Make the given-up deliveries due again whose event carries `key` = `value`."""
    open_ones = Delivery.objects.stuck().filter(**{f"event__payload__{key}": value})
    return open_ones.update(
        status=Delivery.Status.DUE, due_at=timezone.now(), attempts=0
    )


def beat(name: str) -> None:
    """Record that a process of this kind lives."""
    Heartbeat.objects.update_or_create(name=name, defaults={"seen_at": timezone.now()})


def deliveries_about(subject_id: Any, handlers: list[str]) -> dict[str, Delivery]:
    """The newest delivery of each handler about one customer, by handler name."""
    rows = Delivery.objects.filter(
        event__subject_id=str(subject_id), handler__in=handlers
    ).order_by("created_at")
    return {row.handler: row for row in rows}
