"""What came of messages: written down together, and what follows for the subscriber."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, QuerySet, Value, When
from django.utils import timezone

from subscribers.models import Attempt, Message, Stand, Subscriber
from subscribers.sending.leases import BREAKS_AFTER, Served, held

# Seconds until the next try; then every hour, until it is given up.
BACKOFF = (5, 30, 120, 300, 900, 1800, 3600)
GIVEN_UP_AFTER = timedelta(days=3)  # since the first try
PROBES_AFTER = (10, 30, 60, 120, 300)  # seconds between probes


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
    """Failures in a row, counted on over outcomes in the order they came."""

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


@transaction.atomic
def record(served: Served, outcomes: Sequence[Outcome]) -> bool:
    """Write them down; False, and nothing, when the lease is lost."""
    stand = held(served).select_for_update().first()
    if stand is None:
        return False
    now, streak = timezone.now(), Streak(stand.failures)
    for outcome in outcomes:
        streak.add(outcome)
    _settle(outcomes, now)
    # Every attempt is kept, all of them in one statement.
    Attempt.objects.bulk_create([o.attempt for o in outcomes if o.attempt])
    is_refused = any(o.attempt and not o.is_taken for o in outcomes)
    if is_refused and _has_moved(served):
        # What the old address answered says nothing of the one that staff gave it.
        Message.objects.filter(subscriber=served.subscriber).begin_anew(now)
        return True
    was_broken = stand.failures >= BREAKS_AFTER
    _note(stand, streak, now)
    if was_broken and not streak.failures:
        # It is back: what waits for its next try need wait no longer.
        Message.objects.filter(subscriber=served.subscriber).hasten(now)
    return True


def _has_moved(served: Served) -> bool:
    """Asked once the stand is locked: staff change an address under the same lock."""
    known = served.subscriber
    return not Subscriber.objects.filter(pk=known.pk, url=known.url).exists()


def _settle(outcomes: Sequence[Outcome], now: datetime) -> None:
    """Bring the messages on: those taken, those not tried, and those that failed."""
    taken = [o.message.pk for o in outcomes if o.is_taken]
    if taken:
        Message.objects.filter(pk__in=taken).update(
            status=Message.Status.DONE, done_at=now, last_error=""
        )
    untried = [o.message.pk for o in outcomes if o.attempt is None]
    if untried:
        _still_sent(untried).update(
            status=Message.Status.DUE,
            attempts_made=F("attempts_made") - 1,
            first_tried_at=Case(
                When(attempts_made=1, then=Value(None)), default=F("first_tried_at")
            ),
        )
    refused = [o for o in outcomes if o.attempt and not o.is_taken]
    still = dict(
        _still_sent([o.message.pk for o in refused]).values_list("pk", "first_tried_at")
    )
    failed = [
        _put_off(outcome.message, outcome.attempt, still[outcome.message.pk], now)
        for outcome in refused
        if outcome.attempt and outcome.message.pk in still
    ]
    Message.objects.bulk_update(failed, ["status", "due_at", "last_error"])


def _still_sent(keys: Sequence[UUID]) -> QuerySet[Message]:
    """Those that nobody withdrew while they were under way."""
    return Message.objects.filter(pk__in=keys, status=Message.Status.RUNNING)


def _put_off(
    message: Message, attempt: Attempt, first_tried_at: datetime | None, now: datetime
) -> Message:
    """`first_tried_at` as it stands now: a resumption forgets what was before it."""
    message.last_error, message.status = attempt.error, Message.Status.DUE
    if now - (first_tried_at or now) >= GIVEN_UP_AFTER:
        message.status = Message.Status.FAILED
    else:
        message.due_at = now + timedelta(seconds=wait_of(message.attempts_made))
    return message


def wait_of(attempts: int) -> float:
    planned = BACKOFF[min(attempts, len(BACKOFF)) - 1]
    return planned * random.uniform(0.9, 1.1)  # noqa: S311 - jitter, not a secret


def _note(stand: Stand, streak: Streak, now: datetime) -> None:
    stand.failures = streak.failures
    wait = streak.next_try_in()
    if wait is not None:
        # What it asked for a moment ago holds on, whatever came of those in flight.
        until = now + timedelta(seconds=wait)
        stand.next_try_at = max(stand.next_try_at or until, until)
    elif stand.next_try_at and stand.next_try_at <= now:
        stand.next_try_at = None
    if streak.failures >= BREAKS_AFTER:
        stand.troubled_since = stand.troubled_since or now
    elif streak.has_succeeded and not streak.failures:
        stand.troubled_since = None
    stand.save(update_fields=["failures", "next_try_at", "troubled_since"])
