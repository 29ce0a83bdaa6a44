"""What tiers pin on the customer page: the tier, its limits, the way to the next."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.urls import reverse

from common.face import Label, due
from common.money import format_money
from customers.contacts.models import Email, Phone, contacts_of
from customers.registry import customer_page
from customers.registry.choices import KycStatus
from customers.registry.customer_page import MissingItem, Panel, PanelView
from customers.registry.models import LIVING, Customer
from customers.registry.profile.completeness import Missing, ask_besides
from customers.tiers.deadlines import deadline_of, reinstated_at
from customers.tiers.ladder import missing_kinds
from customers.tiers.models import ChannelRule, EvidenceKind, Tier
from customers.tiers.services import (
    channel_rules_of,
    kinds_in_force,
    missing_for_next,
    tiers_of,
)
from customers.tiers.ways import Way, way_for, way_to
from tenants.models import User

MISSING = Label("Missing", "quiet")
TIER = "tier"  # the page of what a tier asks for, where it is missing
Row = dict[str, Any]


def build_tier(customer: Customer, user: User) -> PanelView:
    tier = tiers_of(customer.tenant)[customer.tier]
    rows = [*_facts(tier, customer.tenant.currency)]
    if customer.status in LIVING:
        rows += [*_deadline(customer), *_missing(customer, user)]
    return PanelView(note=str(tier), rows=rows)


def _facts(tier: Tier, currency: str) -> Iterator[Row]:
    yield {"title": "Maximum balance", "value": limit_words(tier.max_balance, currency)}
    most = limit_words(tier.max_transaction, currency)
    yield {"title": "Largest transaction", "value": most}
    yield {"title": "Access", "meta": tier.access}
    yield {"title": "Features", "meta": tier.features}


def limit_words(limit: Decimal | None, currency: str) -> str:
    return "no limit" if limit is None else format_money(limit, currency)


def _deadline(customer: Customer) -> Iterator[Row]:
    if last_day := deadline_of(customer):
        rule = channel_rules_of(customer.tenant)[customer.channel]
        days = rule.kyc_within_days
        since = "reinstatement" if reinstated_at(customer) else "registration"
        term = f"within {days} d of {since}" if days else f"on the day of {since}"
        yield {
            "icon": due(last_day),
            "title": "KYC deadline",
            "meta": f"{rule}: {term}",
            "note": due(last_day).word,
        }


def _missing(customer: Customer, user: User) -> Iterator[Row]:
    """The next tier's needs, then what the channel wants besides."""
    asked = {kind: f"For tier {number}" for kind, number in missing_for_next(customer)}
    rule = channel_rules_of(customer.tenant)[customer.channel]
    held = kinds_in_force(customer)
    for kind in wanted_by(rule):
        if kind not in held:
            asked.setdefault(kind, f"For {rule}")
    for kind, purpose in asked.items():
        way = way_for(customer, kind, user)
        yield {
            "icon": MISSING,
            "title": str(kind.label),
            "meta": purpose,
            "verb": way.verb,
            "verb_url": way.url,
            "is_dialog": way.is_dialog,
        }


def asked_by_tier(customer: Customer) -> Iterator[tuple[Missing, object]]:
    """All that the next tier needs, and whether it is proven; the highest asks none."""
    # Who is not registered yet has proven nothing.
    held = kinds_in_force(customer) if customer.registered_at else set()
    for kind in _needs(customer):
        yield Missing(kind.value, str(kind.label), TIER), kind in held


def _needs(customer: Customer) -> dict[EvidenceKind, int]:
    """What the way to the next tier needs in all, and which tier asks for it."""
    is_individual = customer.is_individual
    return dict(missing_kinds((), tier=customer.tier, is_individual=is_individual))


def missing_row(customer: Customer, user: User, missing: Missing) -> MissingItem | None:
    """The row among what is missing; None where another row says it already."""
    kind = EvidenceKind(missing.field)
    if kind == EvidenceKind.PHONE_VERIFIED and not customer.phone:
        return None  # the file lacks the number itself
    if kind == EvidenceKind.KYC_VERIFIED and customer.kyc_status != KycStatus.VERIFIED:
        return None  # KYC has a row of its own
    way = way_for(customer, kind, user)
    return MissingItem(
        title=missing.label,
        label=MISSING,
        note=f"for tier {_needs(customer)[kind]}",
        verb=way.verb,
        url=way.url,
        is_dialog=way.is_dialog,
    )


def wanted_by(rule: ChannelRule) -> Iterator[EvidenceKind]:
    """The contacts that a channel wants verified."""
    if rule.needs_phone:
        yield EvidenceKind.PHONE_VERIFIED
    if rule.needs_email:
        yield EvidenceKind.EMAIL_VERIFIED


@way_to(EvidenceKind.PHONE_VERIFIED, EvidenceKind.EMAIL_VERIFIED)
def verify_contact(customer: Customer, kind: EvidenceKind, user: User) -> Way:
    """Send a code or link to the first unproven one, or add one to send it to."""
    if not user.has_perm("contacts.change_contact"):
        return Way()
    is_phone = kind == EvidenceKind.PHONE_VERIFIED
    model: type[Phone | Email] = Phone if is_phone else Email
    contact = next(iter(contacts_of(model.kind, customer.pk)), None)
    if contact is None:
        place = f"admin:contacts_{model.kind}_of_customer"
        verb = "Add phone" if is_phone else "Add e-mail"
        return Way(verb, reverse(place, args=[customer.pk]), is_dialog=True)
    url = reverse(f"admin:contacts_{model.kind}_send", args=[contact.pk])
    return Way("Send code" if is_phone else "Send link", url, is_dialog=True)


def pin_panels() -> None:
    """Put the panel on the customer page, once at start-up."""
    customer_page.pin(
        Panel(
            key="tier",
            title="Tier",
            permission="registry.view_customer",
            order=40,
            build=build_tier,
        )
    )
    ask_besides(TIER, asked_by_tier, missing_row)
