"""What the customer page shows, put together for one customer and one user."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from common.face import Label, day
from customers.registry import customer_page, labels
from customers.registry.models import Customer, Status
from customers.registry.profile.completeness import Missing, completeness
from customers.registry.profile.panel import missing_items
from events.models import RecordedEvent
from tenants.models import User

DEEDS_SHOWN = 7  # what fits beside the fold at 1280 by 800
URGENCY = {"stop": 0, "warn": 1, "wait": 2}


@dataclass(frozen=True)
class TimelineDeed:
    title: str
    detail: str
    at: Any
    who: str
    is_trouble: bool


@dataclass(frozen=True)
class Board:
    name: str
    public_id: str
    icon: str
    facts: list[str]
    statuses: list[tuple[str, Label | str]]
    verdict: labels.Verdict
    missing: list[customer_page.MissingItem]
    completeness: int
    timeline: list[TimelineDeed]
    timeline_total: int
    timeline_url: str
    panels: list[dict[str, Any]]


def build_board(customer: Customer, user: User) -> Board:
    """Answer who this is, whether they may act, what is missing, what happened."""
    filled = completeness(customer)
    deeds = customer_page.lately(customer, user)
    return Board(
        name=customer.name,
        public_id=customer.public_id,
        icon="person" if customer.is_individual else "domain",
        facts=_facts(customer),
        statuses=_statuses(customer, user),
        verdict=labels.verdict(customer),
        missing=_missing(customer, user, filled.missing),
        completeness=filled.percent,
        timeline=[deed_of(record) for record in deeds[:DEEDS_SHOWN]],
        # Beyond that the list says how many: counting them all takes as long.
        timeline_total=len(deeds) if len(deeds) < customer_page.LATELY else 0,
        timeline_url=reverse("admin:registry_customer_timeline", args=[customer.pk]),
        panels=[_panel(*pair) for pair in customer_page.panels_for(customer, user)],
    )


def _facts(customer: Customer) -> list[str]:
    facts = [customer.get_customer_type_display()]
    if not customer.is_individual:
        facts.append(customer.get_entity_type_display())
    since = day(customer.registered_at)
    facts.append(f"Customer since {since}, {customer.get_channel_display().lower()}")
    return facts


def _statuses(customer: Customer, user: User) -> list[tuple[str, Label | str]]:
    names = labels.tier_names(customer.tenant_id)
    statuses: list[tuple[str, Label | str]] = [
        ("Relationship", labels.status_label(customer)),
        ("KYC", labels.kyc_label(customer, timezone.localdate())),
        ("Activity", labels.activity_label(customer)),
        ("Tier", labels.tier_words(customer, names)),
    ]
    # A rating tells who is looked at more closely.
    if user.has_perm("registry.view_task"):
        statuses.append(("Risk", labels.risk_label(customer)))
    return statuses


def _missing(
    customer: Customer, user: User, fields: tuple[Missing, ...]
) -> list[customer_page.MissingItem]:
    if customer.status not in (Status.ACTIVE, Status.SUSPENDED):
        return []
    # What an app says itself stands for the like of it among what the file lacks.
    items = customer_page.missing_for(customer, user)
    said = {item.title for item in items}
    lacking = missing_items(customer, user, fields)
    items += [item for item in lacking if item.title not in said]
    # The page shows the first ones alone when there are many.
    return sorted(items, key=lambda item: URGENCY.get(item.label.tone, len(URGENCY)))


def _panel(panel: customer_page.Panel, view: customer_page.PanelView) -> dict[str, Any]:
    html = render_to_string(view.template, view.context) if view.template else ""
    return {
        "title": panel.title,
        "note": view.note,
        "action_verb": view.verb,
        "action_url": view.url,
        "action_is_dialog": view.is_dialog,
        "is_wide": view.is_wide,
        "html": html,
        "rows": view.rows,
        "empty_fact": view.empty_fact,
        "empty_advice": view.empty_advice,
    }


def deed_of(record: RecordedEvent) -> TimelineDeed:
    event = record.as_event()
    title, detail = event.words() if event else (record.type, "")
    return TimelineDeed(
        title=title,
        detail=detail,
        at=record.created_at,
        who=str(record.actor),
        is_trouble=bool(event and event.is_trouble),
    )


def header_actions(customer: Customer, user: User) -> list[dict[str, Any]]:
    """One primary button by state and role; the rest sits in *More*."""
    deeds = customer_page.deeds_for(customer, user)
    primary = next((deed for deed in deeds if deed.is_primary), None)
    actions = [_action(primary, is_primary=True)] if primary else []
    rest = [_action(deed) for deed in deeds if deed is not primary]
    if rest:
        actions.append({"title": "More", "icon": None, "items": rest})
    return actions


class _Variant:
    """Unfold's variants are enums; its templates read only `value`."""

    def __init__(self, value: str) -> None:
        self.value = value


def _action(deed: customer_page.Deed, *, is_primary: bool = False) -> dict[str, Any]:
    variant = "primary" if is_primary else "danger" if deed.is_danger else "default"
    return {
        "title": deed.title,
        "path": deed.url,
        "icon": deed.icon,
        "variant": _Variant(variant),
        "attrs": {},
        "dialog": deed.is_dialog,
    }


def find_customer(customer_id: UUID | str, user: User) -> Customer | None:
    """The customer, if the user's institution has it."""
    return Customer.objects.for_user(user).filter(pk=customer_id).first()
