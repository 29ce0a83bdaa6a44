"""How tests send JSON to the API."""

import json
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from customers.registry.models import Customer
from tenants.models import User

AT = "/api/v1/customer"
NOBODY = "01930c5e-7f00-7a00-8000-5a1d2c3b4e5f"


def send(client: Client, method: str, place: str, body: Any, **headers: str) -> Any:
    return client.generic(
        method, AT + place, json.dumps(body), "application/json", headers=headers
    )


def end(customer: Customer, by: User, days_ago: int = 0) -> None:
    at = timezone.now() - timedelta(days=days_ago)
    customer.offboard("customer_request", at)
    customer.save_as(by, "For the test")
