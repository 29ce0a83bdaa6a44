"""Whatever changes a customer's data, their findings follow at once."""

from datetime import datetime

from common.errors import DomainError
from customers.contacts.events import (
    ContactAdded,
    ContactChanged,
    ContactRemoved,
    EmailVerified,
    PhoneVerified,
)
from customers.quality.events import QualityCheckAsked
from customers.quality.services import NIGHTLY, check_customer
from customers.registry.events import (
    CustomerArchived,
    CustomerOffboarded,
    CustomerUpdated,
    CustomerVerified,
    KycRenewed,
    ProfileChanged,
)
from events.events import RetryLaterError
from events.models import NightlyRun
from events.nightly import LostNightError, run_nightly
from events.services import subscribe
from tenants.models import Tenant

AGAIN_AFTER = 60  # seconds; a window takes less


@subscribe(CustomerUpdated)
def check_updated(event: CustomerUpdated) -> None:
    """Look at the details again."""
    check_customer(event.customer_id)


@subscribe(ProfileChanged)
def check_profile(event: ProfileChanged) -> None:
    """Look at the profile again."""
    check_customer(event.customer_id)


@subscribe(ContactAdded)
def check_added_contact(event: ContactAdded) -> None:
    """Look at the contacts again."""
    check_customer(event.customer_id)


@subscribe(ContactChanged)
def check_changed_contact(event: ContactChanged) -> None:
    """Look at the contacts again."""
    check_customer(event.customer_id)


@subscribe(ContactRemoved)
def check_removed_contact(event: ContactRemoved) -> None:
    """Look at the contacts again."""
    check_customer(event.customer_id)


@subscribe(PhoneVerified)
def check_proven_phone(event: PhoneVerified) -> None:
    """Look at the contacts again."""
    check_customer(event.customer_id)


@subscribe(EmailVerified)
def check_proven_email(event: EmailVerified) -> None:
    """Look at the contacts again."""
    check_customer(event.customer_id)


@subscribe(CustomerVerified)
def check_verified(event: CustomerVerified) -> None:
    """Nobody waits for this KYC any more."""
    check_customer(event.customer_id)


@subscribe(KycRenewed)
def check_renewed(event: KycRenewed) -> None:
    """The term is a new one."""
    check_customer(event.customer_id)


@subscribe(CustomerOffboarded)
def drop_offboarded(event: CustomerOffboarded) -> None:
    """Nobody mends the file of a relationship that has ended."""
    check_customer(event.customer_id)


@subscribe(CustomerArchived)
def drop_archived(event: CustomerArchived) -> None:
    """Nobody mends the file of a relationship that has ended."""
    check_customer(event.customer_id)


@subscribe(QualityCheckAsked)
def check_now(event: QualityCheckAsked) -> None:
    """Run the night's check, unless one that began since the asking is done.

    A run may outlive the lease of this delivery: whoever takes it next waits for the
    run's end, or takes it up where a killed process left it.
    """
    tenant = Tenant.objects.get(pk=event.tenant_id)
    asked_at = datetime.fromisoformat(event.asked_at)
    since = NightlyRun.objects.of(tenant, NIGHTLY).filter(started_at__gte=asked_at)
    if since.filter(status=NightlyRun.Status.DONE).exists():
        return
    try:
        run_nightly(NIGHTLY, tenant)
    except (DomainError, LostNightError) as error:
        raise RetryLaterError(str(error), seconds=AGAIN_AFTER) from error
