"""Figures that the database knows best, asked for when the metrics page is.

They are the installation's, whichever process is asked: take the highest, never the
sum. Few questions, each along an index or of a small table, counts capped.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from math import inf

from django.db import DatabaseError, connection, transaction
from django.db.models import Min, Sum
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from documents.models import Document
from events.models import Delivery, Heartbeat, NightlyRun
from kyc.models import Callback
from subscribers.models import Message, Stand, Subscriber, Unplaced

MOST_COUNTED = 1000  # beyond that, "very many" is all that anybody needs to know
# A job that did not succeed for longer is shown with this age, then no more.
LOOKING_BACK = timedelta(days=8)
# A scrape gives up rather than wait behind a database that is at its limit.
TIME_LIMIT = "SET LOCAL statement_timeout = '2s'"

# Who is paused is in somebody's hands already.
_ACTIVE = "SELECT id FROM subscribers_subscriber WHERE status = 'active'"
# Literals, not parameters: the indexes are of these rows alone.
_COUNTED = (
    (Delivery, "status = 'running'"),
    (Delivery, "status = 'failed'"),
    (Message, f"status = 'failed' AND subscriber_id IN ({_ACTIVE})"),
)
GAUGES = {
    "database_up": "1 when the database answered these questions in time, else 0.",
    "deliveries_due": f"Deliveries that wait for a worker, {MOST_COUNTED} at most.",
    "deliveries_oldest_due_seconds": "How long the oldest of them has been due.",
    "deliveries_running": f"Deliveries in a worker's hands, {MOST_COUNTED} at most.",
    "deliveries_given_up": f"Deliveries that need a person, {MOST_COUNTED} at most.",
    "messages_given_up": "Messages that active subscribers miss for good,"
    f" {MOST_COUNTED} at most.",
    "subscriber_troubled_seconds": "How long the active subscriber that is troubled"
    " longest takes nothing.",
    "events_unplaced_oldest_seconds": "How long the oldest event without a place in"
    " the feed waits.",
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
    yield from _subscribers(now)
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
    running, given_up, messages = _counts()
    yield _gauge("deliveries_running", running)
    yield _gauge("deliveries_given_up", given_up)
    yield _gauge("messages_given_up", messages)


def _counts() -> tuple[int, int, int]:
    """Deliveries running and given up, and messages given up, in one question."""
    counted = ", ".join(
        f"(SELECT count(*) FROM (SELECT 1 FROM {model._meta.db_table}"  # noqa: S608, SLF001 - no values; Django's documented API
        f" WHERE {where} LIMIT {MOST_COUNTED}) AS some_rows)"
        for model, where in _COUNTED
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counted}")
        counts: tuple[int, int, int] = cursor.fetchone()
    return counts


def _subscribers(now: datetime) -> Iterator[Metric]:
    """The worst of all institutions; neither they nor subscribers are named."""
    active = Stand.objects.filter(subscriber__status=Subscriber.Status.ACTIVE)
    since = active.aggregate(at=Min("troubled_since"))["at"]
    yield _gauge("subscriber_troubled_seconds", _age(now, since) if since else 0)
    unplaced = Unplaced.objects.order_by("id").values_list("event__created_at")
    first = unplaced.first()
    waits = _age(now, first[0]) if first else 0
    yield _gauge("events_unplaced_oldest_seconds", waits)


def _nightlies(now: datetime) -> Iterator[Metric]:
    """The worst of all institutions for each job; no institution is named."""
    since = now - LOOKING_BACK
    runs = NightlyRun.objects.filter(started_at__gte=since).values_list(
        "name", "tenant_id", "started_at", "finished_at"
    )
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
