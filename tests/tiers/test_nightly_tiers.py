"""The nightly look at every tier: SQL says what the ladder says, and repairs it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.registry.choices import KycStatus, Status
from customers.registry.events import TierChanged
from customers.registry.models import Customer
from customers.tiers.choices import EvidenceKind as Kind
from customers.tiers.ladder import tier_of
from customers.tiers.models import Evidence
from customers.tiers.recomputing import REASON, demanding, repair_tiers
from customers.tiers.services import (
    OWNER_RULES,
    current_tier,
    kinds_in_force,
    missing_for_next,
)
from events.events import SUBSCRIPTIONS, Subscription
from events.models import Delivery, RecordedEvent
from events.nightly import run_nightly
from tenants.models import Tenant, User
from tenants.services import get_machine
from tests.conftest import Deliver, MakeCustomer, race
from tests.services.conftest import require
from tests.tiers.conftest import COMPANY, GOVERNMENT, Prove

pytestmark = pytest.mark.django_db
PAPERS = (Kind.ID_DOCUMENT, Kind.ADDRESS_DOCUMENT)
BUSINESS = (Kind.BUSINESS_REGISTRATION, Kind.OWNERS_VERIFIED)
EVERYBODY = Customer.objects.all


def put(customer: Customer, **columns: Any) -> None:
    """Write past the commands, as a hand in the database would."""
    Customer.objects.filter(pk=customer.pk).update(**columns)


@pytest.fixture
def standard(make_customer: MakeCustomer, prove: Prove, deliver: Deliver) -> Customer:
    customer = make_customer(verified=True)
    deliver()
    prove(customer, *PAPERS)
    assert customer.tier == 2
    return customer


@pytest.fixture
def company(make_customer: MakeCustomer, prove: Prove, deliver: Deliver) -> Customer:
    customer = make_customer(verified=True, **COMPANY)
    deliver()
    prove(customer, *BUSINESS)
    assert customer.tier == 4
    return customer


@pytest.fixture
def held_back() -> Iterator[set[Any]]:
    """Customers whose owners count for nothing."""
    held: set[Any] = set()

    def rule(customer: Customer) -> str:
        return "An owner is not verified." if customer.pk in held else ""

    OWNER_RULES.append(rule)
    yield held
    OWNER_RULES.remove(rule)


# --- the pure function is the truth ------------------------------------------------
@given(
    proven=st.lists(
        st.tuples(
            st.sampled_from(Kind),
            st.sampled_from([None, -400, -1, 0, 1]),  # days until it runs out
            st.booleans(),  # withdrawn
        ),
        max_size=9,
    ),
    who=st.sampled_from([{}, COMPANY, GOVERNMENT]),
    kyc=st.sampled_from(KycStatus),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_sql_gives_the_tier_of_the_ladder(
    make_customer: MakeCustomer, demo_bank: Tenant, setup_machine: User,
    proven: list[tuple[Kind, int | None, bool]], who: dict[str, Any], kyc: KycStatus,
) -> None:  # fmt: skip
    with transaction.atomic():
        customer = make_customer(**who)
        now = datetime.now(UTC)
        put(customer, kyc_status=kyc, verified_at=now)
        customer.refresh_from_db()
        for number, (kind, days, is_withdrawn) in zip(count(), proven, strict=False):
            row = Evidence(
                tenant=demo_bank, customer=customer, kind=kind, source=f"test:{number}",
                recorded_at=now, withdrawn_at=now if is_withdrawn else None,
            )  # fmt: skip
            if days is not None:
                row.valid_until = demo_bank.today + timedelta(days=days)
            row.save_as(setup_machine, "Seen")
        (found,) = demanding(demo_bank, EVERYBODY().filter(pk=customer.pk))
        kinds = kinds_in_force(customer)
        assert found["demanded"] == tier_of(kinds, is_individual=not who)
        transaction.set_rollback(True)


def test_where_the_pack_asks_for_no_owners_none_are_asked_for(
    make_customer: MakeCustomer, demo_bank: Tenant, prove: Prove, deliver: Deliver,
    held_back: set[Any],
) -> None:  # fmt: skip
    """At once and in the night alike, whatever the rules about owners say."""
    ministry = make_customer(verified=True, **GOVERNMENT)
    deliver()
    held_back.add(ministry.pk)
    assert Kind.OWNERS_VERIFIED not in dict(missing_for_next(ministry))
    prove(ministry, Kind.BUSINESS_REGISTRATION)
    assert ministry.tier == 4
    assert run_nightly("tiers", demo_bank).figures["repaired"] == 0
    put(ministry, tier=1)
    assert run_nightly("tiers", demo_bank).figures["repaired"] == 1
    ministry.refresh_from_db()
    assert ministry.tier == 4


# --- repairing -----------------------------------------------------------------------
def test_differences_are_repaired_with_version_and_event(
    standard: Customer,
    company: Customer,
    demo_bank: Tenant,
    make_customer: MakeCustomer,
) -> None:
    bare = make_customer()
    saves = standard.row_version
    put(standard, tier=3)
    put(bare, tier=4)
    run = run_nightly("tiers", demo_bank)
    assert run.figures == {"looked_at": 3, "repaired": 2}
    for customer, before, tier in ((standard, 3, 2), (bare, 4, 1)):
        customer.refresh_from_db()
        assert customer.tier == tier
        version = customer.history.first()
        assert (version.tier, version.history_change_reason) == (tier, REASON)
        assert version.history_user == get_machine("tiers")
        event = RecordedEvent.objects.get(subject_id=str(customer.pk), reason=REASON)
        fact = event.as_event()
        assert isinstance(fact, TierChanged)
        assert (fact.customer_id, fact.before) == (str(customer.pk), before)
        assert event.tenant_id == demo_bank.pk
        assert fact.words() == (f"Tier {tier}", f"before: {before}")
    assert standard.row_version == saves
    company.refresh_from_db()
    assert company.tier == 4
    assert run_nightly("tiers", demo_bank).figures == {"looked_at": 3, "repaired": 0}
    assert RecordedEvent.objects.filter(reason=REASON).count() == 2


def test_subscribers_hear_of_it_once_each(
    standard: Customer, company: Customer, demo_bank: Tenant, deliver: Deliver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    heard: list[Any] = []
    hears = Subscription("tests.hear", "TierChanged", heard.append, "Hear")
    monkeypatch.setitem(SUBSCRIPTIONS, hears.name, hears)
    deliver()
    heard.clear()
    put(standard, tier=1)
    put(company, tier=1)
    run_nightly("tiers", demo_bank)
    assert Delivery.objects.filter(handler="tests.hear", status="due").count() == 2
    deliver()
    assert {(e.customer_id, e.before, e.tier) for e in heard} == {
        (str(standard.pk), 1, 2), (str(company.pk), 1, 4),
    }  # fmt: skip


def test_who_left_and_who_is_elsewhere_are_not_looked_at(
    standard: Customer, company: Customer, demo_bank: Tenant, second_bank: Tenant,
    make_customer: MakeCustomer,
) -> None:  # fmt: skip
    other = make_customer(tenant=second_bank)
    put(other, tier=3)
    put(standard, tier=4, status=Status.ARCHIVED)
    assert run_nightly("tiers", demo_bank).figures == {"looked_at": 1, "repaired": 0}
    other.refresh_from_db()
    standard.refresh_from_db()
    assert (other.tier, standard.tier) == (3, 4)
    assert run_nightly("tiers", second_bank).figures["repaired"] == 1


def test_what_ran_out_counts_by_the_calendar_of_today(
    standard: Customer, demo_bank: Tenant
) -> None:
    """Also where a run of an earlier night is taken up: commands count today too."""
    yesterday = demo_bank.today - timedelta(days=1)
    Evidence.objects.filter(customer=standard, kind=Kind.ID_DOCUMENT).update(
        valid_until=yesterday
    )
    run = run_nightly("tiers", demo_bank, counted_on=yesterday)
    assert run.figures["repaired"] == 1
    standard.refresh_from_db()
    assert standard.tier == current_tier(standard) == 1


def test_rules_about_owners_hold_in_sets_too(
    company: Customer, standard: Customer, demo_bank: Tenant, held_back: set[Any]
) -> None:
    assert run_nightly("tiers", demo_bank).figures["repaired"] == 0
    held_back |= {company.pk, standard.pk}
    put(standard, tier=1)
    assert run_nightly("tiers", demo_bank).figures["repaired"] == 2
    company.refresh_from_db()
    standard.refresh_from_db()
    assert (company.tier, standard.tier) == (1, 2)
    held_back.clear()
    assert run_nightly("tiers", demo_bank).figures["repaired"] == 1
    assert run_nightly("tiers", demo_bank).figures["repaired"] == 0


def test_windows_find_every_row(
    demo_bank: Tenant, make_customer: MakeCustomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        put(make_customer(), tier=2)
    monkeypatch.setattr("events.nightly.Night.windows.__kwdefaults__", {
        "stage": 0, "size": 2,
    })  # fmt: skip
    run = run_nightly("tiers", demo_bank, counted_on=date(2026, 1, 1))
    assert run.figures == {"looked_at": 5, "repaired": 5}
    assert not Customer.objects.exclude(tier=1).exists()


def test_the_number_of_queries_does_not_grow(
    demo_bank: Tenant, make_customer: MakeCustomer
) -> None:
    seen = []
    get_machine("tiers")
    for _ in range(3):
        for _ in range(4):
            put(make_customer(), tier=3)
        with (
            CaptureQueriesContext(
                connection,
            ) as asked,
            transaction.atomic(),
        ):
            repair_tiers(demo_bank, EVERYBODY())
        seen.append(len(asked))
    assert seen[0] == seen[1] == seen[2]


@pytest.mark.service
@pytest.mark.django_db(transaction=True)
def test_whoever_is_being_changed_is_left_to_the_next_night(
    demo_bank: Tenant, make_customer: MakeCustomer
) -> None:
    """SQLite has no locks of rows; the run on PostgreSQL proves it."""
    require("PostgreSQL (TEST_DATABASE_URL)", connection.vendor == "postgresql")
    customer, other = make_customer(), make_customer()
    put(customer, tier=3)
    put(other, tier=3)

    def repair() -> int:
        with transaction.atomic():
            return repair_tiers(demo_bank, EVERYBODY())

    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        assert race(repair) == [1]
    assert repair() == 1
