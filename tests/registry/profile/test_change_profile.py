"""Changing a profile: checked against the words in use, told, and kept in versions."""

from functools import partial
from typing import Any

import pytest
from django.db import connection

from common.errors import DomainError, StaleVersionError
from customers.registry.choices import DeclineReason
from customers.registry.dictionaries.entries import EntryRow, add_entry
from customers.registry.models import Customer, Dictionary, Profile
from customers.registry.profile.commands import change_profile
from customers.registry.services import decline_customer
from events.models import RecordedEvent
from tenants.models import Tenant, User
from tests.conftest import MakeCustomer, race
from tests.registry.conftest import COMPANY, LOCKS, told
from tests.registry.profile.conftest import FULL, change, retire


def test_answers_are_kept_and_told_by_name_only(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer()
    assert set(change(customer, setup_machine, **FULL)) == set(FULL)
    profile = Profile.objects.get(customer=customer)
    assert {key: getattr(profile, key) for key in FULL} == FULL
    assert profile.tenant_id == customer.tenant_id
    event = RecordedEvent.objects.get(type="ProfileChanged")
    assert set(event.payload) == {"customer_id", "fields"}
    assert set(event.payload["fields"]) == set(FULL)
    assert "2000_4999" not in str(event.payload)
    fact = event.as_event()
    assert fact
    assert "source of funds" in fact.words()[1]


def test_the_same_again_is_nothing(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer()
    change(customer, setup_machine, **FULL)
    assert change(customer, setup_machine, **FULL) == []
    assert told(customer) == ["CustomerRegistered", "ProfileChanged"]


def test_nothing_said_makes_no_profile(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer()
    assert change(customer, setup_machine, gender="", income="") == []
    assert not Profile.objects.exists()


def test_every_change_has_its_version(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer()
    change(customer, setup_machine, **FULL)
    assert change(customer, setup_machine, gender="", income="none") == [
        "gender", "income",
    ]  # fmt: skip
    newest, oldest = Profile.objects.get().history.all()
    assert (oldest.gender, oldest.income) == ("female", "2000_4999")
    assert (newest.gender, newest.income) == ("", "none")
    assert newest.history_user == setup_machine
    assert newest.history_change_reason == "Told us so"


def test_the_income_is_encrypted_at_rest_with_its_versions(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    change(make_customer(), setup_machine, income="2000_4999")
    with connection.cursor() as cursor:
        for table in ("registry_profile", "registry_profileversion"):
            cursor.execute(f"SELECT income FROM {table}")  # noqa: S608 - our tables
            (stored,) = cursor.fetchone()
            assert stored
            assert "2000" not in stored


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"gender": "unknown"}, "gender"),
        ({"employment": "astronaut"}, "employment"),
        ({"employment": "Employed, full time"}, "employment"),
        ({"employment": "health"}, "employment"),  # a code of another dictionary
        ({"industry": "\x00" * 3 + "x"}, "industry"),
        ({"income": "9" * 10_000}, "income"),
        ({"source_of_funds": "crime"}, "source_of_funds"),
        ({"birth_date": "1990-01-01"}, "birth_date"),
        ({"tenant_id": "1"}, "tenant_id"),
        ({"row_version": "7"}, "row_version"),
        # The bank's pack asks for it among the details already.
        ({"occupation": "Nurse"}, "occupation"),
    ],
)
def test_a_bad_answer_is_refused_whole(
    make_customer: MakeCustomer, setup_machine: User,
    answers: dict[str, str], field: str,
) -> None:  # fmt: skip
    customer = make_customer()
    with pytest.raises(DomainError) as refusal:
        change(customer, setup_machine, marital_status="single", **answers)
    assert (refusal.value.code, refusal.value.field) == (
        "DATA_VALIDATION_FAILED", field,
    )  # fmt: skip
    assert not Profile.objects.exists()
    assert told(customer) == ["CustomerRegistered"]


def test_a_code_of_another_bank_is_unknown_here(
    make_customer: MakeCustomer, second_bank: Tenant, setup_machine: User
) -> None:
    row = EntryRow("secret", "Secret", 1)
    add_entry(
        second_bank, Dictionary.INDUSTRY, row, by=setup_machine, reason="r"
    )  # fmt: skip
    with pytest.raises(DomainError):
        change(make_customer(), setup_machine, industry="secret")
    theirs = make_customer(tenant=second_bank)
    assert change(theirs, setup_machine, industry="secret") == ["industry"]


def test_a_retired_code_stays_where_it_was_and_goes_nowhere_else(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    has_it, has_not = make_customer(), make_customer()
    change(has_it, setup_machine, industry="mining")
    retire(has_it, "mining", setup_machine)
    assert change(has_it, setup_machine, industry="mining", gender="male") == [
        "gender",
    ]  # fmt: skip
    with pytest.raises(DomainError, match="Industry must be one of the list"):
        change(has_not, setup_machine, industry="mining")
    change(has_it, setup_machine, industry="trade")
    with pytest.raises(DomainError):
        change(has_it, setup_machine, industry="mining")


def test_a_company_has_no_profile(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    with pytest.raises(DomainError, match="no individual"):
        change(make_customer(**COMPANY), setup_machine, gender="female")


def test_of_an_ended_relationship_nothing_changes(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer()
    decline_customer(customer.pk, reason=DeclineReason.DUPLICATE, by=setup_machine)
    with pytest.raises(DomainError, match="Cannot change"):
        change(customer, setup_machine, gender="female")
    with pytest.raises(Customer.DoesNotExist):
        change(Customer(), setup_machine, gender="female")


def test_the_second_of_two_editors_is_told(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer()
    save = partial(change_profile, customer.pk, by=setup_machine, reason="r")
    assert save(changes={"gender": "female"}, row_version=0) == ["gender"]
    for seen in (0, 2):
        with pytest.raises(StaleVersionError):
            save(changes={"gender": "male"}, row_version=seen)
    assert Profile.objects.get().gender == "female"
    assert save(changes={"gender": "male"}, row_version=1) == ["gender"]


@LOCKS
def test_of_first_editors_at_once_one_wins(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer()

    def edit(status: str) -> Any:
        return change_profile(
            customer.pk, changes={"marital_status": status}, by=setup_machine,
            reason="r", row_version=0,
        )  # fmt: skip

    results = race(*(partial(edit, s) for s in ("single", "married", "widowed")))
    assert results.count(["marital_status"]) == 1
    assert sum(isinstance(r, StaleVersionError) for r in results) == 2
    assert Profile.objects.get().history.count() == 1
