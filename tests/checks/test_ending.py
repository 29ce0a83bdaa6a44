"""Checks end: with the customer's relationship, and when nobody asks any more."""

from collections.abc import Callable

import pytest

from customers.checks.choices import Kind
from customers.checks.gateways.asking import Answer, CheckUnavailable, Pending
from customers.checks.handlers import verify_address
from customers.checks.models import OutsideCheck
from customers.checks.services import ask_check, fail_check, record_answer
from customers.checks.unanswered import HANDLERS, SWEEP, fail_unanswered
from customers.registry.choices import DeclineReason, Status
from customers.registry.models import Customer
from customers.registry.services import decline_customer
from events.events import SUBSCRIPTIONS
from events.models import Delivery, RecordedEvent
from events.services import retry_delivery
from events.tasks import run_sweep
from tenants.models import User
from tests.checks.outside import Agency
from tests.conftest import Deliver

pytestmark = pytest.mark.django_db
Say = Callable[..., list[object]]


def asked(customer: Customer, by: User, kind: Kind = Kind.ADDRESS) -> OutsideCheck:
    return ask_check(customer.pk, kind=kind, address="home", by=by)


def delivery() -> Delivery:
    return Delivery.objects.get(handler="customers.checks.verify_address")


# --- who has left -----------------------------------------------------------------
def test_nobody_is_told_of_who_has_left(
    agency: Say, ama: Customer, officer: User, deliver: Deliver
) -> None:
    agency(Answer("clear", "R-1"))
    rows = [asked(ama, officer, kind) for kind in Kind]
    decline_customer(ama.pk, reason=DeclineReason.DUPLICATE, by=officer)
    deliver()
    assert not Agency.asked
    for row in rows:
        row.refresh_from_db()
        assert row.status == "withdrawn"
        last = row.history.first()
        assert last.history_change_reason == "Relationship ended"
        assert str(last.history_user) == "Outside checks (machine)"
    said = RecordedEvent.objects.filter(type__endswith="CheckWithdrawn")
    assert said.count() == 2


def test_the_question_itself_looks_whether_they_have_left(
    agency: Say, ama: Customer, officer: User
) -> None:
    """Deliveries run in any order: it may come before the checks are withdrawn."""
    agency(Answer("confirmed", "A-77"))
    event = RecordedEvent.objects.filter
    asked(ama, officer)
    Customer.objects.filter(pk=ama.pk).update(status=Status.OFFBOARDED)
    verify_address(event(type="AddressCheckAsked").get().as_event())
    assert not Agency.asked


def test_failed_ones_are_withdrawn_too_and_answers_stay(
    ama: Customer, officer: User, deliver: Deliver
) -> None:
    failed, done = asked(ama, officer), asked(ama, officer, Kind.BUREAU)
    fail_check(failed.pk, "No register covers this town.")
    record_answer(done.pk, result="clear", reference="R-1", by=officer)
    decline_customer(ama.pk, reason=DeclineReason.DUPLICATE, by=officer)
    deliver()
    failed.refresh_from_db()
    done.refresh_from_db()
    assert (failed.status, done.status) == ("withdrawn", "answered")


@pytest.mark.parametrize("name", ["offboarded", "archived"])
def test_both_ends_withdraw(name: str) -> None:
    known = SUBSCRIPTIONS[f"customers.checks.withdraw_checks_of_{name}"]
    assert known.event_type == f"Customer{name.capitalize()}"


# --- who never answers ------------------------------------------------------------
@pytest.mark.parametrize(
    "said", [CheckUnavailable("Nobody answers", 60.0), Pending("A-1", 600)]
)
def test_what_nobody_answers_goes_to_staff(
    said: object, agency: Say, ama: Customer, clerk: User, deliver: Deliver
) -> None:
    agency(said)
    row = asked(ama, clerk)
    for _ in range(15):
        deliver(hurry=True)
    assert fail_unanswered() == 0, "the outbox goes on asking"
    deliver(hurry=True)
    assert (delivery().status, len(Agency.asked)) == ("failed", 16)
    run_sweep(SWEEP)
    row.refresh_from_db()
    assert row.status == "failed"
    assert "no answer in time" in row.note
    assert fail_unanswered() == 0
    # Whoever tries the delivery again settles it, and nobody is asked.
    retry_delivery(delivery().pk, by=clerk)
    deliver()
    assert (delivery().status, len(Agency.asked)) == ("done", 16)
    assert record_answer(row.pk, result="confirmed", reference="A visit", by=clerk)


def test_the_sweep_leaves_alone_what_staff_or_outside_still_answer(
    ama: Customer, officer: User, deliver: Deliver
) -> None:
    by_hand = asked(ama, officer)
    deliver()
    assert fail_unanswered() == 0
    by_hand.refresh_from_db()
    assert by_hand.status == "asked"


def test_the_sweep_knows_the_handlers() -> None:
    assert set(HANDLERS) <= set(SUBSCRIPTIONS)


# --- what gateways leave out ------------------------------------------------------
def test_a_reference_of_none_is_no_word(
    agency: Say, ama: Customer, clerk: User, deliver: Deliver
) -> None:
    agency(
        Pending(None, 60),  # type: ignore[arg-type]  # as a careless gateway says it
        Answer("confirmed", None, None),  # type: ignore[arg-type]
    )
    row = asked(ama, clerk)
    deliver()
    assert delivery().last_error == "Whoever was asked has no answer yet."
    deliver(hurry=True)
    row.refresh_from_db()
    assert (row.result, row.reference, row.note) == ("confirmed", "", "")
