"""Sweeps over many rows: one that fails is logged and counted, the others go on.

for tenant in Tenant.objects.all():
    with going_on("terms", f"institution {tenant.pk}"):
        ended += each_row("terms", keys_of(tenant), partial(end_term, by=by))
"""

import logging
import traceback
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import connection, transaction

from common.observing.measures import SWEEP_FAILURES

Key = TypeVar("Key", bound=Hashable)
log = logging.getLogger(__name__)
# The worker's own errors, which must end the sweep and not one row; it adds them.
ENDING: list[type[Exception]] = []


def each_row(sweep: str, keys: Iterable[Key], act: Callable[[Key], int]) -> int:
    """Act on each key in a transaction of its own; returns the sum of the answers.

    Inside a transaction it is a savepoint. A row that fails is undone and left for
    the next run. Reading the keys may fail, so `going_on` belongs around each
    institution.
    """
    done = 0
    for key in keys:
        with going_on(sweep, f"row {key}"), transaction.atomic():
            done += act(key)
    return done


@contextmanager
def going_on(sweep: str, what: str) -> Iterator[None]:
    """Log and count what fails in here, and go on; `what` is a kind and a key.

    The log has the kind of the error and its frames: its words, and those of a
    database, may quote personal data. Raises it all the same when the database is
    gone: then everything would fail.
    """
    try:
        yield
    except tuple(ENDING):
        raise
    except Exception as error:
        frames = "".join(traceback.format_tb(error.__traceback__))
        log.error("%s: %s failed: %s\n%s", sweep, what, type(error).__name__, frames)
        SWEEP_FAILURES.labels(sweep).inc()
        if not connection.is_usable():
            raise
