"""The activity sweep: who changes, what is written of it, and what is left alone."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.errors import DomainError
from customers.registry.choices import SuspensionReason
from customers.registry.models import Customer
from customers.registry.services import suspend_customer
from deposits.activity import sweeping
from deposits.activity.finding import foresee
from deposits.activity.keeping import Sweep
from deposits.activity.report import Report
from deposits.activity.rule import Rule
from deposits.activity.sweeping import ACTIVITY, sweep_tenant
from deposits.models import Account, SweepRun
from events.events import SUBSCRIPTIONS, Subscription
from events.models import Delivery, NightlyRun, RecordedEvent
from events.nightly import NIGHTLIES, LostNightError, Window, run_nightly
from tenants.models import Tenant, User
from tenants.services import change_policy, get_machine
from tests.conftest import MakeCustomer
from tests.deposits.sweeps import DAY, age, begun, state_of, with_account
from tests.killapp.nights import expire

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(make_customer: MakeCustomer) -> Customer:
    """Return a verified customer with an account, active until told otherwise."""
    customer = make_customer(verified=True)
    with_account(customer)
    return age(customer, 0)


@pytest.mark.parametrize(
    ("days", "demanded"),
    [(0, "active"), (365, "active"), (366, "inactive"), (3650, "inactive"),
     (3651, "suspended")],
)  # fmt: skip
@pytest.mark.parametrize("before", ["active", "inactive", "suspended"])
def test_the_boundaries(
    known: Customer, demo_bank: Tenant, days: int, demanded: str, before: str
) -> None:
    age(known, days, before)
    run = sweep_tenant(demo_bank, DAY)
    known.refresh_from_db()
    # Nobody’s dormancy is ended by the sweep: see test_dormancy.py.
    after = before if before == "suspended" else demanded
    assert known.activity == after
    assert known.accounts.get().status == after
    assert run.changes == ({} if before == after else {f"{before} {after}": 1})


def test_the_policy_is_the_institutions(
    known: Customer, demo_bank: Tenant, setup_machine: User
) -> None:
    change_policy(
        demo_bank.pk, by=setup_machine, reason="Sooner",
        inactive_after_days=30, suspended_after_days=60,
    )  # fmt: skip
    demo_bank.refresh_from_db()
    age(known, 60)
    assert sweep_tenant(demo_bank, DAY).changes == {"active inactive": 1}
    age(known, 61, "inactive")
    assert sweep_tenant(demo_bank, DAY).changes == {"inactive suspended": 1}


def test_a_change_is_written_as_by_hand(known: Customer, demo_bank: Tenant) -> None:
    """A version as `save_as` writes it, and the fact, once; nobody needs to follow."""
    age(known, 400)
    before = known.row_version
    sweep_tenant(demo_bank, DAY)
    known.refresh_from_db()
    account = known.accounts.get()
    assert known.row_version == before + 1
    for row in (known, account):
        version = row.history.first()
        left_out = getattr(row, "unversioned", ())
        for field in type(row)._meta.concrete_fields:
            if field.name in left_out:
                continue
            assert getattr(version, field.attname) == getattr(row, field.attname)
        assert version.history_type == "~"
        assert version.history_user_id == get_machine("sweep").pk
        assert version.history_change_reason == "Days without activity on 2026-11-21"
        assert version.prev_record.history_id < version.history_id
    facts = RecordedEvent.objects.filter(actor=get_machine("sweep"))
    assert {(f.type, f.subject_id, f.tenant_id) for f in facts} == {
        ("ActivityChanged", str(known.pk), demo_bank.pk),
        ("AccountStatusChanged", str(known.pk), demo_bank.pk),
    }
    assert facts.get(type="ActivityChanged").as_event().activity == "inactive"
    assert facts.get(type="AccountStatusChanged").as_event().account_id == str(
        account.pk
    )
    assert not Delivery.objects.filter(event__in=facts).exists()


def test_versions_have_no_column_that_the_sweep_does_not_know() -> None:
    """Whoever adds one, as a hash, must teach it to events/in_bulk.py."""
    for table in (Customer, Account):
        own = {field.column for field in table._meta.concrete_fields}
        versions = {f.column for f in table.history.model._meta.concrete_fields}
        assert versions - own == {
            "history_id", "history_date", "history_change_reason", "history_type",
            "history_user_id",
        }  # fmt: skip


def test_whoever_else_subscribes_hears_of_it(
    known: Customer, demo_bank: Tenant, deliver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Any] = []
    name = "tests.hear"
    hears = Subscription(name, "ActivityChanged", heard.append, "Hear")
    monkeypatch.setitem(SUBSCRIPTIONS, name, hears)
    age(known, 400)
    deliver()
    sweep_tenant(demo_bank, DAY)
    assert deliver() == 1
    assert [event.customer_id for event in heard] == [str(known.pk)]


def test_only_verified_customers_who_are_with_us(
    make_customer: MakeCustomer, demo_bank: Tenant, second_bank: Tenant
) -> None:
    age(make_customer(), 400)
    for status in ("offboarded", "archived"):
        gone = age(make_customer(verified=True), 400)
        Customer.objects.filter(pk=gone.pk).update(status=status)
    age(make_customer(verified=True, tenant=second_bank), 400)
    assert sweep_tenant(demo_bank, DAY).changes == {}


def test_frozen_and_closed_accounts_stay(known: Customer, demo_bank: Tenant) -> None:
    frozen, closed, held = (with_account(known) for _ in range(3))
    age(known, 400)
    for account, status in ((frozen, "frozen"), (closed, "closed")):
        Account.objects.filter(pk=account.pk).update(status=status)
    run = sweep_tenant(demo_bank, DAY)
    statuses = dict(known.accounts.values_list("pk", "status"))
    assert statuses[frozen.pk] == "frozen"
    assert statuses[closed.pk] == "closed"
    assert statuses[held.pk] == "inactive"
    assert run.accounts_changed == 2


def test_accounts_of_a_suspended_customer_stay_suspended(
    known: Customer, demo_bank: Tenant, setup_machine: User, deliver: Any
) -> None:
    reason = SuspensionReason.DUE_DILIGENCE
    suspend_customer(known.pk, reason=reason, by=setup_machine)
    deliver()
    age(known, 400)
    Account.objects.filter(customer=known).update(status="suspended")
    run = sweep_tenant(demo_bank, DAY)
    assert run.changes == {"active inactive": 1}
    assert run.accounts_changed == 0
    assert {account.status for account in known.accounts.all()} == {"suspended"}


@settings(
    max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # fmt: skip
@given(
    people=st.lists(
        st.tuples(
            st.sampled_from([0, 365, 366, 3650, 3651]),
            st.sampled_from(["active", "inactive", "suspended"]),
        ),
        max_size=6,
    ),
    batch=st.integers(1, 4),
)
def test_twice_is_as_once(
    people: list[tuple[int, str]], batch: int, make_customer: MakeCustomer,
    demo_bank: Tenant,
) -> None:  # fmt: skip
    for days, activity in people:
        customer = make_customer(verified=True)
        with_account(customer)
        age(customer, days, activity)
    expected = foresee(Rule.of(demo_bank, DAY), demo_bank.pk)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sweeping, "BATCH", batch)
        first = sweep_tenant(demo_bank, DAY)
        once = state_of(demo_bank)
        assert Report.of(first) == expected
        assert sweep_tenant(demo_bank, DAY).changes == {}
    assert state_of(demo_bank) == once


def test_the_dry_run_tells_and_writes_nothing(
    known: Customer, demo_bank: Tenant
) -> None:
    age(known, 400)
    before = state_of(demo_bank)
    report = foresee(Rule.of(demo_bank, DAY), demo_bank.pk)
    assert report.changes == {"active inactive": 1}
    assert report.accounts_changed == 1
    assert [row["customer"] for row in report.examples] == [known.public_id]
    assert state_of(demo_bank) == before
    assert not SweepRun.objects.exists()


# --- runs ---------------------------------------------------------------------
def test_a_run_is_one_at_a_time_and_taken_up_when_its_holder_dies(
    known: Customer, demo_bank: Tenant
) -> None:
    age(known, 400)
    dead = Sweep.of(begun(demo_bank))
    with pytest.raises(DomainError, match="running already"):
        sweep_tenant(demo_bank, DAY)
    expire()
    kept = sweep_tenant(demo_bank, DAY)
    assert (kept.pk, kept.run.starts, kept.changes) == (
        dead.kept.pk, 2, {"active inactive": 1}
    )  # fmt: skip
    assert kept.run.figures == {"changed": 1, "accounts": 1, "errors": 0}
    with pytest.raises(LostNightError):
        dead.record(Window(0, None, None), Report(error_count=1))
    kept.refresh_from_db()
    assert kept.error_count == 0


def test_a_killed_run_of_yesterday_is_finished_before_todays(
    known: Customer, demo_bank: Tenant
) -> None:
    age(known, 400)
    yesterday = DAY.replace(day=20)
    begun(demo_bank, yesterday)
    expire()
    sweep_tenant(demo_bank, DAY)
    days = SweepRun.objects.order_by("pk").values_list("run__counted_on", "run__status")
    assert list(days) == [(yesterday, "done"), (DAY, "done")]


def test_a_killed_run_goes_on_by_the_policy_it_began_with(
    known: Customer, demo_bank: Tenant, setup_machine: User
) -> None:
    """And who asks for a sweep gets one by the policy of now."""
    age(known, 40)
    Sweep.of(begun(demo_bank))
    change_policy(
        demo_bank.pk, by=setup_machine, reason="Sooner", inactive_after_days=30
    )
    demo_bank.refresh_from_db()
    expire()
    kept = sweep_tenant(demo_bank, DAY)
    found = SweepRun.objects.order_by("pk").values_list(
        "inactive_after_days", "changes"
    )
    assert list(found) == [(365, {}), (30, {"active inactive": 1})]
    assert kept.inactive_after_days == 30


def test_it_is_a_job_of_the_night(known: Customer, demo_bank: Tenant) -> None:
    assert NIGHTLIES[ACTIVITY].hour == 2
    age(known, 400)
    run = run_nightly(ACTIVITY, demo_bank, counted_on=DAY)
    assert run.figures == {"changed": 1, "accounts": 1, "errors": 0}
    assert SweepRun.objects.get().run == run


def test_what_only_a_commit_undid_counts_once(
    known: Customer, demo_bank: Tenant
) -> None:
    sweep = Sweep.of(begun(demo_bank))
    with transaction.atomic():
        sweep.record(Window(0, None, known.pk), Report(error_count=1))
        transaction.set_rollback(True)
    sweep.forget_undone()
    sweep.record(Window(0, None, known.pk), Report(error_count=1))
    assert NightlyRun.objects.get().figures["errors"] == 1
    assert SweepRun.objects.get().error_count == 1


@pytest.fixture
def sabotage(known: Customer) -> Iterator[Customer]:
    """Let the database refuse to change one customer."""
    number, refuse = known.public_id, "DROP TRIGGER sabotage"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE FUNCTION sabotage() RETURNS trigger LANGUAGE plpgsql AS"
                " 'BEGIN RAISE EXCEPTION ''No.'' USING DETAIL = NEW.name; END'"
            )
            cursor.execute(
                "CREATE TRIGGER sabotage BEFORE UPDATE OF activity ON"
                f" registry_customer FOR EACH ROW WHEN (NEW.public_id = '{number}')"
                " EXECUTE FUNCTION sabotage()"
            )
            refuse = "DROP FUNCTION sabotage CASCADE"
        else:
            cursor.execute(
                "CREATE TRIGGER sabotage BEFORE UPDATE OF activity ON"
                f" registry_customer WHEN NEW.public_id = '{number}'"
                " BEGIN SELECT RAISE(ABORT, 'No.'); END"
            )
        yield known
        cursor.execute(refuse)


def test_one_who_cannot_be_changed_holds_up_nobody(
    make_customer: MakeCustomer, known: Customer, demo_bank: Tenant, request: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    others = [age(make_customer(verified=True), 400) for _ in range(6)]
    age(known, 400)
    request.getfixturevalue("sabotage")
    monkeypatch.setattr(sweeping, "BATCH", 4)
    run = sweep_tenant(demo_bank, DAY)
    assert run.changes == {"active inactive": len(others)}
    assert run.error_count == 1
    assert run.errors == [{"customer": known.public_id, "error": "No."}]
    assert run.run.status == "done"
    assert run.run.figures == {"changed": 6, "accounts": 0, "errors": 1}
    known.refresh_from_db()
    assert known.activity == known.accounts.get().status == "active"
