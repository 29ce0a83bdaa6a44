"""The night's check of all customers: in windows, resumable, idempotent."""

from django.db import transaction

from customers.quality.checking import bring_in_step, count_day
from customers.quality.models import Finding
from customers.quality.remembering import Memory
from customers.quality.rules.board import Scope
from customers.quality.services import NIGHTLY
from customers.registry.models import Customer
from events.nightly import Night, nightly

# So many files are opened at once, on a night on which all are new: a few MB.
WINDOW = 1000


@nightly(NIGHTLY, hour=4)
def check_all(night: Night) -> None:
    """Bring findings in step with the data of every customer, then count them."""
    rows = Customer.objects.for_tenant(night.tenant.pk).living()
    for window in night.windows(rows, size=WINDOW):
        with transaction.atomic():
            scope = Scope(night.tenant, night.counted_on, window)
            memory = Memory(scope)
            done = bring_in_step(scope, memory)
            memory.keep()
            night.record(
                window, customers=memory.looked_at, read=memory.read,
                opened=done.opened, closed=done.closed, errors=done.errors,
            )  # fmt: skip
    for window in night.windows(Finding.objects.none(), stage=1):
        with transaction.atomic():
            night.record(window, open=count_day(night.tenant, night.counted_on))
