"""A gateway of the bank's own: late, repeated, refusing, broken, not understood."""

from collections.abc import Callable

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from customers.checks.choices import Kind
from customers.checks.gateways.asking import (
    Answer,
    CheckRefused,
    CheckUnavailable,
    Pending,
)
from customers.checks.models import OutsideCheck
from customers.checks.services import (
    ask_check,
    record_answer,
    take_answer,
    withdraw_check,
)
from customers.registry.models import Customer
from events.models import Delivery
from tenants.models import User
from tests.checks.outside import AGENCY, Agency
from tests.conftest import Deliver

pytestmark = pytest.mark.django_db
Say = Callable[..., list[object]]
CONFIRMED = Answer("confirmed", "A-77", "Found in the register")


def asked(customer: Customer, by: User, kind: Kind = Kind.ADDRESS) -> OutsideCheck:
    return ask_check(customer.pk, kind=kind, address="home", by=by)


def delivery() -> Delivery:
    return Delivery.objects.get(handler="customers.checks.verify_address")


def only() -> OutsideCheck:
    found: OutsideCheck = OutsideCheck.objects.get()
    return found


def test_staff_answer_where_no_gateway_is_named(
    ama: Customer, clerk: User, deliver: Deliver
) -> None:
    asked(ama, clerk)
    deliver()
    assert (delivery().status, only().status) == ("done", "asked")


def test_an_answer_is_kept_by_the_machine(
    agency: Say, ama: Customer, officer: User, deliver: Deliver
) -> None:
    agency(Answer("adverse", "R-1", "Two loans in arrears"))
    row = asked(ama, officer, Kind.BUREAU)
    deliver()
    row.refresh_from_db()
    assert (row.gateway, row.status, row.result) == (AGENCY, "answered", "adverse")
    assert (row.reference, row.note) == ("R-1", "Two loans in arrears")
    assert str(row.answered_by) == "Outside checks (machine)"
    (question,) = Agency.asked
    assert question.check_id == row.pk
    assert question.about["name"] == "Ama Mensah"


def test_what_is_late_is_asked_again_under_its_reference(
    agency: Say, ama: Customer, clerk: User, deliver: Deliver
) -> None:
    agency(Pending("A-77", ask_again_after=600), CONFIRMED)
    asked(ama, clerk)
    deliver()
    waits = delivery()
    assert (waits.status, only().status, only().reference) == ("due", "asked", "A-77")
    assert (waits.due_at - waits.created_at).total_seconds() > 500
    deliver(hurry=True)
    assert only().result == "confirmed"
    assert [each.reference for each in Agency.asked] == ["", "A-77"]
    assert len({each.check_id for each in Agency.asked}) == 1


@pytest.mark.parametrize(
    "error", [CheckUnavailable("Nobody answers", 60.0), TimeoutError(), ValueError("?")]
)
def test_what_is_down_is_tried_again_and_loses_nothing(
    error: Exception, agency: Say, ama: Customer, clerk: User, deliver: Deliver
) -> None:
    agency(error, CONFIRMED)
    asked(ama, clerk)
    deliver()
    assert (delivery().status, only().status) == ("due", "asked")
    deliver(hurry=True)
    assert (delivery().status, only().result) == ("done", "confirmed")


def test_a_refusal_goes_to_staff_who_answer_by_hand(
    agency: Say, ama: Customer, clerk: User, deliver: Deliver
) -> None:
    agency(CheckRefused("No register covers this town."))
    row = asked(ama, clerk)
    deliver()
    assert (only().status, only().note) == ("failed", "No register covers this town.")
    deliver(hurry=True)
    assert len(Agency.asked) == 1
    record_answer(row.pk, result="confirmed", reference="A visit", by=clerk)
    assert only().result == "confirmed"


@pytest.mark.parametrize(
    "said", [Answer("clear", "A-77"), Answer("splendid", "A-77"), None, "confirmed"]
)
def test_what_nobody_understands_is_never_an_answer(
    said: object, agency: Say, ama: Customer, clerk: User, deliver: Deliver
) -> None:
    agency(said)
    asked(ama, clerk)
    deliver()
    assert (only().status, only().result) == ("failed", "")
    assert "does not know" in only().note
    assert delivery().status == "failed"


def test_a_long_reference_loses_no_result(
    agency: Say, ama: Customer, clerk: User, deliver: Deliver
) -> None:
    agency(Answer("confirmed", "x" * 500, "y" * 5000))
    asked(ama, clerk)
    deliver()
    assert only().result == "confirmed"
    assert (len(only().reference), len(only().note)) == (120, 1000)


def test_an_answer_that_comes_twice_or_too_late_changes_nothing(
    ama: Customer, clerk: User
) -> None:
    row = asked(ama, clerk)
    assert take_answer(row.pk, CONFIRMED)
    assert not take_answer(row.pk, Answer("not_confirmed", "A-78"))
    assert (only().result, only().reference) == ("confirmed", "A-77")


def test_nobody_is_asked_about_what_was_withdrawn(
    agency: Say, ama: Customer, clerk: User, deliver: Deliver
) -> None:
    agency(CONFIRMED)
    row = asked(ama, clerk)
    withdraw_check(row.pk, reason="No need", by=clerk)
    deliver()
    assert not Agency.asked
    assert not take_answer(row.pk, CONFIRMED)
    assert only().status == "withdrawn"


def test_a_check_asks_whom_it_was_begun_with(
    agency: Say, ama: Customer, clerk: User, deliver: Deliver, settings: Settings
) -> None:
    agency(CONFIRMED)
    settings.ADDRESS_GATEWAY = "manual"
    asked(ama, clerk)
    settings.ADDRESS_GATEWAY = AGENCY
    deliver()
    assert not Agency.asked
    assert only().is_open


@pytest.mark.parametrize(
    ("name", "is_fine"),
    [
        ("manual", True), (AGENCY, True), ("", True), ("tests.checks.outside.X", False),
        ("nonsense", False), ("customers.checks.choices.Kind", False),
    ],
)  # fmt: skip
def test_a_gateway_that_is_not_there_stops_the_start(
    name: str, *, is_fine: bool, settings: Settings
) -> None:
    settings.BUREAU_GATEWAY = name
    found = [
        each for each in run_checks(tags=["security"]) if "E028" in (each.id or "")
    ]
    assert (not found) is is_fine
