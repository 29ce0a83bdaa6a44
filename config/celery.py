"""The worker's application. All waiting lives in the outbox, none in the broker."""

import logging
import os
import time
from typing import Any

from celery import Celery
from celery.beat import PersistentScheduler
from celery.schedules import schedule
from celery.signals import beat_init, worker_init

from config.running import spool

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")  # noqa: TID251 - Celery's own way in

spool.install()
app = Celery("vestibule")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_scheduler = "config.celery:BeatingScheduler"
app.autodiscover_tasks(["events"])

log = logging.getLogger(__name__)
SHOW_LIFE_EVERY = 15.0  # seconds
SWEEP_DELIVERIES_EVERY = 5.0  # seconds; the shortest wait that a retry can have


@app.on_after_finalize.connect
def plan_sweeps(sender: Celery, **_: object) -> None:
    """Let beat start the delivery sweep and every app's named sweeps."""
    from events.sweeps import SWEEPS
    from events.tasks import run_sweep, sweep_deliveries

    sender.add_periodic_task(
        schedule(SWEEP_DELIVERIES_EVERY), sweep_deliveries.s(), name="deliveries"
    )
    for name, sweep in SWEEPS.items():
        sender.add_periodic_task(schedule(sweep.every), run_sweep.s(name), name=name)


@worker_init.connect
@beat_init.connect
def refuse(**_: object) -> None:
    """Half-configured is worse than down; Celery ignores what system checks find."""
    from django.core.exceptions import ImproperlyConfigured

    from config.checks import refuse_half_configured

    try:
        refuse_half_configured()
    except ImproperlyConfigured as error:
        # Celery swallows any other exception of a signal's receiver.
        raise SystemExit(str(error)) from error


@worker_init.connect
def count(**_: object) -> None:
    """Put the worker's figures where the metrics page finds them."""
    from config.observing.counting import begin_counting

    begin_counting()


class BeatingScheduler(PersistentScheduler):
    """Beat's own, which shows that it lives; the sweep alone would be the worker's."""

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() - self._shown_at > SHOW_LIFE_EVERY:
            self._shown_at = time.monotonic()
            self._show_life()
        return super().tick(*args, **kwargs)

    _shown_at = float("-inf")

    def _show_life(self) -> None:
        from django.db import DatabaseError, close_old_connections

        from events.services import beat

        try:
            close_old_connections()
            beat("beat")
        except DatabaseError:
            log.warning("The heartbeat of beat was not written; the sweeps go on")
