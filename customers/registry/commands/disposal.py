"""Disposal of a customer's records: refused until law and policy allow it."""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from common.errors import DomainError
from common.face import day
from customers.registry.choices import LIVING
from customers.registry.models import Customer


@transaction.atomic
def dispose_customer(customer_id: UUID) -> None:
    """Refuse: nothing here deletes, and records are not disposed of one by one.

    Raises DomainError: RELATIONSHIP_NOT_ENDED, RETENTION_NOT_OVER with the day in
    `details`, and DISPOSAL_NOT_APPROVED once retention is over. What lets go of
    records then is a decision about holds and the list of disposals, which the room
    of privacy will take; it calls this first.
    """
    rows = Customer.objects.select_for_update(of=("self",)).select_related("tenant")
    customer: Customer = rows.get(pk=customer_id)
    if customer.status in LIVING:
        message = f"Cannot dispose: {customer} is {customer.status}; end it first."
        raise DomainError(message, code="RELATIONSHIP_NOT_ENDED")
    until = kept_until(customer)
    if customer.tenant.today <= until:
        message = f"Cannot dispose: {customer} must be kept until {day(until)}."
        details = {"until": until.isoformat()}
        raise DomainError(message, code="RETENTION_NOT_OVER", details=details)
    message = f"Cannot dispose: nobody has approved the disposal of {customer}."
    raise DomainError(message, code="DISPOSAL_NOT_APPROVED")


def kept_until(customer: Customer) -> date:
    """The last day of retention, by the institution's calendar and policy of now."""
    if customer.retention_until:
        return customer.retention_until
    ended: datetime = customer.offboarded_at or customer.status_changed_at \
        or customer.registered_at  # fmt: skip
    on = timezone.localdate(ended, ZoneInfo(customer.tenant.time_zone))
    year = min(on.year + customer.tenant.retention_years, date.max.year)
    is_leap_day = (on.month, on.day) == (2, 29)
    return date(year, 3, 1) if is_leap_day else on.replace(year=year)
