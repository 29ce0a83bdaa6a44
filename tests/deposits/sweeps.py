"""Customers whose last activity is long ago, and what a sweep left of them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from customers.registry.models import Customer
from deposits.activity import sweeping
from deposits.activity.sweeping import ACTIVITY
from deposits.models import Account
from deposits.services import open_account
from events.models import NightlyRun, RecordedEvent
from events.nightly import Night
from tenants.models import Tenant
from tenants.services import get_machine

DAY = date(2026, 11, 21)
FACTS = ("ActivityChanged", "AccountStatusChanged")


def age(customer: Customer, days: int, activity: str = "active") -> Customer:
    """Let the last activity be so many days before DAY; accounts stand accordingly."""
    noon = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC)
    Customer.objects.filter(pk=customer.pk).update(
        last_activity_at=noon - timedelta(days=days), activity=activity
    )
    Account.objects.filter(customer=customer).following().update(status=activity)
    customer.refresh_from_db()
    return customer


def with_account(customer: Customer) -> Account:
    return open_account(customer.pk, by=get_machine("setup"))


def begun(tenant: Tenant, day: date = DAY, **columns: Any) -> Night:
    """A run in somebody's hands, who may never come back."""
    now, lease = timezone.now(), uuid4()
    usual = {"lease": lease, "leased_until": now + timedelta(minutes=1)}
    run = NightlyRun.objects.create(
        tenant=tenant, name=ACTIVITY, counted_on=day, started_at=now,
        **{**usual, **columns},
    )  # fmt: skip
    return Night(run, lease)


def prepare() -> None:
    """For a process that is killed: batches of one."""
    sweeping.BATCH = 1


def state_of(tenant: Tenant) -> dict[str, Any]:
    """All that a sweep may leave of each customer, but for keys and times."""
    return {
        customer.email: {
            "customer": (customer.activity, customer.status, customer.row_version),
            "versions": _versions(customer, "activity"),
            "accounts": [
                (account.status, _versions(account, "status"))
                for account in Account.objects.filter(customer=customer)
            ],
            "facts": sorted(_facts(customer)),
        }
        for customer in Customer.objects.for_tenant(tenant.pk)
    }


def _versions(row: Any, column: str) -> list[tuple[Any, ...]]:
    return [
        (
            getattr(version, column),
            version.history_type,
            version.history_change_reason,
            version.history_user_id,
        )
        for version in row.history.order_by("history_id")
    ]


def _facts(customer: Customer) -> list[tuple[str, str, int]]:
    rows = RecordedEvent.objects.filter(subject_id=str(customer.pk), type__in=FACTS)
    return [
        (
            row.type,
            row.payload.get("activity") or row.payload["status"],
            row.deliveries.count(),
        )
        for row in rows
    ]
