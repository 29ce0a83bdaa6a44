"""What if: who would be over with other limits and terms, and that looking is free."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.db.models import CharField, DecimalField, F, QuerySet, Value
from django.db.models.functions import Cast
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from customers.registry.choices import Status
from customers.registry.models import Customer
from customers.tiers.balances import BALANCES, TRANSACTIONS, Source
from customers.tiers.models import ChannelRule, Tier
from customers.tiers.services import channel_rules_of, tiers_of
from customers.tiers.what_if.counting import (
    BALANCE,
    TRANSACTION,
    Over,
    late,
    over,
    worst,
)
from events.models import RecordedEvent
from tenants.models import Tenant
from tests.conftest import ClientAs, MakeCustomer, MakeStaff

pytestmark = pytest.mark.django_db
PLACE = "admin:tiers_tier_what_if"
AMOUNT = DecimalField(max_digits=18, decimal_places=3)
Hold = Callable[..., Customer]


def of_category(tenant: Tenant) -> QuerySet[Any]:
    """A stand-in for an app above: the amount is written in a column of the row."""
    rows = Customer.objects.for_tenant(tenant.pk).exclude(category="")
    amount = Cast(F("category"), AMOUNT)
    found: QuerySet[Any] = rows.values(customer_id=F("pk"), amount=amount)
    return found


def a_tenth(tenant: Tenant) -> QuerySet[Any]:
    """A second source that gives everybody 0.1 more."""
    rows = Customer.objects.for_tenant(tenant.pk)
    tenth = Cast(Value("0.1", output_field=CharField()), AMOUNT)
    found: QuerySet[Any] = rows.values(customer_id=F("pk"), amount=tenth)
    return found


def nothing(_: Tenant) -> QuerySet[Any]:
    return Customer.objects.none().values(customer_id=F("pk"), amount=F("category"))


@pytest.fixture
def source() -> Iterator[list[Source]]:
    """Only our sources are asked in a test."""
    kept = [(held, list(held)) for held in (BALANCES, TRANSACTIONS)]
    for held, _ in kept:
        held.clear()
    BALANCES.append(of_category)
    yield BALANCES
    for held, before in kept:
        held[:] = before


@pytest.fixture
def hold(make_customer: MakeCustomer) -> Hold:
    """A customer of a tier with an amount."""

    def make(amount: str, tier: int = 1, **columns: Any) -> Customer:
        tenant = columns.pop("tenant", None)
        customer = make_customer(tenant=tenant)
        rows = Customer.objects.filter(pk=customer.pk)
        rows.update(category=amount, tier=tier, **columns)
        customer.refresh_from_db()
        return customer

    return make


@pytest.fixture
def boss(make_staff: MakeStaff, client_as: ClientAs) -> Client:
    return client_as(make_staff("administrator"))


def limits(tenant: Tenant, **changed: str | None) -> dict[int, Decimal | None]:
    """The balances that hold, but for `t1="900"` and the like."""
    found = BALANCE.of(tenant)
    for name, most in changed.items():
        found[int(name[1:])] = None if most is None else Decimal(most)
    return found


# --- counting ------------------------------------------------------------------------
@pytest.mark.usefixtures("source")
def test_who_is_over_now_and_who_would_be(demo_bank: Tenant, hold: Hold) -> None:
    hold("10000")  # exactly at the limit is not over it
    hold("10000.01")
    hold("900.50")
    hold("60000", 2)
    hold("9000000", 4)
    hold("")
    found = over(demo_bank, BALANCE, limits(demo_bank, t1="900"))
    assert found[1] == Over(1, 3, Decimal("18200.51"))
    assert found[2] == Over(1, 1, Decimal(10000))
    assert found[4] == Over()
    assert 3 not in found
    as_it_stands = over(demo_bank, BALANCE, limits(demo_bank))[1]
    assert as_it_stands == Over(1, 1, Decimal("0.01"))
    found = over(demo_bank, BALANCE, limits(demo_bank, t1=None, t4="1"))
    assert (found[1], found[4]) == (Over(1, 0), Over(0, 1, Decimal(8999999)))


@pytest.mark.usefixtures("source")
def test_only_living_customers_of_the_institution(
    demo_bank: Tenant, second_bank: Tenant, hold: Hold
) -> None:
    hold("10001", status=Status.OFFBOARDED)
    hold("10001", status=Status.SUSPENDED)
    hold("10001", tenant=second_bank)
    assert over(demo_bank, BALANCE, limits(demo_bank))[1].then == 1
    assert len(worst(demo_bank, BALANCE, limits(demo_bank))) == 1


def test_a_source_that_gives_what_is_not_ours_is_not_believed(
    demo_bank: Tenant, second_bank: Tenant, hold: Hold, source: list[Source]
) -> None:
    other = hold("10001", tenant=second_bank)
    source[:] = [lambda _: of_category(second_bank)]
    assert over(demo_bank, BALANCE, limits(demo_bank)) == {}
    assert [row.customer_id for row in
            worst(second_bank, BALANCE, limits(second_bank))] == [other.pk]  # fmt: skip


def test_sources_add_up_to_the_last_digit(
    demo_bank: Tenant, hold: Hold, source: list[Source]
) -> None:
    """Three tenths are three tenths, also where the database has binary fractions."""
    hold("9999.7")
    source.extend([a_tenth, a_tenth, a_tenth, nothing])
    assert over(demo_bank, BALANCE, limits(demo_bank))[1].then == 0
    source.append(a_tenth)
    assert over(demo_bank, BALANCE, limits(demo_bank))[1].excess == Decimal("0.1")


def test_of_transactions_the_largest_counts(
    demo_bank: Tenant, hold: Hold, source: list[Source]
) -> None:
    assert not TRANSACTIONS
    assert over(demo_bank, TRANSACTION, TRANSACTION.of(demo_bank)) == {}
    TRANSACTIONS.extend([*source, a_tenth])
    hold("5001")
    assert over(demo_bank, TRANSACTION, TRANSACTION.of(demo_bank))[1] == Over(
        1, 1, Decimal(1)
    )


@pytest.mark.usefixtures("source")
def test_the_worst_come_first_and_are_twenty(demo_bank: Tenant, hold: Hold) -> None:
    for number in range(22):
        hold(str(10001 + number))
    found = worst(demo_bank, BALANCE, limits(demo_bank))
    assert [row.excess for row in found] == [Decimal(22 - n) for n in range(20)]


def test_terms_count_whom_the_next_sweep_would_suspend(
    demo_bank: Tenant, make_customer: MakeCustomer
) -> None:
    customer = make_customer(channel="mobile")
    registered = timezone.now() - timedelta(days=5)
    Customer.objects.filter(pk=customer.pk).update(registered_at=registered)
    days = {c: rule.kyc_within_days for c, rule in channel_rules_of(demo_bank).items()}
    assert {c: (now, then) for c, now, then in late(demo_bank, days)} == {
        "web": (0, 0), "mobile": (0, 0), "ussd": (0, 0), "agent": (0, 0),
    }  # fmt: skip
    found = {c: (now, then) for c, now, then in late(demo_bank, {**days, "mobile": 3})}
    assert found["mobile"] == (0, 1)
    demo_bank.kyc_required = False
    found = {c: (now, then) for c, now, then in late(demo_bank, {**days, "mobile": 3})}
    assert found["mobile"] == (0, 0)


@pytest.mark.usefixtures("source")
def test_the_number_of_queries_does_not_grow(demo_bank: Tenant, hold: Hold) -> None:
    seen = []
    tiers_of(demo_bank)
    for _ in range(2):
        for _ in range(3):
            hold("10001")
        with CaptureQueriesContext(connection) as asked:
            over(demo_bank, BALANCE, limits(demo_bank))
        seen.append(len(asked))
    assert seen[0] == seen[1]


# --- the page ------------------------------------------------------------------------
@pytest.mark.usefixtures("source")
def test_an_administrator_sees_numbers_and_goes_on_to_the_form(
    demo_bank: Tenant, hold: Hold, boss: Client
) -> None:
    customer = hold("1000")
    page = boss.get(reverse(PLACE)).content.decode()
    assert "Nobody would be over; nobody now." in page
    assert 'value="10000.00"' in page
    before = RecordedEvent.objects.count()
    page = boss.get(reverse(PLACE), {"max_balance_1": "900"}).content.decode()
    assert "1 customer would be over; nobody now." in page
    assert ">100.00 USD<" in page
    assert "shown to those who may see customers" in page
    # Who configures meets no customer.
    assert customer.public_id not in page
    assert customer.name not in page
    assert str(customer.pk) not in page
    edit = reverse("admin:tiers_tier_edit", args=[tiers_of(demo_bank)[1].pk])
    link = f"{edit}?{urlencode({'max_balance': '900.00'})}"
    assert link in page
    form = boss.get(link).content.decode()
    assert 'value="900.00"' in form
    assert 'value="5000.00"' in form
    assert "not saved yet" in form
    assert tiers_of(demo_bank)[1].max_balance == 10000
    assert Tier.history.count() == 4
    assert RecordedEvent.objects.count() == before


@pytest.mark.usefixtures("source")
def test_compliance_sees_names_and_no_way_to_change(
    hold: Hold, make_staff: MakeStaff, client_as: ClientAs
) -> None:
    customer = hold("1000")
    client = client_as(make_staff("compliance_officer"))
    asked = {"max_balance_1": "900", "days_mobile": "3"}
    page = client.get(reverse(PLACE), asked).content.decode()
    assert reverse("admin:registry_customer_change", args=[customer.pk]) in page
    assert customer.name in page
    assert "100.00 USD over" in page
    assert "/edit/" not in page


@pytest.mark.parametrize("role", ["client_facing", "teller", "auditor"])
def test_others_may_not_ask(
    make_staff: MakeStaff, client_as: ClientAs, role: str
) -> None:
    client = client_as(make_staff(role))
    assert client.get(reverse(PLACE)).status_code == 403
    page = client.get(reverse("admin:tiers_tier_changelist")).content.decode()
    assert "What if" not in page


def test_who_has_no_institution_has_nobody_to_ask_about(
    admin_client: Client,
) -> None:
    assert admin_client.get(reverse(PLACE)).status_code == 403


def test_the_lists_lead_there(boss: Client) -> None:
    for name in ("tiers_tier_changelist", "tiers_channelrule_changelist"):
        page = boss.get(reverse(f"admin:{name}")).content.decode()
        assert reverse(PLACE) in page
    assert boss.post(reverse(PLACE)).status_code == 405


@pytest.mark.usefixtures("source")
@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"max_balance_1": "0"}, "Limits must be above 0"),
        ({"max_balance_1": "-5"}, "Limits must be above 0"),
        ({"max_balance_1": "1.005"}, "Give 2 digits behind the point."),
        ({"max_balance_1": "NaN"}, "Enter a number."),
        ({"max_balance_1": "1e30"}, "A limit is less than"),
        ({"max_balance_1": "<script>"}, "Enter a number."),
        ({"days_web": "-1"}, "Days are 0 or more."),
        ({"days_web": "367"}, "More than 366 days is a slip."),
        ({"days_web": ""}, "Give the days."),
    ],
)
def test_what_the_form_refuses(
    boss: Client, asked: dict[str, str], sentence: str
) -> None:
    page = boss.get(reverse(PLACE), asked)
    assert page.status_code == 200
    assert sentence in page.content.decode()
    assert "Would be over" not in page.content.decode()


@pytest.mark.usefixtures("source")
def test_an_emptied_limit_is_no_limit(hold: Hold, boss: Client) -> None:
    hold("10001")
    page = boss.get(reverse(PLACE), {"max_balance_1": ""}).content.decode()
    assert "Nobody would be over; 1 now." in page


def test_without_a_source_only_terms_can_be_tried(
    boss: Client, source: list[Source], demo_bank: Tenant
) -> None:
    source.clear()
    page = boss.get(reverse(PLACE), {"days_mobile": "3"}).content.decode()
    assert "Nobody reports what customers hold." in page
    assert "max_balance_1" not in page
    rule = ChannelRule.objects.get(tenant=demo_bank, channel="mobile")
    edit = reverse("admin:tiers_channelrule_edit", args=[rule.pk])
    assert f"{edit}?kyc_within_days=3" in page
    assert 'value="3"' in boss.get(f"{edit}?kyc_within_days=3").content.decode()


def test_the_address_fills_in_limits_alone(boss: Client, demo_bank: Tenant) -> None:
    edit = reverse("admin:tiers_tier_edit", args=[tiers_of(demo_bank)[1].pk])
    page = boss.get(f"{edit}?name=Robbed&reason=Because").content.decode()
    assert "Robbed" not in page
    assert "Because" not in page
