"""Each channel gives a term until KYC: warn in time, suspend when it was missed."""

import logging
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from common.memory import asked_once
from customers.contacts.reaching import Notice, reach
from customers.registry.choices import KycStatus, Status, SuspensionReason
from customers.registry.events import CustomerReinstated
from customers.registry.models import Customer
from customers.registry.services import reinstate_customer, suspend_customer
from customers.tiers.events import KycDeadlineNeared
from customers.tiers.models import ChannelRule, KycDeadline
from customers.tiers.services import channel_rules_of, locked
from customers.tiers.sets import in_sets
from events.each_row import each_row, going_on
from events.models import RecordedEvent
from events.services import publish
from events.sweeps import sweep
from tenants.models import Tenant, User
from tenants.services import get_machine

log = logging.getLogger(__name__)

SWEEP = "kyc_deadlines"
WARN_DAYS = 2


def due_on(customer: Customer, rule: ChannelRule) -> date:
    """The last day on which KYC is in time, by the institution's calendar."""
    began_at = reinstated_at(customer) or customer.registered_at
    return _last_day(customer, began_at, rule)


@asked_once
def reinstated_at(customer: Customer) -> datetime | None:
    """When their term began anew; None where it began at registration."""
    own = KycDeadline.objects.filter(customer=customer)
    return own.values_list("began_at", flat=True).first()


def _last_day(customer: Customer, began_at: datetime, rule: ChannelRule) -> date:
    zone = ZoneInfo(customer.tenant.time_zone)
    return timezone.localdate(began_at, zone) + timedelta(days=rule.kyc_within_days)


def deadline_of(customer: Customer) -> date | None:
    """The day by which KYC is wanted; None where nothing is."""
    is_open = customer.status == Status.ACTIVE and customer.tenant.kyc_required
    if not is_open or customer.kyc_status == KycStatus.VERIFIED:
        return None
    return due_on(customer, channel_rules_of(customer.tenant)[customer.channel])


def sweep_kyc_deadlines() -> tuple[int, int]:
    """Warn who has two days left, suspend who has none; returns both counts.

    Hourly, so that each institution's midnight is met; what was done is not repeated.
    A customer or an institution that fails is logged, and the others go on. Where the
    institution does not require KYC there is no deadline.
    """
    by = get_machine("sweep")
    warned = suspended = 0
    for tenant in Tenant.objects.filter(kyc_required=True):
        with going_on(SWEEP, f"institution {tenant.pk}"):
            for rule in channel_rules_of(tenant).values():
                late, near = late_under(tenant, rule), _near(tenant, rule)
                miss = partial(miss_deadline, rule=rule, by=by)
                warn = partial(warn_of_deadline, rule=rule, by=by)
                suspended += each_row(SWEEP, in_sets(late), miss)
                warned += each_row(SWEEP, in_sets(near), warn)
    log.info("KYC deadlines: %s warned, %s suspended", warned, suspended)
    return warned, suspended


sweep(SWEEP, every=3600)(sweep_kyc_deadlines)


def _begins(tenant: Tenant, on: date) -> datetime:
    """The institution's midnight at which a day begins."""
    return datetime.combine(on, time.min, ZoneInfo(tenant.time_zone))


def _waiting(tenant: Tenant, rule: ChannelRule, *, before: datetime) -> QuerySet[Any]:
    """Whose term is open and `began_at` before that moment."""
    rows = Customer.objects.for_tenant(tenant.pk).filter(
        status=Status.ACTIVE,
        channel=rule.channel,
        kyc_status__in=(KycStatus.PENDING, KycStatus.REJECTED),
        registered_at__lt=before,  # no term begins earlier; here an index serves
    )
    own = KycDeadline.objects.filter(customer=OuterRef("pk"))
    began_at = Coalesce(Subquery(own.values("began_at")), "registered_at")
    rows = rows.exclude(Exists(own.filter(missed_at__isnull=False)))
    found: QuerySet[Any] = rows.alias(began_at=began_at)
    return found.filter(began_at__lt=before)


def late_under(tenant: Tenant, rule: ChannelRule) -> QuerySet[Customer]:
    """Whom the next sweep would suspend if the channel's rule were this one."""
    last = tenant.today - timedelta(days=rule.kyc_within_days)
    return _waiting(tenant, rule, before=_begins(tenant, last))


def _near(tenant: Tenant, rule: ChannelRule) -> QuerySet[Customer]:
    last = tenant.today - timedelta(days=rule.kyc_within_days)
    after = last + timedelta(days=WARN_DAYS + 1)
    warned = KycDeadline.objects.filter(
        customer=OuterRef("pk"), days=rule.kyc_within_days
    )
    rows = _waiting(tenant, rule, before=_begins(tenant, after))
    return rows.filter(~Exists(warned), began_at__gte=_begins(tenant, last))


def _open_deadline(customer: Customer, rule: ChannelRule) -> KycDeadline | None:
    """The deadline as it stands under the lock; None where none is open any more."""
    if customer.status != Status.ACTIVE or customer.kyc_status == KycStatus.VERIFIED:
        return None
    row = KycDeadline.objects.filter(customer=customer).first()
    if row and row.missed_at:
        return None
    row = row or KycDeadline(customer=customer)
    row.due_on = _last_day(customer, row.began_at or customer.registered_at, rule)
    return row


@transaction.atomic
def miss_deadline(customer_id: UUID, rule: ChannelRule, by: User) -> bool:
    """Suspend once for each term; who is reinstated afterwards has another."""
    customer = locked(customer_id)
    row = _open_deadline(customer, rule)
    if row is None or row.due_on >= customer.tenant.today:
        return False
    row.missed_at = timezone.now()
    row.save()
    return suspend_customer(customer.pk, reason=SuspensionReason.KYC_DEADLINE, by=by)


@transaction.atomic
def reinstate_after_deadline(customer_id: UUID | str, *, by: User) -> bool:
    """Reinstate who was suspended for the deadline alone and is verified now.

    Another reason to be suspended stays: it is on the row instead of this one.
    """
    customer = locked(customer_id)
    is_missed = (
        customer.status == Status.SUSPENDED
        and customer.status_reason == SuspensionReason.KYC_DEADLINE
    )
    if not is_missed or customer.kyc_status != KycStatus.VERIFIED:
        return False
    return reinstate_customer(
        customer.pk, reason="KYC was completed after its deadline", by=by
    )


@transaction.atomic
def begin_term_anew(customer_id: UUID | str) -> bool:
    """Give who was reinstated before KYC a term from then on; True when they had none.

    Harmless to run twice and late: it begins when they were reinstated the last time.
    """
    customer = locked(customer_id)
    if customer.status != Status.ACTIVE or customer.kyc_status == KycStatus.VERIFIED:
        return False
    known = KycDeadline.objects.filter(customer=customer).first()
    row, began_at = known or KycDeadline(customer=customer), _last_return(customer)
    if began_at is None or row.began_at == began_at:
        return False
    rule = channel_rules_of(customer.tenant)[customer.channel]
    row.began_at, row.due_on = began_at, _last_day(customer, began_at, rule)
    row.days = row.warned_at = row.mailed_at = row.missed_at = None
    row.save()
    return True


def _last_return(customer: Customer) -> datetime | None:
    facts = RecordedEvent.objects.filter(
        subject_id=str(customer.pk), type=CustomerReinstated.__name__
    )
    times = facts.order_by("-created_at").values_list("created_at", flat=True)
    return times.first()


@transaction.atomic
def warn_of_deadline(customer_id: UUID, rule: ChannelRule, by: User) -> bool:
    """Publish the warning once for each term."""
    customer = locked(customer_id)
    row = _open_deadline(customer, rule)
    if row is None or row.days == rule.kyc_within_days:
        return False
    row.days, row.warned_at, row.mailed_at = rule.kyc_within_days, timezone.now(), None
    row.save()
    event = KycDeadlineNeared(
        customer_id=str(customer.pk), due_on=row.due_on.isoformat()
    )
    publish(event, by=by, tenant_id=customer.tenant_id)
    return True


def mail_warning(customer_id: UUID | str) -> None:
    """Give the warning that is due, once, by the way the customer wants.

    Raises RetryLaterError while that way does not take it.
    """
    customer = Customer.objects.select_related("tenant").get(pk=customer_id)
    warned = KycDeadline.objects.filter(customer=customer, warned_at__isnull=False)
    row = warned.filter(mailed_at=None).first()
    is_open = row is not None and deadline_of(customer) is not None
    if row is None or not is_open:
        return
    if row.due_on < customer.tenant.today:
        return  # too late to be of use
    notice = Notice(
        "tiers/deadline_warning",
        about=f"kyc_deadline:{row.due_on}",
        facts={"due_on": row.due_on},
    )
    reach(customer, notice, by=get_machine("tiers"))
    KycDeadline.objects.filter(pk=row.pk).update(mailed_at=timezone.now())
