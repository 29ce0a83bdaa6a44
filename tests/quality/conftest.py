"""Bad rows as no form of ours lets through: they come from imports and old systems."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from customers.contacts.models import Phone
from customers.quality.models import Finding
from customers.quality.services import NIGHTLY, check_customer
from customers.registry.models import Customer
from events.models import NightlyRun
from events.nightly import run_nightly
from tenants.models import Tenant
from tenants.services import get_machine
from tests.conftest import MakeCustomer


def spoil(customer: Customer, **columns: Any) -> Customer:
    """Put values on the row past every check."""
    if "details" in columns:
        columns["details"] = {**customer.details, **columns["details"]}
        columns["details"] = {k: v for k, v in columns["details"].items() if v}
    Customer.objects.filter(pk=customer.pk).update(**columns)
    customer.refresh_from_db()
    return customer


def make_old(customer: Customer, days: int) -> Customer:
    """Let the customer have registered so many days ago."""
    return spoil(customer, registered_at=timezone.now() - timedelta(days=days))


def share_phone(*customers: Customer, number: str = "+233244987654") -> None:
    for customer in customers:
        phone = Phone(tenant_id=customer.tenant_id, customer=customer, number=number)
        phone.save_as(get_machine("setup"), "Imported")


def run(tenant: Tenant) -> NightlyRun:
    return run_nightly(NIGHTLY, tenant)


def found(customer: Customer) -> dict[str, str]:
    """Open findings of a customer: what each says, by its rule."""
    rows = Finding.objects.open().filter(customer=customer)
    return dict(rows.values_list("rule", "detail"))


@pytest.fixture
def clean(make_customer: MakeCustomer) -> Customer:
    """A customer about whom no rule has anything to say."""
    customer = make_customer()
    check_customer(customer.pk)
    assert found(customer) == {}
    return customer
