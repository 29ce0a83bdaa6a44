"""Webhooks to one and to ten subscribers, beside a bare client with the same bodies.

The worker is one process that sweeps; the receiver is one more and counts what came.
"""

import http.client
from argparse import Namespace
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from time import perf_counter
from typing import Any
from urllib.request import urlopen
from uuid import uuid4

from django.utils import timezone

from bench import machine
from bench.figures import in_seconds
from bench.lab import HOST, Lab, free_port, say, wait_until
from bench.people import found_bank
from events.models import RecordedEvent
from subscribers.models import Attempt, Message, Subscriber
from subscribers.sending.serving import THREADS, body_of
from subscribers.services import add_subscriber, pause_subscriber
from tenants.models import Tenant
from tenants.services import get_machine

_LIMIT = 900.0  # seconds of one round
_AT_ONCE = 1000


def measure(lab: Lab, asked: Namespace) -> dict[str, Any]:
    bank, port = found_bank(), free_port()
    lab.start("receiver", "bench.eventreceiver", str(port))
    lab.wait_for("receiver", lambda: _taken(port) is not None)
    before = machine.load_average()
    rounds = {
        f"{count}_subscribers": _round(lab, bank, port, asked.events, count)
        for count in (1, 10)
    }
    return {
        "machine": machine.facts(),
        "load_average": {"before": before, "after": machine.load_average()},
        "asked": vars(asked),
        **rounds,
        "check": {
            "is_true": all(
                found["arrived"] == found["due"] for found in rounds.values()
            )
            and not Message.objects.exclude(status=Message.Status.DONE).exists()
        },
        "log_lines": lab.log_lines(),
    }


def _round(
    lab: Lab, bank: Tenant, port: int, events: int, subscribers: int
) -> dict[str, Any]:
    """Ten subscribers share the number of messages that one gets."""
    setup = get_machine("setup")
    known = [
        add_subscriber(
            tenant=bank, name=f"System {uuid4()}", url=f"http://{HOST}:{port}/in",
            event_types=[], by=setup, reason="Measured",
        )[0]
        for _ in range(subscribers)
    ]  # fmt: skip
    _publish(bank, events // subscribers)
    due, came = events // subscribers * subscribers, _taken(port) or 0
    say(f"{due:,} messages to {subscribers} …")
    begun = perf_counter()
    lab.start("worker", "bench.eventworker")
    try:
        wait_until(lambda: (_taken(port) or 0) - came >= due, limit=_LIMIT, every=0.05)
        seconds = perf_counter() - begun
        wait_until(lambda: not _waiting(known), limit=30)
    finally:
        lab.stop("worker")
    arrived = (_taken(port) or 0) - came
    for subscriber in known:
        pause_subscriber(subscriber.pk, by=setup, reason="Measured")
    first, last = _span(known)
    bare = _bare(port, known)
    return {
        "due": due,
        "arrived": arrived,
        "seconds_with_start": round(seconds, 2),
        "per_second": round(due / (last - first), 1),
        "post_seconds": in_seconds(_posts(known)),
        "bare_client_per_second": round(bare, 1),
        "ratio": round(due / (last - first) / bare, 2),
    }


def _publish(bank: Tenant, count: int) -> None:
    """Rows as `publish` writes them; its pace is another measurement’s."""
    setup = get_machine("setup")
    rows = (
        RecordedEvent(
            tenant=bank, type="CustomerVerified", subject_id=(customer := str(uuid4())),
            payload={"customer_id": customer, "kyc_level": "basic"}, actor=setup,
            created_at=timezone.now(),
        )
        for _ in range(count)
    )  # fmt: skip
    while batch := list(islice(rows, _AT_ONCE)):
        RecordedEvent.objects.bulk_create(batch)


def _taken(port: int) -> int | None:
    try:
        with urlopen(f"http://{HOST}:{port}/", timeout=5) as answer:
            return int(answer.read())
    except OSError:
        return None


def _waiting(known: list[Subscriber]) -> bool:
    return bool(Message.objects.filter(subscriber__in=known).open().exists())


def _span(known: list[Subscriber]) -> tuple[float, float]:
    """When the first attempt began and the last message was recorded."""
    tries = Attempt.objects.filter(message__subscriber__in=known)
    done = Message.objects.filter(subscriber__in=known)
    first = tries.order_by("at").values_list("at", flat=True)[0]
    last = done.order_by("-done_at").values_list("done_at", flat=True)[0]
    return first.timestamp(), last.timestamp()


def _posts(known: list[Subscriber]) -> list[float]:
    tries = Attempt.objects.filter(message__subscriber__in=known)
    return [ms / 1000 for ms in tries.values_list("milliseconds", flat=True)]


def _bare(port: int, known: list[Subscriber]) -> float:
    """The same bodies, from as many threads, with nothing written down."""
    rows = Message.objects.filter(subscriber__in=known).select_related("event")
    bodies = [body_of(message) for message in rows]
    shares = [bodies[n::THREADS] for n in range(THREADS)]
    begun = perf_counter()
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(lambda share: _post_all(port, share), shares))
    return len(bodies) / (perf_counter() - begun)


def _post_all(port: int, bodies: list[bytes]) -> None:
    connection = http.client.HTTPConnection(HOST, port)
    for body in bodies:
        connection.request("POST", "/in", body)
        connection.getresponse().read()
    connection.close()
