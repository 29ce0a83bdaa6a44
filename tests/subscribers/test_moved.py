"""What an old address did says nothing of the new one; a pause gives nothing up."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from subscribers.feed.placing import place_events
from subscribers.models import Attempt, Message, Stand, Subscriber
from subscribers.sending.leases import BREAKS_AFTER, Served, give_back, take
from subscribers.sending.queue import claim
from subscribers.sending.recording import GIVEN_UP_AFTER, Outcome, record
from subscribers.sending.sweep import send_events
from subscribers.services import (
    allow_restricted,
    change_subscriber,
    note_gone,
    pause_subscriber,
    replay,
    resume_subscriber,
)
from tenants.models import User
from tests.subscribers.conftest import Known, Light, send_until_done
from tests.subscribers.receiver import Receiver, answering, take_it

pytestmark = pytest.mark.django_db


def move(known: Known, receiver: Receiver, by: User, **said: object) -> None:
    asked = {"name": "Moved", "url": f"{receiver.url}2", "event_types": [], **said}
    change_subscriber(known.row.pk, by=by, reason="Moved", **asked)  # type: ignore[arg-type]


def begun(known: Known) -> tuple[Served, list[Message]]:
    """A turn that has claimed what waits, and posted nothing yet."""
    while place_events():
        pass
    served = take(known.row.pk)
    assert served
    claimed = claim(served)
    assert claimed
    return served, claimed.messages


def refused(message: Message, seconds: float | None = None) -> Outcome:
    at = timezone.now()
    attempt = Attempt(message=message, at=at, milliseconds=1, error="Answered 503.")
    return Outcome(message, attempt, retry_after=seconds)


# --- another address ------------------------------------------------------------------
def test_a_corrected_address_is_tried_at_once(
    engine: Known, receiver: Receiver, light: Light, administrator: User
) -> None:
    receiver.behaviour = answering(503, Retry_After="86400")
    light(str(uuid4()))
    send_events()
    Stand.objects.update(failures=BREAKS_AFTER, troubled_since=timezone.now())
    assert engine.stand.next_try_at
    receiver.behaviour = take_it
    move(engine, receiver, administrator)
    stand = engine.stand
    assert (stand.failures, stand.next_try_at, stand.troubled_since) == (0, None, None)
    assert send_events() == 1


def test_another_name_forgets_no_trouble(
    engine: Known, receiver: Receiver, light: Light, administrator: User
) -> None:
    receiver.behaviour = answering(503, Retry_After="86400")
    light("")
    send_events()
    move(engine, receiver, administrator, url=receiver.url)
    assert engine.stand.next_try_at
    assert send_events() == 0


def test_what_was_under_way_to_the_old_address_does_not_count(
    engine: Known, receiver: Receiver, light: Light, administrator: User
) -> None:
    for _ in range(BREAKS_AFTER + 1):
        light(str(uuid4()))
    served, messages = begun(engine)
    long_ago = timezone.now() - GIVEN_UP_AFTER
    Message.objects.filter(pk=messages[1].pk).update(first_tried_at=long_ago)
    messages[1].first_tried_at = long_ago
    move(engine, receiver, administrator)
    taken, *others = messages
    at = timezone.now()
    attempt = Attempt(message=taken, at=at, milliseconds=1, status_code=204)
    outcomes = [Outcome(taken, attempt, is_taken=True)]
    assert record(served, [*outcomes, *(refused(each, 86_400) for each in others)])
    give_back(served)
    stand = engine.stand
    assert (stand.failures, stand.next_try_at, stand.troubled_since) == (0, None, None)
    assert Attempt.objects.count() == len(messages), (
        "every attempt is kept all the same"
    )
    assert send_events() == len(others), "all are due at once, none is given up"
    assert {m.attempts_made for m in engine.messages()} == {1}


def test_the_old_address_is_gone_and_not_the_new_one(
    engine: Known, receiver: Receiver, administrator: User
) -> None:
    """Staff corrected it while the old one still answered."""
    move(engine, receiver, administrator)
    note_gone(engine.row.pk, receiver.url)
    engine.row.refresh_from_db()
    assert engine.row.status == "active"
    note_gone(engine.row.pk, engine.row.url)
    engine.row.refresh_from_db()
    assert engine.row.status == "paused"


# --- pause, then resume ---------------------------------------------------------------
def test_a_pause_gives_nothing_up(
    engine: Known, receiver: Receiver, light: Light, administrator: User
) -> None:
    receiver.behaviour = answering(503)
    light(str(uuid4()))
    send_events()
    pause_subscriber(engine.row.pk, by=administrator, reason="Moves house")
    Message.objects.update(first_tried_at=timezone.now() - timedelta(days=4))
    resume_subscriber(engine.row.pk, by=administrator, reason="Has moved")
    send_events()
    [message] = engine.messages()
    assert (message.status, message.attempts_made) == ("due", 1)
    receiver.behaviour = take_it
    send_until_done(engine)


@pytest.mark.parametrize("is_dead", [True, False])
def test_nor_what_was_under_way_when_it_began(
    engine: Known, receiver: Receiver, light: Light, administrator: User, *,
    is_dead: bool,
) -> None:  # fmt: skip
    """Its worker died, or tells what came of it when it is resumed already."""
    light(str(uuid4()))
    served, [message] = begun(engine)
    pause_subscriber(engine.row.pk, by=administrator, reason="Moves house")
    long_ago = timezone.now() - timedelta(days=4)
    Message.objects.update(first_tried_at=long_ago)
    message.first_tried_at = long_ago
    resume_subscriber(engine.row.pk, by=administrator, reason="Has moved")
    if is_dead:
        receiver.behaviour = answering(503)
        give_back(served)
        send_events()
    else:
        assert record(served, [refused(message)])
    [message] = engine.messages()
    assert message.status == "due"


def test_what_is_not_tried_after_all_counts_no_try(
    engine: Known, light: Light, administrator: User
) -> None:
    """A count below nothing would keep all that came of the turn from being kept."""
    light(str(uuid4()))
    served, [message] = begun(engine)
    pause_subscriber(engine.row.pk, by=administrator, reason="Moves house")
    resume_subscriber(engine.row.pk, by=administrator, reason="Has moved")
    assert record(served, [Outcome(message)])
    message.refresh_from_db()
    assert (message.status, message.attempts_made) == ("due", 0)
    assert message.first_tried_at is None


# --- replays --------------------------------------------------------------------------
def test_a_replay_asks_little_however_much_there_is(
    engine: Known, light: Light, administrator: User
) -> None:
    """Nothing is read into memory, nor once for each message."""
    since = timezone.now()

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            replay(engine.row.pk, since=since, by=administrator, reason="Lost")
        return len(queries)

    light(str(uuid4()))
    send_until_done(engine)
    few = asked()
    for _ in range(12):
        light(str(uuid4()))
    send_until_done(engine)
    assert asked() == few


def test_a_replay_counts_and_sends_what_is_wanted_alone(
    engine: Known, receiver: Receiver, light: Light, administrator: User
) -> None:
    since = timezone.now()
    allow_restricted(engine.row.pk, is_allowed=True, by=administrator, reason="Agreed")
    lit, _ = light(str(uuid4())), light(str(uuid4()), hidden=True)
    send_until_done(engine)
    allow_restricted(engine.row.pk, is_allowed=False, by=administrator, reason="Over")
    receiver.taken.clear()

    def again() -> int:
        return replay(engine.row.pk, since=since, by=administrator, reason="Lost")

    assert again() == 1, "none that is restricted"
    send_until_done(engine)
    assert receiver.ids() == [str(lit.pk)]
    Subscriber.objects.update(event_types=["CustomerVerified"])
    assert again() == 0, "nor one of another type"
    Subscriber.objects.update(event_types=["LampLit"])
    assert again() == 1
