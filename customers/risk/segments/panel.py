"""The panel *Engagement* of the customer page: the segment, the score and its parts."""

from typing import Any

from common.face import day
from customers.registry import customer_page
from customers.registry.choices import LIVING, KycStatus
from customers.registry.models import Customer
from customers.risk.models import Engagement
from customers.risk.segments.labels import balance_words, part_words, segment_label
from tenants.models import User

# What each part counts, under its words.
_NOTES = (
    "Recency",
    "Of a year; wallets and cards report those of 90 days",
    "Accounts, and products of other systems",
)


def build_engagement(customer: Customer, user: User) -> customer_page.PanelView | None:
    del user
    if customer.status not in LIVING:
        return None
    if customer.kyc_status != KycStatus.VERIFIED:
        return customer_page.PanelView(
            empty_fact="Engagement counts once the customer is verified."
        )
    found: Engagement | None = getattr(customer, "engagement", None)
    if found is None:
        return customer_page.PanelView(
            empty_fact="Not worked out yet.",
            empty_advice="It is worked out each night, after 03:00.",
        )
    return customer_page.PanelView(rows=_rows(customer, found))


def _rows(customer: Customer, found: Engagement) -> list[dict[str, Any]]:
    tenant = customer.tenant
    balance = balance_words(found, tenant.currency)
    parts = zip(part_words(found, tenant.today), _NOTES, strict=True)
    return [
        {
            "label": segment_label(found.segment),
            "title": f"{found.score} of 100",
            "meta": f"By tier {found.components['tier']}, {balance} and the score, "
            f"since {day(found.computed_on)}",
        },
        *(
            {"title": words, "meta": note, "value": points}
            for (words, points), note in parts
        ),
    ]


def pin_engagement() -> None:
    customer_page.read_along("engagement")
    customer_page.pin(
        customer_page.Panel(
            key="engagement",
            title="Engagement",
            permission="risk.view_engagement",
            build=build_engagement,
            order=16,
        )
    )
