"""The nightly job: right for everybody, resumable, and only what changed is written."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common.errors import DomainError
from customers.registry.choices import Status
from customers.registry.models import Customer
from customers.registry.services import record_activity
from customers.risk.models import Engagement, Holding, SegmentRule
from customers.risk.segments import computing, counts, facts
from customers.risk.segments.counts import BALANCES, PRODUCT_COUNTS, Customers
from customers.risk.segments.rule import Standing, Usage
from customers.risk.segments.rules import change_segment_rule, rules_of
from deposits.services import open_account
from events.events import Subscription
from events.models import Delivery, NightlyRun, RecordedEvent
from events.nightly import NIGHTLIES, LostNightError, Night, run_nightly
from tenants.models import Tenant, User
from tests.conftest import MakeCustomer
from tests.house import events
from tests.risk.holdings import hold, report

pytestmark = pytest.mark.django_db


def night(tenant: Tenant) -> dict[str, int]:
    figures: dict[str, int] = run_nightly("segments", tenant).figures
    return figures


def small_windows(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    real = Night.windows
    monkeypatch.setattr(
        Night, "windows", lambda self, rows, **kw: real(self, rows, size=size, **kw)
    )


@pytest.fixture
def _own_counts() -> Iterator[None]:
    """Let a test register counts as an app above does; gone afterwards."""
    products, balances = list(PRODUCT_COUNTS), list(BALANCES)
    yield
    PRODUCT_COUNTS[:], BALANCES[:] = products, balances


# --- one customer -------------------------------------------------------------------
def test_it_runs_at_three() -> None:
    assert NIGHTLIES["segments"].hour == 3


def test_what_counts(make_customer: MakeCustomer, setup_machine: User) -> None:
    customer = make_customer(verified=True)
    Customer.objects.filter(pk=customer.pk).update(tier=3)
    record_activity(customer.pk, by=setup_machine, reason="Came by")
    open_account(customer.pk, by=setup_machine)
    hold(customer, "loan", "campaign")
    report(
        customer, figures={"balance": "10000", "currency": "USD", "transactions_90d": 3}
    )
    report(customer, reference="W-2", figures={"balance": "5.00", "currency": "EUR"})
    report(customer, reference="W-3", status="withdrawn")
    assert night(customer.tenant) == {"customers": 1, "written": 1, "moved": 1}
    row = Engagement.objects.get()
    assert row.components == {
        "last_on": customer.tenant.today.isoformat(), "operations": 4, "products": 5,
        "balance": "10000", "tier": 3,
        "points": {"recency": 40, "frequency": 20, "products": 30},
    }  # fmt: skip
    assert (row.score, row.segment) == (90, "premium")
    assert row.computed_on == customer.tenant.today
    fact = RecordedEvent.objects.get(type="SegmentChanged")
    assert fact.payload == {
        "customer_id": str(customer.pk), "before": "", "segment": "premium"
    }  # fmt: skip
    assert fact.subject_id == str(customer.pk)
    assert fact.actor.username == "system:sweep"


def test_whoever_comes_in_at_the_bottom_has_moved_nowhere(
    make_customer: MakeCustomer,
) -> None:
    customer = make_customer(verified=True)
    night(customer.tenant)
    assert Engagement.objects.get().segment == "basic"
    assert not events("SegmentChanged")


def test_only_verified_customers_who_are_with_us_count(
    make_customer: MakeCustomer,
) -> None:
    customer, pending = make_customer(verified=True), make_customer()
    night(customer.tenant)
    assert not Engagement.objects.filter(customer=pending).exists()
    Customer.objects.filter(pk=customer.pk).update(status=Status.OFFBOARDED)
    night(customer.tenant)
    assert not Engagement.objects.exists()
    gone = RecordedEvent.objects.get(type="SegmentChanged")
    assert gone.payload["before"] == "basic"
    assert gone.payload["segment"] == ""
    event = gone.as_event()
    assert event is not None
    assert event.words() == ("Segment changed", "none, was basic")


def test_each_institution_by_its_own_rules(
    make_customer: MakeCustomer, second_bank: Tenant
) -> None:
    here, there = make_customer(verified=True), make_customer(tenant=second_bank)
    night(here.tenant)
    assert not Engagement.objects.for_tenant(second_bank.pk).exists()
    assert night(second_bank)["customers"] == 0
    assert there.tenant_id == second_bank.pk


@pytest.mark.usefixtures("_own_counts")
def test_apps_above_add_their_counts(make_customer: MakeCustomer) -> None:
    customer = make_customer(verified=True)

    def two_each(customers: Customers) -> dict[Any, int]:
        return dict.fromkeys(customers.values_list("pk", flat=True), 2)

    PRODUCT_COUNTS.append(two_each)
    BALANCES.append(lambda customers: {each.pk: Decimal("7.5") for each in customers})
    night(customer.tenant)
    said = Engagement.objects.get().components
    assert (said["products"], said["balance"]) == (2, "7.5")


def test_use_that_nobody_reports_any_more_counts_no_longer(
    make_customer: MakeCustomer,
) -> None:
    customer = make_customer(verified=True)
    now = timezone.now()
    for reference, days in (("W-1", 91), ("W-2", 90)):
        at = now - timedelta(days=days)
        used = {"balance": "5.00", "currency": "USD", "transactions_90d": 12 + days}
        report(customer, reference=reference, reported_at=at, figures=used)
    night(customer.tenant)
    said = Engagement.objects.get().components
    assert (said["operations"], said["products"], said["balance"]) == (102, 2, "10")
    rows = Holding.objects.filter(reference="W-2")
    rows.update(reported_at=now - timedelta(days=91))
    assert night(customer.tenant)["written"] == 1
    assert Engagement.objects.get().components["operations"] == 0


# --- many ---------------------------------------------------------------------------
def _populate(make_customer: MakeCustomer, chance: Random, number: int) -> None:
    now = timezone.now()
    for _ in range(number):
        customer = make_customer(verified=chance.random() < 0.9)
        days = chance.choice([None, 0, 29, 30, 31, 90, 91, 180, 181, 365, 366])
        last = None if days is None else now - timedelta(days=days)
        tier = chance.randint(1, 4)
        rows = Customer.objects.filter(pk=customer.pk)
        rows.update(tier=tier, last_activity_at=last)
        for place in range(chance.randint(0, 4)):
            report(
                customer, reference=f"{customer.public_id}.{place}",
                status=chance.choice(["open", "open", "withdrawn"]),
                figures={
                    "balance": f"{chance.choice([0, 99, 5000, 12000])}.07",
                    "currency": chance.choice(["USD", "USD", "EUR"]),
                    "transactions_90d": chance.randint(0, 6),
                },
                reported_at=now - timedelta(days=chance.choice([0, 90, 91, 300])),
            )  # fmt: skip


def _by_hand(customer: Customer) -> Usage:
    """One customer alone, without any of the job's queries."""
    last = customer.last_activity_at
    held = [row for row in customer.holdings.all() if row.status == "open"]
    said = [row.figures for row in held]
    since = customer.tenant.today - timedelta(days=90)
    fresh = [row for row in held if timezone.localdate(row.reported_at) >= since]
    ours = [each for each in said if each["currency"] == "USD"]
    return Usage(
        tier=customer.tier,
        last_on=timezone.localdate(last) if last else None,
        operations=sum(row.figures["transactions_90d"] for row in fresh),
        products=len(held),
        balance=sum((Decimal(each["balance"]) for each in ours), Decimal(0)),
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_sets_agree_with_one_at_a_time(
    seed: int, make_customer: MakeCustomer, demo_bank: Tenant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    _populate(make_customer, Random(seed), 40)
    small_windows(monkeypatch, 7)
    night(demo_bank)
    rules = list(rules_of(demo_bank).values())
    stored = {row.customer_id: row for row in Engagement.objects.all()}
    verified = Customer.objects.filter(kyc_status="verified")
    assert stored.keys() == set(verified.values_list("pk", flat=True))
    for customer in verified:
        wanted = Standing.of(_by_hand(customer), rules, on=demo_bank.today).kept()
        row = stored[customer.pk]
        assert {name: getattr(row, name) for name in wanted} == wanted
    assert {row.segment for row in stored.values()} == {"premium", "standard", "basic"}


def test_the_second_night_writes_nothing_but_what_changed(
    make_customer: MakeCustomer, demo_bank: Tenant
) -> None:
    _populate(make_customer, Random(3), 12)
    night(demo_bank)
    before = list(Engagement.objects.order_by("pk").values_list())
    told = events("SegmentChanged")
    again = night(demo_bank)
    assert (again["written"], again["moved"]) == (0, 0)
    assert list(Engagement.objects.order_by("pk").values_list()) == before
    assert events("SegmentChanged") == told
    customer = Customer.objects.filter(kyc_status="verified").first()
    assert customer
    report(customer, reference="NEW")
    assert night(demo_bank)["written"] == 1


def test_questions_do_not_grow_with_customers(
    make_customer: MakeCustomer, demo_bank: Tenant
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            night(demo_bank)
        return len(found)

    _populate(make_customer, Random(4), 3)
    few = asked()
    _populate(make_customer, Random(5), 30)
    assert asked() <= few


def test_a_move_is_delivered_to_who_listens(
    make_customer: MakeCustomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = Subscription("test.hear", "SegmentChanged", lambda _: None, "Hear")
    monkeypatch.setattr(facts, "subscriptions_to", lambda _: [heard])
    customer = make_customer(verified=True)
    Customer.objects.filter(pk=customer.pk).update(tier=4)
    report(customer, figures={"balance": "99999.00", "currency": "USD"})
    report(customer, reference="W-2", figures={"balance": "1.00", "currency": "USD"})
    night(customer.tenant)
    delivery = Delivery.objects.get(handler="test.hear")
    assert delivery.event.payload["segment"] == "premium"
    assert delivery.status == Delivery.Status.DUE


# --- broken off ---------------------------------------------------------------------
class KilledError(Exception):
    """The process ended here."""


def _break_at(monkeypatch: pytest.MonkeyPatch, window: int) -> None:
    real, count = counts.usage_of, iter(range(1, 100))

    def dying(*args: Any, **kwargs: Any) -> Any:
        if next(count) == window:
            raise KilledError
        return real(*args, **kwargs)

    monkeypatch.setattr(computing, "usage_of", dying)


def test_a_window_that_fails_leaves_the_earlier_ones_and_is_taken_up(
    make_customer: MakeCustomer, demo_bank: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    customers = [make_customer(verified=True) for _ in range(5)]
    small_windows(monkeypatch, 2)
    with monkeypatch.context() as patched:
        _break_at(patched, 2)
        with pytest.raises(KilledError):
            night(demo_bank)
    done = set(Engagement.objects.values_list("customer_id", flat=True))
    assert done == {each.pk for each in sorted(customers, key=lambda c: c.pk)[:2]}
    assert night(demo_bank) == {"customers": 5, "written": 5, "moved": 0}
    assert Engagement.objects.count() == 5
    assert NightlyRun.objects.get().starts == 2


def test_a_lost_lease_leaves_no_trace(
    make_customer: MakeCustomer, demo_bank: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = make_customer(verified=True)
    Customer.objects.filter(pk=customer.pk).update(tier=4)
    report(customer, figures={"balance": "99999.00", "currency": "USD"})
    report(customer, kind="card", reference="C-1")
    real = counts.usage_of

    def overtaken(*args: Any, **kwargs: Any) -> Any:
        NightlyRun.objects.update(lease=uuid4())
        return real(*args, **kwargs)

    monkeypatch.setattr(computing, "usage_of", overtaken)
    with pytest.raises(LostNightError):
        night(demo_bank)
    assert not Engagement.objects.exists()
    assert not events("SegmentChanged")


# --- rules ----------------------------------------------------------------------------
def test_the_usual_rules_are_made_once(demo_bank: Tenant) -> None:
    assert set(rules_of(demo_bank)) == {"premium", "standard"}
    rules_of(demo_bank)
    assert SegmentRule.objects.count() == 2


@pytest.mark.parametrize(
    ("segment", "name", "value", "words"),
    [
        ("premium", "min_tier", 1, "a tier below standard’s 2."),
        ("premium", "min_score", 29, "an engagement below standard’s 30."),
        ("standard", "min_tier", 4, "a tier below standard’s 4."),
        ("standard", "min_balance", Decimal("10000.01"),
         "a balance below standard’s 10000.01."),
    ],
)  # fmt: skip
def test_premium_may_not_ask_for_less(
    segment: str, name: str, value: Any, words: str, demo_bank: Tenant,
    setup_machine: User,
) -> None:  # fmt: skip
    rule = rules_of(demo_bank)[segment]
    before = getattr(rule, name)
    with pytest.raises(DomainError, match=words) as refused:
        change_segment_rule(rule.pk, by=setup_machine, reason="Less", **{name: value})
    assert refused.value.field == name
    rule.refresh_from_db()
    assert getattr(rule, name) == before


def test_a_changed_rule_moves_customers_with_the_next_night(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer(verified=True)
    night(customer.tenant)
    rule = rules_of(customer.tenant)["standard"]
    values = {"min_tier": 1, "min_balance": Decimal(0), "min_score": 0}
    change_segment_rule(rule.pk, by=setup_machine, reason="All", **values)
    assert rule.history.count() == 2
    assert night(customer.tenant)["moved"] == 1
    fact = RecordedEvent.objects.get(type="SegmentChanged")
    assert (fact.payload["before"], fact.payload["segment"]) == ("basic", "standard")
