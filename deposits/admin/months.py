"""The page of one customer’s activity by month."""

from decimal import Decimal
from uuid import UUID

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from common.dialogs import require
from common.money import format_money
from customers.registry.models import Customer
from deposits.activity.months import by_month

TEMPLATE = "deposits/months.html"


@require_safe
def months_page(
    request: HttpRequest, site: AdminSite, customer_id: UUID
) -> HttpResponse:
    """Show two years, the newest month first."""
    require(request, "registry.view_customer")
    customer = get_object_or_404(
        Customer.objects.for_user(request.user), pk=customer_id
    )
    request.crumb = "Activity by month"  # type: ignore[attr-defined]
    months = by_month(customer)
    currency = customer.tenant.currency
    context = {
        **site.each_context(request),
        "opts": Customer._meta,  # noqa: SLF001 - the crumbs lead through the customers
        "original": customer,
        "title": f"Activity of {customer.name} by month",
        "months": [(month, _words(month.amount, currency)) for month in months],
        "operations": sum(month.operations for month in months),
        "has_amounts": any(month.amount is not None for month in months),
        "most": max(month.operations for month in months) or 1,
        "back_url": reverse("admin:registry_customer_change", args=[customer.pk]),
    }
    answer = TemplateResponse(request, TEMPLATE, context)
    patch_cache_control(answer, no_store=True, private=True)
    return answer


def _words(amount: Decimal | None, currency: str) -> str:
    return "" if amount is None else format_money(amount, currency)
