"""A nightly job of the tests: it names each row of a bank once, in windows."""

import time
from collections.abc import Callable

NAME = "tests_naming"
PAUSE = 0.01  # seconds in a window, so that a kill may fall into one


def register(size: int, on_window: Callable[[int], None] = lambda _: None) -> None:
    """Put the job among the nightly ones; windows of `size`, two stages."""
    from django.db import transaction

    from customers.registry.models import Customer
    from events.nightly import Night, nightly

    @nightly(NAME, hour=3)
    def name_all(night: Night) -> None:
        rows = Customer.objects.for_tenant(night.tenant.pk)
        for stage, word in enumerate(("first", "second")):
            for window in night.windows(rows, stage=stage, size=size):
                with transaction.atomic():
                    mine = list(window.of(rows).order_by("pk"))
                    for customer in mine:
                        said = f"{customer.status_reason} {word}".strip()
                        same = Customer.objects.filter(pk=customer.pk)
                        same.update(status_reason=said)
                    on_window(stage)
                    night.record(window, **{word: len(mine)})


def prepare() -> None:
    """For a process that is killed: windows of one, and slow ones."""
    register(1, lambda _: time.sleep(PAUSE))
