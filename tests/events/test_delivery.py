"""One delivery at a time, retried until done, whatever happens to the workers."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError
from django.test import override_settings
from django.utils import timezone

from common.errors import DomainError
from events.delivery import (
    BACKOFF,
    claim,
    due_ids,
    run,
    run_due,
)
from events.events import GiveUpError, RetryLaterError
from events.models import Delivery, Heartbeat
from events.services import retry_delivery
from events.sweeps import SWEEPS, sweep
from events.tasks import run_sweep, sweep_deliveries
from tenants.models import User
from tests.conftest import race
from tests.events.conftest import (
    BoxOpened,
    PublishOne,
    Subscribe,
    end_lease,
    make_due,
)


def _seconds_until(delivery: Delivery) -> float:
    return (delivery.due_at - timezone.now()).total_seconds()


def test_done_is_recorded(
    publish_one: PublishOne, subscribe_for_now: Subscribe
) -> None:
    seen: list[BoxOpened] = []
    subscribe_for_now(seen.append)
    delivery = publish_one("a")
    assert run(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.DONE
    assert delivery.done_at
    assert (delivery.lease, delivery.leased_until) == (None, None)
    assert not run(delivery.pk), "done once is done for ever"
    assert seen == [BoxOpened(box="a")]


@pytest.mark.django_db(transaction=True)
def test_of_racing_workers_one_delivers(
    publish_one: PublishOne, subscribe_for_now: Subscribe
) -> None:
    seen: list[str] = []
    subscribe_for_now(lambda event: seen.append(event.box))
    boxes = [str(number) for number in range(8)]
    for box in boxes:
        delivery = publish_one(box)
        results = race(*[partial(run, delivery.pk)] * 3)
        assert sorted(results) == [False, False, True]
    assert seen == boxes
    assert not Delivery.objects.exclude(status="done", attempts=1).exists()


@pytest.mark.django_db(transaction=True)
def test_workers_racing_through_the_queue_deliver_all_once(
    publish_one: PublishOne, subscribe_for_now: Subscribe
) -> None:
    seen: list[str] = []
    subscribe_for_now(lambda event: seen.append(event.box))
    boxes = [str(number) for number in range(20)]
    for box in boxes:
        publish_one(box)
    assert sum(race(run_due, run_due, run_due)) == len(boxes)
    assert sorted(seen) == sorted(boxes)


@pytest.mark.parametrize("late_one_fails", [False, True])
def test_who_lost_the_lease_records_nothing(
    publish_one: PublishOne, subscribe_for_now: Subscribe, *, late_one_fails: bool
) -> None:
    """The first is so slow that a second takes over and finishes before it."""
    runs: list[str] = []

    def open_box(event: BoxOpened) -> None:
        runs.append(event.box)
        if len(runs) > 1:
            return
        end_lease(delivery)
        assert run(delivery.pk), "the second worker takes the delivery over"
        Delivery.objects.filter(pk=delivery.pk).update(done_at=long_ago)
        if late_one_fails:
            raise RuntimeError("Too late to matter")

    long_ago = timezone.now() - timedelta(days=1)
    subscribe_for_now(open_box)
    delivery = publish_one()
    run(delivery.pk)
    delivery.refresh_from_db()
    assert len(runs) == 2
    assert delivery.status == Delivery.Status.DONE
    assert delivery.done_at == long_ago, "the late one wrote over the second's record"
    assert (delivery.last_error, delivery.attempts) == ("", 2)


def test_who_lost_the_lease_leaves_it_to_the_second(
    publish_one: PublishOne, subscribe_for_now: Subscribe
) -> None:
    second: list[object] = []

    def open_box(_: BoxOpened) -> None:
        end_lease(delivery)
        second.append(claim(delivery.pk))

    subscribe_for_now(open_box)
    delivery = publish_one()
    run(delivery.pk)
    delivery.refresh_from_db()
    assert second[0] is not None
    assert delivery.status == Delivery.Status.RUNNING


def test_a_leased_delivery_is_not_taken(
    publish_one: PublishOne, subscribe_for_now: Subscribe
) -> None:
    subscribe_for_now(lambda _: None)
    delivery = publish_one()
    assert claim(delivery.pk)
    assert claim(delivery.pk) is None
    assert due_ids() == []
    end_lease(delivery)
    assert due_ids() == [delivery.pk]
    assert claim(delivery.pk)


def test_the_lease_lasts_as_long_as_the_settings_say(
    publish_one: PublishOne, subscribe_for_now: Subscribe
) -> None:
    subscribe_for_now(lambda _: None)
    delivery = publish_one()
    with override_settings(DELIVERY_LEASE_SECONDS=77):
        claim(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.leased_until is not None
    left = (delivery.leased_until - timezone.now()).total_seconds()
    assert 70 < left <= 77


def test_waits_grow_by_the_table_and_end_on_staffs_list(
    publish_one: PublishOne, subscribe_for_now: Subscribe
) -> None:
    def fail(_: BoxOpened) -> None:
        raise RuntimeError("No")

    subscribe_for_now(fail)
    delivery = publish_one()
    for number, seconds in enumerate(BACKOFF, start=1):
        assert not run(delivery.pk)
        delivery.refresh_from_db()
        assert delivery.status == Delivery.Status.DUE
        assert delivery.attempts == number
        assert 0.9 * seconds - 2 < _seconds_until(delivery) <= 1.1 * seconds
        assert not run(delivery.pk), "not due yet"
        make_due(delivery)
    assert not run(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.FAILED
    assert delivery.last_error == "RuntimeError: No"
    assert due_ids() == []
    assert list(Delivery.objects.stuck()) == [delivery]


def test_the_plan_lasts_about_two_days() -> None:
    assert list(BACKOFF) == sorted(BACKOFF)
    assert BACKOFF[0] <= 5, "a hiccup is over in seconds"
    assert timedelta(hours=36) < timedelta(seconds=sum(BACKOFF)) < timedelta(days=3)


@pytest.mark.django_db(transaction=True)
def test_nine_failures_then_success_is_one_effect(
    publish_one: PublishOne, subscribe_for_now: Subscribe
) -> None:
    tries: list[str] = []

    def open_box(event: BoxOpened) -> None:
        tries.append(event.box)
        if len(tries) < 10:
            raise ConnectionError("The outside is down")
        Heartbeat.objects.create(name=f"box {event.box}", seen_at=timezone.now())

    subscribe_for_now(open_box)
    delivery = publish_one()
    for _ in range(15):
        run_due()
        make_due(delivery)
    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.DONE
    assert delivery.attempts == len(tries) == 10
    assert delivery.last_error == ""
    assert Heartbeat.objects.filter(name="box a").count() == 1


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        (None, 1, 3),
        (0, 1, 3),
        (1, 1, 3),
        (600, 595, 601),
        (10**12, 86_000, 86_401),
        (float("inf"), 86_000, 86_401),
    ],
)
def test_retry_later_waits_at_least_as_asked_but_not_for_ever(
    publish_one: PublishOne,
    subscribe_for_now: Subscribe,
    asked: float | None,
    least: float,
    most: float,
) -> None:
    def open_box(_: BoxOpened) -> None:
        raise RetryLaterError("The provider is busy", seconds=asked)

    subscribe_for_now(open_box)
    delivery = publish_one()
    assert not run(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.DUE
    assert least <= _seconds_until(delivery) <= most
    assert delivery.last_error == "The provider is busy"


def test_give_up_goes_straight_to_staff(
    publish_one: PublishOne, subscribe_for_now: Subscribe
) -> None:
    def open_box(_: BoxOpened) -> None:
        raise GiveUpError("There is no such applicant.")

    subscribe_for_now(open_box)
    delivery = publish_one()
    run(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.FAILED
    assert delivery.attempts == 1
    assert delivery.last_error == "There is no such applicant."


def test_a_worker_that_dies_each_time_is_not_fed_for_ever(
    publish_one: PublishOne, subscribe_for_now: Subscribe
) -> None:
    """The handler never comes back, so nobody is left to count its failures."""
    runs: list[BoxOpened] = []
    subscribe_for_now(runs.append)
    delivery = publish_one()
    for _ in range(len(BACKOFF) + 1):
        assert claim(delivery.pk)
        end_lease(delivery)
    assert not run(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.FAILED
    assert runs == []


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (DomainError("Cannot verify: Ama is archived."), "Cannot verify: Ama is"),
        (ValueError("first\nsecond: Ama Mensah"), "ValueError: first"),
        (IntegrityError("duplicate\nDETAIL: (email)=(ama@x)"), "IntegrityError: dup"),
        (ValueError("nul \x00 here"), "ValueError: nul"),
        (ValueError("half a \ud83d sign"), "ValueError: half a"),
        (ValueError(), "ValueError"),
        (ValueError("x" * 5000), "ValueError: xxx"),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_an_error_is_kept_short_and_can_be_stored(
    publish_one: PublishOne,
    subscribe_for_now: Subscribe,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    kept: str,
) -> None:
    def open_box(_: BoxOpened) -> None:
        raise error

    subscribe_for_now(open_box)
    delivery = publish_one()
    assert not run(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.DUE
    assert delivery.last_error.startswith(kept)
    assert len(delivery.last_error) < 600
    for secret in ("Ama Mensah", "ama@x"):
        assert secret not in delivery.last_error
        assert secret not in caplog.text, "personal data in the log"


def test_staff_try_again(
    publish_one: PublishOne, subscribe_for_now: Subscribe, setup_machine: User
) -> None:
    errors = [GiveUpError("Not as it is.")]

    def open_box(_: BoxOpened) -> None:
        if errors:
            raise errors.pop()

    subscribe_for_now(open_box)
    delivery = publish_one()
    run(delivery.pk)
    retry_delivery(delivery.pk, by=setup_machine)
    assert run_due() == 1
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == (Delivery.Status.DONE, 1)
    with pytest.raises(DomainError, match="done"):
        retry_delivery(delivery.pk, by=setup_machine)


def test_a_running_delivery_is_not_tried_again_by_hand(
    publish_one: PublishOne, subscribe_for_now: Subscribe, setup_machine: User
) -> None:
    subscribe_for_now(lambda _: None)
    delivery = publish_one()
    claim(delivery.pk)
    with pytest.raises(DomainError, match="running"):
        retry_delivery(delivery.pk, by=setup_machine)


def test_the_longest_waiting_comes_first(
    publish_one: PublishOne, subscribe_for_now: Subscribe
) -> None:
    subscribe_for_now(lambda _: None)
    now = timezone.now()
    deliveries = [publish_one(str(number)) for number in range(3)]
    for delivery, minutes in zip(deliveries, (1, 3, 2), strict=True):
        make_due(delivery, at=now - timedelta(minutes=minutes))
    expected = [deliveries[place].pk for place in (1, 2, 0)]
    assert due_ids() == expected
    assert due_ids(1) == expected[:1]


@pytest.mark.django_db
def test_the_sweep_shows_that_a_worker_lives() -> None:
    sweep_deliveries()
    assert Heartbeat.objects.get(name="worker")
    sweep_deliveries()
    assert Heartbeat.objects.count() == 1


def test_a_named_sweep_runs_its_command() -> None:
    swept: list[str] = []

    @sweep("tests-broom", every=60)
    def broom() -> None:
        swept.append("swept")

    try:
        run_sweep("tests-broom")
    finally:
        SWEEPS.pop("tests-broom", None)
    assert swept == ["swept"]
