"""Tiers, evidence and a warning for the tests of separation and of roles."""

from customers.registry.models import Customer
from customers.tiers.deadlines import sweep_kyc_deadlines
from customers.tiers.models import EvidenceKind
from customers.tiers.services import channel_rules_of, record_evidence, tiers_of
from tenants.models import User


def add_tiers(customer: Customer, word: str, officer: User) -> None:
    """The institution's rows, a proven phone, and who must hurry is warned."""
    tiers_of(customer.tenant)
    channel_rules_of(customer.tenant)
    record_evidence(
        customer.pk, EvidenceKind.PHONE_VERIFIED, source=f"{word} phone", by=officer,
        reason=f"{word} answered",
    )  # fmt: skip
    sweep_kyc_deadlines()
