"""A turn: whom it holds up, and what is left of it when the database fails."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError, connection

from events.sweeps import SWEEPS
from subscribers.feed.placing import place_events
from subscribers.models import Attempt, Subscriber
from subscribers.sending.crew import CREW
from subscribers.sending.leases import take
from subscribers.sending.serving import Turn, serve
from subscribers.sending.sweep import send_events, start_sending
from tenants.models import Tenant, User
from tests.subscribers.conftest import Known, Light, subscribe_at
from tests.subscribers.receiver import (
    Receiver,
    Reply,
    Taken,
    running_receiver,
    take_it,
)

pytestmark = pytest.mark.django_db


def wait_for(is_so: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


# --- who is held up -------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_one_that_hangs_holds_up_neither_the_sweep_nor_others(
    engine: Known, receiver: Receiver, light: Light, demo_bank: Tenant,
    administrator: User, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Nor those who come to wait while it hangs."""
    monkeypatch.setattr("subscribers.sending.posting.READ_WITHIN", 60)
    monkeypatch.setattr("subscribers.sending.posting.ALL_WITHIN", 60)
    may_answer = threading.Event()

    def hang(taken: Taken, handler: BaseHTTPRequestHandler) -> Reply:
        may_answer.wait(60)
        return take_it(taken, handler)

    assert SWEEPS["subscribers.send"].command is start_sending
    with running_receiver(hang) as slow:
        subscribe_at(slow.url, demo_bank, administrator)
        try:
            lit: list[str] = []
            for _ in range(3):
                lit.append(str(light("").pk))
                wait_for(lambda: not engine.stand.lease)
                start_sending()
                wait_for(lambda: receiver.ids() == lit)
            keys = [taken.webhook_id for taken in slow.taken]
            assert len(keys) == len(set(keys)), "it is served once at a time"
            threads = [each.name for each in threading.enumerate()]
            assert CREW.is_busy()
            assert sum(name.startswith("serve") for name in threads) <= 3
        finally:
            may_answer.set()
            wait_for(lambda: not CREW.is_busy())


@pytest.mark.django_db(transaction=True)
def test_one_that_cannot_be_served_is_logged_and_served_again(
    engine: Known, receiver: Receiver, light: Light, caplog: pytest.LogCaptureFixture
) -> None:
    light("")
    Subscriber.objects.filter(pk=engine.row.pk).update(event_types=7)
    start_sending()
    wait_for(lambda: not CREW.is_busy())
    assert f"Subscriber {engine.row.pk} could not be served." in caplog.text
    Subscriber.objects.filter(pk=engine.row.pk).update(event_types=[])
    start_sending()
    wait_for(lambda: receiver.taken and not CREW.is_busy())


def test_a_process_that_ends_gives_back_what_it_has_not_begun(
    engine: Known, light: Light
) -> None:
    for _ in range(3):
        light(str(uuid4()))
    while place_events():
        pass
    served = take(engine.row.pk)
    assert served
    threads = ThreadPoolExecutor(1)
    threads.shutdown()
    assert Turn(served, threads).run() == 0
    assert {(m.status, m.attempts_made) for m in engine.messages()} == {("due", 0)}


# --- a database that fails ------------------------------------------------------------
class Failing:
    """Fails so many times where something is written, as a busy database does."""

    def __init__(self, words: str, times: int) -> None:
        self.words, self.times = words, times

    def __call__(
        self,
        execute: Any,
        sql: str,
        params: Any,
        many: bool,
        context: Any,
    ) -> Any:
        if self.words in sql and self.times:
            self.times -= 1
            raise OperationalError("The database is busy.")
        return execute(sql, params, many, context)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "words",
    ['INSERT INTO "subscribers_attempt"', 'SET "leased_until"',
     'FROM "subscribers_feedentry"'],
)  # fmt: skip
def test_what_was_answered_is_kept_when_the_database_fails(
    engine: Known, receiver: Receiver, light: Light, words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Recording, renewing or claiming, whichever it is."""
    monkeypatch.setattr("subscribers.sending.serving.RENEWED_EVERY", 0.01)
    monkeypatch.setattr("subscribers.sending.serving._LOOK_AGAIN", 0.05)
    light(str(uuid4()))
    while place_events():
        pass
    failing = Failing(words, 0)

    def fail_from_here(taken: Taken, handler: BaseHTTPRequestHandler) -> Reply:
        failing.times = 1
        time.sleep(0.3)  # so that the turn looks at the database meanwhile
        return take_it(taken, handler)

    receiver.behaviour = fail_from_here
    with connection.execute_wrapper(failing):
        with pytest.raises(OperationalError):
            serve(engine.row.pk)
    [message] = engine.messages()
    assert (message.status, Attempt.objects.count()) == ("done", 1)
    assert engine.stand.lease is None


def test_it_may_fail_twice(
    engine: Known, receiver: Receiver, light: Light, caplog: pytest.LogCaptureFixture
) -> None:
    """Then it is sent once more, under the same id."""
    light(str(uuid4()))
    with (
        connection.execute_wrapper(Failing('INSERT INTO "subscribers_attempt"', 2)),
        pytest.raises(OperationalError),
    ):
        send_events()
    [said] = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert "could not be recorded" in said.getMessage()
    assert send_events() == 1
    assert len({taken.webhook_id for taken in receiver.taken}) == 1
    assert len(receiver.taken) == 2
