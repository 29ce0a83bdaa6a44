"""Slips as they happen at a counter, and the first night's check of the data."""

from customers.contacts.services import add_contact
from customers.quality.services import NIGHTLY
from customers.registry.models import Customer, CustomerType, KycStatus
from customers.registry.services import update_customer
from events.models import NightlyRun
from events.nightly import run_nightly
from tenants.models import Tenant, User

AGENTS_PHONE = "+233244600700"  # an agent's own, given for three customers
SLIPS = (
    {"birth_date": "1900-01-01"},
    {"birth_date": "1980-01-01"},
    {"address": "Ring Road East"},
)


def check_demo_data(tenant: Tenant, *, clerk: User) -> None:
    """Let applicants have bad data, and find it; does nothing the second time."""
    if NightlyRun.objects.of(tenant, NIGHTLY).exists():
        return
    people = Customer.objects.for_tenant(tenant.pk).living()
    applicants = people.filter(
        kyc_status=KycStatus.PENDING, customer_type=CustomerType.INDIVIDUAL
    )
    chosen = list(applicants.order_by("public_id")[: len(SLIPS)])
    for customer, slip in zip(chosen, SLIPS, strict=False):
        update_customer(
            customer.pk, changes={"details": slip}, by=clerk, reason="As said by phone"
        )
        add_contact(customer.pk, "phone", {"number": AGENTS_PHONE}, by=clerk)
    run_nightly(NIGHTLY, tenant)
