"""The institution’s rules of segments: made at first sight, changed in a form."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from common.errors import DomainError
from customers.risk.choices import Segment
from customers.risk.models import SegmentRule
from tenants.models import Tenant, User
from tenants.services import get_machine

DEFAULTS: dict[Segment, dict[str, Any]] = {
    Segment.PREMIUM: {
        "min_tier": 3, "min_balance": Decimal(10_000), "min_score": 60,
    },
    Segment.STANDARD: {"min_tier": 2, "min_balance": Decimal(0), "min_score": 30},
}  # fmt: skip
# Field by field, as a refusal names them.
DEMANDS = {
    "min_tier": "a tier", "min_balance": "a balance", "min_score": "an engagement",
}  # fmt: skip


def rules_of(tenant: Tenant) -> dict[str, SegmentRule]:
    """The institution’s rules by segment; made from the defaults at first sight."""
    found = _rules(tenant.pk)
    return found if len(found) == len(DEFAULTS) else _begin(tenant)


def _rules(tenant_id: UUID) -> dict[str, SegmentRule]:
    return {row.segment: row for row in SegmentRule.objects.for_tenant(tenant_id)}


@transaction.atomic
def _begin(tenant: Tenant) -> dict[str, SegmentRule]:
    # The institution's row is a lock: of two first readers one makes the rows.
    Tenant.objects.select_for_update().get(pk=tenant.pk)
    known, setup = _rules(tenant.pk), get_machine("setup")
    for segment, values in DEFAULTS.items():
        if segment not in known:
            rule = SegmentRule(tenant=tenant, segment=segment, **values)
            rule.save_as(setup, "The usual rule")
    return _rules(tenant.pk)


@transaction.atomic
def change_segment_rule(
    rule_id: UUID, *, by: User, reason: str, **values: Any
) -> SegmentRule:
    """Change what a segment asks for; customers move with the next night.

    Raises DomainError when premium would ask for less than standard.
    """
    tenant_id = SegmentRule.objects.only("tenant_id").get(pk=rule_id).tenant_id
    # The rules are compared, so one lock is for all of them.
    Tenant.objects.select_for_update().get(pk=tenant_id)
    rules = {row.pk: row for row in _rules(tenant_id).values()}
    rule = rules[rule_id]
    for name, value in values.items():
        setattr(rule, name, value)
    rule.full_clean()
    _refuse_upside_down({row.segment: row for row in rules.values()})
    rule.save_as(by, reason)
    return rule


def _refuse_upside_down(rules: dict[str, SegmentRule]) -> None:
    premium, standard = rules[Segment.PREMIUM], rules[Segment.STANDARD]
    for name, words in DEMANDS.items():
        least = getattr(standard, name)
        if getattr(premium, name) < least:
            held = f"{Decimal(least).normalize():f}"
            message = f"Premium may not ask for {words} below standard’s {held}."
            raise DomainError(message, field=name)
