"""Registering: what is enough, what is refused, and nobody twice."""

from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from common.errors import DomainError
from common.keys import is_spoken_number
from customers.registry.models import (
    Consent,
    Customer,
    DeclineReason,
)
from customers.registry.services import (
    decline_customer,
    register_customer,
)
from events.models import RecordedEvent
from tenants.models import Tenant, User
from tests.conftest import (
    INDIVIDUAL_DETAILS,
    MakeCustomer,
    MakeStaff,
    a_registration,
    race,
)
from tests.registry.conftest import COMPANY, LOCKS, details, overlap, told

# --- register -------------------------------------------------------------------


def test_a_customer_is_registered(demo_bank: Tenant, setup_machine: User) -> None:
    asked = a_registration(
        name="  Ama\u200b  MENSAH ",
        email=" Ama@Mail.Example ",
        phone="00233 24 412 3456",
    )
    customer = register_customer(asked, tenant=demo_bank, by=setup_machine)
    customer.refresh_from_db()
    assert customer.pk == asked.id
    assert is_spoken_number(customer.public_id)
    assert (customer.name, customer.name_normalized) == ("Ama MENSAH", "ama mensah")
    assert (customer.email, customer.phone) == ("ama@mail.example", "+233244123456")
    assert customer.details == INDIVIDUAL_DETAILS
    assert (customer.status, customer.kyc_status) == ("active", "pending")
    assert (customer.activity, customer.kyc_level) == ("inactive", "not_kyced")
    assert told(customer) == ["CustomerRegistered"]
    consent = Consent.objects.get()
    assert (consent.customer, consent.text_version) == (customer, asked.terms_version)


REFUSALS: list[tuple[dict[str, Any], str, str]] = [
    ({"entity_type": "club"}, "DATA_VALIDATION_FAILED", "entity_type"),
    ({"customer_type": "BANK"}, "DATA_VALIDATION_FAILED", "entity_type"),
    ({"entity_type": "trust"}, "DATA_VALIDATION_FAILED", "entity_type"),
    ({**COMPANY, "entity_type": "government_body"}, "DATA_VALIDATION_FAILED",
     "entity_type"),
    ({"customer_type": "GOVERNMENT_ENTITY", "entity_type": "trust"},
     "DATA_VALIDATION_FAILED", "entity_type"),
    ({"customer_type": "BANK", "entity_type": "trust"}, "DATA_VALIDATION_FAILED",
     "customer_type"),
    ({**COMPANY, "customer_type": "CLUB"}, "DATA_VALIDATION_FAILED", "customer_type"),
    ({"name": ""}, "DATA_VALIDATION_FAILED", "name"),
    ({"name": " -- \u200b"}, "DATA_VALIDATION_FAILED", "name"),
    ({"name": "x" * 201}, "DATA_VALIDATION_FAILED", "name"),
    ({"email": "ama"}, "INVALID_EMAIL", "email"),
    ({"email": "ama@mail"}, "INVALID_EMAIL", "email"),
    ({"email": "a@b.example, c@d.example"}, "INVALID_EMAIL", "email"),
    ({"email": f"a@{'x' * 60}.{'y' * 60}.{'z' * 60}.{'w' * 60}.{'v' * 20}.example"},
     "INVALID_EMAIL", "email"),
    ({"phone": "024 412 3456"}, "INVALID_PHONE", "phone"),
    ({"phone": "+233 24 412 3456 ext 7"}, "INVALID_PHONE", "phone"),
    ({"phone": "none"}, "INVALID_PHONE", "phone"),
    ({"phone": "+44 24 412 345"}, "INVALID_PHONE", "phone"),
    ({"phone": "+233 24 412 3456 x12"}, "INVALID_PHONE", "phone"),
    ({"email": "ama@\u0430pple.com"}, "INVALID_EMAIL", "email"),
    ({"email": "ama@xn--pple-43d.com"}, "INVALID_EMAIL", "email"),
    ({"channel": "pigeon"}, "DATA_VALIDATION_FAILED", "channel"),
    ({"channel": "web", "email": ""}, "DATA_VALIDATION_FAILED", "email"),
    ({"channel": "mobile", "email": ""}, "DATA_VALIDATION_FAILED", "email"),
    ({"channel": "web", "terms_version": ""}, "DATA_VALIDATION_FAILED",
     "terms_version"),
    ({"channel": "agent", "phone": ""}, "DATA_VALIDATION_FAILED", "phone"),
    ({"channel": "ussd", "phone": ""}, "DATA_VALIDATION_FAILED", "phone"),
    ({"channel": "agent", "details": details(id_number="")},
     "DATA_VALIDATION_FAILED", "id_number"),
    ({"details": details(shoe_size="42")}, "DATA_VALIDATION_FAILED", "shoe_size"),
    ({"details": details(birth_date="03.04.1991")}, "DATA_VALIDATION_FAILED",
     "birth_date"),
    ({"details": details(birth_date="2999-01-01")}, "DATA_VALIDATION_FAILED",
     "birth_date"),
    ({"details": details(birth_date="1800-01-01")}, "DATA_VALIDATION_FAILED",
     "birth_date"),
    ({"details": details(nationality="Ghana")}, "DATA_VALIDATION_FAILED",
     "nationality"),
    ({"details": details(id_number="!")}, "DATA_VALIDATION_FAILED", "id_number"),
    ({"details": details(address="x" * 1001)}, "DATA_VALIDATION_FAILED", "address"),
]  # fmt: skip


@pytest.mark.parametrize(("overrides", "code", "field"), REFUSALS)
def test_a_bad_request_is_refused_by_name(
    demo_bank: Tenant,
    setup_machine: User,
    overrides: dict[str, Any],
    code: str,
    field: str,
) -> None:
    with pytest.raises(DomainError) as refusal:
        register_customer(
            a_registration(**overrides), tenant=demo_bank, by=setup_machine
        )
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert refusal.value.message.endswith((".", "3456."))
    assert not Customer.objects.exists()
    assert not RecordedEvent.objects.exists()


@pytest.mark.parametrize(
    "overrides",
    [
        {"channel": "agent", "email": "", "terms_version": ""},
        {"channel": "ussd", "email": "", "terms_version": ""},
        {"channel": "mobile", "phone": ""},
        {**COMPANY, "channel": "agent", "email": ""},
        {"customer_type": "GOVERNMENT_ENTITY", "entity_type": "government_body",
         "details": {"country": "GHA"}},
        {"details": {}},
        {"name": "किशोर"},
        {"name": "x" * 200, "category": "retail", "telegram_id": "z" * 100},
        {"name": "Ama\nMensah"},
        {"details": details(address="1 Ring Road\nAccra")},
    ],
)  # fmt: skip
def test_what_is_enough(make_customer: MakeCustomer, overrides: dict[str, Any]) -> None:
    customer = make_customer(**overrides)
    customer.refresh_from_db()
    assert "\n" not in customer.name, "a name ends up in the head of an e-mail"


def test_the_database_refuses_what_slips_past(make_customer: MakeCustomer) -> None:
    customers = Customer.objects.filter(pk=make_customer().pk)
    for column, value in (
        ("entity_type", "trust"),
        ("customer_type", "BANK"),
        ("customer_type", "GOVERNMENT_ENTITY"),
        ("kyc_status", "verified"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            customers.update(**{column: value})


# --- the same person twice ------------------------------------------------------


@pytest.mark.parametrize(
    ("again", "code"),
    [
        ({"email": "CUSTOMER1@mail.example", "phone": ""}, "DUPLICATE_CUSTOMER"),
        ({"phone": "00233 24 41 00001"}, "PHONE_ALREADY_REGISTERED"),
    ],
)
def test_a_known_contact_is_refused(
    make_customer: MakeCustomer, make_staff: MakeStaff, again: dict[str, Any],
    code: str,
) -> None:  # fmt: skip
    first, clerk = make_customer(), make_staff("client_facing")
    with pytest.raises(DomainError, match="already") as refusal:
        make_customer(by=clerk, **again)
    assert refusal.value.code == code
    assert first.public_id in refusal.value.message
    assert Customer.objects.count() == 1


def test_another_institution_may_know_the_same_person(
    make_customer: MakeCustomer, second_bank: Tenant
) -> None:
    first = make_customer()
    second = make_customer(tenant=second_bank, email=first.email, phone=first.phone)
    assert first.public_id == second.public_id, "each institution counts for itself"


def test_who_was_turned_away_may_come_back(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    first = make_customer()
    decline_customer(first.pk, reason=DeclineReason.CUSTOMER_WITHDREW, by=setup_machine)
    assert make_customer(email=first.email, phone=first.phone).pk != first.pk


def test_the_same_request_twice_is_one_customer(
    demo_bank: Tenant, setup_machine: User
) -> None:
    asked = a_registration()
    first = register_customer(asked, tenant=demo_bank, by=setup_machine)
    assert register_customer(asked, tenant=demo_bank, by=setup_machine) == first
    assert told(first) == ["CustomerRegistered"]
    assert first.history.count() == 1


def test_an_id_of_another_institution_shows_nothing(
    demo_bank: Tenant, second_bank: Tenant, setup_machine: User
) -> None:
    asked = a_registration()
    register_customer(asked, tenant=demo_bank, by=setup_machine)
    with pytest.raises(DomainError) as refusal:
        register_customer(asked, tenant=second_bank, by=setup_machine)
    assert refusal.value.code == "DUPLICATE_CUSTOMER"
    assert asked.name not in refusal.value.message


@LOCKS
@pytest.mark.parametrize(
    ("same", "code"),
    [
        ({"phone": ""}, "DUPLICATE_CUSTOMER"),
        ({"email": "", "channel": "agent"}, "PHONE_ALREADY_REGISTERED"),
    ],
)
def test_of_two_clerks_registering_one_person_one_succeeds(
    demo_bank: Tenant, setup_machine: User, same: dict[str, Any], code: str
) -> None:
    register = partial(register_customer, tenant=demo_bank, by=setup_machine)
    first, second = overlap(
        lambda: register(a_registration(**same)),
        lambda: register(a_registration(**same)),
    )
    assert isinstance(first, Customer)
    assert isinstance(second, DomainError)
    assert second.code == code
    assert Customer.objects.count() == 1
    assert RecordedEvent.objects.count() == 1


@LOCKS
def test_a_crowd_registering_one_person_is_one_customer(
    demo_bank: Tenant, setup_machine: User
) -> None:
    register = partial(register_customer, tenant=demo_bank, by=setup_machine)
    results = race(*[lambda: register(a_registration())] * 4)
    assert Customer.objects.count() == 1
    refused = [r for r in results if isinstance(r, DomainError)]
    assert len(refused) == 3
    assert {r.code for r in refused} == {"DUPLICATE_CUSTOMER"}


@LOCKS
def test_the_button_pressed_twice_at_once_is_one_customer(
    demo_bank: Tenant, setup_machine: User
) -> None:
    asked = a_registration()
    register = partial(register_customer, asked, tenant=demo_bank, by=setup_machine)
    first, second = overlap(register, register)
    assert first == second, "the second press is answered as the first was"
    assert Customer.objects.get() == first
    assert told(first) == ["CustomerRegistered"]
