"""The registry's own buttons on the customer page, by state and permission."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils import timezone

from customers.registry import customer_page
from customers.registry.choices import LIVING, KycStatus, Status
from customers.registry.customer_page import Deed
from customers.registry.models import Customer
from tenants.models import User

# Lower comes first; other apps put their primary button before *Edit*.
FIRST, USUAL, LAST = 20, 90, 900


@customer_page.deeds
def own_deeds(customer: Customer, user: User) -> Iterable[Deed]:
    """Offer what the state allows and the user may; each page checks both again."""
    if customer.status in LIVING:
        yield from _living_deeds(customer, user)
    if user.has_perm("registry.view_history"):
        yield _deed(customer, "Versions", "history", is_dialog=False, order=LAST)


def _living_deeds(customer: Customer, user: User) -> Iterable[Deed]:
    is_suspended = customer.status == Status.SUSPENDED
    is_verified = customer.kyc_status == KycStatus.VERIFIED
    if is_suspended and user.has_perm("registry.reinstate_customer"):
        can_now = not customer.is_kyc_expired(timezone.localdate())
        order = FIRST if can_now else USUAL
        yield _deed(customer, "Reinstate", "reinstate", order=order, is_primary=can_now)
    if user.has_perm("registry.update_customer"):
        yield _deed(
            customer, "Edit", "edit", is_dialog=False, order=USUAL, is_primary=True
        )
    if is_verified and user.has_perm("registry.record_activity"):
        yield _deed(customer, "Record activity", "activity", order=USUAL + 1)
    if not is_suspended and user.has_perm("registry.suspend_customer"):
        yield _deed(customer, "Suspend", "suspend", order=LAST + 1, is_danger=True)
    if not is_verified and user.has_perm("registry.decline_customer"):
        yield _deed(customer, "Decline", "decline", order=LAST + 2, is_danger=True)


def _deed(customer: Customer, title: str, page: str, **kwargs: Any) -> Deed:
    url = reverse(f"admin:registry_customer_{page}", args=[customer.pk])
    return Deed(title=title, url=url, **kwargs)
