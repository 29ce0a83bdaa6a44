"""A bank with people whose names, papers and phones are told apart by little."""

from typing import Any

import pytest

from customers.contacts.services import add_contact
from customers.registry.models import Customer
from tenants.models import User
from tests.conftest import COMPANY_DETAILS, INDIVIDUAL_DETAILS, MakeCustomer

SECOND_PHONE, SECOND_EMAIL = "+233207654321", "kwame.work@mail.example"
COMPANY: dict[str, Any] = {
    "customer_type": "PRIVATE_COMPANY",
    "entity_type": "body_corporate",
}


def papers(number: str) -> dict[str, str]:
    return {**INDIVIDUAL_DETAILS, "id_number": number}


@pytest.fixture
def people(make_customer: MakeCustomer, setup_machine: User) -> dict[str, Customer]:
    """Return them by a short word."""
    kwame = make_customer(
        name="Kwame Mensah", phone="+233244123456", email="kwame@mail.example",
        details=papers("GHA-123456789-1"),
    )  # fmt: skip
    add_contact(kwame.pk, "phone", {"number": SECOND_PHONE}, by=setup_machine)
    add_contact(kwame.pk, "email", {"email": SECOND_EMAIL}, by=setup_machine)
    return {
        "kwame": kwame,
        "zoe": make_customer(name="Zoë O’Connor-Łuczak", details=papers("PL 77-X/9")),
        "per": make_customer(name="Håkansson, Per-Olof", details=papers("S1234567")),
        "mensa": make_customer(name="Adwoa Mensah-Boateng", details=papers("A0000001")),
        "grain": make_customer(
            name="Halcyon Grain Ltd.", **COMPANY,
            details={**COMPANY_DETAILS, "registration_number": "CS-0042-2019"},
        ),
    }  # fmt: skip
