"""What accounts do when something happens to their customer, or to themselves.

Each handler looks at the customer as it is now, never at what the event says, so
deliveries may come twice, late and out of order.
"""

from customers.registry.choices import LIVING
from customers.registry.events import (
    ActivityChanged,
    CustomerArchived,
    CustomerOffboarded,
    CustomerReinstated,
    CustomerSuspended,
    CustomerUpdated,
    CustomerVerified,
)
from customers.registry.models import Customer
from deposits.events import LinkedAccountAdded
from deposits.linked.renaming import follow_name
from deposits.linked.sharing import note_shared_number as tell_of_sharing
from deposits.services import follow_customer, open_account
from events.services import subscribe
from tenants.services import get_machine


@subscribe(CustomerVerified)
def open_default_account(event: CustomerVerified) -> None:
    """Open the account every verified customer gets; none once they have left."""
    customer = Customer.objects.get(pk=event.customer_id)
    if customer.status in LIVING:
        open_account(customer.pk, by=get_machine("deposits"), is_default=True)


@subscribe(CustomerSuspended)
def hold_accounts(event: CustomerSuspended) -> None:
    """Stop operations on the accounts of a suspended customer."""
    follow_customer(event.customer_id, by=get_machine("deposits"))


@subscribe(CustomerReinstated)
def release_accounts(event: CustomerReinstated) -> None:
    """Let accounts follow activity again."""
    follow_customer(event.customer_id, by=get_machine("deposits"))


@subscribe(ActivityChanged)
def follow_activity(event: ActivityChanged) -> None:
    """Bring accounts to the customer's activity."""
    follow_customer(event.customer_id, by=get_machine("deposits"))


@subscribe(CustomerOffboarded)
def hold_accounts_of_offboarded(event: CustomerOffboarded) -> None:
    """Stop operations on the accounts of a customer who has left."""
    follow_customer(event.customer_id, by=get_machine("deposits"))


@subscribe(CustomerArchived)
def hold_accounts_of_archived(event: CustomerArchived) -> None:
    """Stop operations on accounts that a declined applicant was given by hand."""
    follow_customer(event.customer_id, by=get_machine("deposits"))


@subscribe(CustomerUpdated)
def compare_payout_account(event: CustomerUpdated) -> None:
    """Payouts go on only to an account in the name that the customer has now."""
    if "name" in event.fields:
        follow_name(event.customer_id, by=get_machine("deposits"))


@subscribe(LinkedAccountAdded)
def note_shared_number(event: LinkedAccountAdded) -> None:
    """Let compliance know when another customer has the same number."""
    tell_of_sharing(event.linked_account_id, by=get_machine("deposits"))
