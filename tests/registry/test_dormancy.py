"""Who is suspended for dormancy: only compliance wakes them, by one task each."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from common.errors import NotForYouError
from customers.registry.board import build_board
from customers.registry.choices import Activity
from customers.registry.commands.tasks_in_bulk import DORMANT, open_tasks
from customers.registry.models import Customer, Task, TaskKind
from customers.registry.services import activate_customer, open_task, record_activity
from events.events import SUBSCRIPTIONS, Subscription
from events.in_bulk import Deed
from events.models import Delivery, RecordedEvent
from tenants.models import Tenant, User
from tenants.services import get_machine
from tests.conftest import ClientAs, MakeCustomer, MakeStaff

pytestmark = pytest.mark.django_db
REVIEW = TaskKind.DORMANCY_REVIEW
REFUSED = "Suspended for dormancy: compliance decides."
Dormant = Callable[[], Customer]


@pytest.fixture
def clerk(make_staff: MakeStaff) -> User:
    return make_staff("client_facing")


@pytest.fixture
def officer(make_staff: MakeStaff) -> User:
    return make_staff("compliance_officer")


@pytest.fixture
def make_dormant(make_customer: MakeCustomer) -> Dormant:
    def make() -> Customer:
        customer = make_customer(verified=True)
        rows = Customer.objects.filter(pk=customer.pk)
        long_ago = timezone.now() - timedelta(days=2000)
        rows.update(activity=Activity.SUSPENDED, last_activity_at=long_ago)
        customer.refresh_from_db()
        return customer

    return make


def by_sweep(tenant: Tenant, *customers: Customer) -> int:
    deed = Deed(get_machine("sweep"), tenant.pk, "Days without", timezone.now())
    with transaction.atomic():
        keys = [customer.pk for customer in customers]
        return open_tasks(keys, REVIEW, reason=DORMANT, deed=deed)


# --- waking ---------------------------------------------------------------------------
def test_the_front_line_and_machines_wake_nobody(
    make_dormant: Dormant, clerk: User, setup_machine: User
) -> None:
    customer = make_dormant()
    for somebody in (clerk, setup_machine):
        with pytest.raises(NotForYouError) as refusal:
            record_activity(customer.pk, by=somebody, reason="Came by")
        assert refusal.value.message == REFUSED
    assert not activate_customer(customer.pk, by=setup_machine, reason="Provisioned")
    before = customer
    customer = Customer.objects.get()
    assert customer.activity == Activity.SUSPENDED
    assert customer.last_activity_at == before.last_activity_at


def test_compliance_wakes_them_and_the_review_is_answered(
    make_dormant: Dormant, officer: User, demo_bank: Tenant
) -> None:
    customer, other = make_dormant(), make_dormant()
    by_sweep(demo_bank, customer, other)
    assert record_activity(customer.pk, by=officer, reason="Wrote to us, answered")
    customer.refresh_from_db()
    assert customer.activity == Activity.ACTIVE
    assert Task.objects.open().get().customer == other
    assert Task.objects.get(customer=customer).outcome == "Active again"


def test_the_inactive_are_woken_by_the_front_line_as_before(
    make_customer: MakeCustomer, clerk: User
) -> None:
    customer = make_customer(verified=True)
    assert record_activity(customer.pk, by=clerk, reason="Came by")


def test_the_page_says_so_and_offers_the_button_to_compliance_alone(
    make_dormant: Dormant, clerk: User, officer: User, client_as: ClientAs
) -> None:
    customer = make_dormant()
    page = reverse("admin:registry_customer_change", args=[customer.pk])
    deed = reverse("admin:registry_customer_activity", args=[customer.pk])
    for somebody, is_offered in ((clerk, False), (officer, True)):
        body = client_as(somebody).get(page).content.decode()
        assert REFUSED in body
        assert (deed in body) is is_offered
    forged: Client = client_as(clerk)
    forged.post(deed, {"reason": "Came by"})
    customer.refresh_from_db()
    assert customer.activity == Activity.SUSPENDED


# --- tasks in bulk --------------------------------------------------------------------
def test_one_task_each_as_if_opened_singly(
    make_dormant: Dormant, demo_bank: Tenant, setup_machine: User
) -> None:
    dormant = [make_dormant(), make_dormant()]
    model = make_dormant()
    assert by_sweep(demo_bank, *dormant) == 2
    open_task(model, REVIEW, reason=DORMANT, by=setup_machine)
    single = Task.objects.get(customer=model)
    for customer in dormant:
        task = Task.objects.get(customer=customer)
        assert (task.kind, task.reason) == (single.kind, single.reason)
        assert task.due_at - task.opened_at == single.due_at - single.opened_at
        version = task.history.get()
        assert version.history_user == get_machine("sweep")
        assert version.history_change_reason == "Days without"
        assert (version.history_type, version.reason) == ("+", DORMANT)
        facts = RecordedEvent.objects.filter(subject_id=str(customer.pk))
        fact = facts.get(type="TaskOpened")
        assert fact.is_restricted
        assert fact.tenant_id == demo_bank.pk
        assert fact.payload == {
            "customer_id": str(customer.pk), "task_id": str(task.pk),
            "kind": REVIEW, "reason": DORMANT,
        }  # fmt: skip


def test_who_has_one_gets_no_second(
    make_dormant: Dormant, demo_bank: Tenant, setup_machine: User
) -> None:
    first, second = make_dormant(), make_dormant()
    open_task(first, REVIEW, reason=DORMANT, by=setup_machine)
    assert by_sweep(demo_bank, first, second) == 1
    assert by_sweep(demo_bank, first, second) == 0
    assert by_sweep(demo_bank) == 0
    assert Task.objects.open().count() == 2


def test_every_subscriber_is_told_of_each(
    make_dormant: Dormant, demo_bank: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Subscription("test.told", "TaskOpened", lambda _: None, "Told")
    monkeypatch.setitem(SUBSCRIPTIONS, told.name, told)
    by_sweep(demo_bank, make_dormant(), make_dormant())
    assert Delivery.objects.filter(handler=told.name, status="due").count() == 2


def test_the_front_line_sees_nothing_of_the_review(
    make_dormant: Dormant, clerk: User, officer: User, demo_bank: Tenant
) -> None:
    customer = make_dormant()
    by_sweep(demo_bank, customer)
    titles = [item.title for item in build_board(customer, officer).missing]
    assert "Dormancy review" in titles
    board = build_board(customer, clerk)
    assert "Dormancy review" not in [item.title for item in board.missing]
    assert not [deed for deed in board.timeline if "Task" in deed.title]


def test_the_api_refuses_the_front_line_with_the_same_words(
    make_dormant: Dormant, clerk: User, client_as: ClientAs
) -> None:
    place = reverse("api_activity", args=[make_dormant().pk])
    said = {"reason": "Came by"}
    answer = client_as(clerk).post(
        place, said, "application/json", headers={"Idempotency-Key": "one"}
    )
    assert answer.status_code == 403
    assert REFUSED in answer.content.decode()
    assert Customer.objects.get().activity == Activity.SUSPENDED
