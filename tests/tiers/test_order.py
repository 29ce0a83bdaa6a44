"""The tier follows from the evidence in force, whatever came first and how often."""

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

pytestmark = pytest.mark.django_db
KINDS = [kind for kind in EvidenceKind if kind != EvidenceKind.KYC_VERIFIED]
DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["record", "withdraw", "lapse", "kyc"]),
        st.sampled_from(KINDS),
        st.sampled_from(["first", "second"]),
    ),
    max_size=14,
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
@given(DEEDS, st.randoms())
def test_the_tier_is_what_the_evidence_says(
    demo_bank: Tenant, deeds: list[tuple[str, Any, str]], randomly: Any
) -> None:
    by = get_machine("setup")
    repeated = [*deeds, *deeds[: len(deeds) // 2]]
    randomly.shuffle(repeated)
    with transaction.atomic():
        customer = register_customer(a_registration(77), tenant=demo_bank, by=by)
        for deed in repeated:
            _do(customer, *deed)
            customer.refresh_from_db()
            in_force = Evidence.objects.filter(
                customer=customer, withdrawn_at=None
            ).values_list("kind", flat=True)
            expected = tier_of(set(in_force), is_individual=True)
            assert customer.tier == expected, repeated
        transaction.set_rollback(True)
