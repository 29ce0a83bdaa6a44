"""Connections that are kept: whose they are, how long, and where they lead."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler
from uuid import uuid4

import pytest
from pytest_django import Settings

from subscribers.models import Message
from subscribers.sending.addresses import RefusedAddressError, check_url
from subscribers.sending.lines import LINES, Line, Lines
from subscribers.sending.sweep import send_events
from subscribers.services import change_subscriber
from tenants.models import Tenant, User
from tests.subscribers import names
from tests.subscribers.conftest import Known, Light, send_until_done, subscribe_at
from tests.subscribers.receiver import (
    Receiver,
    Reply,
    Taken,
    answer_twice,
    answering,
    take_it,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def _fake_names(settings: Settings) -> Iterator[None]:
    settings.SUBSCRIBER_RESOLVER = "tests.subscribers.names.resolve"
    yield
    names.KNOWN.clear()


def wait_for(is_so: Callable[[], object], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_connection_is_kept_between_turns(
    engine: Known, receiver: Receiver, light: Light
) -> None:
    for _ in range(4):
        light("")
        assert send_events() == 1
    assert receiver.connections == 1


# --- whose answer it is ---------------------------------------------------------------
def test_hints_are_no_answer(receiver: Receiver) -> None:
    """The real one follows; it is not that of the next post."""

    def hint(_taken: Taken, handler: BaseHTTPRequestHandler) -> Reply:
        for status in ("102 Processing", "103 Early Hints"):
            handler.wfile.write(f"HTTP/1.1 {status}\r\nLink: </a>\r\n\r\n".encode())
        return 500, {}, b"not well"

    receiver.behaviour, line = hint, Line(receiver.url)
    first = line.post(b"{}", {})
    assert (first.status, first.content) == (500, b"not well")
    receiver.behaviour = take_it
    assert line.post(b"{}", {}).status == 204
    assert receiver.connections == 1
    line.close()


@pytest.mark.parametrize(
    "said", [b"HTTP/1.1 103 Early Hints\r\n\r\n" * 50,
             b"HTTP/1.1 101 Switching Protocols\r\n\r\nHTTP/1.1 204 Taken\r\n\r\n"]
)  # fmt: skip
def test_hints_without_end_are_no_answer(receiver: Receiver, said: bytes) -> None:
    def hint(_taken: Taken, handler: BaseHTTPRequestHandler) -> Reply:
        handler.wfile.write(said)
        return 204, {}, b""

    receiver.behaviour, line = hint, Line(receiver.url)
    with pytest.raises(HTTPException):
        line.post(b"{}", {})
    receiver.behaviour = answering(500)
    assert line.post(b"{}", {}).status == 500
    assert receiver.connections == 2
    line.close()


def test_what_was_said_unasked_is_no_answer(receiver: Receiver) -> None:
    receiver.behaviour, line = answer_twice, Line(receiver.url)
    assert line.post(b"{}", {}).status == 204
    time.sleep(0.3)
    receiver.behaviour = answering(500)
    assert line.post(b"{}", {}).status == 500
    assert receiver.connections == 2
    line.close()


def test_the_watch_survives_a_line_that_breaks(
    engine: Known, receiver: Receiver, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    class Broken(Line):
        def cut_late(self, now: float) -> None:
            raise RuntimeError(f"At {now}")

    monkeypatch.setattr("subscribers.sending.lines.IDLE_FOR", 0.3)
    lines, key = Lines(), uuid4()
    lines._lines[key] = Broken(receiver.url)
    line = lines.line_to(engine.row)
    assert line.post(b"{}", {}).status == 204
    wait_for(lambda: "A line could not be looked after" in caplog.text)
    wait_for(lambda: not line._idle)
    with lines._lock:
        lines._lines.pop(key)
    wait_for(lambda: lines._watcher is None)


def test_what_rests_is_closed(
    engine: Known, receiver: Receiver, light: Light, monkeypatch: pytest.MonkeyPatch
) -> None:
    light("")
    send_events()
    line = LINES.line_to(engine.row)
    monkeypatch.setattr("subscribers.sending.lines.IDLE_FOR", 0.2)
    wait_for(lambda: not line._idle)
    wait_for(lambda: "lines" not in {thread.name for thread in threading.enumerate()})
    light("")
    assert send_events() == 1
    assert receiver.connections == 2


@pytest.mark.django_db(transaction=True)
def test_no_two_share_a_connection(
    engine: Known, receiver: Receiver, light: Light, demo_bank: Tenant,
    second_bank: Tenant, administrator: User,
) -> None:  # fmt: skip
    """Not even at one address: of one institution or of two."""
    others = [
        subscribe_at(receiver.url, bank, administrator)
        for bank in (demo_bank, second_bank)
    ]
    for bank in (demo_bank, second_bank):
        light("", tenant=bank)
    assert send_events() == 3
    assert receiver.connections == 3
    lines = {id(LINES.line_to(known.row)) for known in (engine, *others)}
    assert len(lines) == 3


def test_another_address_is_another_line(
    engine: Known, receiver: Receiver, light: Light, administrator: User
) -> None:
    light("")
    send_events()
    change_subscriber(
        engine.row.pk, name="Moved", url=receiver.url + "2", event_types=[],
        by=administrator, reason="Moved",
    )  # fmt: skip
    light("")
    assert send_events() == 1
    assert receiver.connections == 2


# --- names ----------------------------------------------------------------------------
@pytest.mark.usefixtures("_fake_names")
def test_a_kept_connection_does_not_outlive_what_is_known(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is asked for again, and its new address is checked again."""
    names.KNOWN["moves.example"] = iter([["127.0.0.1"], ["10.0.0.1"]])
    line = Line(f"http://moves.example:{receiver.port}/")
    for _ in range(2):
        assert line.post(b"{}", {}).status == 204, "known for a while, asked once"
    monkeypatch.setattr("subscribers.sending.lines.KNOWN_FOR", 0.0)
    line._known_until = 0.0
    with pytest.raises(RefusedAddressError):
        line.post(b"{}", {})
    assert receiver.connections == 1


@pytest.mark.usefixtures("_fake_names")
def test_threads_share_one_question(receiver: Receiver) -> None:
    names.KNOWN["once.example"] = iter([["127.0.0.1"]])
    line = Line(f"http://once.example:{receiver.port}/")
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: line.post(b"{}", {}).status, range(8)))
    assert found == [204] * 8


@pytest.fixture
def _silent_resolver(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Nobody answers where names are asked for, until the test is over."""
    is_over = threading.Event()

    settings.SUBSCRIBER_RESOLVER = "tests.subscribers.names.resolve"
    monkeypatch.setattr("subscribers.sending.addresses.RESOLVED_WITHIN", 0.2)
    names.SILENT["slow.example"] = is_over
    yield
    is_over.set()
    names.SILENT.clear()


@pytest.mark.usefixtures("_silent_resolver")
def test_a_name_is_asked_for_in_bounded_time() -> None:
    begun = time.monotonic()
    with pytest.raises(RefusedAddressError, match="Nobody said in time"):
        check_url("https://slow.example/")
    line = Line("https://slow.example/")
    with ThreadPoolExecutor(8) as threads:
        found = threads.map(lambda _: _fault_of(line), range(8))
    assert set(found) == {TimeoutError}
    assert time.monotonic() - begun < 2, "threads do not wait one after the other"


def _fault_of(line: Line) -> type[Exception] | None:
    try:
        line.post(b"{}", {})
    except OSError as error:
        return type(error)
    return None


def test_a_handshake_that_never_ends_is_cut(
    demo_bank: Tenant, administrator: User, light: Light
) -> None:
    """It takes the connection, and says nothing of TLS."""
    send_events()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        known = subscribe_at(f"https://127.0.0.1:{port}/", demo_bank, administrator)
        light("")
        begun = time.monotonic()
        assert send_events() == 0
        assert time.monotonic() - begun < 3
    [message] = known.messages()
    assert (message.status, message.attempts_made) == ("due", 1)


# --- order, while much is under way ---------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_one_slow_customer_holds_up_no_other_and_keeps_its_order(
    engine: Known, receiver: Receiver, light: Light, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several claims overlap; of one customer never two messages do."""
    monkeypatch.setattr("subscribers.sending.queue.BATCH", 10)
    monkeypatch.setattr("subscribers.sending.serving.BATCH", 10)
    slow, under_way, lock = str(uuid4()), Counter[str](), threading.Lock()
    doubled: list[str] = []

    def watch(taken: Taken, handler: BaseHTTPRequestHandler) -> Reply:
        who = str(taken.event.get("subject"))
        with lock:
            under_way[who] += 1
            doubled.extend([who] * (under_way[who] > 1))
        time.sleep(0.3 if who == slow else 0.002)
        with lock:
            under_way[who] -= 1
        return take_it(taken, handler)

    receiver.behaviour = watch
    people = [slow, *(str(uuid4()) for _ in range(8))]
    lit = [(who, str(light(who).pk)) for _ in range(5) for who in people]
    send_until_done(engine)
    assert not doubled
    for who in people:
        assert receiver.of(who) == [key for name, key in lit if name == who]
    order = [taken.event.get("subject") for taken in receiver.taken]
    assert len(order) - order[::-1].index(people[1]) < order.index(slow) + 45 - 2
    assert not Message.objects.exclude(status="done").exists()
