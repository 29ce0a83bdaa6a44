"""Outside checks of demo customers: some answered, some still open."""

from customers.checks.choices import Kind
from customers.checks.models import OutsideCheck
from customers.checks.services import ask_check, record_answer
from customers.registry.models import Customer
from tenants.models import Tenant, User

ANSWERS = (
    (Kind.ADDRESS, ""),
    (Kind.ADDRESS, "confirmed"),
    (Kind.ADDRESS, "not_confirmed"),
    (Kind.BUREAU, "clear"),
    (Kind.BUREAU, "adverse"),
    (Kind.BUREAU, ""),
)
FOUND = {Kind.ADDRESS: "A visit to the door", Kind.BUREAU: "Report"}


def check_outside(tenant: Tenant, *, officer: User) -> None:
    """Ask about some customers; does nothing the second time."""
    if OutsideCheck.objects.for_tenant(tenant.pk).exists():
        return
    people = Customer.objects.for_tenant(tenant.pk).living().order_by("public_id")
    known = [customer for customer in people if customer.details.get("address")]
    for customer, (kind, result) in zip(known, ANSWERS, strict=False):
        row = ask_check(customer.pk, kind=kind, address="home", by=officer)
        if result:
            reference = f"{FOUND[kind]}, {customer.public_id}"
            record_answer(row.pk, result=result, reference=reference, by=officer)
