"""A worker killed between sending and recording: sent again, under the same id."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from uuid import uuid4

import pytest
from django.utils import timezone

from subscribers.models import Stand
from subscribers.sending.leases import LEASE_SECONDS
from subscribers.sending.sweep import send_events
from tests.killapp.processes import ROOT, database_url
from tests.subscribers.conftest import Known, Light
from tests.subscribers.receiver import Receiver, Reply, Taken, take_it

PATIENCE = 120  # seconds, of a busy machine

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_hurry(_local_network: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is sent again must not fail because the machine is busy."""
    monkeypatch.setattr("subscribers.sending.posting.READ_WITHIN", PATIENCE)
    monkeypatch.setattr("subscribers.sending.posting.ALL_WITHIN", PATIENCE)


def end_lease(known: Known) -> None:
    """Let the time pass after which whoever holds it is taken for dead."""
    now, stand = timezone.now(), known.stand
    assert stand.lease and stand.leased_until
    assert now < stand.leased_until <= now + timedelta(seconds=LEASE_SECONDS)
    Stand.objects.filter(pk=stand.pk).update(leased_until=now)


def wait_for(is_so: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def start_worker() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.subscribers.lone_sweep"],
        cwd=ROOT,
        env={
            **os.environ,  # noqa: TID251 - passed on, but for what follows
            "DJANGO_SETTINGS_MODULE": "tests.subscribers.lone_settings",
            "DATABASE_URL": database_url(),
        },
    )


def test_a_killed_worker_is_replaced(
    engine: Known, receiver: Receiver, light: Light
) -> None:
    may_answer = threading.Event()

    def wait(taken: Taken, handler: BaseHTTPRequestHandler) -> Reply:
        may_answer.wait(PATIENCE)
        return take_it(taken, handler)

    receiver.behaviour = wait
    customer = str(uuid4())
    lit = [str(light(customer).pk) for _ in range(3)]
    process = start_worker()
    try:
        wait_for(lambda: receiver.taken)
        assert send_events() == 0, "it is served already"
    finally:
        process.kill()
        process.wait()
    may_answer.set()
    receiver.behaviour = take_it
    assert [m.status for m in engine.messages()] == ["running"] * 3
    assert send_events() == 0, "whoever died holds its lease for a while"
    end_lease(engine)
    assert send_events() == 3
    assert receiver.of(customer) == [lit[0], *lit]
    first, again = receiver.taken[0], receiver.taken[1]
    assert first.webhook_id == again.webhook_id
    assert [m.attempts_made for m in engine.messages()] == [2, 2, 2]


def test_killed_between_the_answer_and_its_record(
    engine: Known, receiver: Receiver, light: Light
) -> None:
    """They took it and we never wrote that down: it comes again, and nothing less."""
    processes: list[subprocess.Popen[bytes]] = []

    def take_and_kill(_taken: Taken, handler: BaseHTTPRequestHandler) -> None:
        # It stands still before it is answered: else it may record that in time.
        processes[0].send_signal(signal.SIGSTOP)
        handler.wfile.write(b"HTTP/1.1 204 Taken\r\n\r\n")
        handler.wfile.flush()
        processes[0].kill()

    receiver.behaviour = take_and_kill
    lit = {str(light(str(uuid4())).pk) for _ in range(40)}
    processes.append(start_worker())
    assert processes[0].wait(PATIENCE) == -signal.SIGKILL
    receiver.behaviour = take_it
    known = {taken.webhook_id for taken in receiver.taken}
    assert known
    taken_before = len(receiver.taken)
    end_lease(engine)
    assert send_events() == 40
    assert set(receiver.ids()) == lit, "nothing is lost"
    again = {taken.webhook_id for taken in receiver.taken[taken_before:]}
    assert known < again, "what came twice came under one id"
    assert len(again) == 40
    assert {m.status for m in engine.messages()} == {"done"}
