"""What may be asked about findings: lock, decide, save, publish."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from common.errors import DomainError
from common.text import clean
from customers.quality.checking import bring_in_step, hits_of
from customers.quality.events import (
    AcceptanceWithdrawn,
    FindingAccepted,
    QualityCheckAsked,
)
from customers.quality.models import Finding
from customers.quality.rules.board import Scope
from customers.registry.models import Customer
from events.models import Delivery, NightlyRun
from events.services import publish
from tenants.models import Tenant, User

NIGHTLY = "data_quality"
HANDLER = "customers.quality.check_now"
MAX_REASON = 300  # characters
# Not read with the row that is locked: a lost key must not stop a check.
SEALED = ("details", "telegram_id")


@transaction.atomic
def check_customer(customer_id: UUID | str) -> None:
    """Bring the findings of one customer in step with the data, now."""
    # The lock of all that is known about them: two corrections come one by one.
    rows = Customer.objects.select_for_update(of=("self",)).select_related("tenant")
    customer = rows.defer(*SEALED).get(pk=customer_id)
    tenant = customer.tenant
    bring_in_step(Scope(tenant, tenant.today, ids=[customer.pk]))


@transaction.atomic
def accept_finding(finding_id: UUID, *, reason: str, by: User) -> None:
    """Let a finding not count until the data it is about changes.

    Raises DomainError, also when the data is another than the finding says.
    """
    finding = _locked(finding_id)
    if not finding.is_counting:
        state = "accepted" if finding.accepted_at else "closed"
        raise DomainError(f"This finding is {state} already.")
    reason = clean(reason)
    if not reason or len(reason) > MAX_REASON:
        message = f"Say why, in at most {MAX_REASON} characters."
        raise DomainError(message, code="DATA_VALIDATION_FAILED", field="reason")
    tenant = finding.tenant
    said = hits_of(Scope(tenant, tenant.today, ids=[finding.customer_id]))
    hit = said.get((finding.customer_id, finding.rule, finding.subject))
    if hit is None or hit.detail != finding.detail:
        raise DomainError("The data changed meanwhile; look at it again.")
    finding.accepted_at, finding.accepted_by = timezone.now(), by
    finding.accepted_reason, finding.accepted_mark = reason, hit.mark
    finding.save()
    event = FindingAccepted(
        customer_id=str(finding.customer_id), finding_id=str(finding.pk),
        rule=finding.rule,
    )  # fmt: skip
    publish(event, by=by, tenant_id=tenant.pk, reason=reason)


@transaction.atomic
def withdraw_acceptance(finding_id: UUID, *, by: User) -> None:
    """Let an accepted finding count again. Raises DomainError."""
    finding = _locked(finding_id)
    if finding.closed_on or not finding.accepted_at:
        raise DomainError("This finding is not accepted.")
    finding.accepted_at = finding.accepted_by = None
    finding.accepted_reason = finding.accepted_mark = ""
    finding.save()
    event = AcceptanceWithdrawn(
        customer_id=str(finding.customer_id), finding_id=str(finding.pk),
        rule=finding.rule,
    )  # fmt: skip
    publish(event, by=by, tenant_id=finding.tenant_id)


def _locked(finding_id: UUID) -> Finding:
    found: Finding = Finding.objects.select_related("tenant").get(pk=finding_id)
    # The customer's row first, as every check does: findings change under its lock.
    rows = Customer.objects.select_for_update().defer(*SEALED)
    rows.get(pk=found.customer_id)
    found.refresh_from_db()
    return found


@transaction.atomic
def ask_check(tenant: Tenant, *, by: User) -> None:
    """Let a worker check all customers now. Raises DomainError while one does."""
    # The tenant's row is the lock: two who press at once ask once.
    Tenant.objects.select_for_update().get(pk=tenant.pk)
    if is_waiting(tenant) or is_running(tenant):
        raise DomainError("A check is running already; look at its figures.")
    now = timezone.now().isoformat()
    event = QualityCheckAsked(tenant_id=str(tenant.pk), asked_at=now)
    publish(event, by=by, tenant_id=tenant.pk)


def is_waiting(tenant: Tenant) -> bool:
    """Whether somebody asked and no worker is done with it."""
    rows = Delivery.objects.filter(handler=HANDLER, event__tenant=tenant)
    states = (Delivery.Status.DUE, Delivery.Status.RUNNING)
    return rows.filter(status__in=states).exists()


def is_running(tenant: Tenant) -> bool:
    """Whether a process holds a run; one that died is none."""
    rows = NightlyRun.objects.of(tenant, NIGHTLY)
    held = rows.filter(
        status=NightlyRun.Status.RUNNING, leased_until__gte=timezone.now()
    )
    return bool(held.exists())
