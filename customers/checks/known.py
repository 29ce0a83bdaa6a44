"""What risk is told: the latest answers that still hold."""

from collections.abc import Iterator

from customers.checks.choices import VIEW, Kind
from customers.checks.labels import check_words
from customers.checks.models import OutsideCheck
from customers.registry.models import Customer
from customers.risk.known import known
from tenants.models import User


@known
def latest_answers(customer: Customer, user: User) -> Iterator[str]:
    """One line for each kind of check that this user may know of."""
    if not user.has_perm(VIEW):
        return
    rows = OutsideCheck.objects.for_user(user).in_force(customer.tenant.today)
    mine = rows.filter(customer=customer).select_related("customer", "address")
    for kind in Kind:
        found = mine.filter(kind=kind).order_by("-answered_at", "-id").first()
        if found is not None:
            yield check_words(found)
