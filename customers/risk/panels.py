"""What risk pins on the customer page, for those who may know of ratings."""

from collections.abc import Iterator
from typing import Any

from django.db.models import FilteredRelation, Q
from django.urls import reverse

from common.face import day
from customers.registry import customer_page
from customers.registry.choices import LIVING
from customers.registry.customer_page import Deed, Panel, PanelView
from customers.registry.models import Customer
from customers.risk.labels import basis, rating_label, review_label
from customers.risk.models import Assessment
from tenants.models import User
from tenants.packs.loader import load_packs

CURRENT = "current_assessment"


def risk_panel(customer: Customer, user: User) -> PanelView | None:
    """The current assessment and the routing; what was before is one page further."""
    current = _current_of(customer)
    may_assess = customer.status in LIVING and user.has_perm("risk.assess_customer")
    if current is None:
        if customer.status not in LIVING:
            return None
        return PanelView(
            empty_fact="Not assessed yet.",
            rows=_unassessed_rows(customer),
            verb="Assess" if may_assess else "",
            url=assess_url(customer),
        )
    review = review_label(current)
    return PanelView(
        verb="History",
        url=reverse("admin:risk_comparison", args=[customer.pk]),
        rows=[*_rows(current), *_routes(customer)],
        is_troubled=review.tone == "stop" and customer.status in LIVING,
    )


def _current_of(customer: Customer) -> Assessment | None:
    """Read along with the page; asked for where the customer came another way."""
    if customer_page.is_read_along(customer):
        along: Assessment | None = getattr(customer, CURRENT, None)
        return along
    rows = Assessment.objects.for_tenant(customer.tenant_id).current()
    found: Assessment | None = (
        rows.filter(customer=customer).select_related("assessed_by").first()
    )
    return found


def _rows(current: Assessment) -> list[dict[str, Any]]:
    url = reverse("admin:risk_assessment_change", args=[current.pk])
    return [
        {
            "label": rating_label(current.final),
            "title": current.get_diligence_display(),
            "meta": f"{current.assessed_by}, {day(current.assessed_at)}",
            "url": url,
            "note": basis(current),
        },
        {"label": review_label(current), "title": "Next review"},
    ]


def _unassessed_rows(customer: Customer) -> list[dict[str, Any]]:
    """Where the pack routes payments, that is said before the first assessment too."""
    routes = _routes(customer)
    return [{"title": "Not assessed yet."}, *routes] if routes else []


def _routes(customer: Customer) -> list[dict[str, Any]]:
    routes = load_packs()[customer.tenant.pack].routes_of(customer.entity_type)
    return [{"title": route.words, "meta": route.help} for route in routes]


def assess_url(customer: Customer) -> str:
    return reverse("admin:risk_assess", args=[customer.pk])


customer_page.read_along_one(
    CURRENT,
    FilteredRelation(
        "risk_assessments", condition=Q(risk_assessments__is_current=True)
    ),
    "assessed_by",
)
customer_page.pin(
    Panel(
        key="risk",
        title="Risk",
        permission="risk.view_assessment",
        build=risk_panel,
        order=80,
    )
)


@customer_page.deeds
def offer_assessment(customer: Customer, user: User) -> Iterator[Deed]:
    if customer.status in LIVING and user.has_perm("risk.assess_customer"):
        yield Deed(
            title="Assess risk", url=assess_url(customer), is_dialog=False, order=95
        )
