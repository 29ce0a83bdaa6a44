"""The activity panel of the customer page: what counted last, and what comes when."""

from datetime import date, datetime
from typing import Any

from django.urls import reverse

from common.face import day
from customers.registry import customer_page
from customers.registry.choices import LIVING, Activity, KycStatus
from customers.registry.models import Customer
from deposits.activity.ending import end_deeds, is_released
from deposits.activity.rule import Rule
from events.models import RecordedEvent
from tenants.models import User

COUNTING = ("ActivityRecorded", "CustomerVerified")


def build_activity(customer: Customer, user: User) -> customer_page.PanelView:
    """Say it by the policy of today; only verified customers who are with us count."""
    last = customer.last_activity_at or customer.verified_at
    if customer.status not in LIVING:
        return customer_page.PanelView(
            empty_fact="Activity no longer counts: the relationship has ended."
        )
    if customer.kyc_status != KycStatus.VERIFIED or last is None:
        return customer_page.PanelView(
            empty_fact="Activity counts once the customer is verified."
        )
    rule = Rule.of(customer.tenant)
    rows = [
        {
            "title": "Last activity",
            "meta": _what_counted(customer, user, last),
            "value": day(rule.day_of(last)),
        },
        _turn(customer, Activity.INACTIVE, rule.inactive_on(last), rule),
        _turn(customer, Activity.SUSPENDED, rule.suspended_on(last), rule),
    ]
    if is_released(customer, rule):
        told = "Not dormant under the present policy"
        rows[1:] = [{"title": told, "value": "compliance decides"}]
    elif rule.activity_at(last) == Activity.ACTIVE != customer.activity:
        rows.insert(1, {"title": "Turns active", "value": "with the next sweep"})
    by_month = reverse("admin:deposits_activity_months", args=[customer.pk])
    return customer_page.PanelView(rows=rows, verb="By month", url=by_month)


def _what_counted(customer: Customer, user: User, last: datetime) -> str:
    """The fact recorded with it; "" where it came from elsewhere."""
    since = [r for r in customer_page.lately(customer, user) if r.created_at >= last]
    if len(since) < customer_page.LATELY:
        recorded = next((r for r in reversed(since) if r.type in COUNTING), None)
    else:
        rows = RecordedEvent.objects.for_tenant(customer.tenant_id).filter(
            subject_id=str(customer.pk), type__in=COUNTING, created_at__gte=last
        )
        recorded = rows.order_by("created_at").first()
    event = recorded.as_event() if recorded else None
    return event.words()[0] if event else ""


def _turn(customer: Customer, to: Activity, on: date, rule: Rule) -> dict[str, Any]:
    word = to.label.lower()
    if on > rule.counted_on:
        return {"title": f"Turns {word}", "value": day(on)}
    if customer.activity in (to, Activity.SUSPENDED):
        return {"title": f"{to.label} since", "value": day(on)}
    return {"title": f"Turns {word}", "value": "with the next sweep"}


def pin_activity() -> None:
    customer_page.pin(
        customer_page.Panel(
            key="activity",
            title="Activity",
            permission="registry.view_customer",
            order=15,
            build=build_activity,
        )
    )
    customer_page.deeds(end_deeds)
