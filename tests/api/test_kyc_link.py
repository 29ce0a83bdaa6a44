"""The link that begins KYC: said once, and kept nowhere, whatever is repeated."""

import pytest
from django.test import Client

from api.models import KeptAnswer
from customers.registry.models import Customer
from kyc.models import Applicant
from kyc.sandbox.models import SandboxLink
from tests.api.sending import send
from tests.conftest import MakeCustomer
from tests.house import House
from tests.house import house as house

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def customer(house: House, make_customer: MakeCustomer) -> Customer:
    """One who may be verified, where Sumsub's stand-in answers."""
    return make_customer()


def test_the_link_is_said_once(customer: Customer, front: Client) -> None:
    place, key = f"/{customer.pk}/kyc/start", {"Idempotency-Key": "k"}
    first = send(front, "POST", place, {}, **key)
    assert first.status_code == 201, first.content
    token = SandboxLink.objects.get().token
    assert first.json()["url"].endswith(token)
    again = send(front, "POST", place, {}, **key)
    assert again["Idempotency-Replayed"] == "true"
    assert again.json() == {**first.json(), "url": None}
    assert token.encode() not in KeptAnswer.objects.get().content
    # Without the key, or under another, the open attempt gets a fresh link.
    fresh = send(front, "POST", place, {})
    assert fresh.json()["url"] not in (None, first.json()["url"])
    assert Applicant.objects.count() == 1
