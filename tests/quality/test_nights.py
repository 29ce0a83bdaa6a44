"""Nights and edits of every room, in any order: findings are what the rules say."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.errors import DomainError
from customers.contacts.models import Address, Email, Phone
from customers.quality.models import Finding
from customers.quality.rules import files
from customers.quality.services import (
    accept_finding,
    check_customer,
    withdraw_acceptance,
)
from customers.registry.models import Customer, Profile
from documents.choices import Kind
from events.models import RecordedEvent
from tenants.models import Tenant, User
from tenants.packs.loader import load_packs
from tenants.services import get_machine
from tests.conftest import MakeCustomer
from tests.documents.bank import send_document
from tests.quality.conftest import share_phone, spoil
from tests.quality.nights import DAY, hold_against_the_rules, next_packs, read

pytestmark = pytest.mark.django_db
VERIFIED = {
    "kyc_status": "verified", "verified_at": datetime(2023, 11, 25, tzinfo=UTC),
}  # fmt: skip
COLUMNS: tuple[dict[str, Any], ...] = (
    {"details": {"birth_date": "1900-01-01"}},
    {"details": {"birth_date": "1906-11-30"}},
    {"details": {"birth_date": "1960-01-01"}},
    {"details": {"birth_date": "1990-05-17"}},
    {"details": {"birth_date": "2026-11-24"}},
    {"details": {"birth_date": "", "nationality": ""}},
    {"details": {"nationality": "GHA", "registration_number": "CS-1"}},
    {"details": {"address": "1 Westgate"}},
    {"name_normalized": "test"}, {"name_normalized": "ama mensah"},
    {"tier": 2}, {"tier": 1},
    {"status": "archived"}, {"status": "active"},
    {"customer_type": "PRIVATE_COMPANY", "entity_type": "body_corporate"},
    {"customer_type": "INDIVIDUAL", "entity_type": "individual"},
    {**VERIFIED, "kyc_level": "basic", "kyc_expires_on": DAY},
    {**VERIFIED, "kyc_expires_on": date(2026, 11, 24)}, {"kyc_status": "pending"},
    {"registered_at": datetime(2020, 5, 5, 23, 30, tzinfo=UTC)},
    {"registered_at": datetime(2026, 8, 24, tzinfo=UTC)},
)  # fmt: skip
INSTITUTION: tuple[dict[str, Any], ...] = (
    {"pack": "jeweller"}, {"pack": "bank"}, {"time_zone": "Asia/Tokyo"},
    {"time_zone": "UTC"},
)  # fmt: skip
RELEASES = (load_packs, next_packs)


def edit_columns(customer: Customer, by: User, number: int) -> None:
    del by
    spoil(customer, **COLUMNS[number % len(COLUMNS)])


def edit_profile(customer: Customer, by: User, number: int) -> None:
    words = ("", "employed", "retired")
    row = Profile.objects.filter(customer=customer).first()
    row = row or Profile(tenant=customer.tenant, customer=customer)
    row.employment, row.source_of_funds = words[number % 3], ("", "salary")[number % 2]
    row.save_as(by, "Told")


def edit_dictionary(customer: Customer, by: User, number: int) -> None:
    """A code that the institution's dictionary no longer has is an answer."""
    del by
    code = f"code_{number}"
    Profile.objects.filter(customer=customer).update(employment=code)


def edit_phones(customer: Customer, by: User, number: int) -> None:
    del by
    shared = f"+2332449700{number % 2:02d}"
    if not Phone.objects.filter(customer=customer, number=shared).exists():
        share_phone(customer, number=shared)
    Phone.objects.filter(customer=customer).update(is_primary=False)
    keys = Phone.objects.filter(customer=customer).values_list("pk", flat=True)
    newest = max(keys)
    old = datetime(2026, 8, number % 28 + 1, tzinfo=UTC)
    Phone.objects.filter(pk=newest).update(is_primary=True, verified_at=None)
    Phone.history.filter(customer=customer).update(history_date=old)


def edit_emails(customer: Customer, by: User, number: int) -> None:
    del by
    rows = Email.objects.filter(customer=customer)
    rows.update(verified_at=None if number % 2 else datetime(2026, 1, 1, tzinfo=UTC))


def edit_addresses(customer: Customer, by: User, number: int) -> None:
    if number % 3 == 0:
        Address.objects.filter(customer=customer).update(country="GHA")
        return
    row = Address(tenant=customer.tenant, customer=customer, lines="1 Westgate")
    row.country = "" if number % 2 else "GBR"
    row.save_as(by, "Told")


def edit_documents(customer: Customer, by: User, number: int) -> None:
    """No rule reads them yet; the file has to bear them, while it takes any."""
    if customer.status != "archived":
        send_document(customer, f"Paper {number}", Kind.OTHER, by)


def forget_facts(customer: Customer, by: User, number: int) -> None:
    del by
    old = datetime(2023, 11, number % 28 + 1, tzinfo=UTC)
    RecordedEvent.objects.filter(subject_id=str(customer.pk)).update(created_at=old)


def check(customer: Customer, by: User, number: int) -> None:
    del by, number
    check_customer(customer.pk)


def decide(customer: Customer, by: User, number: int) -> None:
    """Accept a finding, or take an acceptance back, unless the data is another."""
    rows = list(Finding.objects.open().filter(customer=customer).order_by("pk"))
    for row in rows[number % 3 : number % 3 + 1]:
        try:
            if row.accepted_at:
                withdraw_acceptance(row.pk, by=by)
            else:
                accept_finding(row.pk, reason="Seen the passport", by=by)
        except DomainError:
            pass


def edit_institution(customer: Customer, by: User, number: int) -> None:
    del by
    columns = INSTITUTION[number % len(INSTITUTION)]
    Tenant.objects.filter(pk=customer.tenant_id).update(**columns)


Edit = Callable[[Customer, User, int], None]
EDITS: tuple[Edit, ...] = (
    edit_columns, edit_profile, edit_dictionary, edit_phones, edit_emails,
    edit_addresses, edit_documents, forget_facts, check, decide, edit_institution,
)  # fmt: skip
# Most steps are edits of the row, which most rules read.
EDIT = st.tuples(
    st.sampled_from([*[edit_columns] * 6, *EDITS]),
    st.integers(0, 2),
    st.integers(0, len(COLUMNS) * 6),
)
NIGHT = st.sampled_from([0, 1, 1, 2, 9, 90, 400, -1])
STEPS = st.lists(st.one_of(EDIT, NIGHT, st.just("release")), max_size=14)


@settings(
    max_examples=12, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(steps=STEPS)
def test_every_night_the_open_ones_are_what_the_rules_say(
    steps: list[Any], demo_bank: Tenant, make_customer: MakeCustomer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    people = list(Customer.objects.order_by("pk")[:3])
    people = people or [make_customer() for _ in range(3)]
    day, by, released = DAY, get_machine("setup"), False
    monkeypatch.setattr(files, "load_packs", load_packs)
    for step in [*steps, 1, 1]:
        demo_bank.refresh_from_db()
        if step == "release":
            released = not released
            monkeypatch.setattr(files, "load_packs", RELEASES[released])
        elif isinstance(step, int):
            day += timedelta(days=step)
            read(demo_bank, day)
            hold_against_the_rules(demo_bank, day)
        else:
            edit, who, number = step
            people[who].refresh_from_db()
            edit(people[who], by, number)
