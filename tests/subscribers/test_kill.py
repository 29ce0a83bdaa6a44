"""A worker killed between sending and recording: sent again, under the same id."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from uuid import uuid4

import pytest

from subscribers.sending.sweep import send_events
from tests.killapp.processes import ROOT, database_url
from tests.subscribers.conftest import Known, Light
from tests.subscribers.receiver import Receiver, Reply, Taken, take_it

PATIENCE = 40  # seconds

pytestmark = pytest.mark.django_db(transaction=True)


def wait_for(is_so: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


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
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.subscribers.lone_sweep"],
        cwd=ROOT,
        env={
            **os.environ,  # noqa: TID251 - passed on, but for what follows
            "DJANGO_SETTINGS_MODULE": "tests.subscribers.lone_settings",
            "DATABASE_URL": database_url(),
        },
    )
    try:
        wait_for(lambda: receiver.taken)
        assert send_events() == 0, "it is served already"
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    may_answer.set()
    receiver.behaviour = take_it
    assert [m.status for m in engine.messages()] == ["running"] * 3
    wait_for(lambda: send_events() == 3)
    assert receiver.of(customer) == [lit[0], *lit]
    first, again = receiver.taken[0], receiver.taken[1]
    assert first.webhook_id == again.webhook_id
    assert [m.attempts_made for m in engine.messages()] == [2, 2, 2]
