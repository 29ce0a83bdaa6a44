"""What customers hold in other systems counts against the limits of their tier."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from customers.registry.models import Customer
from customers.risk.choices import HoldingKind
from customers.risk.models import Holding
from customers.tiers.what_if.counting import BALANCE, Over, over
from tenants.models import Tenant, User
from tests.conftest import MakeCustomer

pytestmark = pytest.mark.django_db


def hold(customer: Customer, by: User, kind: str, status: str, **figures: Any) -> None:
    today = customer.tenant.today
    Holding(
        tenant=customer.tenant, customer=customer, kind=kind, status=status,
        reference=f"R{Holding.objects.count()}", figures=figures, opened_on=today,
        closed_on=today if status == "closed" else None, reported_at=timezone.now(),
    ).save_as(by, "Reported")  # fmt: skip


def test_open_balances_in_the_institutions_money_add_up(
    demo_bank: Tenant, second_bank: Tenant, make_customer: MakeCustomer,
    setup_machine: User,
) -> None:  # fmt: skip
    customer, other = make_customer(), make_customer(tenant=second_bank)
    wallet, card = HoldingKind.WALLET, HoldingKind.CARD
    hold(customer, setup_machine, wallet, "open", balance="9999.5", currency="USD")
    hold(customer, setup_machine, wallet, "open", balance="0.75", currency="USD")
    hold(customer, setup_machine, wallet, "closed", balance="70000", currency="USD")
    hold(customer, setup_machine, wallet, "open", balance="70000", currency="GHS")
    hold(customer, setup_machine, card, "open", limit="70000", currency="USD")
    hold(other, setup_machine, wallet, "open", balance="70000", currency="USD")
    found = over(demo_bank, BALANCE, BALANCE.of(demo_bank))
    assert found == {1: Over(1, 1, Decimal("0.25"))}
