"""Findings open, stay and close with the data; a run counts them."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.errors import DomainError
from customers.contacts.models import Phone
from customers.quality import nightly as quality_nightly
from customers.quality.checking import count_day, hits_of
from customers.quality.events import QualityCheckAsked
from customers.quality.models import DailyCount, Finding
from customers.quality.rules.board import Scope
from customers.quality.services import ask_check, check_customer
from customers.registry.choices import DeclineReason
from customers.registry.models import Customer
from customers.registry.services import decline_customer, update_customer
from events.events import RetryLaterError
from events.models import NightlyRun
from tenants.models import Tenant, User
from tests.conftest import Deliver, MakeCustomer
from tests.quality.conftest import found, run, share_phone, spoil

pytestmark = pytest.mark.django_db


def keys_said(tenant: Tenant) -> set[tuple[Any, str, str, str]]:
    """What the rules say of everybody at the institution."""
    ids = Customer.objects.for_tenant(tenant.pk).values_list("pk", flat=True)
    hits = hits_of(Scope(tenant, tenant.today, ids=list(ids)))
    return {(*key, hit.detail) for key, hit in hits.items()}


def keys_open(tenant: Tenant) -> set[tuple[Any, str, str, str]]:
    rows = Finding.objects.for_tenant(tenant.pk).open()
    return set(rows.values_list("customer_id", "rule", "subject", "detail"))


def test_a_run_opens_and_a_second_one_changes_nothing(
    clean: Customer, demo_bank: Tenant
) -> None:
    spoil(clean, details={"birth_date": "1900-01-01"})
    assert run(demo_bank).figures == {
        "customers": 1, "read": 1, "opened": 1, "closed": 0, "errors": 0, "open": 1
    }  # fmt: skip
    before = list(Finding.objects.values())
    assert run(demo_bank).figures["opened"] == 0
    assert list(Finding.objects.values()) == before
    count = DailyCount.objects.get(rule="birth_date_improbable")
    assert (count.open, count.opened, count.closed) == (1, 1, 0)
    assert count.day == demo_bank.today


def test_what_is_seen_again_says_when(clean: Customer, demo_bank: Tenant) -> None:
    spoil(clean, details={"birth_date": "1900-01-01"})
    run(demo_bank)
    past = demo_bank.today - timedelta(days=3)
    Finding.objects.update(opened_on=past, last_seen_on=past)
    run(demo_bank)
    row = Finding.objects.get()
    assert (row.opened_on, row.last_seen_on) == (past, demo_bank.today)


def test_a_finding_closes_at_once_when_staff_put_it_right(
    clean: Customer, demo_bank: Tenant, setup_machine: User, deliver: Deliver
) -> None:
    spoil(clean, details={"birth_date": "1900-01-01"})
    run(demo_bank)
    update_customer(
        clean.pk, changes={"details": {"birth_date": "1990-05-17"}}, by=setup_machine,
        reason="As on the passport",
    )  # fmt: skip
    assert found(clean)
    deliver()
    assert found(clean) == {}
    assert Finding.objects.get().closed_on == demo_bank.today


def test_a_wrong_edit_is_found_at_once(
    clean: Customer, setup_machine: User, deliver: Deliver
) -> None:
    update_customer(
        clean.pk, changes={"name": "test"}, by=setup_machine, reason="A slip"
    )
    deliver()
    assert found(clean) == {"name_improbable": ""}


def test_nobody_mends_the_file_of_who_is_gone(
    clean: Customer, demo_bank: Tenant, setup_machine: User, deliver: Deliver
) -> None:
    spoil(clean, details={"birth_date": "1900-01-01"})
    run(demo_bank)
    decline_customer(clean.pk, reason=DeclineReason.DUPLICATE, by=setup_machine)
    deliver()
    assert found(clean) == {}


def test_a_detail_that_changes_is_the_same_finding(
    clean: Customer, demo_bank: Tenant
) -> None:
    spoil(clean, details={"birth_date": "", "nationality": ""})
    run(demo_bank)
    first = Finding.objects.get()
    spoil(clean, details={"nationality": "GHA"})
    check_customer(clean.pk)
    row = Finding.objects.get()
    assert (row.pk, row.detail) == (first.pk, "birth_date")


def test_another_bank_is_left_alone(
    make_customer: MakeCustomer, demo_bank: Tenant, second_bank: Tenant
) -> None:
    theirs = make_customer(tenant=second_bank)
    spoil(theirs, details={"birth_date": "1900-01-01"})
    run(second_bank)
    past = date(2026, 1, 1)
    Finding.objects.update(last_seen_on=past)
    spoil(theirs, details={"birth_date": "1990-05-17"})
    make_customer()
    run(demo_bank)
    row = Finding.objects.get()
    assert (row.closed_on, row.last_seen_on) == (None, past)
    assert not DailyCount.objects.for_tenant(demo_bank.pk).exclude(open=0).exists()


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_windows_of_any_size_find_the_same(
    size: int, make_customer: MakeCustomer, demo_bank: Tenant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(quality_nightly, "WINDOW", size)
    people = [make_customer() for _ in range(5)]
    share_phone(*people[:3])
    spoil(people[4], details={"birth_date": "1900-01-01"})
    assert run(demo_bank).figures["opened"] == 4
    assert keys_open(demo_bank) == keys_said(demo_bank)


def test_the_day_before_is_settled_by_the_next_run(
    clean: Customer, demo_bank: Tenant
) -> None:
    today = demo_bank.today
    yesterday = today - timedelta(days=1)
    count_day(demo_bank, yesterday)
    spoil(clean, details={"birth_date": "1900-01-01"})
    check_customer(clean.pk)
    Finding.objects.update(opened_on=yesterday)
    count_day(demo_bank, today)
    counts = DailyCount.objects.filter(rule="birth_date_improbable").order_by("day")
    assert list(counts.values_list("open", "opened")) == [(0, 1), (1, 0)]


def test_asking_now_runs_once_however_often_it_is_delivered(
    clean: Customer, demo_bank: Tenant, setup_machine: User, deliver: Deliver
) -> None:
    from customers.quality.handlers import check_now
    from events.models import RecordedEvent

    spoil(clean, details={"birth_date": "1900-01-01"})
    ask_check(demo_bank, by=setup_machine)
    with pytest.raises(DomainError, match="running already"):
        ask_check(demo_bank, by=setup_machine)
    deliver()
    assert found(clean)
    assert NightlyRun.objects.count() == 1
    event = RecordedEvent.objects.get(type="QualityCheckAsked").as_event()
    assert isinstance(event, QualityCheckAsked)
    check_now(event)
    assert NightlyRun.objects.count() == 1
    ask_check(demo_bank, by=setup_machine)  # and again, once it is done


def test_asking_waits_for_a_run_that_goes_on(
    demo_bank: Tenant, setup_machine: User
) -> None:
    from django.utils import timezone

    from customers.quality.handlers import check_now

    now = timezone.now()
    NightlyRun.objects.create(
        tenant=demo_bank, name="data_quality", counted_on=demo_bank.today,
        started_at=now, leased_until=now + timedelta(minutes=1),
    )  # fmt: skip
    asked = QualityCheckAsked(tenant_id=str(demo_bank.pk), asked_at=now.isoformat())
    with pytest.raises(RetryLaterError):
        check_now(asked)
    with pytest.raises(DomainError, match="running already"):
        ask_check(demo_bank, by=setup_machine)


BAD: tuple[dict[str, Any], ...] = (
    {"details": {"birth_date": "1900-01-01"}},
    {"details": {"birth_date": "1960-01-01"}},
    {"details": {"birth_date": "1990-05-17"}},
    {"details": {"birth_date": "", "nationality": ""}},
    {"details": {"nationality": "GHA"}},
    {"details": {"address": "1 Westgate"}},
    {"name_normalized": "test"},
    {"name_normalized": "ama mensah"},
    {"tier": 2},
    {"tier": 1},
    {"status": "archived"},
    {"status": "active"},
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.integers(0, 2), st.sampled_from(BAD)),
        st.tuples(st.integers(0, 2), st.just("check")),
        st.just("run"),
        st.just("share"),
    ),
    max_size=12,
)


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_after_a_run_the_open_ones_are_what_the_rules_say(
    steps: list[Any], demo_bank: Tenant, make_customer: MakeCustomer
) -> None:
    people = list(Customer.objects.order_by("pk")[:3])
    people = people or [make_customer() for _ in range(3)]
    for step in steps:
        if step == "run":
            run(demo_bank)
        elif step == "share":
            number = f"+23324497{Phone.objects.count():04d}"
            share_phone(*people, number=number)
        elif step[1] == "check":
            check_customer(people[step[0]].pk)
        else:
            people[step[0]].refresh_from_db()
            spoil(people[step[0]], **step[1])
    run(demo_bank)
    assert keys_open(demo_bank) == keys_said(demo_bank)
    counts = DailyCount.objects.for_tenant(demo_bank.pk).filter(day=demo_bank.today)
    assert sum(counts.values_list("open", flat=True)) == len(keys_said(demo_bank))
