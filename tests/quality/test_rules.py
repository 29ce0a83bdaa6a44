"""Each rule finds what it is for, and lets what is right alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from customers.contacts.models import Address, Email, Phone
from customers.quality.checking import hits_of
from customers.quality.rules.board import RULES, Scope
from customers.quality.rules.improbable import is_improbable
from customers.quality.rules.missing import names_country
from customers.registry.models import Customer
from customers.registry.profile.commands import change_profile
from events.models import RecordedEvent
from tenants.models import Tenant, User
from tests.conftest import Deliver, MakeCustomer
from tests.quality.conftest import make_old, share_phone, spoil

pytestmark = pytest.mark.django_db


def said(customer: Customer) -> dict[str, str]:
    """What the rules say of a customer, by the rule."""
    tenant = customer.tenant
    hits = hits_of(Scope(tenant, tenant.today, ids=[customer.pk]))
    return {key: hit.detail for (_, key, _), hit in hits.items()}


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"details": {"birth_date": ""}}, {"missing_answers": "birth_date"}),
        (
            {"details": {"birth_date": "", "nationality": ""}},
            {"missing_answers": "birth_date,nationality"},
        ),
        ({"tier": 2}, {"missing_profile": "employment,source_of_funds"}),
        (
            {"details": {"birth_date": "1900-01-01"}},
            {"birth_date_improbable": "placeholder"},
        ),
        (
            {"details": {"birth_date": "1901-05-05"}},
            {"birth_date_improbable": "oldest"},
        ),
        (
            {"details": {"birth_date": "sometime"}},
            {"birth_date_improbable": "unreadable"},
        ),
        ({"details": {"birth_date": "1960-01-01"}}, {"birth_date_new_year": ""}),
        (
            {"details": {"birth_date": "2020-05-05"}},
            {"age_contradicts_registration": "minor"},
        ),
        (
            {"details": {"birth_date": "2150-05-05"}},
            {
                "age_contradicts_registration": "after",
                "birth_date_improbable": "future",
            },
        ),
        (
            {"details": {"registration_number": "CS-1"}},
            {"answers_not_asked": "registration_number"},
        ),
        ({"name": "Test", "name_normalized": "test"}, {"name_improbable": ""}),
        ({"details": {"address": "1 Westgate"}}, {"address_without_country": ""}),
    ],
)
def test_what_a_rule_says_of_an_individual(
    columns: dict[str, Any], expected: dict[str, str], clean: Customer
) -> None:
    assert said(spoil(clean, **columns)) == expected


def test_a_type_that_the_pack_does_not_know_in_that_form(
    make_customer: MakeCustomer,
) -> None:
    company = make_customer(
        customer_type="PRIVATE_COMPANY", entity_type="body_corporate"
    )
    assert said(company) == {}
    spoil(company, customer_type="BANK", entity_type="trust")
    assert "type_contradicts_form" in said(company)


@pytest.mark.parametrize(
    ("columns", "detail"),
    [
        ({"kyc_level": "not_kyced"}, "level"),
        ({"kyc_expires_on": None}, "term"),
        ({"registered_at": timezone.now() + timedelta(days=1)}, "before"),
    ],
)
def test_verified_needs_proof(
    columns: dict[str, Any], detail: str, make_customer: MakeCustomer
) -> None:
    customer = make_customer(verified=True)
    assert said(customer) == {}
    assert said(spoil(customer, **columns)) == {"verified_without_proof": detail}


def test_kyc_expires_on_its_day_and_not_before(make_customer: MakeCustomer) -> None:
    customer = make_customer(verified=True)
    today = customer.tenant.today
    spoil(customer, kyc_expires_on=today + timedelta(days=1))
    assert said(customer) == {}
    spoil(customer, kyc_expires_on=today)
    assert said(customer) == {"kyc_expired": ""}
    spoil(customer, status="archived")
    assert said(customer) == {}


def test_kyc_pending_beyond_ninety_days(clean: Customer) -> None:
    assert "kyc_pending_long" not in said(make_old(clean, 89))
    assert "kyc_pending_long" in said(make_old(clean, 92))


def test_a_record_is_stale_when_no_fact_confirmed_it(clean: Customer) -> None:
    make_old(clean, 1200)
    # It registered just now, as far as the facts go.
    assert "record_stale" not in said(clean)
    old = timezone.now() - timedelta(days=1200)
    RecordedEvent.objects.filter(subject_id=str(clean.pk)).update(created_at=old)
    assert "record_stale" in said(clean)


def test_a_profile_explains_the_money(clean: Customer, setup_machine: User) -> None:
    spoil(clean, tier=2)
    answers = {"employment": "retired", "source_of_funds": "pension"}
    change_profile(clean.pk, changes=answers, by=setup_machine, reason="Asked")
    assert said(clean) == {}


def test_contacts_unproven_and_unchanged_for_long(
    clean: Customer, deliver: Deliver
) -> None:
    deliver()
    assert Phone.objects.filter(customer=clean, is_primary=True).exists()
    assert said(clean) == {}
    old = timezone.now() - timedelta(days=100)
    for model in (Phone, Email):
        model.history.filter(customer=clean).update(history_date=old)
    tenant = clean.tenant
    hits = hits_of(Scope(tenant, tenant.today, ids=[clean.pk]))
    assert sorted(hit.detail for hit in hits.values()) == ["email", "phone"]
    Phone.objects.filter(customer=clean).update(verified_at=timezone.now())
    assert said(clean) == {"contact_unverified": "email"}


def test_a_phone_of_three_is_nobodys_and_of_two_is_a_couples(
    make_customer: MakeCustomer, second_bank: Tenant
) -> None:
    first, second, third = (make_customer() for _ in range(3))
    share_phone(first, second, make_customer(tenant=second_bank))
    assert "phone_of_many" not in said(first)
    share_phone(third)
    assert all("phone_of_many" in said(each) for each in (first, second, third))
    spoil(third, status="archived")
    assert "phone_of_many" not in said(first)


@pytest.mark.parametrize("number", ["+233000000012", "+2331234567890"])
def test_a_phone_that_was_only_typed(number: str, clean: Customer) -> None:
    share_phone(clean, number=number)
    assert said(clean) == {"phone_improbable": ""}


def test_an_address_of_the_contacts_has_its_country(
    clean: Customer, setup_machine: User
) -> None:
    spoil(clean, details={"address": "1 Westgate"})
    address = Address(
        tenant=clean.tenant, customer=clean, lines="1 Westgate", country=""
    )
    address.save_as(setup_machine, "Imported")
    assert "address_without_country" in said(clean)
    Address.objects.filter(pk=address.pk).update(country="GBR")
    assert said(clean) == {}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("12 Ring Road East, Accra, Ghana", True),
        ("10 Downing Street, London, UK", True),
        ("5 Rue du Commerce, Abidjan, Côte d’Ivoire", True),
        ("1 Westgate, Wakefield", False),
        ("", False),
    ],
)
def test_a_country_is_seen_in_an_address(text: str, *, names: bool) -> None:
    assert names_country(text) is names


@pytest.mark.parametrize(
    "name",
    ["test", "test 2", "asdf", "aaaa", "x x x", "12345", "test test 1", "unknown"],
)
def test_names_typed_to_get_past_a_form(name: str) -> None:
    assert is_improbable(name)


@pytest.mark.parametrize("name", ["u", "ama mensah", "3m", "testa", "anna", "李"])
def test_names_that_people_and_firms_have(name: str) -> None:
    assert not is_improbable(name)


def test_every_rule_explains_itself_and_keeps_nothing_personal() -> None:
    for key, rule in RULES.items():
        assert key == rule.key
        assert len(key) <= 40
        assert rule.says.endswith(".")
        assert rule.advice.endswith(".")
