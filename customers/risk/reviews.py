"""Assessments that are due, the first and the next: asked for once each.

One that nobody makes is escalated once.
"""

import logging
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from customers.registry.choices import LIVING, KycStatus
from customers.registry.models import Customer, Task, TaskKind
from customers.registry.services import open_task
from customers.risk.models import Assessment, AssessmentQuerySet
from events.each_row import each_row, going_on
from tenants.models import Tenant, User
from tenants.services import get_machine

log = logging.getLogger(__name__)

SWEEP = "risk_reviews"
FIRST = "first risk assessment"
FIRST_OVERDUE = "first risk assessment overdue"
REVIEW = "risk review"
OVERDUE = "risk review overdue"
# As long as the task of an assessment may wait.
GRACE = timedelta(days=14)
# As long after verification as nobody is reminded of the first assessment.
UNASSESSED = timedelta(days=7)
# First assessments asked for, and escalated, in one run: a bank that came with a
# million customers must not keep the worker for hours.
AT_ONCE = 1000


def sweep_reviews() -> tuple[int, int]:
    """Open a task for each assessment that is due, escalate each that is overdue.

    Hourly, so that each institution's midnight is met; returns both counts. What was
    done is not repeated, also when somebody closed the task without an assessment. A
    customer who cannot be dealt with keeps no other one waiting.
    """
    by = get_machine("sweep")
    asked = escalated = 0
    for tenant in Tenant.objects.order_by("pk"):
        with going_on(SWEEP, f"asking at institution {tenant.pk}"):
            asked += _ask(tenant, by)
        with going_on(SWEEP, f"escalating at institution {tenant.pk}"):
            escalated += _escalate(tenant, by)
    log.info("Risk reviews: %s asked for, %s escalated", asked, escalated)
    return asked, escalated


def _ask(tenant: Tenant, by: User) -> int:
    due = Assessment.objects.for_tenant(tenant.pk).due_by(tenant.today)
    reviews, first = _keys(due.filter(asked_at=None)), unassessed(tenant)[:AT_ONCE]
    return each_row(SWEEP, reviews, partial(ask_for_review, by=by)) + each_row(
        SWEEP, list(first), partial(ask_for_first, by=by)
    )


def _escalate(tenant: Tenant, by: User) -> int:
    late = Assessment.objects.for_tenant(tenant.pk).due_by(tenant.today - GRACE)
    reviews, first = _keys(late.filter(escalated_at=None)), neglected(tenant)[:AT_ONCE]
    return each_row(SWEEP, reviews, partial(escalate_review, by=by)) + each_row(
        SWEEP, list(first), partial(escalate_first, by=by)
    )


def _keys(rows: AssessmentQuerySet) -> list[UUID]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


def unassessed(tenant: Tenant) -> QuerySet[Customer, UUID]:
    """Keys of those verified a week ago whose risk nobody assessed or was asked to.

    A task closed without an assessment was asked for all the same.
    """
    return _never_assessed(tenant, UNASSESSED, told=(TaskKind.RISK_REVIEW, FIRST))


def neglected(tenant: Tenant) -> QuerySet[Customer, UUID]:
    """Keys of those whom nobody assessed in the days for it either.

    It was told once, whatever became of the task and of its escalation.
    """
    told = (TaskKind.ESCALATION, FIRST_OVERDUE)
    return _never_assessed(tenant, UNASSESSED + GRACE, told=told)


def _never_assessed(
    tenant: Tenant, after: timedelta, *, told: tuple[TaskKind, str]
) -> QuerySet[Customer, UUID]:
    known = Assessment.objects.filter(customer=OuterRef("pk"))
    kind, reason = told
    tasks = Task.objects.filter(customer=OuterRef("pk"), kind=kind, reason=reason)
    rows = Customer.objects.for_tenant(tenant.pk).living()
    due = rows.filter(
        ~Exists(known), ~Exists(tasks), kyc_status=KycStatus.VERIFIED,
        verified_at__lte=timezone.now() - after,
    )  # fmt: skip
    return due.order_by("verified_at", "pk").values_list("pk", flat=True)


@transaction.atomic
def ask_for_first(customer_id: UUID, *, by: User) -> bool:
    """Open the task of compliance; False when it is not called for any more."""
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    if not unassessed(customer.tenant).filter(pk=customer_id).exists():
        return False
    open_task(customer, TaskKind.RISK_REVIEW, reason=FIRST, by=by)
    return True


@transaction.atomic
def escalate_first(customer_id: UUID, *, by: User) -> bool:
    """Tell those above that nobody assessed; False when it is not called for."""
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    if not neglected(customer.tenant).filter(pk=customer_id).exists():
        return False
    open_task(customer, TaskKind.ESCALATION, reason=FIRST_OVERDUE, by=by)
    return True


@transaction.atomic
def ask_for_review(assessment_id: UUID, *, by: User) -> bool:
    """Open the task of compliance; False when it was asked for meanwhile."""
    assessment = _still_current(assessment_id)
    if assessment is None or assessment.asked_at:
        return False
    customer = assessment.customer
    open_task(customer, TaskKind.RISK_REVIEW, reason=REVIEW, by=by)
    assessment.asked_at = timezone.now()
    assessment.save_as(by, REVIEW)
    return True


@transaction.atomic
def escalate_review(assessment_id: UUID, *, by: User) -> bool:
    """Tell those above that nobody looked; False when it was told meanwhile."""
    assessment = _still_current(assessment_id)
    if assessment is None or assessment.escalated_at:
        return False
    open_task(assessment.customer, TaskKind.ESCALATION, reason=OVERDUE, by=by)
    assessment.escalated_at = timezone.now()
    assessment.save_as(by, OVERDUE)
    return True


def _still_current(assessment_id: UUID) -> Assessment | None:
    """The assessment under its customer's lock, unless a newer one took its place."""
    found = Assessment.objects.only("customer_id").get(pk=assessment_id)
    customer = Customer.objects.select_for_update().get(pk=found.customer_id)
    if customer.status not in LIVING:
        return None
    rows = Assessment.objects.current().filter(pk=found.pk)
    current: Assessment | None = rows.select_related("customer").first()
    return current
