"""Evidence comes, goes and runs out; the customer's tier follows."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from common.errors import DomainError
from customers.registry.choices import DeclineReason
from customers.registry.models import Customer
from customers.registry.services import decline_customer, reject_kyc
from customers.tiers import lapsing
from customers.tiers.lapsing import sweep_lapsed_evidence
from customers.tiers.models import Evidence, EvidenceKind, EvidenceQuerySet
from customers.tiers.services import (
    OWNER_RULES,
    follow_kyc,
    lapse_evidence,
    missing_for_next,
    recompute_tier,
    record_evidence,
    withdraw_evidence,
)
from events.models import RecordedEvent
from tenants.models import Tenant, User
from tenants.services import create_tenant
from tests.conftest import Deliver, MakeCustomer, race
from tests.tiers.conftest import COMPANY, Clock, Prove

pytestmark = pytest.mark.django_db
PAPERS = (EvidenceKind.ID_DOCUMENT, EvidenceKind.ADDRESS_DOCUMENT)
PREMIUM = (*PAPERS, EvidenceKind.INCOME_PROOF)
BUSINESS = (EvidenceKind.BUSINESS_REGISTRATION, EvidenceKind.OWNERS_VERIFIED)


def tier(customer: Customer) -> int:
    customer.refresh_from_db()
    return customer.tier


# --- the ladder by its commands ---------------------------------------------------
def test_a_person_climbs(verified: Customer, prove: Prove, deliver: Deliver) -> None:
    deliver()
    assert tier(verified) == 1
    prove(verified, *PAPERS)
    assert tier(verified) == 2
    assert missing_for_next(verified) == [(EvidenceKind.INCOME_PROOF, 3)]
    prove(verified, EvidenceKind.INCOME_PROOF)
    assert tier(verified) == 3
    assert missing_for_next(verified) == []
    changes = RecordedEvent.objects.filter(type="TierChanged").order_by("created_at")
    assert [each.payload["tier"] for each in changes] == [2, 3]
    assert changes[0].reason == "Seen"


def test_until_kyc_it_is_the_lowest_whatever_was_recorded(
    make_customer: MakeCustomer, prove: Prove
) -> None:
    customer = make_customer()
    prove(customer, *EvidenceKind)
    assert tier(customer) == 1


def test_kyc_lifts_what_was_proven_before(
    make_customer: MakeCustomer, prove: Prove, deliver: Deliver
) -> None:
    customer = make_customer(verified=True)
    prove(customer, *PREMIUM)
    assert tier(customer) == 1
    deliver()
    assert tier(customer) == 3


def test_kyc_refused_counts_as_nothing(
    make_customer: MakeCustomer, setup_machine: User, deliver: Deliver
) -> None:
    customer = make_customer()
    reject_kyc(customer.pk, by=setup_machine, reason="Forged")
    deliver()
    assert not Evidence.objects.filter(customer=customer).exists()


def test_a_company_needs_its_owners(
    make_customer: MakeCustomer, prove: Prove, deliver: Deliver
) -> None:
    company = make_customer(verified=True, **COMPANY)
    deliver()
    prove(company, *PREMIUM, EvidenceKind.BUSINESS_REGISTRATION)
    assert tier(company) == 1
    prove(company, EvidenceKind.OWNERS_VERIFIED)
    assert tier(company) == 4


def test_a_rule_about_owners_holds_back(
    make_customer: MakeCustomer, prove: Prove, deliver: Deliver, setup_machine: User
) -> None:
    company = make_customer(verified=True, **COMPANY)
    deliver()
    prove(company, *BUSINESS)

    def never(_: Customer) -> str:
        return "An owner is not verified."

    OWNER_RULES.append(never)
    try:
        recompute_tier(company.pk, by=setup_machine, reason="Owners changed")
        assert tier(company) == 1
        assert (EvidenceKind.OWNERS_VERIFIED, 4) in missing_for_next(company)
    finally:
        OWNER_RULES.remove(never)
    recompute_tier(company.pk, by=setup_machine, reason="Owners changed")
    assert tier(company) == 4


def test_any_order_of_events_gives_the_same_tier(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    deeds: dict[str, Callable[[Customer], Any]] = {
        kind: lambda customer, kind=kind: record_evidence(  # type: ignore[misc]
            customer.pk, kind, source="a", by=setup_machine, reason="Seen"
        )
        for kind in PREMIUM
    }
    deeds["kyc"] = lambda customer: follow_kyc(customer.pk, by=setup_machine)
    for order in permutations(deeds):
        customer = make_customer(verified=True)
        for name in order:
            deeds[name](customer)
        assert tier(customer) == 3, order


# --- withdrawing ------------------------------------------------------------------
def test_what_is_withdrawn_counts_no_more(
    verified: Customer, prove: Prove, deliver: Deliver, setup_machine: User
) -> None:
    deliver()
    prove(verified, *PREMIUM)
    kind = EvidenceKind.ADDRESS_DOCUMENT
    said: dict[str, Any] = {"by": setup_machine, "reason": "It was another house"}
    assert not withdraw_evidence(verified.pk, kind, source="another", **said)
    assert withdraw_evidence(verified.pk, kind, source=f"test:{kind}", **said)
    assert tier(verified) == 1
    assert not withdraw_evidence(verified.pk, kind, source=f"test:{kind}", **said)
    row = Evidence.objects.get(customer=verified, kind=kind)
    assert row.history.count() == 2
    assert row.history.first().history_change_reason == "It was another house"
    prove(verified, kind)
    assert tier(verified) == 3
    assert Evidence.objects.filter(customer=verified, kind=kind).count() == 1


def test_a_second_source_keeps_the_kind_alive(
    verified: Customer, prove: Prove, deliver: Deliver, setup_machine: User
) -> None:
    deliver()
    prove(verified, *PAPERS)
    kind, said = EvidenceKind.ID_DOCUMENT, {"by": setup_machine, "reason": "A renewal"}
    record_evidence(verified.pk, kind, source="second", **said)  # type: ignore[arg-type]
    withdraw_evidence(verified.pk, kind, source=f"test:{kind}", **said)  # type: ignore[arg-type]
    assert tier(verified) == 2


def test_the_same_twice_is_kept_once(verified: Customer, prove: Prove) -> None:
    for _ in range(3):
        prove(verified, EvidenceKind.ID_DOCUMENT)
    assert Evidence.objects.get(customer=verified).history.count() == 1


def test_there_is_no_other_kind(verified: Customer, setup_machine: User) -> None:
    said: dict[str, Any] = {"kind": "selfie", "source": "x", "reason": "x"}
    with pytest.raises(DomainError, match="no such kind"):
        record_evidence(verified.pk, by=setup_machine, **said)


def test_an_ended_relationship_keeps_its_tier(
    make_customer: MakeCustomer, prove: Prove, setup_machine: User
) -> None:
    customer = make_customer()
    Customer.objects.filter(pk=customer.pk).update(tier=2)
    decline_customer(customer.pk, reason=DeclineReason.DUPLICATE, by=setup_machine)
    prove(customer, EvidenceKind.PHONE_VERIFIED)
    assert tier(customer) == 2


# --- running out ------------------------------------------------------------------
@pytest.mark.parametrize(("days", "expected"), [(1, 2), (0, 2), (-1, 1)])
def test_the_last_day_counts(
    verified: Customer, prove: Prove, deliver: Deliver, days: int, expected: int
) -> None:
    deliver()
    until = verified.tenant.today + timedelta(days=days)
    prove(verified, *PAPERS, until=until)
    assert tier(verified) == expected
    assert sweep_lapsed_evidence() == (2 if expected == 1 else 0)
    assert tier(verified) == expected


@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [
        ("Africa/Accra", (11, 23, 59), (12, 0, 0)),
        ("Asia/Tokyo", (11, 14, 59), (11, 15, 0)),
        ("America/New_York", (12, 4, 59), (12, 5, 0)),
    ],
)
def test_it_lapses_at_the_institutions_midnight(
    make_customer: MakeCustomer, prove: Prove, deliver: Deliver, setup_machine: User,
    clock: Clock, zone: str, before: tuple[int, int, int], after: tuple[int, int, int],
) -> None:  # fmt: skip
    tenant = create_tenant(name="There", slug="there", by=setup_machine, time_zone=zone)
    clock.set(datetime(2026, 11, 5, 12, tzinfo=UTC))
    customer = make_customer(tenant=tenant, verified=True)
    deliver()
    prove(customer, *PAPERS, until=datetime(2026, 11, 11, tzinfo=UTC).date())
    clock.set(datetime(2026, 11, *before, tzinfo=UTC))
    assert (sweep_lapsed_evidence(), tier(customer)) == (0, 2)
    clock.set(datetime(2026, 11, *after, tzinfo=UTC))
    assert (sweep_lapsed_evidence(), tier(customer)) == (2, 1)
    assert sweep_lapsed_evidence() == 0
    row = Evidence.objects.filter(customer=customer, withdrawn_at__isnull=False)[0]
    why = row.history.first().history_change_reason
    assert why == f"{row} was valid until 2026-11-11"


def test_one_that_fails_stops_no_other(
    make_customer: MakeCustomer, second_bank: Tenant, prove: Prove,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """One row of the first bank, and the rows of the second bank as a whole."""
    ours, theirs = make_customer(verified=True), make_customer(tenant=second_bank)
    ended = ours.tenant.today - timedelta(days=1)
    for customer in (ours, theirs):
        prove(customer, *PAPERS, until=ended)
    bad, good = Evidence.objects.filter(customer=ours).order_by("pk")

    def lapse(key: Any, **said: Any) -> bool:
        if key == bad.pk:
            raise ValueError("A row that nobody foresaw")
        return lapse_evidence(key, **said)

    everybody = EvidenceQuerySet.for_tenant

    def of_tenant(rows: EvidenceQuerySet, tenant: Any) -> Any:
        if tenant == second_bank.pk:
            raise ValueError("A bank that nobody foresaw")
        return everybody(rows, tenant)

    with monkeypatch.context() as failing:
        failing.setattr(lapsing, "lapse_evidence", lapse)
        failing.setattr(EvidenceQuerySet, "for_tenant", of_tenant)
        assert sweep_lapsed_evidence() == 1
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (bad.withdrawn_at, good.withdrawn_at is None) == (None, False)
    assert sweep_lapsed_evidence() == 3


def test_what_was_prolonged_meanwhile_does_not_lapse(
    verified: Customer, prove: Prove, deliver: Deliver, setup_machine: User
) -> None:
    deliver()
    today = verified.tenant.today
    prove(verified, *PAPERS, until=today - timedelta(days=1))
    prove(verified, *PAPERS, until=today + timedelta(days=1))
    row = Evidence.objects.filter(customer=verified).first()
    assert row is not None
    assert not lapse_evidence(row.pk, by=setup_machine)
    assert tier(verified) == 2


# --- at once ------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_two_pieces_at_once_are_both_counted(
    demo_bank: Tenant, make_customer: MakeCustomer, deliver: Deliver,
    setup_machine: User,
) -> None:  # fmt: skip
    customer = make_customer(verified=True)
    deliver()

    def record(kind: EvidenceKind) -> Callable[[], bool]:
        return lambda: record_evidence(
            customer.pk, kind, source="a", by=setup_machine, reason="Seen"
        )

    results = race(*(record(kind) for kind in (*PREMIUM, *PREMIUM)))
    assert not [each for each in results if isinstance(each, Exception)]
    assert tier(customer) == 3
    assert Evidence.objects.filter(customer=customer, source="a").count() == 3
