"""What the tests of the registry share."""

import time
from collections.abc import Callable
from threading import Event as Flag
from typing import Any

import pytest
from django.db import transaction

from customers.registry.models import Customer
from customers.registry.services import update_customer
from events.models import RecordedEvent
from tenants.models import User
from tests.conftest import INDIVIDUAL_DETAILS, race

COMPANY: dict[str, Any] = {
    "customer_type": "PRIVATE_COMPANY",
    "entity_type": "body_corporate",
}
# Threads see only what is committed.
LOCKS = pytest.mark.django_db(transaction=True)


def told(customer: Customer) -> list[str]:
    """Return the names of the events about a customer, the first one first."""
    events = RecordedEvent.objects.filter(subject_id=str(customer.pk))
    return list(events.order_by("created_at", "id").values_list("type", flat=True))


def details(**answers: object) -> dict[str, object]:
    return {**INDIVIDUAL_DETAILS, **answers}


def change(customer: Customer, by: User, **changes: Any) -> list[str]:
    return update_customer(customer.pk, changes=changes, by=by, reason="Told us so")


def overlap(first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """Start the second call when the first has written but not yet committed."""
    written = Flag()

    def ahead() -> Any:
        try:
            with transaction.atomic():
                result = first()
                written.set()
                time.sleep(0.4)
                return result
        finally:
            written.set()

    def behind() -> Any:
        written.wait(timeout=20)
        return second()

    return race(ahead, behind)
