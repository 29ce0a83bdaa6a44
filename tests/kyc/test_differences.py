"""Sumsub fills what is empty, overwrites nothing, and staff decide the rest."""

from datetime import date
from typing import Any

import pytest

from common.errors import DomainError, StaleVersionError
from customers.registry.models import Customer
from customers.registry.services import update_customer
from events.models import RecordedEvent
from kyc.admin.comparison import parts, shown, what_differs
from kyc.differences import fingerprint, resolve_differences
from kyc.models import Difference
from kyc.services import start_attempt
from kyc.sumsub.types import Company, IdDocument, Person
from kyc.verdicts import apply_facts
from tenants.models import User
from tests.conftest import MakeCustomer
from tests.house import GREEN, a_person, a_state, attempt_of, events, open_tasks

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(make_customer: MakeCustomer, setup_machine: User) -> Customer:
    customer = make_customer()
    start_attempt(customer.pk, by=setup_machine)
    return customer


def open_rows(customer: Customer) -> dict[str, str]:
    rows = Difference.objects.open().filter(customer=customer)
    return {row.field: row.theirs for row in rows}


# --- filling ----------------------------------------------------------------------
def test_empty_fields_are_filled(make_customer: MakeCustomer, say: Any) -> None:
    customer = make_customer(details={})
    start_attempt(customer.pk, by=customer.history.first().history_user)
    passport = IdDocument(document_type="PASSPORT", number="G1234567")
    say(customer, **GREEN, person=a_person(documents=(passport,)))
    assert customer.details == {
        "birth_date": "1991-04-03",
        "nationality": "GHA",
        "address": "12 Ring Road East, Accra, Ghana",
        "id_number": "G1234567",
    }
    assert not open_rows(customer)


def test_one_value_of_a_wrong_shape_keeps_out_no_other(
    make_customer: MakeCustomer, say: Any, setup_machine: User
) -> None:
    customer = make_customer(details={})
    start_attempt(customer.pk, by=setup_machine)
    say(customer, **GREEN, person=a_person(nationality="Ghana"))
    assert "nationality" not in customer.details
    assert customer.details["birth_date"] == "1991-04-03"


def test_nothing_said_invents_nothing(
    make_customer: MakeCustomer, say: Any, setup_machine: User
) -> None:
    customer = make_customer(details={})
    start_attempt(customer.pk, by=setup_machine)
    say(customer, **GREEN, person=None)
    assert customer.details == {}
    assert not open_rows(customer)


def test_a_company_is_filled_too(
    make_customer: MakeCustomer, say: Any, setup_machine: User
) -> None:
    company = make_customer(
        name="Halcyon Grain Trading Ltd", customer_type="PRIVATE_COMPANY",
        entity_type="body_corporate", details={},
    )  # fmt: skip
    start_attempt(company.pk, by=setup_machine)
    said = Company(
        name="HALCYON GRAIN TRADING LIMITED",
        registration_number="CS-0042-2019",
        country="GHA",
    )
    say(company, **GREEN, company=said)
    assert company.details["registration_number"] == "CS-0042-2019"
    assert company.name == "Halcyon Grain Trading Ltd"
    assert not open_rows(company)  # a legal suffix spelled out is no difference


# --- differing ----------------------------------------------------------------------
def test_what_staff_typed_is_never_overwritten(customer: Customer, say: Any) -> None:
    before = dict(customer.details)
    said = a_person(first_name="Ama Adaeze", birth_date=date(1991, 3, 4))
    say(customer, **GREEN, person=said)
    assert (customer.name, customer.details) == ("Ama Mensah 1", before)
    assert open_rows(customer) == {
        "name": "Ama Adaeze Mensah 1",
        "birth_date": "1991-03-04",
    }
    agreed = attempt_of(customer).agreed_fields
    assert sorted(agreed) == ["address", "nationality"]
    event = RecordedEvent.objects.get(type="DifferencesFound")
    assert event.is_restricted
    assert "1991" not in str(event.payload)


@pytest.mark.parametrize(
    "said",
    [
        a_person(first_name="AMA", last_name="MENSAH 1"),
        a_person(first_name="Mensah", last_name="1 Ama"),
        a_person(address="12 Ring Road East - ACCRA, Ghana"),
        a_person(first_name="Äma"),
    ],
)
def test_spelling_is_no_difference(customer: Customer, say: Any, said: Person) -> None:
    say(customer, **GREEN, person=said)
    assert not open_rows(customer)


def test_the_same_is_asked_once(
    customer: Customer, say: Any, setup_machine: User
) -> None:
    said = a_person(birth_date=date(1991, 3, 4))
    say(customer, **GREEN, person=said)
    resolve_differences(customer.pk, accepted=[], by=setup_machine)
    state = a_state(customer, **GREEN, person=said)
    apply_facts(attempt_of(customer).pk, state, by=setup_machine)
    assert not open_rows(customer)
    other = a_state(customer, **GREEN, person=a_person(birth_date=date(1992, 3, 4)))
    apply_facts(attempt_of(customer).pk, other, by=setup_machine)
    assert open_rows(customer) == {"birth_date": "1992-03-04"}


def test_before_the_approval_nothing_is_taken_in(customer: Customer, say: Any) -> None:
    say(customer, status="pending", person=a_person(birth_date=date(1991, 3, 4)))
    assert not open_rows(customer)


# --- deciding -------------------------------------------------------------------------
@pytest.fixture
def differing(customer: Customer, say: Any) -> Customer:
    said = a_person(first_name="Ama Adaeze", birth_date=date(1991, 3, 4))
    say(customer, **GREEN, person=said)
    return customer


def test_accepted_and_kept(differing: Customer, setup_machine: User) -> None:
    changed = resolve_differences(
        differing.pk, accepted=["birth_date"], by=setup_machine
    )
    differing.refresh_from_db()
    assert changed == ["birth_date"]
    assert differing.details["birth_date"] == "1991-03-04"
    assert differing.name == "Ama Mensah 1"
    rows = {row.field: row for row in Difference.objects.filter(customer=differing)}
    assert (rows["birth_date"].status, rows["name"].status) == ("accepted", "kept")
    assert rows["name"].decided_by == setup_machine
    assert open_tasks(differing) == [("trigger_review", "birth_date")]
    assert events("DifferencesResolved") == 1


def test_decided_already(differing: Customer, setup_machine: User) -> None:
    resolve_differences(differing.pk, accepted=[], by=setup_machine)
    with pytest.raises(DomainError, match="decided already"):
        resolve_differences(differing.pk, accepted=["name"], by=setup_machine)


def test_somebody_changed_the_customer_meanwhile(
    differing: Customer, setup_machine: User
) -> None:
    version = differing.row_version
    update_customer(
        differing.pk, changes={"telegram_id": "7"}, by=setup_machine, reason="x"
    )
    with pytest.raises(StaleVersionError):
        resolve_differences(
            differing.pk, accepted=["name"], by=setup_machine, row_version=version
        )
    assert len(open_rows(differing)) == 2


def test_sumsub_changed_its_mind_meanwhile(
    differing: Customer, setup_machine: User
) -> None:
    """Nobody accepts a value they have not seen."""
    seen = fingerprint(Difference.objects.open().filter(customer=differing))
    said = a_person(first_name="Ama Adaeze", birth_date=date(1980, 1, 1))
    state = a_state(differing, **GREEN, person=said)
    apply_facts(attempt_of(differing).pk, state, by=setup_machine)
    with pytest.raises(StaleVersionError):
        resolve_differences(
            differing.pk, accepted=["birth_date"], by=setup_machine, seen=seen
        )
    differing.refresh_from_db()
    assert differing.details["birth_date"] == "1991-04-03"


def test_what_our_form_refuses_changes_nothing(
    customer: Customer, say: Any, setup_machine: User
) -> None:
    say(customer, **GREEN, person=a_person(nationality="Ghana"))
    with pytest.raises(DomainError, match="three letters"):
        resolve_differences(customer.pk, accepted=["nationality"], by=setup_machine)
    assert open_rows(customer) == {"nationality": "Ghana"}


# --- in words --------------------------------------------------------------------
@pytest.mark.parametrize(
    ("field", "ours", "theirs", "words"),
    [
        ("name", "Marguerite Okonkwo", "Marguerite Adaeze Okonkwo", "one more name"),
        ("name", "Ama Mensah", "Ama Efua Adjoa Mensah", "2 more names"),
        ("name", "Ama Efua Mensah", "Ama Mensah", "one name missing"),
        ("name", "Tomasz Wieczorek", "Tomas Wieczorek", "one name spelled differently"),
        ("name", "Ama Mensah", "Ama Boateng", "one name differs"),
        ("name", "Ama Mensah", "Kofi Boateng", "differs"),
        ("birth_date", "1991-03-04", "1991-04-03", "day and month swapped"),
        ("birth_date", "1991-03-04", "1919-03-04", "another year"),
        ("birth_date", "1991-03-04", "1991-03-14", "another day"),
        ("birth_date", "1991-03-04", "1980-12-31", "another date"),
        ("birth_date", "4 March", "1991-03-04", "differs"),
        ("address", "22 Quay Street, Flat 4, Tema", "22 Quay Street, Tema",
         "flat missing"),
        ("address", "Quay Street, Tema", "Quay Street, Suite 9, Tema", "suite added"),
        ("address", "Quay Street, Tema", "Tema", "2 words missing"),
        ("address", "22 Quay Street", "23 Quay Street", "another number"),
        ("address", "22 Quay Street", "1 Castle Road", "differs"),
        ("nationality", "GHA", "NGA", "differs"),
        ("id_number", "GHA-123456789-1", "GHA-123456789-2", "ends differently"),
        ("id_number", "GHA-1234564471", "GHA-9934564471",
         "differs before the last four"),
    ],
)  # fmt: skip
def test_what_differs(field: str, ours: str, theirs: str, words: str) -> None:
    assert what_differs(field, ours, theirs) == words


def test_the_differing_words_are_marked() -> None:
    ours, theirs = parts("address", "22 Quay Street, Flat 4, Tema", "22 Quay St, Tema")
    assert ours == [("22 Quay", False), ("Street, Flat 4,", True), ("Tema", False)]
    assert theirs == [("22 Quay", False), ("St,", True), ("Tema", False)]
    assert parts("name", "Ama", "AMA") == ([("Ama", False)], [("AMA", False)])
    assert parts("name", "", "Ama") == ([], [("Ama", True)])


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("id_number", "GHA-1234564471", "ending 4471"),
        ("tax_number", "P0012345678", "ending 5678"),
        ("id_number", "123456", "a short number"),
        ("birth_date", "1991-03-04", "4 Mar 1991"),
        ("birth_date", "1991-13-04", "1991-13-04"),
        ("address", "Tema", "Tema"),
    ],
)
def test_what_is_shown(field: str, value: str, text: str) -> None:
    assert shown(field, value) == text
