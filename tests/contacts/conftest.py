"""What the tests of contacts share: a verified officer, a customer in step, codes."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core import mail
from pytest_django import Settings

from customers.contacts.choices import Kind
from customers.contacts.models import Email, Phone
from customers.contacts.public import read_messages
from customers.registry.models import Customer
from tenants.models import User
from tests.conftest import Deliver, MakeCustomer, MakeStaff


@pytest.fixture
def officer(make_staff: MakeStaff) -> User:
    return make_staff("compliance_officer")


@pytest.fixture
def ama(make_customer: MakeCustomer, deliver: Deliver) -> Customer:
    """A customer of the web whose e-mail and phone are listed as contacts."""
    customer = make_customer()
    deliver()
    return customer


@pytest.fixture(autouse=True)
def handset(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """Where SMS arrive."""
    settings.DEBUG, settings.SMS_URL = True, ""
    settings.SMS_DIR = tmp_path / "sms"
    yield settings.SMS_DIR


def phone_of(customer: Customer) -> Phone:
    phone: Phone = Phone.objects.of_customer(customer.pk).get(is_primary=True)
    return phone


def email_of(customer: Customer) -> Email:
    email: Email = Email.objects.of_customer(customer.pk).get(is_primary=True)
    return email


def code_on(handset: Path) -> str:
    """The code of the newest SMS."""
    found = re.search(r"\b\d{6}\b", read_messages(handset)[0].text)
    assert found
    return found[0]


def link_in_mail() -> str:
    """The path of the link in the newest mail."""
    found = re.search(r"/contacts/confirm/\S+", str(mail.outbox[-1].body))
    assert found
    return found[0]


PHONE, EMAIL, ADDRESS = Kind.PHONE, Kind.EMAIL, Kind.ADDRESS
