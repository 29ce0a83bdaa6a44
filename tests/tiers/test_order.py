"""The tier follows from the evidence in force, whatever came first and how often."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.registry.models import Customer
from customers.registry.services import register_customer, verify_customer
from customers.tiers.ladder import tier_of
from customers.tiers.models import Evidence, EvidenceKind
from customers.tiers.services import (
    follow_kyc,
    lapse_evidence,
    record_evidence,
    withdraw_evidence,
)
from tenants.models import Tenant
from tenants.services import get_machine
from tests.conftest import a_registration
from tests.tiers.conftest import COMPANY, GOVERNMENT

pytestmark = pytest.mark.django_db
KINDS = [kind for kind in EvidenceKind if kind != EvidenceKind.KYC_VERIFIED]
OF_BUSINESS = [EvidenceKind.BUSINESS_REGISTRATION, EvidenceKind.OWNERS_VERIFIED]


def deeds(
    kinds: Sequence[EvidenceKind],
) -> st.SearchStrategy[list[tuple[str, Any, str]]]:
    """Deeds with few kinds, so that what an organisation needs meets often."""
    return st.lists(
        st.tuples(
            st.sampled_from(["record", "record", "withdraw", "lapse", "kyc"]),
            st.sampled_from(kinds),
            st.sampled_from(["first", "second"]),
        ),
        max_size=14,
    )


DRAWN: st.SearchStrategy[Any] = st.one_of(
    st.tuples(st.just({}), deeds(KINDS)),
    st.tuples(st.sampled_from([COMPANY, GOVERNMENT]), deeds(OF_BUSINESS)),
    st.tuples(st.sampled_from([COMPANY, GOVERNMENT]), deeds(KINDS)),
)


def _do(customer: Customer, deed: str, kind: EvidenceKind, source: str) -> None:
    said: dict[str, Any] = {"by": get_machine("setup"), "reason": "x"}
    if deed == "record":
        record_evidence(customer.pk, kind, source=source, **said)
    elif deed == "withdraw":
        withdraw_evidence(customer.pk, kind, source=source, **said)
    elif deed == "kyc":
        verify_customer(customer.pk, level="basic", **said)  # type: ignore[arg-type]
        follow_kyc(customer.pk, by=said["by"])
    else:
        _lapse(customer, kind, source)


def _lapse(customer: Customer, kind: EvidenceKind, source: str) -> None:
    """Let it end yesterday, then let the sweep's command look at it."""
    rows = Evidence.objects.filter(customer=customer, kind=kind, source=source)
    ended = customer.tenant.today.replace(year=customer.tenant.today.year - 1)
    rows.update(valid_until=ended)
    for row in rows:
        lapse_evidence(row.pk, by=get_machine("sweep"))


@settings(
    max_examples=60,  # each is rolled back whole, so the fixture may stay
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(DRAWN, st.randoms())
def test_the_tier_is_what_the_evidence_says(
    demo_bank: Tenant, drawn: tuple[dict[str, Any], list[Any]], randomly: Any
) -> None:
    who, done = drawn
    by = get_machine("setup")
    repeated = [*done, *done[: len(done) // 2]]
    randomly.shuffle(repeated)
    # What the pack does not ask for needs no proof.
    given = {EvidenceKind.OWNERS_VERIFIED} if who == GOVERNMENT else set()
    with transaction.atomic():
        asked = a_registration(77, **who)
        customer = register_customer(asked, tenant=demo_bank, by=by)
        for deed in repeated:
            _do(customer, *deed)
            customer.refresh_from_db()
            in_force = Evidence.objects.filter(
                customer=customer, withdrawn_at=None
            ).values_list("kind", flat=True)
            expected = tier_of({*in_force, *given}, is_individual=not who)
            assert customer.tier == expected, repeated
        transaction.set_rollback(True)
