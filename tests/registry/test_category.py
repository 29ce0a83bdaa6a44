"""A category is one of the institution's own words, whoever asks, by whatever door."""

import pytest

from common.errors import DomainError
from customers.registry.commands.staging import stage_customer
from customers.registry.dictionaries.entries import change_entry
from customers.registry.models import Customer, Dictionary
from customers.registry.services import update_customer
from tenants.models import Tenant, User
from tests.conftest import MakeCustomer, a_registration
from tests.registry.dictionaries.conftest import entries

pytestmark = pytest.mark.django_db
UNKNOWN = ["gold", "Staff", "x" * 50, "'; --"]


def retire(tenant: Tenant, code: str, by: User) -> None:
    entry = entries(tenant, Dictionary.CUSTOMER_CATEGORY)[code]
    change_entry(
        entry.pk, label=entry.label, order=entry.order, is_active=False, by=by,
        reason="No more",
    )  # fmt: skip


def change(customer: Customer, category: str, by: User) -> list[str]:
    changes = {"category": category}
    return update_customer(customer.pk, changes=changes, by=by, reason="Told us")


@pytest.mark.parametrize("code", UNKNOWN)
def test_what_no_dictionary_has_is_refused(
    make_customer: MakeCustomer, setup_machine: User, demo_bank: Tenant, code: str
) -> None:
    with pytest.raises(DomainError, match="one of the list") as refusal:
        make_customer(category=code)
    assert refusal.value.field == "category"
    assert not Customer.objects.exists()
    customer = make_customer()
    with pytest.raises(DomainError, match="one of the list"):
        change(customer, code, setup_machine)
    asked = a_registration(9, category=code)
    staged = stage_customer(asked, tenant=demo_bank, by=setup_machine)
    assert [error.field for error in staged.errors] == ["category"]


def test_a_word_in_use_is_kept_and_cleared(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer(category="staff")
    assert customer.category == "staff"
    assert change(customer, "", setup_machine) == ["category"]
    assert change(customer, " staff ", setup_machine) == ["category"]


def test_a_retired_word_stays_with_who_has_it_and_comes_to_nobody(
    make_customer: MakeCustomer, setup_machine: User, demo_bank: Tenant
) -> None:
    customer, other = make_customer(category="staff"), make_customer()
    retire(demo_bank, "staff", setup_machine)
    assert change(customer, "staff", setup_machine) == []
    changes = {"category": "staff", "name": "Ama Owusu"}
    assert update_customer(
        customer.pk, changes=changes, by=setup_machine, reason="Told us"
    ) == ["name"]
    with pytest.raises(DomainError, match="one of the list"):
        change(other, "staff", setup_machine)
    with pytest.raises(DomainError, match="one of the list"):
        make_customer(category="staff")


def test_the_words_of_another_bank_are_none_of_ours(
    make_customer: MakeCustomer, second_bank: Tenant, setup_machine: User
) -> None:
    retire(second_bank, "staff", setup_machine)
    assert make_customer(category="staff").category == "staff"
