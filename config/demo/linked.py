"""Accounts elsewhere of demo customers: a bank account for payouts, a wallet."""

from uuid import UUID, uuid5

from stdnum import iban

from customers.registry.models import Customer
from deposits.linked.services import (
    LinkRequest,
    confirm_test_amount,
    link_account,
    make_primary,
    send_test_amount,
)
from tenants.models import User


def link_accounts(customer: Customer, *, clerk: User, officer: User) -> None:
    """Link both as the clerk; the officer hears which test amount came."""
    bank = link_account(customer.pk, _bank(customer), by=clerk)
    if bank.status == bank.Status.UNVERIFIED:
        shown = send_test_amount(bank.pk, by=clerk)
        confirm_test_amount(bank.pk, amount=shown.amount, by=officer)
        make_primary(bank.pk, by=clerk)
    if customer.is_individual and customer.phone:
        link_account(customer.pk, _wallet(customer), by=clerk)


def _bank(customer: Customer) -> LinkRequest:
    number = "GB00WEST123456" + customer.public_id.replace("-", "").rjust(8, "0")[-8:]
    return LinkRequest(
        id=uuid5(UUID(str(customer.pk)), "bank"),
        kind="bank",
        institution="West Bank",
        holder_name=customer.name,
        number=f"GB{iban.calc_check_digits(number)}{number[4:]}",
        country="GBR",
    )


def _wallet(customer: Customer) -> LinkRequest:
    return LinkRequest(
        id=uuid5(UUID(str(customer.pk)), "wallet"),
        kind="wallet",
        institution="Pocket Money",
        holder_name=customer.name,
        number=customer.phone,
        country="GHA",
    )
