"""Figures that the database knows best, asked for when the metrics page is.

They are the installation's, whichever process is asked: take the highest, never the
sum. Few questions, each along an index or of a small table, counts capped.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from math import inf

from django.db import DatabaseError, connection, transaction
from django.db.models import Sum
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from deposits.models import SweepRun
from documents.models import Document
from events.models import Delivery, Heartbeat, NightlyRun
from kyc.models import Callback

MOST_COUNTED = 1000  # beyond that, "very many" is all that anybody needs to know
# A job that did not succeed for longer is shown with this age, then no more.
LOOKING_BACK = timedelta(days=8)
# A scrape gives up rather than wait behind a database that is at its limit.
TIME_LIMIT = "SET LOCAL statement_timeout = '2s'"

# Literals, not parameters: the indexes are of these rows alone.
_COUNTED = ("status = 'running'", "status = 'failed'")
GAUGES = {
    "database_up": "1 when the database answered these questions in time, else 0.",
    "deliveries_due": f"Deliveries that wait for a worker, {MOST_COUNTED} at most.",
    "deliveries_oldest_due_seconds": "How long the oldest of them has been due.",
    "deliveries_running": f"Deliveries in a worker's hands, {MOST_COUNTED} at most.",
    "deliveries_given_up": f"Deliveries that need a person, {MOST_COUNTED} at most.",
    "webhook_silence_seconds": "Since the last callback was stored.",
    "held_bytes": "Bytes of documents that the store has not taken yet.",
}
LABELLED = {
    "heartbeat_age_seconds": ("process", "Since worker or beat last showed itself."),
    "nightly_success_age_seconds": (
        "nightly", "Since the last success, of the institution that waits longest.",
    ),
    "nightly_duration_seconds": (
        "nightly", "How long the longest of the last runs took.",
    ),
}  # fmt: skip
NAMES = frozenset(f"vestibule_{name}" for name in (*GAUGES, *LABELLED))

Figures = dict[str, float]


class Standing(Collector):
    """Asks when it is collected; a database that is down costs all but one figure."""

    def collect(self) -> Iterable[Metric]:
        now = timezone.now()
        try:
            with _in_little_time():
                yield from list(_asked(now))
        except DatabaseError:
            yield _gauge("database_up", 0)
        else:
            yield _gauge("database_up", 1)


@contextmanager
def _in_little_time() -> Iterator[None]:
    """End each question after a while; SQLite has no limit, and no need of one.

    A transaction there would be one that writes, and make others wait.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TIME_LIMIT)
        yield


def _asked(now: datetime) -> Iterator[Metric]:
    yield from _deliveries(now)
    # Who was never seen is older than any limit, so that its alert speaks.
    ages = {"worker": inf, "beat": inf}
    for beat in Heartbeat.objects.filter(name__in=list(ages)):
        ages[beat.name] = _age(now, beat.seen_at)
    yield _labelled("heartbeat_age_seconds", ages)
    yield from _nightlies(now)
    newest = Callback.objects.order_by("-received_at").values_list("received_at")
    if last := newest.first():
        yield _gauge("webhook_silence_seconds", _age(now, last[0]))
    # The first piece of each; the pieces themselves are not touched.
    held = Document.objects.filter(held_chunks__number=0).aggregate(size=Sum("size"))
    yield _gauge("held_bytes", held["size"] or 0)


def _deliveries(now: datetime) -> Iterator[Metric]:
    waiting = Delivery.objects.claimable(now).order_by("due_at")
    times = list(waiting.values_list("due_at", flat=True)[:MOST_COUNTED])
    yield _gauge("deliveries_due", len(times))
    yield _gauge("deliveries_oldest_due_seconds", _age(now, times[0]) if times else 0)
    running, given_up = _counts()
    yield _gauge("deliveries_running", running)
    yield _gauge("deliveries_given_up", given_up)


def _counts() -> tuple[int, int]:
    """Running and given up, in one question."""
    table = Delivery._meta.db_table  # noqa: SLF001 - Django's documented API
    running, given_up = (
        f"(SELECT count(*) FROM (SELECT 1 FROM {table}"  # noqa: S608 - no values
        f" WHERE {where} LIMIT {MOST_COUNTED}) AS some_rows)"
        for where in _COUNTED
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {running}, {given_up}")
        counts: tuple[int, int] = cursor.fetchone()
    return counts


def _nightlies(now: datetime) -> Iterator[Metric]:
    """The worst of all institutions for each job; no institution is named."""
    since = now - LOOKING_BACK
    runs = [
        *NightlyRun.objects.filter(started_at__gte=since).values_list(
            "name", "tenant_id", "started_at", "finished_at"
        ),
        *(
            ("activity", *row)
            for row in SweepRun.objects.filter(started_at__gte=since).values_list(
                "tenant_id", "started_at", "finished_at"
            )
        ),
    ]
    # Who never succeeded waits since the first try.
    newest: dict[tuple[str, object], tuple[datetime, float]] = {}
    for name, tenant_id, begun, ended in sorted(runs, key=lambda run: run[2]):
        known = newest.setdefault((name, tenant_id), (begun, 0.0))
        if ended:
            newest[name, tenant_id] = max(known, (ended, _age(ended, begun)))
    ages: Figures = {}
    durations: Figures = {}
    for (name, _), (moment, seconds) in newest.items():
        ages[name] = max(ages.get(name, 0.0), _age(now, moment))
        durations[name] = max(durations.get(name, 0.0), seconds)
    yield _labelled("nightly_success_age_seconds", ages)
    yield _labelled("nightly_duration_seconds", durations)


def _age(now: datetime, moment: datetime) -> float:
    return max((now - moment).total_seconds(), 0.0)


def _gauge(name: str, value: float) -> Metric:
    return GaugeMetricFamily(f"vestibule_{name}", GAUGES[name], value=value)


def _labelled(name: str, values: Figures) -> Metric:
    label, words = LABELLED[name]
    family = GaugeMetricFamily(f"vestibule_{name}", words, labels=[label])
    for key, value in sorted(values.items()):
        family.add_metric([key], value)
    return family
