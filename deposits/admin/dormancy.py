"""The dialog that ends a dormancy which the present policy no longer asks for."""

from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from common.dialogs import Dialog, ask, require
from customers.registry.models import Customer
from deposits.activity.ending import ENDS, end_dormancy
from tenants.models import User


def end_page(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Ask once; today does not count as activity."""
    require(request, ENDS)
    seen = Customer.objects.for_user(request.user)
    customer = get_object_or_404(seen, pk=customer_id)

    def act(_: Any) -> str:
        end_dormancy(customer.pk, by=cast("User", request.user))
        return reverse("admin:registry_customer_change", args=[customer.pk])

    dialog = Dialog(
        title=f"End the dormancy of {customer.name}",
        description="Under the present policy they would not be suspended. They become"
        " active or inactive by their last activity, and their accounts follow; today"
        " does not count as activity.",
        submit="End dormancy",
    )
    done = f"{customer.name} is no longer suspended for dormancy."
    return ask(request, dialog, object_id=customer.pk, act=act, done=done)
