"""Limits at the cent, and the rows an institution begins with."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from common.errors import DomainError
from customers.registry.models import Customer
from customers.tiers.models import ChannelRule, Tier
from customers.tiers.services import (
    change_channel_rule,
    change_tier,
    channel_rules_of,
    refuse_beyond_limits,
    tiers_of,
)
from tenants.models import Tenant, User
from tests.conftest import MakeCustomer, race

pytestmark = pytest.mark.django_db
CENT = Decimal("0.01")


@pytest.fixture
def of_tier(make_customer: MakeCustomer) -> Callable[[int], Customer]:
    def make(tier: int) -> Customer:
        customer = make_customer()
        customer.tier = tier
        return customer

    return make


# --- at posting time ----------------------------------------------------------------
@pytest.mark.parametrize(
    ("tier", "most", "balance"),
    [(1, 5_000, 10_000), (2, 25_000, 50_000), (3, 250_000, 500_000)],
)
def test_the_limit_itself_is_allowed_a_cent_more_is_not(
    of_tier: Callable[[int], Customer], tier: int, most: int, balance: int
) -> None:
    customer = of_tier(tier)
    amount, full = Decimal(most), Decimal(balance)
    refuse_beyond_limits(customer, amount=amount, balance_after=full)
    with pytest.raises(DomainError, match="in one transaction") as caught:
        refuse_beyond_limits(customer, amount=amount + CENT, balance_after=full)
    assert caught.value.code == "LIMIT_EXCEEDED"
    with pytest.raises(DomainError, match="allows a balance of") as caught:
        refuse_beyond_limits(customer, amount=amount, balance_after=full + CENT)
    assert caught.value.code == "LIMIT_EXCEEDED"


def test_the_sentences(of_tier: Callable[[int], Customer]) -> None:
    customer = of_tier(1)
    with pytest.raises(DomainError) as caught:
        refuse_beyond_limits(customer, amount=Decimal(6000), balance_after=None)
    assert caught.value.message == (
        "Tier 1 Basic allows 5,000.00 USD in one transaction; this is 6,000.00 USD."
    )
    with pytest.raises(DomainError) as caught:
        refuse_beyond_limits(
            customer, amount=Decimal(1), balance_after=Decimal("10000.01")
        )
    assert caught.value.message == (
        "Tier 1 Basic allows a balance of 10,000.00 USD in all;"
        " it would be 10,000.01 USD."
    )


def test_who_is_over_may_still_take_money_out(
    of_tier: Callable[[int], Customer],
) -> None:
    refuse_beyond_limits(of_tier(1), amount=Decimal(5000), balance_after=None)


def test_business_has_no_limit(of_tier: Callable[[int], Customer]) -> None:
    much = Decimal(10) ** 14
    refuse_beyond_limits(of_tier(4), amount=much, balance_after=much)


def test_a_change_holds_from_the_next_posting_on(
    of_tier: Callable[[int], Customer], demo_bank: Tenant, second_bank: Tenant,
    make_customer: MakeCustomer, setup_machine: User,
) -> None:  # fmt: skip
    row = tiers_of(demo_bank)[1]
    change_tier(row.pk, max_transaction=Decimal(1), by=setup_machine, reason="Fraud")
    asked: dict[str, Any] = {"amount": Decimal(2), "balance_after": Decimal(2)}
    with pytest.raises(DomainError, match=r"allows 1\.00 USD"):
        refuse_beyond_limits(of_tier(1), **asked)
    refuse_beyond_limits(make_customer(tenant=second_bank), **asked)
    now, then = row.history.all()
    assert (now.max_transaction, then.max_transaction) == (1, 5000)
    assert now.history_change_reason == "Fraud"


# --- rows of an institution ---------------------------------------------------------
def test_an_institution_begins_with_the_domains_rows(demo_bank: Tenant) -> None:
    rows = tiers_of(demo_bank)
    assert [(n, row.name, row.max_balance, row.max_transaction)
            for n, row in rows.items()] == [
        (1, "Basic", 10_000, 5_000), (2, "Standard", 50_000, 25_000),
        (3, "Premium", 500_000, 250_000), (4, "Business", None, None),
    ]  # fmt: skip
    rules = channel_rules_of(demo_bank)
    assert {name: (r.kyc_within_days, r.needs_phone, r.needs_email)
            for name, r in rules.items()} == {
        "web": (0, True, True), "mobile": (7, True, False),
        "ussd": (30, True, False), "agent": (1, True, False),
    }  # fmt: skip
    assert rows[1].history.get().history_user.username == "system:setup"
    tiers_of(demo_bank)
    assert Tier.objects.count() == 4


def test_each_institution_has_its_own(demo_bank: Tenant, second_bank: Tenant) -> None:
    assert tiers_of(demo_bank)[1].pk != tiers_of(second_bank)[1].pk
    assert {row.tenant_id for row in tiers_of(second_bank).values()} == {second_bank.pk}


@pytest.mark.django_db(transaction=True)
def test_two_first_readers_make_them_once(demo_bank: Tenant) -> None:
    results = race(
        *(lambda: tiers_of(demo_bank) for _ in range(3)),
        *(lambda: channel_rules_of(demo_bank) for _ in range(3)),
    )
    assert [len(rows) for rows in results] == [4] * 6
    assert (Tier.objects.count(), ChannelRule.objects.count()) == (4, 4)


NEVER: list[tuple[dict[str, Any], str]] = [
    ({"max_balance": Decimal(0)}, "Limits must be above 0"),
    ({"max_transaction": Decimal(-1)}, "Limits must be above 0"),
    ({"max_transaction": Decimal(10_001)}, "may not be larger than the maximum"),
    ({"max_transaction": None}, "may not be larger than the maximum"),
]


@pytest.mark.parametrize(("values", "sentence"), NEVER)
def test_limits_that_cannot_be(
    demo_bank: Tenant, setup_machine: User, values: dict[str, Any], sentence: str
) -> None:
    row = tiers_of(demo_bank)[1]
    with pytest.raises(ValidationError, match=sentence):
        change_tier(row.pk, by=setup_machine, reason="Slip", **values)
    with pytest.raises(IntegrityError), transaction.atomic():
        Tier.objects.filter(pk=row.pk).update(**values)


def test_days_below_zero_cannot_be(demo_bank: Tenant, setup_machine: User) -> None:
    rule = channel_rules_of(demo_bank)["web"]
    with pytest.raises(ValidationError):
        change_channel_rule(
            rule.pk, kyc_within_days=-1, by=setup_machine, reason="Slip"
        )
