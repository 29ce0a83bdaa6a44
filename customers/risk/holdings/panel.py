"""The panel *Products* of the customer page, beside the accounts."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, IntegerField, When
from django.urls import reverse

from common.face import day, moment
from customers.registry import customer_page
from customers.registry.models import Customer
from customers.risk.choices import HoldingStatus
from customers.risk.holdings.labels import holding_words, status_label
from customers.risk.models import Holding
from tenants.models import User

SHOWN = 10  # rows; the list has all of them


def build_products(customer: Customer, user: User) -> customer_page.PanelView:
    """What is open first, then what was reported last."""
    del user
    rows = Holding.objects.for_tenant(customer.tenant_id).filter(customer=customer)
    place = Case(
        When(status=HoldingStatus.OPEN, then=0), default=1, output_field=IntegerField()
    )
    found = list(rows.order_by(place, "-reported_at", "-pk")[: SHOWN + 1])
    return customer_page.PanelView(
        verb="All" if found else "",
        url=_all_url(customer) if found else "",
        note=f"the first {SHOWN}" if len(found) > SHOWN else "",
        rows=[_row(holding) for holding in found[:SHOWN]],
        empty_fact="No products yet.",
        empty_advice="The bank’s other systems report loans, wallets and cards.",
    )


def _all_url(customer: Customer) -> str:
    query = urlencode({"q": customer.public_id})
    return f"{reverse('admin:risk_holding_changelist')}?{query}"


def _row(holding: Holding) -> dict[str, Any]:
    figures = holding_words(holding)
    words = f"{term_words(holding)}." + (f" {figures}." if figures else "")
    return {
        "label": status_label(holding.status),
        "title": str(holding),
        "meta": f"{words} As of {moment(holding.reported_at)}.",
        "url": reverse("admin:risk_holding_change", args=[holding.pk]),
    }


def term_words(holding: Holding) -> str:
    opened = f"Since {day(holding.opened_on)}"
    if holding.closed_on is None:
        return opened
    return f"{opened} until {day(holding.closed_on)}"


def pin_products() -> None:
    customer_page.pin(
        customer_page.Panel(
            key="products",
            title="Products",
            permission="risk.view_holding",
            build=build_products,
            order=11,
        )
    )
