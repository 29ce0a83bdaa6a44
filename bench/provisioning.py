"""From the approval at Sumsub to an active customer, beside a bare chain of one insert
and one task over the same web process, broker and worker."""

import os
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from statistics import mean
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from bench import logins, machine, mailbox, outcome
from bench.bodies import Callbacks, signed
from bench.environment import UnfitError
from bench.figures import in_seconds
from bench.lab import HOST, WEB_THREADS, WEB_WORKERS, Lab, say, wait_until
from bench.load import drive, post_request
from bench.models import BareRow, create_table
from bench.people import approvals, found_bank
from events.models import Delivery, Heartbeat
from onboarding.models import Provisioning

CONNECTIONS = 16


def measure(lab: Lab, asked: Namespace) -> dict[str, Any]:
    create_table()
    mail_folder, mail_since = mailbox.folder_of_the_sink(), mailbox.now()
    domain = f"run-{os.getpid()}.bench.example"
    house = _open_house(lab, asked.concurrency)
    say(f"Registering {asked.customers} customers and starting their KYC …")
    waiting = approvals(asked.customers, found_bank(), domain)
    before = machine.load_average()
    try:
        chains = [_run_chain(house, asked)]
        run = _run_approvals(house, waiting, asked)
        chains.append(_run_chain(house, asked))
    finally:
        removed = logins.remove() if asked.keycloak else 0
        mails = mailbox.take_mail(mail_folder, domain, since=mail_since)
    return {
        "machine": machine.facts(),
        "load_average": {"before": before, "after": machine.load_average()},
        "asked": vars(asked),
        "web": {"workers": WEB_WORKERS, "threads": WEB_THREADS, "class": "gthread"},
        "worker": {"processes": 1, "pool": "threads", "concurrency": asked.concurrency},
        "identity": "keycloak" if asked.keycloak else "embedded",
        "approvals": run,
        "bare_chain": chains,
        "ratio": _ratios(run, chains),
        "check": outcome.check(asked.customers, mails=mails, removed=removed),
        "log_lines": lab.log_lines(),
    }


@dataclass(frozen=True)
class House:
    port: int
    pids: list[int]


def _open_house(lab: Lab, concurrency: int) -> House:
    """Start stand-in, web, worker and beat, the last two as the Procfile has them."""
    _, port_of_standin = lab.start_web(
        "standin", DEBUG="true", SUMSUB_APP_TOKEN="", PUBLIC_URL=f"http://{HOST}"
    )
    settings.SUMSUB_BASE_URL = f"http://{HOST}:{port_of_standin}/standin"
    web, port = lab.start_web()
    worker = lab.start(
        "worker", "celery", "--quiet", "-A", "bench.worker", "worker",
        "--loglevel", "WARNING", "--pool", "threads", "--concurrency", str(concurrency),
        "--without-gossip", "--without-mingle", "--without-heartbeat",
        SUMSUB_BASE_URL=settings.SUMSUB_BASE_URL,
    )  # fmt: skip
    lab.start(
        "beat", "celery", "--quiet", "-A", "bench.worker", "beat",
        "--loglevel", "WARNING", "--schedule", str(lab.folder / "schedule"),
    )  # fmt: skip
    lab.wait_for("worker", Heartbeat.objects.filter(name="worker").exists)
    return House(port, [web, worker])


def _run_approvals(
    house: House, webhooks: list[bytes], asked: Namespace
) -> dict[str, Any]:
    active = Provisioning.objects.filter(activated_at__isnull=False)
    found = _sent_and_done(house, webhooks, active, asked)
    say("Waiting for the last welcome …")
    if not wait_until(_is_outbox_done, limit=asked.limit):
        raise UnfitError(f"The outbox was not done within {asked.limit:.0f} s.")
    stages = outcome.stages()
    each = {name: in_seconds(stage.waits) for name, stage in stages.items()}
    return found | outcome.pace(stages["active"]) | {"stages_seconds": each}


def _run_chain(house: House, asked: Namespace) -> dict[str, Any]:
    BareRow.objects.all().delete()
    requests = [
        post_request("/webhooks/bench/chain", body, signed(body))
        for body in Callbacks([""]).take(asked.customers)
    ]
    done = BareRow.objects.filter(done_at__isnull=False)
    found = _sent_and_done(house, requests, done, asked)
    times = done.values_list("received_at", "done_at")
    return found | outcome.pace(outcome.Stage.of(times))


def _sent_and_done(
    house: House, requests: list[bytes], done: QuerySet[Any], asked: Namespace
) -> dict[str, Any]:
    """Send everything at once and wait until so many rows are done."""
    before = machine.usage(house.pids)
    sent = drive(house.port, requests, connections=CONNECTIONS)
    say(f"{sent.accepted} of {len(requests)} accepted in {sent.seconds:.1f} s")
    is_done = wait_until(lambda: done.count() >= len(requests), limit=asked.limit)
    if not is_done:
        raise UnfitError(
            f"{done.count()} of {len(requests)} were done within {asked.limit:.0f} s."
        )
    used = machine.usage(house.pids).since(before)
    return {
        "accepted": sent.accepted,
        "errors": sent.errors,
        "accepted_in_seconds": round(sent.seconds, 2),
        "processor_ms_each": {
            part: round(used[part] / len(requests) * 1000, 1)
            for part in ("processes", "database")
        },
        "others_percent": round(100 * used["others_share"]),
    }


def _is_outbox_done() -> bool:
    waiting = Delivery.objects.open().exclude(status=Delivery.Status.FAILED)
    return not waiting.exists()


def _ratios(run: dict[str, Any], chains: list[dict[str, Any]]) -> dict[str, float]:
    """How many times longer than the chain, by the mean of before and after it."""

    def times(value: Callable[[dict[str, Any]], float]) -> float:
        return round(value(run) / mean(value(chain) for chain in chains), 1)

    return {
        "total": times(lambda found: found["total_seconds"]),
        "p50": times(lambda found: found["seconds"]["p50"]),
        "p99": times(lambda found: found["seconds"]["p99"]),
        "processor": times(lambda found: sum(found["processor_ms_each"].values())),
    }
