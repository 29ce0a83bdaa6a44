"""The only Celery tasks: deliver one, and the named sweeps that beat starts."""

import random

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from common.observing.request_id import caused_by, made_request_id
from events import delivery
from events.each_row import ENDING
from events.nudges import nudge
from events.services import beat
from events.sweeps import SWEEPS

ENDING.append(SoftTimeLimitExceeded)


# A nudge that waited longer is dropped unread: the sweep gave a fresh one meanwhile,
# so a long backlog does not fill the broker with old ones.
@shared_task(name="events.deliver", expires=30)
def deliver(delivery_ids: list[str]) -> None:
    """Deliver one after the other, each one event to one handler."""
    for delivery_id in delivery_ids:
        delivery.run(delivery_id)


@shared_task(name="events.sweep_deliveries", expires=30)
def sweep_deliveries() -> None:
    """Find what is due and nobody was told of: retries, dropped leases, lost nudges."""
    beat("worker")
    ids = delivery.due_ids()
    # Two sweeps at once offer the same rows; in another order they collide less.
    random.shuffle(ids)
    for delivery_id in ids:
        nudge([str(delivery_id)])


@shared_task(name="events.run_sweep", expires=3600)
def run_sweep(name: str) -> None:
    """Run one named sweep of another app."""
    with caused_by(made_request_id()):
        SWEEPS[name].command()
