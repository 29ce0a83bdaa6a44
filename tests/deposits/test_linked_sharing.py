"""The same number at two customers: compliance hears of it, and nobody else does."""

import pytest

from customers.registry.choices import DeclineReason, TaskKind
from customers.registry.models import Customer, Task
from customers.registry.services import close_task, decline_customer
from deposits.linked.services import remove_linked_account
from deposits.linked.sharing import note_shared_number
from deposits.models import LinkedAccount
from events.models import RecordedEvent
from tenants.models import Tenant, User
from tenants.services import get_machine
from tests.conftest import Deliver, MakeCustomer, MakeStaff
from tests.deposits.linking import OTHER_IBAN, linked
from tests.house import open_tasks

pytestmark = pytest.mark.django_db
TASK = [(TaskKind.TRIGGER_REVIEW, "shared account number")]


def told() -> int:
    return RecordedEvent.objects.filter(type="SharedAccountNumber").count()


def test_a_signal_at_both(
    ama: Customer, kofi: Customer, clerk: User, deliver: Deliver
) -> None:
    linked(ama, clerk)
    deliver()
    assert told() == 0
    linked(kofi, clerk)
    deliver()
    assert (open_tasks(ama), open_tasks(kofi)) == (TASK, TASK)
    rows = list(RecordedEvent.objects.filter(type="SharedAccountNumber"))
    assert {row.subject_id for row in rows} == {str(ama.pk), str(kofi.pk)}
    assert all(row.is_restricted for row in rows)
    assert {row.payload["other_customer_id"] for row in rows} == {
        str(ama.pk), str(kofi.pk),
    }  # fmt: skip
    event = rows[0].as_event()
    assert event and event.words() == (
        "Shared account number", "bank account, also of another customer",
    )  # fmt: skip


def test_once_however_often_it_is_delivered(
    ama: Customer, kofi: Customer, clerk: User, officer: User, deliver: Deliver
) -> None:
    linked(ama, clerk)
    row = linked(kofi, clerk)
    deliver()
    for task in Task.objects.open():
        close_task(task.pk, outcome="They are married", by=officer)
    machine = get_machine("deposits")
    assert note_shared_number(row.pk, by=machine) == 0
    assert (told(), open_tasks(ama)) == (2, [])


def test_a_third_is_news(
    ama: Customer, kofi: Customer, make_customer: MakeCustomer, clerk: User,
    officer: User, deliver: Deliver,
) -> None:  # fmt: skip
    for customer in (ama, kofi):
        linked(customer, clerk)
        deliver()
    for task in Task.objects.open():
        close_task(task.pk, outcome="Seen", by=officer)
    third = make_customer()
    linked(third, clerk)
    deliver()
    assert open_tasks(ama) == open_tasks(kofi) == open_tasks(third) == TASK
    assert told() == 6


def test_another_tenant_gives_no_signal(
    ama: Customer, second_bank: Tenant, make_customer: MakeCustomer,
    make_staff: MakeStaff, clerk: User, deliver: Deliver,
) -> None:  # fmt: skip
    elsewhere = make_customer(tenant=second_bank)
    linked(ama, clerk)
    linked(elsewhere, make_staff("client_facing", tenant=second_bank))
    deliver()
    assert told() == 0


def test_what_is_gone_or_of_who_has_left_counts_all_the_same(
    ama: Customer, kofi: Customer, make_customer: MakeCustomer, clerk: User,
    officer: User, deliver: Deliver,
) -> None:  # fmt: skip
    row = linked(ama, clerk)
    remove_linked_account(row.pk, reason="Closed", by=clerk)
    linked(kofi, clerk)
    decline_customer(kofi.pk, reason=DeclineReason.DUPLICATE, by=officer)
    third = make_customer()
    linked(third, clerk)
    deliver()
    assert (open_tasks(ama), open_tasks(third)) == (TASK, TASK)
    assert open_tasks(kofi) == []
    rows = RecordedEvent.objects.filter(type="SharedAccountNumber")
    pairs = {(row.subject_id, row.payload["other_customer_id"]) for row in rows}
    one, gone, other = (str(each.pk) for each in (ama, kofi, third))
    assert pairs == {(one, gone), (one, other), (other, one), (other, gone)}


def test_linked_and_removed_before_anybody_looked(
    ama: Customer, kofi: Customer, clerk: User, deliver: Deliver
) -> None:
    linked(ama, clerk)
    row = linked(kofi, clerk)
    remove_linked_account(row.pk, reason="A slip", by=clerk)
    deliver()
    assert (open_tasks(ama), open_tasks(kofi)) == (TASK, TASK)


def test_those_in_use_stand_first(
    ama: Customer, kofi: Customer, make_customer: MakeCustomer, clerk: User
) -> None:
    """However many came and went, who has the number now is not crowded out."""
    gone = linked(ama, clerk)
    remove_linked_account(gone.pk, reason="Closed", by=clerk)
    held = linked(kofi, clerk)
    row = linked(make_customer(), clerk)
    assert list(LinkedAccount.objects.sharing_with(row)) == [held, gone]


def test_own_accounts_and_other_countries_give_none(
    ama: Customer, kofi: Customer, clerk: User, deliver: Deliver
) -> None:
    linked(ama, clerk, number="0011223344", country="GHA")
    linked(ama, clerk, number="0011223344", country="GHA", institution="Another")
    linked(kofi, clerk, number="0011223344", country="KEN")
    linked(kofi, clerk, number=OTHER_IBAN)
    deliver()
    assert told() == 0
    linked(kofi, clerk, number="0011 2233-44", country="GHA", institution="Any")
    deliver()
    assert told() == 4  # each of ama's two with kofi's one, at both


def test_deliveries_in_any_order_see_both(
    ama: Customer, kofi: Customer, clerk: User, deliver: Deliver
) -> None:
    """Neither handler ran before both were there."""
    for customer in (kofi, ama):
        linked(customer, clerk)
    deliver()
    assert told() == 2
    assert LinkedAccount.objects.count() == 2
