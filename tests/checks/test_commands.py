"""Outside checks as commands: one open of a kind, answered once, kept in full."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from common.errors import DomainError, IllegalTransitionError
from customers.checks.choices import Kind
from customers.checks.models import OutsideCheck
from customers.checks.services import (
    a_year_after,
    ask_check,
    fail_check,
    record_answer,
    withdraw_check,
)
from customers.contacts.services import add_contact, change_contact, remove_contact
from customers.registry.choices import DeclineReason
from customers.registry.models import Customer
from customers.registry.services import decline_customer, update_customer
from events.models import RecordedEvent
from tenants.models import User
from tests.conftest import MakeCustomer, race

pytestmark = pytest.mark.django_db
HOME = "12 Ring Road East, Accra, Ghana"


def asked(customer: Customer, by: User, kind: Kind = Kind.ADDRESS) -> OutsideCheck:
    return ask_check(customer.pk, kind=kind, address="home", by=by)


def seen(customer: Customer) -> list[tuple[str, bool]]:
    rows = RecordedEvent.objects.filter(
        subject_id=str(customer.pk), type__contains="Check"
    )
    return list(rows.order_by("id").values_list("type", "is_restricted"))


def test_an_address_check_is_asked_and_answered(ama: Customer, clerk: User) -> None:
    row = asked(ama, clerk)
    assert (row.place, row.gateway, row.is_of_today) == (HOME, "manual", True)
    assert record_answer(row.pk, result="confirmed", reference=" A  visit ", by=clerk)
    row.refresh_from_db()
    assert (row.status, row.result, row.reference) == (
        "answered", "confirmed", "A visit"
    )  # fmt: skip
    assert row.answered_by == clerk
    assert row.valid_until == a_year_after(ama.tenant.today)
    assert seen(ama) == [("AddressCheckAsked", False), ("AddressCheckAnswered", False)]
    assert [v.history_user for v in row.history.all()] == [clerk, clerk]


def test_of_the_bureau_every_fact_is_restricted(ama: Customer, officer: User) -> None:
    row = asked(ama, officer, Kind.BUREAU)
    fail_check(row.pk, "No contract")
    record_answer(row.pk, result="adverse", reference="R-1", by=officer)
    withdraw_check(asked(ama, officer, Kind.BUREAU).pk, reason="No", by=officer)
    assert len(seen(ama)) == 5
    assert all(is_restricted for _, is_restricted in seen(ama))


def test_the_outside_is_told_no_id_number(ama: Customer, officer: User) -> None:
    row = asked(ama, officer, Kind.BUREAU)
    assert row.subject == {
        "name": "Ama Mensah", "birth_date": "1991-04-03", "nationality": "GHA",
        "address": HOME,
    }  # fmt: skip


def test_what_is_told_and_noted_is_encrypted(ama: Customer, clerk: User) -> None:
    row = asked(ama, clerk)
    record_answer(
        row.pk, result="unclear", reference="A visit", note="Nobody knew", by=clerk
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT subject, note FROM checks_outsidecheck")
        kept = " ".join(cursor.fetchone())
    assert "Ring Road" not in kept
    assert "Nobody" not in kept


def test_one_of_a_kind_is_open_at_a_time(ama: Customer, officer: User) -> None:
    first = asked(ama, officer)
    asked(ama, officer, Kind.BUREAU)
    with pytest.raises(DomainError, match="open already"):
        asked(ama, officer)
    fail_check(first.pk, "They do not know the town")
    with pytest.raises(DomainError, match="open already"):
        asked(ama, officer)
    withdraw_check(first.pk, reason="Asked by mistake", by=officer)
    assert asked(ama, officer).is_open


def test_the_database_too_knows_one_open_of_a_kind(ama: Customer, clerk: User) -> None:
    row = asked(ama, clerk)
    row.pk = uuid4()
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save_as(clerk, "Twice", force_insert=True)


def test_a_second_press_asks_once(
    ama: Customer, clerk: User, make_customer: MakeCustomer
) -> None:
    form = uuid4()
    for _ in range(2):
        ask_check(ama.pk, kind=Kind.ADDRESS, address="home", check_id=form, by=clerk)
    assert OutsideCheck.objects.count() == 1
    other = make_customer()
    with pytest.raises(DomainError, match="begin anew"):
        ask_check(other.pk, kind=Kind.ADDRESS, address="home", check_id=form, by=clerk)


def test_an_address_must_be_the_customers_own(
    ama: Customer, clerk: User, make_customer: MakeCustomer
) -> None:
    place = {"lines": "9 Castle Road", "town": "Accra", "country": "GHA"}
    theirs = add_contact(make_customer().pk, "address", place, by=clerk)
    for key in (str(theirs.pk), "", "nowhere"):
        with pytest.raises(DomainError, match="Choose one"):
            ask_check(ama.pk, kind=Kind.ADDRESS, address=key, by=clerk)
    assert not OutsideCheck.objects.exists()


def test_an_answer_is_about_the_address_of_that_day(ama: Customer, clerk: User) -> None:
    place = {"lines": "9 Castle Road", "town": "Accra", "country": "GHA"}
    mine = add_contact(ama.pk, "address", place, by=clerk)
    row = ask_check(ama.pk, kind=Kind.ADDRESS, address=str(mine.pk), by=clerk)
    assert row.place == "9 Castle Road, Accra, Ghana"
    assert OutsideCheck.objects.get().is_of_today
    moved = {**place, "lines": "10 Castle Road"}
    change_contact("address", mine.pk, moved, by=clerk, reason="Moved")
    assert not OutsideCheck.objects.get().is_of_today
    change_contact("address", mine.pk, place, by=clerk, reason="Back")
    assert OutsideCheck.objects.get().is_of_today
    remove_contact("address", mine.pk, by=clerk, reason="Gone")
    assert not OutsideCheck.objects.get().is_of_today


def test_a_changed_home_address_is_not_what_was_asked(
    ama: Customer, clerk: User
) -> None:
    asked(ama, clerk)
    changes = {"details": {"address": "1 New Road, Accra"}}
    update_customer(ama.pk, changes=changes, by=clerk, reason="Moved")
    assert not OutsideCheck.objects.get().is_of_today


def test_nobody_is_asked_about_who_has_left(ama: Customer, officer: User) -> None:
    row = asked(ama, officer)
    decline_customer(ama.pk, reason=DeclineReason.DUPLICATE, by=officer)
    with pytest.raises(DomainError, match="Cannot ask"):
        asked(ama, officer, Kind.BUREAU)
    # What is open can still be closed.
    assert record_answer(row.pk, result="unclear", reference="Too late", by=officer)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"result": "clear"}, "result"),
        ({"result": ""}, "result"),
        ({"reference": "  "}, "reference"),
        ({"reference": "x" * 121}, "reference"),
        ({"note": "x" * 1001}, "note"),
    ],
)
def test_half_an_answer_is_refused(
    said: dict[str, str], field: str, ama: Customer, clerk: User
) -> None:
    row = asked(ama, clerk)
    whole = {"result": "confirmed", "reference": "A visit", **said}
    with pytest.raises(DomainError) as refused:
        record_answer(row.pk, by=clerk, **whole)
    assert refused.value.field == field
    assert OutsideCheck.objects.get().status == "asked"


def test_a_second_answer_does_not_replace_the_first(
    ama: Customer, clerk: User, officer: User
) -> None:
    row = asked(ama, clerk)
    record_answer(row.pk, result="confirmed", reference="A visit", by=clerk)
    assert not record_answer(row.pk, result="confirmed", reference="Me too", by=officer)
    with pytest.raises(DomainError, match="already: confirmed"):
        record_answer(row.pk, result="unclear", reference="A letter", by=officer)
    with pytest.raises(IllegalTransitionError):
        withdraw_check(row.pk, reason="No need", by=officer)
    assert OutsideCheck.objects.get().reference == "A visit"


def test_what_was_withdrawn_takes_no_answer(ama: Customer, clerk: User) -> None:
    row = asked(ama, clerk)
    for reason in ("", "x" * 201):
        with pytest.raises(DomainError):
            withdraw_check(row.pk, reason=reason, by=clerk)
    assert withdraw_check(row.pk, reason="No need", by=clerk)
    assert not withdraw_check(row.pk, reason="No need", by=clerk)
    with pytest.raises(IllegalTransitionError):
        record_answer(row.pk, result="confirmed", reference="A visit", by=clerk)


def test_a_year_of_a_leap_day() -> None:
    assert a_year_after(date(2028, 2, 29)) == date(2029, 2, 28)
    assert a_year_after(date(2027, 3, 1)) == date(2028, 3, 1)


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_ask_once(ama: Customer, clerk: User) -> None:
    results = race(lambda: asked(ama, clerk), lambda: asked(ama, clerk))
    assert sum(isinstance(each, DomainError) for each in results) == 1
    assert OutsideCheck.objects.count() == 1
