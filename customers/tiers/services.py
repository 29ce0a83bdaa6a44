"""What may be asked about tiers and evidence: lock, decide, save, publish."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from common.errors import DomainError
from common.memory import asked_once
from common.money import format_money
from customers.contacts.models import Email, Phone
from customers.registry.choices import EntityType, KycStatus
from customers.registry.models import LIVING, Customer
from customers.registry.services import record_tier
from customers.tiers.defaults import CHANNELS, TIERS
from customers.tiers.ladder import missing_kinds, tier_of
from customers.tiers.models import ChannelRule, Evidence, EvidenceKind, Tier
from tenants.models import Tenant, TenantOwned, User
from tenants.packs.loader import load_packs
from tenants.services import get_machine

# Apps above say what keeps an organisation's owners from counting as verified: a
# rule gets the customer and returns the reason, or "".
OWNER_RULES: list[Callable[[Customer], str]] = []
KYC_SOURCE = "kyc"
CONTACTS = {
    Phone: (EvidenceKind.PHONE_VERIFIED, "phone"),
    Email: (EvidenceKind.EMAIL_VERIFIED, "e-mail"),
}
Row = TypeVar("Row", bound=TenantOwned)


# --- what holds at an institution ---------------------------------------------------
def tiers_of(tenant: Tenant) -> dict[int, Tier]:
    """The institution's tiers by number; made from the defaults at first sight."""
    rows = _kept_tiers(tenant.pk)
    if len(rows) < len(TIERS):
        _begin(tenant, Tier, "number", TIERS)
        rows = list(Tier.objects.for_tenant(tenant.pk).order_by("number"))
    return {row.number: row for row in rows}


@asked_once
def _kept_tiers(tenant_id: UUID) -> list[Tier]:
    return list(Tier.objects.for_tenant(tenant_id).order_by("number"))


def tier_names(tenant_id: UUID) -> dict[int, str]:
    """What the institution calls its tiers, as of now: another process may rename."""
    names = {values["number"]: str(values["name"]) for values in TIERS}
    return names | {row.number: row.name for row in _kept_tiers(tenant_id)}


@asked_once
def channel_rules_of(tenant: Tenant) -> dict[str, ChannelRule]:
    """The rule of each channel; made from the defaults at first sight."""
    rows = ChannelRule.objects.for_tenant(tenant.pk).order_by("channel")
    if len(rows) < len(CHANNELS):
        _begin(tenant, ChannelRule, "channel", CHANNELS)
        rows = rows.all()
    return {row.channel: row for row in rows}


@transaction.atomic
def _begin(
    tenant: Tenant, model: Any, key: str, defaults: tuple[dict[str, Any], ...]
) -> None:
    # The institution's row is a lock: of two first readers one makes the rows.
    Tenant.objects.select_for_update().get(pk=tenant.pk)
    known = set(model.objects.for_tenant(tenant.pk).values_list(key, flat=True))
    for values in defaults:
        if values[key] not in known:
            row = model(tenant=tenant, **values)
            row.save_as(get_machine("setup"), "Institution begins with it")


@transaction.atomic
def change_tier(tier_id: UUID, *, by: User, reason: str, **values: Any) -> Tier:
    """Change what a tier allows; the versions keep what held when."""
    tier: Tier = Tier.objects.select_for_update().get(pk=tier_id)
    return _change(tier, values, by, reason)


@transaction.atomic
def change_channel_rule(
    rule_id: UUID, *, by: User, reason: str, **values: Any
) -> ChannelRule:
    """Change what a channel asks for; who was suspended before stays suspended."""
    rule: ChannelRule = ChannelRule.objects.select_for_update().get(pk=rule_id)
    return _change(rule, values, by, reason)


def _change(row: Row, values: dict[str, Any], by: User, reason: str) -> Row:
    for name, value in values.items():
        setattr(row, name, value)
    row.full_clean()
    row.save_as(by, reason)
    return row


# --- evidence -----------------------------------------------------------------------
def locked(customer_id: UUID | str) -> Customer:
    """The customer's row is the lock of their evidence and of their deadline."""
    found = Customer.objects.select_for_update(of=("self",)).select_related("tenant")
    customer: Customer = found.get(pk=customer_id)
    return customer


@transaction.atomic
def record_evidence(
    customer_id: UUID | str, kind: EvidenceKind, *, source: str, by: User, reason: str,
    valid_until: date | None = None,
) -> bool:  # fmt: skip
    """Keep that something is proven, and compute the tier; True when it changed.

    `source` names what it stands on, e.g. "document:<id>"; the same again with
    another `valid_until` replaces it. Harmless to run twice.
    """
    if kind not in EvidenceKind.values:
        raise DomainError("There is no such kind of evidence.", field="kind")
    customer = locked(customer_id)
    of_source = Evidence.objects.filter(customer=customer, kind=kind, source=source)
    row = of_source.first() or Evidence(
        tenant=customer.tenant, customer=customer, kind=kind, source=source
    )
    is_known = row.recorded_at is not None and row.withdrawn_at is None
    if not is_known or row.valid_until != valid_until:
        row.valid_until, row.withdrawn_at = valid_until, None
        row.recorded_at = timezone.now()
        row.save_as(by, reason)
    return recompute_tier(customer.pk, by=by, reason=reason)


@transaction.atomic
def withdraw_evidence(
    customer_id: UUID | str, kind: EvidenceKind, *, source: str, by: User, reason: str
) -> bool:
    """Let it prove nothing any more, and compute the tier; True when it changed."""
    customer = locked(customer_id)
    standing = Evidence.objects.filter(
        customer=customer, kind=kind, source=source, withdrawn_at=None
    )
    for row in standing:
        row.withdrawn_at = timezone.now()
        row.save_as(by, reason)
    return recompute_tier(customer.pk, by=by, reason=reason)


@transaction.atomic
def lapse_evidence(evidence_id: UUID, *, by: User) -> bool:
    """Withdraw what ran out, and compute the tier; True when it was in force."""
    found = Evidence.objects.values_list("customer_id", flat=True)
    customer = locked(found.get(pk=evidence_id))
    lapsed = Evidence.objects.lapsed(customer.tenant.today)
    row = lapsed.filter(pk=evidence_id).first()
    if row is None:
        return False
    row.withdrawn_at = timezone.now()
    reason = f"{row} was valid until {row.valid_until}"
    row.save_as(by, reason)
    recompute_tier(customer.pk, by=by, reason=reason)
    return True


@transaction.atomic
def follow_kyc(customer_id: UUID | str, *, by: User) -> bool:
    """Let evidence say what the customer's KYC says now; True when the tier changed."""
    customer = locked(customer_id)
    is_verified = customer.kyc_status == KycStatus.VERIFIED
    command = record_evidence if is_verified else withdraw_evidence
    reason = f"KYC is {customer.kyc_status}"
    kind = EvidenceKind.KYC_VERIFIED
    return command(customer.pk, kind, source=KYC_SOURCE, by=by, reason=reason)


@transaction.atomic
def follow_contact(
    model: type[Phone | Email], contact_id: UUID | str, *, by: User
) -> bool:
    """Let evidence say whether the contact is proven; True when the tier changed."""
    found = model.objects.values_list("customer_id", flat=True)
    customer = locked(found.get(pk=contact_id))
    contact = model.objects.get(pk=contact_id)
    is_proven = contact.verified_at is not None and contact.removed_at is None
    command = record_evidence if is_proven else withdraw_evidence
    kind, noun = CONTACTS[model]
    proven = "verified" if is_proven else "not verified any more"
    return command(
        customer.pk, kind, source=f"{contact.kind}:{contact.pk}", by=by,
        reason=f"The {noun} is {proven}",
    )  # fmt: skip


@transaction.atomic
def recompute_tier(customer_id: UUID | str, *, by: User, reason: str) -> bool:
    """Compute the tier from the evidence in force; True when it is another.

    A relationship that ended keeps the tier it ended with.
    """
    customer = locked(customer_id)
    if customer.status not in LIVING:
        return False
    return record_tier(customer.pk, current_tier(customer), by=by, reason=reason)


def current_tier(customer: Customer) -> int:
    """The tier that the evidence in force gives."""
    return tier_of(kinds_in_force(customer), is_individual=customer.is_individual)


@asked_once
def kinds_in_force(customer: Customer) -> set[str]:
    """What is proven today, as far as KYC and the rules about owners let it count."""
    rows = Evidence.objects.filter(customer=customer).in_force(customer.tenant.today)
    kinds = set(rows.values_list("kind", flat=True))
    if customer.kyc_status != KycStatus.VERIFIED:
        kinds.discard(EvidenceKind.KYC_VERIFIED)
    if customer.entity_type in forms_without_owners(customer.tenant):
        kinds.add(EvidenceKind.OWNERS_VERIFIED)
    elif any(rule(customer) for rule in OWNER_RULES):
        kinds.discard(EvidenceKind.OWNERS_VERIFIED)
    return kinds


def forms_without_owners(tenant: Tenant) -> list[str]:
    """Legal forms of organisations whose owners the pack does not ask for."""
    forms = load_packs()[tenant.pack].entity_types.values()
    return [
        form.key
        for form in forms
        if not form.ownership_required and form.key != EntityType.INDIVIDUAL
    ]


def missing_for_next(customer: Customer) -> list[tuple[EvidenceKind, int]]:
    """What is missing for the next tier, and which tier asks for it."""
    return missing_kinds(
        kinds_in_force(customer),
        tier=customer.tier,
        is_individual=customer.is_individual,
    )


# --- limits -------------------------------------------------------------------------
def refuse_beyond_limits(
    customer: Customer, *, amount: Decimal, balance_after: Decimal | None
) -> None:
    """Raise DomainError (LIMIT_EXCEEDED) where the customer's tier forbids it.

    To be asked inside the posting transaction, with the customer's row locked.
    `balance_after` is all that the customer would hold here, in every account and
    product together (customers/tiers/balances.py), in the institution's currency;
    None where it falls: who is over a limit that was lowered may still take money out.
    """
    tier, currency = tiers_of(customer.tenant)[customer.tier], customer.tenant.currency
    most = tier.max_transaction
    if most is not None and amount > most:
        raise DomainError(
            f"Tier {tier} allows {format_money(most, currency)} in one transaction;"
            f" this is {format_money(amount, currency)}.",
            code="LIMIT_EXCEEDED", field="amount",
        )  # fmt: skip
    most = tier.max_balance
    if most is not None and balance_after is not None and balance_after > most:
        raise DomainError(
            f"Tier {tier} allows a balance of {format_money(most, currency)} in all;"
            f" it would be {format_money(balance_after, currency)}.",
            code="LIMIT_EXCEEDED", field="amount",
        )  # fmt: skip
