"""What every command on linked accounts begins and ends with."""

from typing import Any
from uuid import UUID

from common.errors import DomainError, NotForYouError
from customers.registry.choices import LIVING
from customers.registry.models import Customer
from deposits.models import LinkedAccount
from events.events import Event
from events.services import publish
from tenants.models import User

ALONE = " (single-employee mode: by who {deed})"


def locked_customer(customer_id: UUID | str) -> Customer:
    """The customer's row is the lock of their linked accounts. Raises DomainError."""
    rows = Customer.objects.select_for_update(of=("self",)).select_related("tenant")
    customer: Customer = rows.get(pk=customer_id)
    if customer.status not in LIVING:
        raise DomainError(f"Cannot change: {customer} is {customer.status}.",
                          code="CUSTOMER_INACTIVE")  # fmt: skip
    return customer


def locked(linked_id: UUID | str) -> tuple[Customer, LinkedAccount]:
    """Lock the customer, then read the row as it is now."""
    rows = LinkedAccount.objects
    found: Any = rows.values_list("customer_id", flat=True).get(pk=linked_id)
    customer = locked_customer(found)
    row: LinkedAccount = rows.get(pk=linked_id)
    row.customer = customer
    return customer, row


def refuse_own(row: LinkedAccount, deeds: dict[Any, str], by: User) -> str:
    """Raise NotForYouError for whoever had a hand in it; "" for everybody else.

    `deeds` maps the key of a person to what they did. Where one person is all there
    is, returns what the version says of it.
    """
    did = deeds.get(by.pk)
    if did is None:
        return ""
    if not row.customer.tenant.is_single_employee:
        raise NotForYouError(f"You {did}, so somebody else must verify it.")
    return ALONE.format(deed=did)


def keep(
    row: LinkedAccount, event: Event | None, *, by: User, reason: str, **how: bool
) -> bool:
    """Save and publish when something happened; tell whether it did."""
    if event is None:
        return False
    row.save_as(by, reason, **how)
    publish(event, by=by, tenant_id=row.tenant_id, reason=reason)
    return True
