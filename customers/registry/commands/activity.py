"""What counts as activity, and who may wake a customer suspended for dormancy."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from common.errors import DomainError, NotForYouError
from customers.registry.choices import Activity, KycStatus, Status, TaskKind
from customers.registry.events import ActivityRecorded
from customers.registry.labels import DORMANT
from customers.registry.models import Customer, Task
from customers.registry.tasks_of_staff import close_task
from events.events import Event
from events.services import publish
from tenants.models import User

RECORDS = "registry.record_activity"
# Ends any suspension of a customer, hence that for dormancy, too.
WAKES = "registry.reinstate_customer"


def may_record_activity(customer: Customer, user: User) -> bool:
    is_dormant = customer.activity == Activity.SUSPENDED
    return user.has_perm(RECORDS) and (not is_dormant or user.has_perm(WAKES))


@transaction.atomic
def record_activity(customer_id: UUID | str, *, by: User, reason: str) -> bool:
    """Count today as activity; an inactive customer becomes active.

    True when the activity status changed. Only verified, living customers take part;
    of one suspended for dormancy only compliance says so (NotForYouError), which
    answers the review.
    """
    customer = _locked(customer_id)
    if customer.kyc_status != KycStatus.VERIFIED:
        raise DomainError(f"Cannot record activity: {customer} is not verified.")
    if customer.status in (Status.OFFBOARDED, Status.ARCHIVED):
        raise DomainError(f"Cannot record activity: {customer} is {customer.status}.")
    is_dormant = customer.activity == Activity.SUSPENDED
    if is_dormant and not by.has_perm(WAKES):
        raise NotForYouError(DORMANT)
    customer.last_activity_at = timezone.now()
    event = customer.become_active()
    facts: list[Event] = [ActivityRecorded(customer_id=str(customer.pk))]
    facts += [event] if event else []
    customer.save_as(by, reason)
    for fact in facts:
        publish(fact, by=by, tenant_id=customer.tenant_id, reason=reason)
    if is_dormant:
        _close_reviews(customer, by)
    return event is not None


@transaction.atomic
def activate_customer(customer_id: UUID | str, *, by: User, reason: str) -> bool:
    """Make a provisioned customer active; harmless to run twice.

    Who was suspended for dormancy meanwhile stays so: compliance decides.
    """
    customer = _locked(customer_id)
    if customer.activity == Activity.SUSPENDED:
        return False
    event = customer.become_active()
    if event is None:
        return False
    customer.save_as(by, reason)
    publish(event, by=by, tenant_id=customer.tenant_id, reason=reason)
    return True


def _close_reviews(customer: Customer, by: User) -> None:
    reviews = Task.objects.open().filter(
        customer=customer, kind=TaskKind.DORMANCY_REVIEW
    )
    for task in reviews:
        close_task(task.pk, outcome="Active again", by=by)


def _locked(customer_id: UUID | str) -> Customer:
    customer: Customer = Customer.objects.select_for_update().get(pk=customer_id)
    return customer
