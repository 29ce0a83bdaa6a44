"""What rooms above work out about a customer and keep on the customer's row."""

from uuid import UUID

from django.db import transaction

from customers.registry.choices import Risk
from customers.registry.events import CustomerUpdated, RiskChanged, TierChanged
from customers.registry.models import Customer
from events.services import publish
from tenants.models import User


def _locked(customer_id: UUID | str) -> Customer:
    customer: Customer = Customer.objects.select_for_update().get(pk=customer_id)
    return customer


def _keep_derived(customer: Customer, by: User, reason: str) -> None:
    """Save what nobody edits: an open form is not out of date by it.

    Nor may the front line learn from its own form that somebody looked closer.
    """
    customer.row_version -= 1  # save() counts it up again
    customer.save_as(by, reason)


@transaction.atomic
def record_tier(customer_id: UUID | str, tier: int, *, by: User, reason: str) -> bool:
    """Keep the tier that the evidence gives; True when it is another than before."""
    customer = _locked(customer_id)
    if customer.tier == tier:
        return False
    before, customer.tier = customer.tier, tier
    _keep_derived(customer, by, reason)
    event = TierChanged(customer_id=str(customer.pk), before=before, tier=tier)
    publish(event, by=by, tenant_id=customer.tenant_id, reason=reason)
    return True


@transaction.atomic
def record_risk(customer_id: UUID | str, risk: Risk, *, by: User, reason: str) -> bool:
    """Keep the rating of the newest assessment; True when it is another than before."""
    customer = _locked(customer_id)
    if customer.risk == risk:
        return False
    customer.risk = risk
    _keep_derived(customer, by, reason)
    event = RiskChanged(customer_id=str(customer.pk), risk=risk)
    publish(event, by=by, tenant_id=customer.tenant_id, reason=reason)
    return True


@transaction.atomic
def record_primary_contacts(
    customer_id: UUID | str, *, by: User, reason: str,
    email: str | None = None, phone: str | None = None,
) -> list[str]:  # fmt: skip
    """Keep the primary e-mail and phone in step with contacts; None leaves it.

    Returns the changed columns. The caller checked that no other living customer of
    the institution has them; the database refuses a second one (IntegrityError).
    """
    customer = _locked(customer_id)
    wanted = {"email": email, "phone": phone}
    changed = [
        name
        for name, value in wanted.items()
        if value is not None and getattr(customer, name) != value
    ]
    if not changed:
        return []
    for name in changed:
        setattr(customer, name, wanted[name])
    customer.save_as(by, reason)
    event = CustomerUpdated(customer_id=str(customer.pk), fields=changed)
    publish(event, by=by, tenant_id=customer.tenant_id, reason=reason)
    return changed
