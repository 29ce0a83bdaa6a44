"""KYC runs out: remind in time, suspend on the day."""

import logging
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from customers.contacts.reaching import Notice, reach
from customers.registry.models import LIVING, Customer, Status, SuspensionReason
from customers.registry.services import suspend_customer
from events.services import publish
from events.sweeps import sweep
from kyc.events import KycExpiryNeared
from kyc.models import ExpiryReminder
from tenants.models import Tenant, User
from tenants.services import get_machine

log = logging.getLogger(__name__)

REMIND_DAYS = (60, 30, 7)


def sweep_kyc_expiry() -> tuple[int, int]:
    """Give due reminders and suspend the expired; returns (reminded, suspended).

    Hourly, so that each institution's midnight is met; what was done is not repeated.
    """
    by = get_machine("sweep")
    reminded = suspended = 0
    for tenant in Tenant.objects.all():
        today = tenant.today
        due = Customer.objects.for_tenant(tenant.pk).kyc_expiring_by(
            today + timedelta(days=max(REMIND_DAYS))
        )
        for customer in due.iterator(chunk_size=500):
            if customer.is_kyc_expired(today):
                suspended += _expire(customer, today, by)
            else:
                reminded += _remind(customer, today, by)
    log.info("KYC expiry: %s reminded, %s suspended", reminded, suspended)
    return reminded, suspended


sweep("kyc_expiry", every=3600)(sweep_kyc_expiry)


@transaction.atomic
def _expire(customer: Customer, today: date, by: User) -> bool:
    """Suspend once, unless a renewal came in between."""
    row = Customer.objects.select_for_update().get(pk=customer.pk)
    if not row.is_kyc_expired(today) or row.status != Status.ACTIVE:
        return False
    return suspend_customer(row.pk, reason=SuspensionReason.KYC_EXPIRED, by=by)


@transaction.atomic
def _remind(customer: Customer, today: date, by: User) -> bool:
    """Give the nearest reminder that is due; each once a term."""
    if customer.kyc_expires_on is None or customer.status not in LIVING:
        return False
    left = (customer.kyc_expires_on - today).days
    days = min(day for day in REMIND_DAYS if left <= day)
    _, is_new = ExpiryReminder.objects.get_or_create(
        customer=customer,
        expires_on=customer.kyc_expires_on,
        days=days,
        defaults={"given_at": timezone.now()},
    )
    if is_new:
        event = KycExpiryNeared(customer_id=str(customer.pk), days=left)
        publish(event, by=by, tenant_id=customer.tenant_id)
    return is_new


def mail_reminder(customer_id: UUID | str) -> None:
    """Give the reminder that is due, once, by the way the customer wants.

    Raises RetryLaterError while that way does not take it.
    """
    customer = Customer.objects.select_related("tenant").get(pk=customer_id)
    reminder = (
        ExpiryReminder.objects.filter(
            customer=customer, expires_on=customer.kyc_expires_on, mailed_at=None
        )
        .order_by("days")
        .first()
    )
    if reminder is None or customer.status not in LIVING:
        return
    if reminder.expires_on <= customer.tenant.today:
        return  # too late to be of use
    notice = Notice(
        "kyc/expiry_reminder",
        about=f"kyc_expiry:{reminder.expires_on}:{reminder.days}",
        facts={"expires_on": reminder.expires_on},
    )
    reach(customer, notice, by=get_machine("sweep"))
    _mark_mailed(customer, reminder)


def _mark_mailed(customer: Customer, reminder: ExpiryReminder) -> None:
    """Earlier ones that never went out are overtaken by this one."""
    ExpiryReminder.objects.filter(
        customer=customer, expires_on=reminder.expires_on, mailed_at=None
    ).update(mailed_at=timezone.now())
