"""A tier's balance is all that a customer holds: every account and product together."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.models import DecimalField, F, QuerySet
from django.db.models.functions import Cast

from common.errors import DomainError
from customers.registry.models import Customer
from customers.tiers.balances import BALANCES, balances, held_by
from customers.tiers.what_if.counting import BALANCE, over
from deposits.limits import ACCOUNT_BALANCES, account_balances, refuse_operation
from deposits.models import Account
from deposits.services import open_account
from tenants.models import Tenant, User
from tests.conftest import MakeCustomer, race

pytestmark = pytest.mark.django_db
AMOUNT: Any = DecimalField(max_digits=18, decimal_places=3)
CENT = Decimal("0.01")


def of_accounts(tenant: Tenant) -> QuerySet[Any]:
    """A stand-in for the books: the amount is written in a column of the row."""
    rows = Account.objects.for_tenant(tenant.pk).filter(currency=tenant.currency)
    amount = Cast("account_type", AMOUNT)
    rows = rows.exclude(account_type="current")
    return rows.values("customer_id", amount=amount, account_id=F("pk"))


def of_wallets(tenant: Tenant) -> QuerySet[Any]:
    rows = Customer.objects.for_tenant(tenant.pk).exclude(category="")
    return rows.values(customer_id=F("pk"), amount=Cast(F("category"), AMOUNT))


@pytest.fixture(autouse=True)
def _books() -> Iterator[None]:
    kept = [(held, list(held)) for held in (BALANCES, ACCOUNT_BALANCES)]
    account_balances(of_accounts)
    balances(of_wallets)
    yield
    for held, before in kept:
        held[:] = before


def accounts(customer: Customer, by: User, *amounts: str) -> list[Account]:
    """Active accounts with these amounts, opened one after the other."""
    opened = [open_account(customer.pk, by=by) for _ in amounts]
    for account, amount in zip(opened, amounts, strict=True):
        rows = Account.objects.filter(pk=account.pk)
        rows.update(status=Account.Status.ACTIVE, account_type=amount)
    return opened


def post(account: Account, amount: Decimal) -> None:
    """Ask and write, as the books will."""
    with transaction.atomic():
        rows = Account.objects.filter(pk=account.pk)
        before = Decimal(rows.get().account_type)
        refuse_operation(account, amount=amount, balance_after=before + amount)
        rows.update(account_type=str(before + amount))


def test_to_the_cent_over_three_accounts(
    make_customer: MakeCustomer, setup_machine: User, demo_bank: Tenant
) -> None:
    customer = make_customer(verified=True)
    first, second, third = accounts(customer, setup_machine, "4000", "3000.10", "0")
    post(third, Decimal("2999.89"))
    assert held_by(customer) == Decimal("9999.99")
    with pytest.raises(DomainError, match=r"in all; it would be 10,000\.01") as caught:
        post(first, 2 * CENT)
    assert caught.value.code == "LIMIT_EXCEEDED"
    post(second, CENT)
    assert held_by(customer) == 10_000
    assert over(demo_bank, BALANCE, {1: Decimal(10_000)})[1].then == 0
    assert over(demo_bank, BALANCE, {1: Decimal("9999.99")})[1].then == 1


def test_other_products_count_and_other_customers_do_not(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer, other = (make_customer(verified=True) for _ in range(2))
    (account,) = accounts(customer, setup_machine, "0")
    accounts(other, setup_machine, "9000")
    Customer.objects.filter(pk=customer.pk).update(category="6000")
    with pytest.raises(DomainError, match=r"it would be 10,000\.01"):
        post(account, Decimal("4000.01"))
    post(account, Decimal(4000))


def test_who_is_over_may_still_take_out(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer(verified=True)
    account, _ = accounts(customer, setup_machine, "9000", "9000")
    with transaction.atomic():
        refuse_operation(account, amount=Decimal(1), balance_after=None)


def test_other_money_is_not_added_up(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer(verified=True)
    yen, ours = accounts(customer, setup_machine, "9000", "9000")
    Account.objects.filter(pk=yen.pk).update(currency="JPY")
    post(ours, Decimal(1000))
    post(yen, Decimal(1000))
    with pytest.raises(DomainError, match="allows a balance"):
        post(yen, Decimal(1))


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_pass_together(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    """Each alone would end at the limit to the cent."""
    customer = make_customer(verified=True)
    first, second = accounts(customer, setup_machine, "2500", "2500")
    results = race(
        lambda: post(first, Decimal(5000)), lambda: post(second, Decimal(5000))
    )
    refused = [each for each in results if isinstance(each, DomainError)]
    assert [each.code for each in refused] == ["LIMIT_EXCEEDED"]
    assert held_by(customer) == 10_000
