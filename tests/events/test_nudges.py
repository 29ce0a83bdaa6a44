"""Workers are told of many deliveries in few messages, and of each one once."""

import os
from collections.abc import Callable
from itertools import chain
from queue import Empty
from time import monotonic

import pytest

from config.celery import app
from events import nudges
from events.nudges import MOST_IDS, MOST_WAITING, Messenger

PATIENCE = 10.0  # seconds


def read_messages() -> list[list[str]]:
    """Take what lies in the broker: the delivery ids of each message."""
    found = []
    with app.connection_for_read() as connection:
        queue = connection.SimpleQueue("celery")
        try:
            while True:
                message = queue.get_nowait()
                (ids,), *_ = message.payload
                found.append(ids)
                message.ack()
        except Empty:
            return found
        finally:
            queue.close()


@pytest.fixture
def messenger() -> Messenger:
    read_messages()
    return Messenger()


def test_what_is_said_together_is_sent_together(messenger: Messenger) -> None:
    ids = [f"delivery-{n}" for n in range(MOST_IDS + 5)]
    for one in ids:
        messenger.say([one])
    assert messenger.wait(PATIENCE)
    messages = read_messages()
    assert [one for message in messages for one in message] == ids
    assert max(map(len, messages)) <= MOST_IDS
    assert len(messages) < len(ids)


def test_deliveries_of_one_event_go_to_different_workers(messenger: Messenger) -> None:
    messenger.say(["a-login", "a-account"])
    messenger.say(["b-login"])
    assert messenger.wait(PATIENCE)
    messages = read_messages()
    assert not any({"a-login", "a-account"} <= set(message) for message in messages)
    assert sorted(chain.from_iterable(messages)) == ["a-account", "a-login", "b-login"]


def test_what_is_said_later_is_sent_too(messenger: Messenger) -> None:
    messenger.say(["first"])
    assert messenger.wait(PATIENCE)
    messenger.say(["second"])
    assert messenger.wait(PATIENCE)
    assert read_messages() == [["first"], ["second"]]


def test_a_child_of_a_fork_has_its_own_thread() -> None:
    """Gunicorn forks its workers; a thread does not come along."""
    nudges.nudge(["parent"])
    assert nudges.messenger.wait(PATIENCE)
    child = os.fork()
    if not child:
        nudges.nudge(["child"])
        os._exit(0 if nudges.messenger.wait(PATIENCE) else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def test_a_broker_that_hangs_does_not_fill_the_memory(
    messenger: Messenger, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_back(messenger, monkeypatch)
    for n in range(MOST_WAITING + 5):
        messenger.say([str(n)])
    assert messenger.wait(0) is False
    assert messenger._said.qsize() == MOST_WAITING


def test_saying_never_waits(
    messenger: Messenger, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_back(messenger, monkeypatch)
    began = monotonic()
    messenger.say(["a"])
    assert monotonic() - began < 0.5


def hold_back(messenger: Messenger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the thread never come round, as when the broker answers nobody."""
    start: Callable[[], None] = lambda: None  # noqa: E731
    monkeypatch.setattr(messenger, "_start", start)
