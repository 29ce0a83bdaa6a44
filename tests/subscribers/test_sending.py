"""Webhooks: signed, in order for each customer, until they are taken."""

import random
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from subscribers.feed.placing import place_events
from subscribers.models import Attempt, Message, Stand, Subscriber
from subscribers.sending import serving
from subscribers.sending.leases import BREAKS_AFTER, renew, take
from subscribers.sending.posting import LONGEST_WAIT
from subscribers.sending.queue import claim
from subscribers.sending.recording import GIVEN_UP_AFTER, Outcome, record
from subscribers.sending.signing import headers_for
from subscribers.sending.sweep import send_events
from subscribers.services import (
    allow_restricted,
    change_subscriber,
    pause_subscriber,
    replay,
    resume_subscriber,
    rotate_secret,
    send_again,
    send_test,
)
from tenants.models import Tenant, User
from tests.subscribers.conftest import (
    Known,
    Light,
    hurry,
    send_until_done,
    subscribe_at,
)
from tests.subscribers.receiver import (
    Receiver,
    Reply,
    Taken,
    answering,
    running_receiver,
    take_it,
)

pytestmark = pytest.mark.django_db


def is_signed(taken: Taken, secret: str) -> bool:
    try:
        Webhook(secret).verify(taken.body, taken.headers)
    except WebhookVerificationError:
        return False
    return True


# --- the message ----------------------------------------------------------------------
def test_a_library_of_others_verifies_it(
    engine: Known, receiver: Receiver, light: Light
) -> None:
    event = light(str(uuid4()))
    assert send_events() == 1
    [taken] = receiver.taken
    found = Webhook(engine.secret).verify(taken.body, taken.headers)
    assert found["id"] == str(event.pk)
    assert found["type"] == "vestibule.lamp_lit"
    assert b"in confidence" not in taken.body, "what staff wrote stays in the house"
    assert taken.headers["content-type"] == "application/cloudevents+json"
    [message] = engine.messages()
    assert (message.status, message.webhook_id) == ("done", taken.webhook_id)
    attempt = Attempt.objects.get()
    assert (attempt.status_code, attempt.error) == (204, "")


def test_a_changed_body_or_another_secret_is_refused(
    engine: Known, receiver: Receiver, light: Light
) -> None:
    light("")
    send_events()
    [taken] = receiver.taken
    assert not is_signed(Taken(taken.headers, taken.body + b" "), engine.secret)
    other = "whsec_" + "QUFB" * 11
    assert not is_signed(taken, other)


def test_an_old_message_is_no_more_accepted() -> None:
    """The window of five minutes is the receiver's: the signed time lets it check."""
    secret, body = "whsec_" + "QUFB" * 11, b"{}"
    for minutes, is_good in ((0, True), (4, True), (6, False)):
        at = timezone.now() - timedelta(minutes=minutes)
        headers = headers_for("msg_1", at, body, [secret])
        assert is_signed(Taken(headers, body), secret) is is_good
    fresh = str(int(timezone.now().timestamp()))
    forged = {**headers, "webhook-timestamp": fresh}
    assert not is_signed(Taken(forged, body), secret), "the time is signed"


def test_secrets_overlap_until_the_old_one_ends(
    engine: Known, receiver: Receiver, light: Light, administrator: User
) -> None:
    later = timezone.now() + timedelta(hours=1)
    new = rotate_secret(
        engine.row.pk, old_ends_at=later, by=administrator, reason="Yearly"
    )
    light("")
    send_events()
    assert is_signed(receiver.taken[0], engine.secret)
    assert is_signed(receiver.taken[0], new)
    engine.row.secrets.filter(ends_at=later).update(ends_at=timezone.now())
    light("")
    send_events()
    assert not is_signed(receiver.taken[1], engine.secret)
    assert is_signed(receiver.taken[1], new)
    version = Subscriber.history.filter(id=engine.row.pk).first()
    assert version.history_change_reason == "New secret: Yearly"
    assert version.history_user == administrator


def test_secrets_are_encrypted_and_in_no_version(engine: Known) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM subscribers_secret")
        assert engine.secret[6:] not in str(cursor.fetchall())
        cursor.execute("SELECT * FROM subscribers_subscriberversion")
        assert "whsec_" not in str(cursor.fetchall())


@pytest.mark.django_db(transaction=True)
def test_only_what_was_asked_for_is_sent(
    receiver: Receiver, demo_bank: Tenant, administrator: User, light: Light,
    second_bank: Tenant,
) -> None:  # fmt: skip
    send_events()
    hidden_too = subscribe_at(receiver.url, demo_bank, administrator)
    subscribe_at(
        receiver.url, demo_bank, administrator, event_types=["CustomerVerified"]
    )
    lit = light("")
    light("", tenant=second_bank)
    hidden = light("", hidden=True)
    send_events()
    assert receiver.ids() == [str(lit.pk)]
    allow_restricted(
        hidden_too.row.pk, is_allowed=True, by=administrator, reason="Agreed"
    )
    second = light("", hidden=True)
    send_events()
    assert receiver.ids() == [str(lit.pk), str(second.pk)], "not those of before"
    assert str(hidden.pk) not in receiver.ids()


def test_leave_for_restricted_events_ends_with_the_address(
    engine: Known, receiver: Receiver, administrator: User, light: Light
) -> None:
    allow_restricted(engine.row.pk, is_allowed=True, by=administrator, reason="Agreed")
    receiver.behaviour = answering(500)
    light("", hidden=True)
    send_events()
    receiver.behaviour = take_it
    changed = change_subscriber(
        engine.row.pk, name="Moved", url=receiver.url + "2", event_types=[],
        by=administrator, reason="Moved",
    )  # fmt: skip
    assert not changed.is_restricted
    hurry(engine)
    assert send_events() == 0
    assert [m.status for m in engine.messages()] == ["withdrawn"]


def test_what_is_chosen_no_more_is_withdrawn(
    engine: Known, receiver: Receiver, administrator: User, light: Light
) -> None:
    """Also what was given up: nobody could send it again."""
    receiver.behaviour = answering(500)
    light(str(uuid4()))
    given_up, taken = light(str(uuid4())), light(str(uuid4()))
    send_events()
    send_test(engine.row.pk, by=administrator)
    Message.objects.filter(event=given_up).update(status="failed")
    Message.objects.filter(event=taken).update(status="done")
    hurry(engine)
    receiver.taken.clear()
    receiver.behaviour = take_it
    change_subscriber(
        engine.row.pk, name="Fewer", url=receiver.url, by=administrator,
        event_types=["CustomerVerified"], reason="Asked for less",
    )  # fmt: skip
    reason = engine.row.history.first().history_change_reason
    assert reason == "Asked for less (2 messages withdrawn)"
    send_until_done(engine)
    assert [each.event["type"] for each in receiver.taken] == ["vestibule.test"]
    statuses = {m.event_id: m.status for m in engine.messages()}
    assert statuses.pop(taken.pk) == statuses.pop(None) == "done"
    assert list(statuses.values()) == ["withdrawn"] * 2
    assert engine.row not in Subscriber.objects.troubled()


def test_what_is_withdrawn_on_its_way_does_not_come_back(
    engine: Known, receiver: Receiver, administrator: User, light: Light
) -> None:
    for _ in range(3):
        light(str(uuid4()))
    while place_events():
        pass
    served = take(engine.row.pk)
    assert served
    claimed = claim(served)
    assert claimed
    change_subscriber(
        engine.row.pk, name="Fewer", url=receiver.url, by=administrator,
        event_types=["CustomerVerified"], reason="Asked for less",
    )  # fmt: skip
    assert claim(served) is None
    untried, refused, taken = claimed.messages
    now = timezone.now()
    attempts = [
        Attempt(message=message, at=now, milliseconds=1, error=error)
        for message, error in ((refused, "Answered 500."), (taken, ""))
    ]
    assert record(
        served,
        [
            Outcome(untried),
            Outcome(refused, attempts[0]),
            Outcome(taken, attempts[1], is_taken=True),
        ],
    )
    found = {message.pk: message.status for message in engine.messages()}
    assert (found[untried.pk], found[refused.pk]) == ("withdrawn", "withdrawn")
    assert found[taken.pk] == "done", "that it came is a fact"


@pytest.mark.django_db(transaction=True)
def test_a_change_waits_for_whoever_reads_the_feed(
    engine: Known, receiver: Receiver, administrator: User, light: Light
) -> None:
    """Else a message of what is chosen no more is made after the others went."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time.")
    light(str(uuid4()))
    while place_events():
        pass
    served = take(engine.row.pk)
    assert served
    has_changed = threading.Event()

    def change() -> None:
        try:
            with transaction.atomic():
                change_subscriber(
                    engine.row.pk, name="Fewer", url=receiver.url, by=administrator,
                    event_types=["CustomerVerified"], reason="Asked for less",
                )  # fmt: skip
                has_changed.set()
                time.sleep(1)  # the other one asks meanwhile
        finally:
            connection.close()

    slow = threading.Thread(target=change)
    slow.start()
    assert has_changed.wait(20)
    claimed = claim(served)
    slow.join()
    assert claimed is None
    assert engine.messages() == []


def test_a_test_event(engine: Known, receiver: Receiver, administrator: User) -> None:
    send_test(engine.row.pk, by=administrator)
    send_events()
    assert receiver.taken[0].event["type"] == "vestibule.test"
    assert is_signed(receiver.taken[0], engine.secret)


# --- order ----------------------------------------------------------------------------
def test_a_later_event_of_the_customer_waits_and_others_go_on(
    engine: Known, receiver: Receiver, light: Light
) -> None:
    slow, other = str(uuid4()), str(uuid4())

    def refuse_slow(taken: Taken, _handler: BaseHTTPRequestHandler) -> Reply:
        return (500 if taken.event.get("subject") == slow else 204), {}, b""

    receiver.behaviour = refuse_slow
    first, second = light(slow), light(slow)
    others = [light(other), light(other)]
    send_events()
    assert receiver.of(slow) == [str(first.pk)]
    assert receiver.of(other) == [str(event.pk) for event in others]
    waiting = Message.objects.get(event=second)
    assert (waiting.status, waiting.attempts_made) == ("due", 0)
    send_events()
    assert receiver.of(slow) == [str(first.pk)], "neither is tried before its time"
    receiver.behaviour = take_it
    send_until_done(engine)
    assert receiver.of(slow) == [str(first.pk), str(first.pk), str(second.pk)]


@pytest.mark.django_db(transaction=True)
def test_the_order_holds_under_failures_and_parallel_workers(
    engine: Known, receiver: Receiver, light: Light
) -> None:
    people = [str(uuid4()) for _ in range(6)]
    dice, lock = random.Random(7), threading.Lock()

    def refuse_some(_taken: Taken, _handler: BaseHTTPRequestHandler) -> Reply:
        with lock:
            return (503 if dice.random() < 0.2 else 204), {}, b""

    receiver.behaviour = refuse_some
    lit = [(who, light(who)) for _ in range(8) for who in people]

    def work() -> None:
        try:
            for _ in range(25):
                send_events()
                hurry(engine)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    receiver.behaviour = take_it
    send_until_done(engine, most=60)
    for who in people:
        said = list(dict.fromkeys(receiver.of(who)))
        assert said == [str(event.pk) for name, event in lit if name == who]
        # A repeat is of the one before: nothing goes back.
        places = [said.index(each) for each in receiver.of(who)]
        assert places == sorted(places)
    assert {m.status for m in engine.messages()} == {"done"}


def test_retries_keep_the_id(engine: Known, receiver: Receiver, light: Light) -> None:
    receiver.behaviour = answering(500, b"call +233 24 412 3456 or ama@mail.example")
    light("")
    send_events()
    receiver.behaviour = take_it
    send_until_done(engine)
    first, second = receiver.taken
    assert first.webhook_id == second.webhook_id
    assert first.body == second.body
    attempt = Attempt.objects.earliest("id")
    assert (attempt.status_code, attempt.error) == (500, "Answered 500.")
    assert attempt.answer == "call … or …", "nothing personal is kept"


# --- trouble --------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_a_subscriber_that_is_down_loses_nothing_and_holds_nobody_up(
    engine: Known, receiver: Receiver, light: Light, demo_bank: Tenant,
    administrator: User,
) -> None:  # fmt: skip
    with running_receiver(answering(500)) as down:
        other = subscribe_at(down.url, demo_bank, administrator)
        lit = [str(light(str(uuid4())).pk) for _ in range(30)]
        send_events()
        assert sorted(receiver.ids()) == sorted(lit)
        tried = len(down.taken)
        assert tried < 30, "the circuit breaks in the middle of a batch"
        assert other.stand.failures >= BREAKS_AFTER
        assert other.stand.troubled_since
        assert send_events() == 0
        assert len(down.taken) == tried, "left alone for a while"
        hurry(other)
        send_events()
        assert len(down.taken) == tried + 1, "then one probe at a time"
        down.behaviour = take_it
        Stand.objects.filter(subscriber=other.row).update(next_try_at=None)
        Message.objects.filter(subscriber=other.row, attempts_made=0).update(
            due_at=timezone.now()
        )
        send_events()
        send_events()
        assert {m.status for m in other.messages()} == {"done"}, "all are woken at once"
        assert set(down.ids()) == set(lit)
        assert other.stand.failures == 0
        assert other.stand.troubled_since is None


def test_three_days_and_it_is_given_up(
    engine: Known, receiver: Receiver, light: Light
) -> None:
    customer = str(uuid4())
    receiver.behaviour = answering(500)
    first, second = light(customer), light(customer)
    send_events()
    Message.objects.filter(event=first).update(
        first_tried_at=timezone.now() - GIVEN_UP_AFTER
    )
    hurry(engine)
    send_events()
    assert Message.objects.get(event=first).status == "failed"
    assert engine.row in Subscriber.objects.troubled()
    receiver.behaviour = take_it
    send_until_done(engine)
    assert receiver.of(customer)[-1] == str(second.pk), "the next ones go on"


def test_gone_pauses(engine: Known, receiver: Receiver, light: Light) -> None:
    receiver.behaviour = answering(410)
    light("")
    send_events()
    engine.row.refresh_from_db()
    assert engine.row.status == "paused"
    assert (
        engine.row.history.first().history_change_reason == "Answered 410 Gone: paused"
    )
    assert [m.status for m in engine.messages()] == ["due"], "nothing is lost"


@pytest.mark.parametrize(
    ("status", "said", "seconds"),
    [(429, "120", 120), (503, "120", 120), (503, "999999999", LONGEST_WAIT),
     (503, "Fri, 31 Dec 2999 23:59:59 GMT", LONGEST_WAIT), (503, "-5", None),
     (503, "soon", None), (500, "120", None)],
)  # fmt: skip
def test_retry_after_is_honoured(
    engine: Known, receiver: Receiver, light: Light, status: int, said: str,
    seconds: float | None,
) -> None:  # fmt: skip
    receiver.behaviour = answering(status, Retry_After=said)
    light("")
    send_events()
    next_try_at = engine.stand.next_try_at
    if seconds is None:
        assert next_try_at is None
        return
    assert next_try_at is not None
    wait = (next_try_at - timezone.now()).total_seconds()
    assert seconds - 10 < wait <= seconds
    light("")
    send_events()
    assert len(receiver.taken) == 1, "all of its messages wait"


def trickle(_taken: Taken, handler: BaseHTTPRequestHandler) -> None:
    """A byte now and then: each read is in time, all of them never end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(100):
        handler.wfile.write(b".")
        handler.wfile.flush()
        time.sleep(0.2)


def garbage(_taken: Taken, handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"\x00\xffhello\r\n\r\n")


def hang(_taken: Taken, _handler: BaseHTTPRequestHandler) -> None:
    time.sleep(3)


def hang_up(_taken: Taken, handler: BaseHTTPRequestHandler) -> None:
    handler.connection.close()


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (hang, "No answer in time."),
        (trickle, ""),
        (garbage, "The answer is no HTTP, or was cut off."),
        (hang_up, ""),
        (answering(302, Location="http://127.0.0.1:1/"),
         "Answered 302; redirects are not followed."),
        (answering(404), "Answered 404."),
    ],
)  # fmt: skip
def test_odd_receivers(
    engine: Known, receiver: Receiver, light: Light, behaviour: Any, error: str
) -> None:
    receiver.behaviour = behaviour
    light("")
    begun = time.monotonic()
    send_events()
    assert time.monotonic() - begun < 2.5
    [message] = engine.messages()
    assert (message.status, message.attempts_made) == ("due", 1)
    assert message.last_error
    assert error in ("", message.last_error)


def test_an_answer_without_end_is_not_read(
    engine: Known, receiver: Receiver, light: Light
) -> None:
    receiver.behaviour = answering(200, b"x" * 5_000_000)
    light("")
    assert send_events() == 1
    assert len(Attempt.objects.get().answer) == 500


def test_connections_are_kept(engine: Known, receiver: Receiver, light: Light) -> None:
    for _ in range(200):
        light(str(uuid4()))
    assert send_events() == 200
    assert receiver.connections <= serving.THREADS


def test_a_closed_connection_is_made_anew(
    engine: Known, receiver: Receiver, light: Light
) -> None:
    """They close an idle one without a word: that is no failure."""

    def close_silently(taken: Taken, handler: BaseHTTPRequestHandler) -> Reply:
        handler.close_connection = True
        return take_it(taken, handler)

    receiver.behaviour = close_silently
    customer = str(uuid4())
    for _ in range(5):
        light(customer)
    assert send_events() == 5


def test_nothing_secret_is_logged(
    engine: Known, receiver: Receiver, light: Light, caplog: pytest.LogCaptureFixture,
    administrator: User,
) -> None:  # fmt: skip
    """Of an address, a key may be part; of a message, a signature is."""
    caplog.set_level("DEBUG")
    change_subscriber(
        engine.row.pk, name="Keyed", url=receiver.url + "?key=tell-nobody",
        event_types=[], by=administrator, reason="They want a key",
    )  # fmt: skip
    for behaviour in (answering(500), garbage, hang_up, take_it):
        receiver.behaviour = behaviour
        hurry(engine)
        light("")
        send_events()
    assert receiver.taken[-1].headers["webhook-signature"]
    errors = " ".join(Attempt.objects.values_list("error", flat=True))
    for said in (caplog.text, errors):
        assert "tell-nobody" not in said
        assert engine.secret not in said
        assert receiver.taken[-1].headers["webhook-signature"] not in said


# --- leases ---------------------------------------------------------------------------
def test_one_worker_at_a_time_serves_a_subscriber(engine: Known, light: Light) -> None:
    light("")
    send_until_done(engine)
    held = take(engine.row.pk)
    assert held is not None
    assert take(engine.row.pk) is None
    Stand.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    successor = take(engine.row.pk)
    assert successor is not None
    assert not renew(held), "the first has lost it"
    assert renew(successor)


def test_whoever_lost_the_lease_records_nothing(engine: Known, light: Light) -> None:
    light("")
    send_until_done(engine)
    light("")
    from subscribers.feed.placing import place_events

    place_events()
    held = take(engine.row.pk)
    assert held is not None
    claimed = claim(held)
    assert claimed is not None
    Stand.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert take(engine.row.pk) is not None
    outcomes = [
        Outcome(m, Attempt(message=m, at=timezone.now(), milliseconds=1), is_taken=True)
        for m in claimed.messages
    ]
    assert len(outcomes) == 1
    assert not record(held, outcomes)
    assert claim(held) is None
    assert Message.objects.latest("id").status == "due"


# --- what staff do --------------------------------------------------------------------
def test_paused_sends_nothing_and_resumed_all(
    engine: Known, receiver: Receiver, light: Light, administrator: User
) -> None:
    pause_subscriber(engine.row.pk, by=administrator, reason="Moves house")
    lit = light("")
    assert send_events() == 0
    resume_subscriber(engine.row.pk, by=administrator, reason="Has moved")
    send_events()
    assert receiver.ids() == [str(lit.pk)]


def test_one_is_sent_again(
    engine: Known, receiver: Receiver, light: Light, administrator: User
) -> None:
    light("")
    send_events()
    [message] = engine.messages()
    send_again(message.pk, by=administrator, reason="They lost it")
    send_events()
    assert len({taken.webhook_id for taken in receiver.taken}) == 1
    assert len(receiver.taken) == 2


def test_replay_sends_in_order_what_was_before(
    receiver: Receiver, light: Light, administrator: User, demo_bank: Tenant
) -> None:
    """Also what happened before there was a subscriber."""
    send_events()
    since, customer = timezone.now(), str(uuid4())
    before = light(customer)
    send_events()
    known = subscribe_at(receiver.url, demo_bank, administrator)
    after = light(customer)
    send_until_done(known)
    assert receiver.ids() == [str(after.pk)]
    replay(known.row.pk, since=since, by=administrator, reason="They start anew")
    send_until_done(known)
    assert receiver.of(customer) == [str(e.pk) for e in (after, before, after)]


def test_open_messages_have_an_end(
    engine: Known, receiver: Receiver, light: Light, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The feed is the queue of who is down for long."""
    monkeypatch.setattr("subscribers.sending.queue.MOST_OPEN", 3)
    monkeypatch.setattr("subscribers.sending.queue.READ_AT_ONCE", 2)
    receiver.behaviour = answering(500)
    for _ in range(10):
        light(str(uuid4()))
    for _ in range(8):
        send_events()
        hurry(engine)
    assert len(engine.messages()) == 4
    receiver.behaviour = take_it
    send_until_done(engine, most=30)
    assert len(set(receiver.ids())) == 10
