"""The worker's application. All waiting lives in the outbox, none in the broker."""

import os

from celery import Celery
from celery.schedules import schedule
from celery.signals import beat_init, worker_init

from config import spool

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")  # noqa: TID251 - Celery's own way in

spool.install()
app = Celery("vestibule")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["events"])

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
