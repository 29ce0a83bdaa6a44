"""A file that no key opens: the others are checked, and what stands about it stays."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from django.utils import timezone

from common.errors import DomainError
from customers.quality.models import CheckedFile, Finding
from customers.quality.services import accept_finding, check_customer
from customers.registry.models import Customer
from events.models import NightlyRun
from tenants.models import Tenant, User
from tests.conftest import MakeCustomer
from tests.quality.conftest import found, run, spoil

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=365)
BORN = {"birth_date": "1900-01-01"}
Shut = Callable[[Customer], None]


@pytest.fixture
def shut() -> Shut:
    """Seal the answers with a key that nobody has, as a restored backup may hold."""

    def seal(customer: Customer) -> None:
        token = Fernet(Fernet.generate_key()).encrypt(b"{}").decode()
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE registry_customer SET details = %s WHERE public_id = %s",
                [token, customer.public_id],
            )

    return seal


def test_one_file_stops_nobody_elses_check(
    clean: Customer, make_customer: MakeCustomer, demo_bank: Tenant, shut: Shut,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    bad, other = spoil(make_customer(), details=BORN), make_customer()
    run(demo_bank)
    past = demo_bank.today - timedelta(days=3)
    Finding.objects.update(last_seen_on=past)
    known = dict(CheckedFile.objects.values_list("customer_id", "seal"))
    shut(bad)
    spoil(other, details=BORN)
    night = run(demo_bank)
    assert night.status == NightlyRun.Status.DONE
    assert {key: night.figures[key] for key in ("opened", "closed", "errors")} == {
        "opened": 1, "closed": 0, "errors": 1,
    }  # fmt: skip
    assert "birth_date_improbable" in found(other)
    assert "birth_date_improbable" in found(bad), "what nobody can read is not healed"
    assert Finding.objects.get(customer=bad).last_seen_on == past
    assert CheckedFile.objects.get(customer=bad).seal == known[bad.pk]
    assert str(bad.pk) in caplog.text
    assert str(clean.pk) not in caplog.text
    assert run(demo_bank).figures["errors"] == 1, "tried again each night"


def test_it_is_left_alone_though_its_old_answers_are_remembered(
    clean: Customer, demo_bank: Tenant, settings: Any
) -> None:
    """The memory says what the file said; nothing is written without opening it."""
    run(demo_bank)
    yesterday, long_ago = demo_bank.today - timedelta(days=1), timezone.now() - YEAR
    spoil(
        clean, kyc_status="verified", kyc_level="basic", verified_at=long_ago,
        kyc_expires_on=yesterday,
    )  # fmt: skip
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    figures = run(demo_bank).figures
    assert (figures["read"], figures["opened"], figures["errors"]) == (0, 0, 1)
    assert not Finding.objects.exists()


def test_checking_it_now_is_no_error(
    clean: Customer, shut: Shut, caplog: pytest.LogCaptureFixture
) -> None:
    spoil(clean, details=BORN)
    check_customer(clean.pk)
    before = found(clean)
    shut(clean)
    check_customer(clean.pk)
    assert found(clean) == before != {}
    assert str(clean.pk) in caplog.text


def test_nothing_about_it_is_accepted(
    clean: Customer, shut: Shut, setup_machine: User
) -> None:
    spoil(clean, details=BORN)
    check_customer(clean.pk)
    shut(clean)
    finding = Finding.objects.get()
    with pytest.raises(DomainError, match="answers on file cannot be read"):
        accept_finding(finding.pk, reason="It is so", by=setup_machine)
