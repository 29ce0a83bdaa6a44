"""End a dormancy that the present policy no longer asks for."""

from collections.abc import Iterator
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from common.errors import DomainError, NotForYouError
from customers.registry import customer_page
from customers.registry.choices import LIVING, Activity, KycStatus, TaskKind
from customers.registry.labels import DORMANT
from customers.registry.models import Customer, Task
from customers.registry.services import close_task
from deposits.activity.batches import move_customers
from deposits.activity.rule import Rule
from events.in_bulk import Deed, Move
from tenants.models import User

# As for any suspension: whoever may reinstate a customer.
ENDS = "registry.reinstate_customer"
REASON = "Not dormant under the present policy"


def is_released(customer: Customer, rule: Rule) -> bool:
    """Whether they are suspended for dormancy and would not be by the rule."""
    last = customer.last_activity_at or customer.verified_at
    return (
        customer.activity == Activity.SUSPENDED
        and customer.status in LIVING
        and customer.kyc_status == KycStatus.VERIFIED
        and last is not None
        and rule.activity_at(last) != Activity.SUSPENDED
    )


@transaction.atomic
def end_dormancy(customer_id: UUID | str, *, by: User) -> bool:
    """Bring the customer to what the policy says of their last activity.

    False when they are not dormant any more. Answers the reviews. Raises
    NotForYouError, and DomainError while the policy still calls them dormant.
    """
    if not by.has_perm(ENDS):
        raise NotForYouError(DORMANT)
    rows = Customer.objects.select_related("tenant")
    customer: Customer = rows.select_for_update(of=("self",)).get(pk=customer_id)
    if customer.activity != Activity.SUSPENDED:
        return False
    rule = Rule.of(customer.tenant)
    last = customer.last_activity_at or customer.verified_at
    if last is None or not is_released(customer, rule):
        raise DomainError(
            f"Cannot end dormancy: {customer} is dormant under the present policy, too."
        )
    deed = Deed(by, customer.tenant_id, REASON, timezone.now())
    move_customers([Move(rule.activity_at(last).value, [customer.pk])], deed)
    reviews = Task.objects.open().filter(
        customer=customer, kind=TaskKind.DORMANCY_REVIEW
    )
    for task in reviews:
        close_task(task.pk, outcome=REASON, by=by)
    return True


def end_deeds(customer: Customer, user: User) -> Iterator[customer_page.Deed]:
    """Offer it where it would be done."""
    if user.has_perm(ENDS) and is_released(customer, Rule.of(customer.tenant)):
        url = reverse("admin:deposits_activity_end_dormancy", args=[customer.pk])
        yield customer_page.Deed(
            title="End dormancy", url=url, order=30, is_primary=True
        )
