"""Who serves a subscriber: one worker at a time, for as long as it says so.

So messages of one customer keep their order, and a slow subscriber takes no more
threads than its own.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db.models import QuerySet
from django.utils import timezone

from subscribers.models import Message, Stand, Subscriber

LEASE_SECONDS = 60
RENEWED_EVERY = 15.0  # seconds, by the clock of whoever holds it
BREAKS_AFTER = 5  # failures in a row; then one probe at a time


@dataclass(frozen=True)
class Served:
    """A subscriber while we hold its lease."""

    subscriber: Subscriber
    lease: UUID
    is_probed: bool  # its circuit is open: one message shows whether it is back


def take(subscriber_id: UUID) -> Served | None:
    """Take the lease; None when another has it, or it is not to be served now.

    One conditional UPDATE decides. What a dead worker had begun is due again.
    """
    now, lease = timezone.now(), uuid4()
    # No join: PostgreSQL looks again at the row's own columns alone when two race.
    active = Subscriber.objects.filter(status=Subscriber.Status.ACTIVE)
    able = Stand.objects.free(now).filter(
        subscriber_id=subscriber_id, subscriber__in=active
    )
    taken = able.exclude(next_try_at__gt=now).update(
        lease=lease, leased_until=_end(now)
    )
    if not taken:
        return None
    Message.objects.filter(
        subscriber_id=subscriber_id, status=Message.Status.RUNNING
    ).update(status=Message.Status.DUE, due_at=now)
    subscriber = Subscriber.objects.select_related("stand").get(pk=subscriber_id)
    is_probed = subscriber.stand.failures >= BREAKS_AFTER
    return Served(subscriber, lease, is_probed)


def held(served: Served) -> QuerySet[Stand]:
    """The stand while the lease is ours; nothing once it is lost."""
    return Stand.objects.filter(subscriber=served.subscriber, lease=served.lease)


def unchanged(served: Served) -> QuerySet[Stand]:
    """The same, and nothing once staff paused or changed the subscriber."""
    known = served.subscriber
    same = Subscriber.objects.filter(
        status=known.status, url=known.url, is_restricted=known.is_restricted,
        event_types=known.event_types,
    )  # fmt: skip
    return held(served).filter(subscriber__in=same)


def renew(served: Served) -> bool:
    """Hold the lease on; False when it is lost."""
    return bool(held(served).update(leased_until=_end(timezone.now())))


def give_back(served: Served) -> None:
    held(served).update(lease=None, leased_until=None)


def _end(now: datetime) -> datetime:
    return now + timedelta(seconds=LEASE_SECONDS)
