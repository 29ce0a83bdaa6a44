"""What the bank’s other systems say of a customer’s products."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from common.errors import DomainError
from customers.registry.models import Customer
from customers.risk.choices import HoldingKind, HoldingStatus
from customers.risk.events import HoldingReported
from customers.risk.holdings.schemas import INVALID, check_figures
from customers.risk.models import Holding
from events.services import publish
from tenants.models import Tenant, User

REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}")
EARLIEST = date(1900, 1, 1)
# How far the clock of another system may run ahead of ours.
SKEW = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class HoldingReport:
    """A product as its system knows it at `reported_at`.

    `figures` as customers/risk/holdings/schemas.py has them for the kind.
    """

    kind: str
    reference: str
    status: str
    opened_on: date
    closed_on: date | None = None
    figures: Mapping[str, Any]
    reported_at: datetime


class Outcome(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    CONFIRMED = "confirmed"  # as before, at a later time
    REPEATED = "repeated"
    LATE = "late"  # something younger is known, so this changes nothing


@dataclass(frozen=True)
class Reported:
    holding: Holding
    outcome: Outcome


@transaction.atomic
def report_holding(
    customer_id: UUID | str, report: HoldingReport, *, by: User
) -> Reported:
    """Keep what is reported of a product, unless something younger is known.

    The same report twice changes nothing. Raises DomainError, for another customer’s
    reference with the code REFERENCE_TAKEN.
    """
    # The customer’s row is the lock of a product’s first report.
    found = Customer.objects.select_for_update(of=("self",)).select_related("tenant")
    customer: Customer = found.get(pk=customer_id)
    said = _checked(report, customer.tenant)
    known = _known(customer, said)
    if known is None:
        said |= {"tenant": customer.tenant, "customer": customer}
        holding, outcome = Holding(**said), Outcome.NEW
    else:
        holding, outcome = known, _compare(known, said)
        if outcome in (Outcome.REPEATED, Outcome.LATE):
            return Reported(holding, outcome)
        for name, value in said.items():
            setattr(holding, name, value)
    _save(holding, by, outcome)
    if outcome != Outcome.CONFIRMED:
        event = HoldingReported(
            customer_id=str(customer.pk), holding_id=str(holding.pk),
            kind=holding.kind, status=holding.status,
        )  # fmt: skip
        publish(event, by=by, tenant_id=customer.tenant_id)
    return Reported(holding, outcome)


def _save(holding: Holding, by: User, outcome: Outcome) -> None:
    """Save; a first report of it at another customer may have come in between."""
    try:
        with transaction.atomic():
            holding.save_as(by, f"Reported: {outcome}")
    except IntegrityError as error:
        raise _taken() from error


def _known(customer: Customer, said: dict[str, Any]) -> Holding | None:
    rows = Holding.objects.for_tenant(customer.tenant_id).select_for_update()
    key = {name: said[name] for name in ("kind", "reference")}
    known: Holding | None = rows.filter(**key).first()
    if known is not None and known.customer_id != customer.pk:
        raise _taken()
    return known


def _taken() -> DomainError:
    """Whose it is stays unsaid: the system that asks may not know them."""
    message = "Another customer has this reference."
    return DomainError(message, code="REFERENCE_TAKEN", field="reference")


def _compare(known: Holding, said: dict[str, Any]) -> Outcome:
    if said["reported_at"] < known.reported_at:
        return Outcome.LATE
    is_other = any(
        getattr(known, name) != value
        for name, value in said.items()
        if name != "reported_at"
    )
    if said["reported_at"] > known.reported_at:
        return Outcome.CHANGED if is_other else Outcome.CONFIRMED
    if is_other:
        raise _refused("reported_at", "Two different reports name the same time.")
    return Outcome.REPEATED


def _checked(report: HoldingReport, tenant: Tenant) -> dict[str, Any]:
    """Each field as it is kept. Raises DomainError naming it."""
    if report.kind not in HoldingKind.values:
        raise _refused("kind", "There is no such kind of product.")
    if report.status not in HoldingStatus.values:
        raise _refused("status", "There is no such status of a product.")
    reference = report.reference
    if not isinstance(reference, str) or not REFERENCE.fullmatch(reference):
        raise _refused(
            "reference", "A reference is up to 64 letters, digits and . _ : / -"
        )
    _check_days(report, tenant.today)
    _check_time(report.reported_at)
    return {
        "kind": report.kind,
        "reference": reference,
        "status": report.status,
        "opened_on": report.opened_on,
        "closed_on": report.closed_on,
        "figures": check_figures(HoldingKind(report.kind), report.figures),
        "reported_at": report.reported_at,
    }


def _check_days(report: HoldingReport, today: date) -> None:
    """An instant is a day to Python; to us it is not."""
    opened, closed = report.opened_on, report.closed_on
    if type(opened) is not date or not EARLIEST <= opened <= today:
        raise _refused("opened_on", "The day of opening is not a day up to today.")
    if closed is None:
        if report.status == HoldingStatus.CLOSED:
            raise _refused("closed_on", "Say on which day it was closed.")
        return
    if report.status == HoldingStatus.OPEN:
        raise _refused("closed_on", "What is open has no day of closing.")
    if type(closed) is not date or not EARLIEST <= closed <= today:
        raise _refused("closed_on", "The day of closing is not a day up to today.")
    if closed < opened:
        raise _refused("closed_on", "It cannot be closed before it was opened.")


def _check_time(at: object) -> None:
    if not isinstance(at, datetime) or timezone.is_naive(at):
        raise _refused("reported_at", "The time of the report needs a time zone.")
    if at > timezone.now() + SKEW:
        raise _refused("reported_at", "The time of the report is in the future.")
    if at.year < EARLIEST.year:
        raise _refused("reported_at", "The time of the report is too long ago.")


def _refused(field: str, sentence: str) -> DomainError:
    return DomainError(sentence, code=INVALID, field=field)
