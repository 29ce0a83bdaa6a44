"""Checks that nobody asks about any more: the outbox gave up, so staff find out."""

from functools import partial

from customers.checks.choices import Status
from customers.checks.models import OutsideCheck
from customers.checks.services import fail_check
from events.each_row import each_row
from events.models import Delivery
from events.sweeps import sweep

SWEEP, EVERY = "checks.unanswered", 600  # seconds
HANDLERS = ("customers.checks.verify_address", "customers.checks.ask_bureau")
WHY = "Whoever was asked gave no answer in time; find out otherwise, or withdraw it."


@sweep(SWEEP, every=EVERY)
def fail_unanswered() -> int:
    """Give to staff what would wait for good; harmless to run side by side."""
    given_up = Delivery.objects.stuck().filter(handler__in=HANDLERS)
    asked_about = given_up.values_list("event__payload__check_id", flat=True)
    waiting = OutsideCheck.objects.filter(status=Status.ASKED, pk__in=set(asked_about))
    keys = list(waiting.values_list("pk", flat=True))
    return each_row(SWEEP, keys, partial(fail_check, why=WHY))
