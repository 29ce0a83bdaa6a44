"""Claim one delivery, run its handler, record what came of it."""

import logging
import random
import traceback
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import close_old_connections, connection
from django.db.models import F
from django.utils import timezone

from common.errors import DomainError
from common.observing.measures import DELIVERIES, DELIVERY_LAG
from common.observing.request_id import caused_by
from common.text import clean
from events.events import SUBSCRIPTIONS, GiveUpError, RetryLaterError
from events.models import Delivery

log = logging.getLogger(__name__)

# Seconds until the next try; about two days in all, then staff's list.
BACKOFF = (
    2, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 28800, 43200, 43200,
)  # fmt: skip
MAX_WAIT = 86_400  # seconds; whoever asks for more is not worth believing
SWEEP_BATCH = 500


@dataclass(frozen=True)
class Claim:
    delivery: Delivery
    lease: UUID


def claim(delivery_id: UUID | str) -> Claim | None:
    """Take the delivery for one lease; None when another has it or it is not due.

    One conditional UPDATE decides between racing workers.
    """
    now = timezone.now()
    lease = uuid4()
    taken = (
        Delivery.objects.claimable(now)
        .filter(pk=delivery_id)
        .update(
            status=Delivery.Status.RUNNING,
            lease=lease,
            leased_until=now + timedelta(seconds=settings.DELIVERY_LEASE_SECONDS),
            attempts=F("attempts") + 1,
        )
    )
    if not taken:
        return None
    return Claim(Delivery.objects.select_related("event").get(pk=delivery_id), lease)


def run(delivery_id: UUID | str) -> bool:
    """Deliver one event once; True when it is done.

    The handler runs outside any transaction of ours. Whoever lost the lease
    meanwhile records nothing.
    """
    claimed = claim(delivery_id)
    if claimed is None:
        return False
    _count_wait(claimed.delivery)
    with caused_by(claimed.delivery.event.request_id):
        return _run(claimed)


def _run(claimed: Claim) -> bool:
    try:
        _hand_over(claimed.delivery)
    except Exception as error:
        _record_failure(claimed, error)
        return False
    _record(claimed, status=Delivery.Status.DONE, done_at=timezone.now(), last_error="")
    _count(claimed.delivery, "done")
    return True


def _count_wait(delivery: Delivery) -> None:
    waited = (timezone.now() - delivery.due_at).total_seconds()
    attempt = "first" if delivery.attempts == 1 else "again"
    DELIVERY_LAG.labels(attempt).observe(max(waited, 0.0))


def _count(delivery: Delivery, outcome: str) -> None:
    """Handlers that no release knows share one name: what is stored is not bounded."""
    known = delivery.handler in SUBSCRIPTIONS
    DELIVERIES.labels(delivery.handler if known else "unknown", outcome).inc()


def _hand_over(delivery: Delivery) -> None:
    if delivery.attempts > len(BACKOFF) + 1:
        # Nobody was left to count the failures: the lease ended each time.
        raise GiveUpError("The worker died at the last try.")
    subscription = SUBSCRIPTIONS.get(delivery.handler)
    event = delivery.event.as_event()
    if subscription is None or event is None:
        raise GiveUpError(f"This release has no {delivery.handler} any more.")
    subscription.handler(event)


def _record_failure(claimed: Claim, error: Exception) -> None:
    delivery = claimed.delivery
    if connection.needs_rollback or not connection.is_usable():
        close_old_connections()
    wait = _wait(delivery.attempts, error)
    _count(delivery, "given_up" if wait is None else "again")
    # Exceptions of libraries may quote what they were sent; keep the first line only.
    text = clean(str(error)).partition("\n")[0][:500] or type(error).__name__
    if not _is_expected(error):
        text = f"{type(error).__name__}: {text}"
        # The frames alone: log.exception would quote the message to its last line.
        frames = "".join(traceback.format_tb(error.__traceback__))
        log.error("Delivery %s failed: %s\n%s", delivery.pk, text, frames)
    if wait is None:
        _record(claimed, status=Delivery.Status.FAILED, last_error=text)
        return
    due_at = timezone.now() + timedelta(seconds=wait)
    _record(claimed, status=Delivery.Status.DUE, due_at=due_at, last_error=text)


def _is_expected(error: Exception) -> bool:
    """Refusals, and gateways' own errors: they say in a sentence what is the matter."""
    is_ours = isinstance(error, DomainError | RetryLaterError | GiveUpError)
    return is_ours or hasattr(error, "retry_after")


def _wait(attempts: int, error: Exception) -> float | None:
    """Seconds until the next try; None when there is none."""
    if isinstance(error, GiveUpError) or attempts > len(BACKOFF):
        return None
    planned = BACKOFF[attempts - 1] * random.uniform(0.9, 1.1)  # noqa: S311 - jitter, not a secret
    asked = getattr(error, "seconds", None) or getattr(error, "retry_after", None)
    return max(planned, min(float(asked), MAX_WAIT)) if asked else planned


def _record(claimed: Claim, **values: object) -> None:
    Delivery.objects.filter(pk=claimed.delivery.pk, lease=claimed.lease).update(
        lease=None, leased_until=None, **values
    )


def due_ids(limit: int = SWEEP_BATCH) -> list[UUID]:
    """The longest waiting deliveries that may be claimed now."""
    return list(
        Delivery.objects.claimable(timezone.now())
        .order_by("due_at")
        .values_list("pk", flat=True)[:limit]
    )


def run_due(limit: int = SWEEP_BATCH) -> int:
    """Deliver what is due, here and now; how many were done."""
    return sum(run(delivery_id) for delivery_id in due_ids(limit))
