"""A subscriber's queue: what the feed holds for it, and what is next."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from subscribers.models import FeedEntry, Message, Stand, Subscriber
from subscribers.sending.leases import Served, held, unchanged

READ_AT_ONCE = 500  # entries of the feed
BATCH = 250  # messages claimed at once
# Messages that stand open before the subscriber's place in the feed stays where it is:
# what is behind costs nothing.
MOST_OPEN = 2000


@dataclass(frozen=True)
class Claimed:
    """`has_read`: the feed held something, though perhaps nothing for it."""

    messages: list[Message]
    has_read: bool


@transaction.atomic
def claim(served: Served) -> Claimed | None:
    """Read the feed on, and mark the next messages as being sent.

    None when the lease is lost, or staff changed the subscriber.
    """
    stand = held(served).select_for_update().first()
    # Asked once the lock is ours: staff change a subscriber under the same one.
    if stand is None or not unchanged(served).exists():
        return None
    now, most = timezone.now(), 1 if served.is_probed else BATCH
    has_read = _read_on(served.subscriber, stand, now)
    found = _next(served.subscriber, stand, now, most)
    Message.objects.filter(pk__in=[message.pk for message in found]).update(
        status=Message.Status.RUNNING,
        attempts_made=F("attempts_made") + 1,
        first_tried_at=Coalesce(F("first_tried_at"), now),
    )
    for message in found:
        message.attempts_made += 1
        message.first_tried_at = message.first_tried_at or now
    return Claimed(found, has_read)


def _next(
    subscriber: Subscriber, stand: Stand, now: datetime, most: int
) -> list[Message]:
    # What lies behind is put before again by a replay: it has its turn by and by.
    rows = Message.objects.sendable(subscriber, now)
    rows = rows.filter(position__lte=stand.position)
    if not subscriber.is_restricted:
        rows = rows.exclude(event__is_restricted=True)
    return list(rows.select_related("event")[:most])


def _read_on(subscriber: Subscriber, stand: Stand, now: datetime) -> bool:
    """Make messages of what the feed holds."""
    entries = FeedEntry.objects.for_tenant(subscriber.tenant_id).filter(
        position__gt=stand.position
    )
    found = list(entries.order_by("position").facts()[:READ_AT_ONCE])
    if not found or _open_until(stand) >= MOST_OPEN:
        return False
    wanted = [_message_of(subscriber, e, now) for e in found if subscriber.wants(e)]
    # One that is there already was sent before a replay began: it is due again.
    Message.objects.bulk_create(wanted, ignore_conflicts=True)
    stand.position = found[-1].position
    stand.save(update_fields=["position"])
    return True


def _open_until(stand: Stand) -> int:
    rows = Message.objects.filter(subscriber_id=stand.pk, position__lte=stand.position)
    return rows.open()[:MOST_OPEN].count()


def _message_of(subscriber: Subscriber, entry: Any, now: datetime) -> Message:
    return Message(
        tenant_id=subscriber.tenant_id,
        subscriber=subscriber,
        event_id=entry.event_id,
        customer_key=entry.subject_id,
        position=entry.position,
        due_at=now,
        created_at=now,
    )
