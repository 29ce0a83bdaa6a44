"""Tasks, and what the home page says about the registry."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.registry.choices import DeclineReason, TaskKind
from customers.registry.models import Task
from customers.registry.services import (
    decline_customer,
    open_task,
)
from tenants.models import User
from tests.conftest import ClientAs, MakeCustomer, MakeStaff
from tests.registry.pages.forms import NONSENSE, dialog, page


# --- tasks ---
@pytest.fixture
def task(officer: User, make_customer: MakeCustomer) -> Task:
    customer = make_customer(verified=True, name="Halcyon Grain")
    return open_task(
        customer, TaskKind.ESCALATION, reason="adverse_verdict", by=officer
    )


def test_a_task_is_found_and_closed(desk: Client, officer: User, task: Task) -> None:
    url = reverse("admin:registry_task_changelist")
    assert "Halcyon Grain" in desk.get(url, {"q": "halcyon"}).content.decode()
    assert "Halcyon Grain" not in desk.get(url, {"state": "overdue"}).content.decode()
    assert "adverse verdict" in desk.get(page("change", task)).content.decode()
    for _ in range(2):
        answer = desk.post(page("close", task), dialog(outcome="Looked, all well"))
        assert answer.status_code == 302
    task.refresh_from_db()
    assert (task.status, task.outcome) == (Task.Status.DONE, "Looked, all well")
    body = desk.get(page("change", task)).content.decode()
    assert "Looked, all well" in body
    assert "Close task" not in body
    assert "Halcyon Grain" in desk.get(url, {"state": "done"}).content.decode()


def test_tasks_are_not_for_the_front_line(
    front: Client, stranger: Client, task: Task
) -> None:
    assert front.get(reverse("admin:registry_task_changelist")).status_code == 403
    for name in ("change", "close", "history"):
        assert front.get(page(name, task)).status_code == 403
        assert stranger.get(page(name, task)).status_code == 404
    home = front.get(reverse("admin:index")).content.decode()
    for hint in ("Escalations", "Reviews due", "My open tasks", "Tasks"):
        assert hint not in home


def test_auditors_read_tasks_but_close_none(
    make_staff: MakeStaff, client_as: ClientAs, task: Task
) -> None:
    auditor = client_as(make_staff("auditor"))
    body = auditor.get(page("change", task)).content.decode()
    assert "Close task" not in body
    assert auditor.post(page("close", task), dialog(outcome="x")).status_code == 403


def test_tasks_survive_nonsense(desk: Client, task: Task) -> None:
    url = reverse("admin:registry_task_changelist")
    for text in NONSENSE:
        assert desk.get(url, {"q": text}).status_code == 200
        assert desk.get(url, {"state": text}).status_code == 200
        assert desk.post(page("close", task), dialog(outcome=text)).status_code in (
            200,
            302,
        )


def test_home_shows_what_waits(desk: Client, front: Client, task: Task) -> None:
    Task.objects.filter(pk=task.pk).update(due_at=timezone.now())
    body = desk.get(reverse("admin:index")).content.decode()
    assert "Escalations" in body
    assert "1 overdue" in body
    assert page("change", task) in body
    assert (
        "Incomplete registrations" in front.get(reverse("admin:index")).content.decode()
    )


def test_incomplete_registrations_are_the_living_pending(
    front: Client, officer: User, make_customer: MakeCustomer
) -> None:
    make_customer(verified=True)
    declined, _waiting = make_customer(), make_customer()
    decline_customer(declined.pk, reason=DeclineReason.DUPLICATE, by=officer)
    queues = front.get(reverse("admin:index")).context["queues"]
    counts = {cell.name: cell.count for cell in queues}
    assert counts["Incomplete registrations"] == 1
