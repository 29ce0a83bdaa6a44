"""A subscriber's queue: who serves it, what is next, and what came of it.

One worker at a time holds the lease of a subscriber. So messages of one customer keep
their order, and a slow subscriber takes no more threads than its own.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from subscribers.models import Attempt, FeedEntry, Message, Stand, Subscriber

# Seconds until the next try; then every hour, until it is given up.
BACKOFF = (5, 30, 120, 300, 900, 1800, 3600)
GIVEN_UP_AFTER = timedelta(days=3)  # since the first try
LEASE_SECONDS = 60  # longer than a batch can take; renewed at each
READ_AT_ONCE = 500  # entries of the feed
BATCH = 100  # messages; as many may be sent twice when a worker is killed
# Messages that stand open before the subscriber's place in the feed stays where it is:
# what is behind costs nothing.
MOST_OPEN = 2000
BREAKS_AFTER = 5  # failures in a row; then one probe at a time
PROBES_AFTER = (10, 30, 60, 120, 300)  # seconds between probes


@dataclass(frozen=True)
class Served:
    """A subscriber while we hold its lease."""

    subscriber: Subscriber
    lease: UUID
    is_probed: bool  # its circuit is open: one message shows whether it is back


@dataclass(frozen=True)
class Outcome:
    """What came of one message. `attempt` is None where it was not tried after all."""

    message: Message
    attempt: Attempt | None = None
    is_taken: bool = False
    is_gone: bool = False
    retry_after: float | None = None  # seconds that the whole subscriber asked for


@dataclass
class Streak:
    """Failures in a row, counted on over the outcomes of a batch."""

    failures: int
    has_succeeded: bool = False
    waits: list[float] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        if outcome.attempt is None:
            return
        if outcome.is_taken:
            self.failures, self.has_succeeded = 0, True
        else:
            self.failures += 1
        if outcome.retry_after is not None:
            self.waits.append(outcome.retry_after)

    def next_try_in(self) -> float | None:
        """Seconds that the subscriber is left alone; None: not at all."""
        waits = list(self.waits)
        if self.failures >= BREAKS_AFTER:
            over = min(self.failures - BREAKS_AFTER, len(PROBES_AFTER) - 1)
            waits.append(PROBES_AFTER[over])
        return max(waits, default=None)


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


def renew(served: Served) -> bool:
    """Hold the lease on; False when it is lost, or staff changed the subscriber."""
    known = served.subscriber
    unchanged = Subscriber.objects.filter(
        status=known.status, url=known.url, is_restricted=known.is_restricted
    )
    mine = _mine(served).filter(subscriber__in=unchanged)
    return bool(mine.update(leased_until=_end(timezone.now())))


def give_back(served: Served) -> None:
    _mine(served).update(lease=None, leased_until=None)


def _end(now: datetime) -> datetime:
    return now + timedelta(seconds=LEASE_SECONDS)


def _mine(served: Served) -> QuerySet[Stand]:
    return Stand.objects.filter(subscriber=served.subscriber, lease=served.lease)


@transaction.atomic
def fan_out(served: Served) -> int:
    """Make messages of what the feed holds; how many entries were read."""
    stand = _mine(served).select_for_update().first()
    subscriber = served.subscriber
    if stand is None or _open_until(stand) >= MOST_OPEN:
        return 0
    entries = FeedEntry.objects.for_tenant(subscriber.tenant_id).filter(
        position__gt=stand.position
    )
    found = list(entries.order_by("position")[:READ_AT_ONCE])
    if not found:
        return 0
    now = timezone.now()
    wanted = [_message_of(subscriber, e, now) for e in found if subscriber.wants(e)]
    # One that is there already was sent before a replay began: it is due again.
    Message.objects.bulk_create(wanted, ignore_conflicts=True)
    stand.position = found[-1].position
    stand.save(update_fields=["position"])
    return len(found)


def _open_until(stand: Stand) -> int:
    rows = Message.objects.filter(subscriber_id=stand.pk, position__lte=stand.position)
    return rows.open()[:MOST_OPEN].count()


def _message_of(subscriber: Subscriber, entry: FeedEntry, now: datetime) -> Message:
    return Message(
        tenant_id=subscriber.tenant_id,
        subscriber=subscriber,
        event_id=entry.event_id,
        customer_key=entry.subject_id,
        position=entry.position,
        due_at=now,
        created_at=now,
    )


@transaction.atomic
def claim(served: Served) -> list[Message]:
    """Mark the next messages as being sent; none when the lease is lost."""
    stand = _mine(served).select_for_update().first()
    if stand is None:
        return []
    now, subscriber = timezone.now(), served.subscriber
    # What lies behind is put before again by a replay: it has its turn by and by.
    rows = Message.objects.filter(subscriber=subscriber, position__lte=stand.position)
    rows = rows.sendable(now)
    if not subscriber.is_restricted:
        rows = rows.exclude(event__is_restricted=True)
    most = 1 if served.is_probed else BATCH
    found = list(rows.select_related("event")[:most])
    Message.objects.filter(pk__in=[message.pk for message in found]).update(
        status=Message.Status.RUNNING,
        attempts_made=F("attempts_made") + 1,
        first_tried_at=Coalesce(F("first_tried_at"), now),
    )
    for message in found:
        message.attempts_made += 1
        message.first_tried_at = message.first_tried_at or now
    return found


@transaction.atomic
def record(served: Served, outcomes: Iterable[Outcome]) -> bool:
    """Write down what came of a batch; False, and nothing, when the lease is lost."""
    stand = _mine(served).select_for_update().first()
    if stand is None:
        return False
    outcomes, now = list(outcomes), timezone.now()
    streak = Streak(stand.failures)
    for outcome in outcomes:
        streak.add(outcome)
        _settle(outcome, now)
    Message.objects.bulk_update(
        [outcome.message for outcome in outcomes],
        [
            "status",
            "due_at",
            "done_at",
            "last_error",
            "attempts_made",
            "first_tried_at",
        ],
        batch_size=BATCH,
    )
    Attempt.objects.bulk_create([o.attempt for o in outcomes if o.attempt])
    was_broken = stand.failures >= BREAKS_AFTER
    _note(stand, streak, now)
    if was_broken and not streak.failures:
        wake(served.subscriber, now)
    return True


def _settle(outcome: Outcome, now: datetime) -> None:
    """Say on the message what came of it; it is saved with the others."""
    message = outcome.message
    message.status = Message.Status.DUE
    if outcome.attempt is None:
        message.attempts_made -= 1
        if not message.attempts_made:
            message.first_tried_at = None
        return
    message.last_error = outcome.attempt.error
    if outcome.is_taken:
        message.status, message.done_at = Message.Status.DONE, now
    elif now - (message.first_tried_at or now) >= GIVEN_UP_AFTER:
        message.status = Message.Status.FAILED
    else:
        message.due_at = now + timedelta(seconds=wait_of(message.attempts_made))


def wait_of(attempts: int) -> float:
    planned = BACKOFF[min(attempts, len(BACKOFF)) - 1]
    return planned * random.uniform(0.9, 1.1)  # noqa: S311 - jitter, not a secret


def _note(stand: Stand, streak: Streak, now: datetime) -> None:
    stand.failures = streak.failures
    wait = streak.next_try_in()
    stand.next_try_at = now + timedelta(seconds=wait) if wait is not None else None
    if streak.failures >= BREAKS_AFTER:
        stand.troubled_since = stand.troubled_since or now
    elif streak.has_succeeded and not streak.failures:
        stand.troubled_since = None
    stand.save(update_fields=["failures", "next_try_at", "troubled_since"])


def wake(subscriber: Subscriber, now: datetime) -> None:
    """It is back: what waits for its next try need wait no longer."""
    waiting = Message.objects.filter(subscriber=subscriber, due_at__gt=now)
    waiting.filter(status=Message.Status.DUE).update(due_at=now)
