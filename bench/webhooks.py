"""How fast callbacks are accepted, beside a view that does nothing and one that
only inserts a row. No worker runs; the nudges to Redis are real."""

import json
from argparse import Namespace
from base64 import b64decode
from collections import defaultdict
from dataclasses import dataclass
from statistics import median
from typing import Any, cast

import redis
from django.conf import settings
from django.db import connection

from bench import machine
from bench.bodies import Callbacks, signed
from bench.figures import in_milliseconds, spread
from bench.lab import WEB_THREADS, WEB_WORKERS, Lab, say
from bench.load import Run, drive, post_request
from bench.models import BareRow, create_table
from bench.people import applicants, found_bank
from events.models import Delivery, RecordedEvent
from kyc.models import Callback

WEBHOOK, NOOP, INSERT = "webhook", "noop", "insert"
PATHS = {
    WEBHOOK: "/webhooks/sumsub",
    NOOP: "/webhooks/bench/noop",
    INSERT: "/webhooks/bench/insert",
}
EVENT = "CallbackReceived"
_PARTS = ("processes", "database")
CUSTOMERS = 50  # that the callbacks are about
GOAL_RATIO = 0.5  # of the view that only inserts
GOAL_P99_MS = 100.0


@dataclass
class Round:
    run: Run
    used: dict[str, float]


def measure(lab: Lab, asked: Namespace) -> dict[str, Any]:
    create_table()
    stand = _Stand(lab, asked)
    before = machine.load_average()
    stand.warm_up()
    throughput = stand.rounds(asked.rounds, asked.requests, None)
    open_rounds = max(1, asked.rounds // 2)
    latency = stand.rounds(open_rounds, int(asked.rate * asked.seconds), asked.rate)
    return {
        "machine": machine.facts(),
        "load_average": {"before": before, "after": machine.load_average()},
        "web": {"workers": WEB_WORKERS, "threads": WEB_THREADS, "class": "gthread"},
        "asked": vars(asked),
        "throughput": {name: _throughput(runs) for name, runs in throughput.items()},
        "webhook_ratio": _ratios(throughput),
        "open_loop": {name: _latency(runs) for name, runs in latency.items()},
        "goals": _goals(throughput, latency),
        "check": stand.check(),
        "log_lines": lab.log_lines(),
    }


class _Stand:
    def __init__(self, lab: Lab, asked: Namespace) -> None:
        self.web, self.port = lab.start_web()
        self.connections = asked.connections
        known = applicants(CUSTOMERS, found_bank(), "bench.example")
        self.callbacks = Callbacks([str(customer.pk) for customer in known])
        self.nudged_before = _nudges()
        self.accepted: defaultdict[str, int] = defaultdict(int)

    def warm_up(self) -> None:
        """Let imports, connections and caches be made before anything counts."""
        for name in (NOOP, INSERT, WEBHOOK):
            self.run(name, 1, None)  # alone, for it makes what the others find
            self.run(name, 200, None)

    def rounds(
        self, rounds: int, requests: int, rate: float | None
    ) -> dict[str, list[Round]]:
        """In turn, so that what disturbs the machine disturbs all three."""
        found: dict[str, list[Round]] = {name: [] for name in PATHS}
        for number in range(1, rounds + 1):
            for name in PATHS:
                found[name].append(self.run(name, requests, rate))
            say(f"round {number} of {rounds}: " + _progress(found, rate))
        return found

    def run(self, name: str, requests: int, rate: float | None) -> Round:
        prepared = [
            post_request(PATHS[name], body, signed(body))
            for body in self.callbacks.take(requests)
        ]
        before = machine.usage([self.web])
        run = drive(self.port, prepared, connections=self.connections, rate=rate)
        used = machine.usage([self.web]).since(before)
        self.accepted[name] += run.accepted
        return Round(run, used)

    def check(self) -> dict[str, Any]:
        """Count what was kept: a fast answer that keeps nothing is worth nothing."""
        counted = {
            "accepted": self.accepted[WEBHOOK],
            "callbacks": Callback.objects.unprocessed().count(),
            "events": RecordedEvent.objects.filter(type=EVENT).count(),
            "deliveries": Delivery.objects.filter(event__type=EVENT).count(),
            "nudges": _nudges() - self.nudged_before,
        }
        inserted = {"accepted": self.accepted[INSERT], "rows": BareRow.objects.count()}
        is_true = len({*counted.values()}) == len({*inserted.values()}) == 1
        connection.close()
        return {"webhook": counted, "insert": inserted, "is_true": is_true}


def _nudges() -> int:
    """Count the deliveries that workers were told of; a message names many."""
    broker = redis.Redis.from_url(settings.CELERY_BROKER_URL)
    messages = cast("list[bytes]", broker.lrange("celery", 0, -1))
    return sum(map(_named, messages))


def _named(message: bytes) -> int:
    (delivery_ids,), *_ = json.loads(b64decode(json.loads(message)["body"]))
    return len(delivery_ids)


def _progress(found: dict[str, list[Round]], rate: float | None) -> str:
    if rate:
        return ", ".join(
            f"{name} p99 {in_milliseconds(runs[-1].run.latencies)['p99']} ms"
            for name, runs in found.items()
        )
    return ", ".join(
        f"{name} {runs[-1].run.per_second:.0f}/s" for name, runs in found.items()
    )


def _throughput(rounds: list[Round]) -> dict[str, Any]:
    return {
        "requests_per_second": spread([r.run.per_second for r in rounds], 0),
        "errors": sum(r.run.errors for r in rounds),
        **_processor_time(rounds),
    }


def _latency(rounds: list[Round]) -> dict[str, Any]:
    every = [latency for r in rounds for latency in r.run.latencies]
    p99s = [in_milliseconds(r.run.latencies)["p99"] for r in rounds]
    return {
        "milliseconds": in_milliseconds(every),
        "p99_of_rounds": spread(p99s),
        "requests": len(every),
        "errors": sum(r.run.errors for r in rounds),
        **_processor_time(rounds),
    }


def _processor_time(rounds: list[Round]) -> dict[str, Any]:
    """Milliseconds of processor per request: other people's work hardly shows here."""
    others = [100 * r.used["others_share"] for r in rounds]
    return {
        "processor_ms": {
            "web": round(_used(rounds, "processes"), 2),
            "database": round(_used(rounds, "database"), 2),
            "generator": round(_used(rounds, "generator"), 2),
        },
        "others_percent": spread(others, 0),
    }


def _used(rounds: list[Round], *parts: str) -> float:
    return median(
        sum(r.used[part] for part in parts) / r.run.accepted * 1000 for r in rounds
    )


def _ratios(throughput: dict[str, list[Round]]) -> dict[str, Any]:
    """Round by round, because neighbours in time share what disturbed them; and of
    the processor time, which is disturbed less than the clock."""
    ours = throughput[WEBHOOK]
    insert = throughput[INSERT]
    of_time = _used(insert, *_PARTS) / _used(ours, *_PARTS)
    return {
        "to_noop": _paired(ours, throughput[NOOP]),
        "to_insert": _paired(ours, insert),
        "to_insert_by_processor_time": round(of_time, 2),
    }


def _paired(ours: list[Round], theirs: list[Round]) -> dict[str, object]:
    pairs = zip(ours, theirs, strict=True)
    return spread(
        [our.run.per_second / other.run.per_second for our, other in pairs], 2
    )


def _goals(
    throughput: dict[str, list[Round]], latency: dict[str, list[Round]]
) -> dict[str, Any]:
    ratio = _ratios(throughput)["to_insert"]["median"]
    p99 = _latency(latency[WEBHOOK])["milliseconds"]["p99"]
    return {
        "ratio_to_insert": {"goal": f">= {GOAL_RATIO}", "is_met": ratio >= GOAL_RATIO},
        "p99_ms": {"goal": f"< {GOAL_P99_MS:.0f}", "is_met": p99 < GOAL_P99_MS},
    }
