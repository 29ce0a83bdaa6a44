"""Tasks, and what the home page says about the registry."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.registry.choices import DeclineReason, SuspensionReason, TaskKind
from customers.registry.deeds import open_tasks, own_deeds
from customers.registry.models import Task
from customers.registry.services import (
    close_task,
    decline_customer,
    open_task,
    suspend_customer,
)
from tenants.models import User
from tests.conftest import ClientAs, MakeCustomer, MakeStaff
from tests.registry.pages.forms import NONSENSE, dialog, page, without_tokens


def buttons(client: Client, task: Task) -> tuple[str, list[str]]:
    """The primary button of the customer's page, and what is in *More*."""
    answer = client.get(page("change", task.customer))
    primary, *more = answer.context["actions_detail"]
    items = [item["title"] for menu in more for item in menu["items"]]
    return primary["title"], items


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
    assert "Halcyon Grain" not in desk.get(url, {"overdue": "yes"}).content.decode()
    assert "adverse verdict" in desk.get(page("change", task)).content.decode()
    for _ in range(2):
        answer = desk.post(page("close", task), dialog(outcome="Looked, all well"))
        assert answer.status_code == 302
    task.refresh_from_db()
    assert (task.status, task.outcome) == (Task.Status.DONE, "Looked, all well")
    body = desk.get(page("change", task)).content.decode()
    assert "Looked, all well" in body
    assert "Close task" not in body
    assert "Halcyon Grain" in desk.get(url, {"tab": "done"}).content.decode()


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


def test_an_escalation_is_missing_until_it_is_answered(
    desk: Client, officer: User, task: Task
) -> None:
    suspend_customer(
        task.customer_id, reason=SuspensionReason.DUE_DILIGENCE, by=officer
    )
    body = desk.get(page("change", task.customer)).content.decode()
    assert "Nothing is missing." not in body
    assert re.search(r">Escalation<.*adverse verdict, due in [23] d", body, re.DOTALL)
    assert page("close", task) in body
    primary, more = buttons(desk, task)
    assert (primary, "Reinstate" in more) == ("Answer escalation", True)
    close_task(task.pk, outcome="Looked, all well", by=officer)
    primary, more = buttons(desk, task)
    assert (primary, "Answer escalation" in more) == ("Reinstate", False)
    assert (
        ">Escalation<" not in desk.get(page("change", task.customer)).content.decode()
    )


@pytest.mark.parametrize(
    ("kind", "title", "verb"),
    [
        (TaskKind.TRIGGER_REVIEW, "Review after a change", "Review"),
        (TaskKind.KYC_DECISION, "KYC decision", "Decide"),
    ],
)
def test_other_tasks_are_missing_too_but_no_button(
    officer: User, make_customer: MakeCustomer, kind: TaskKind, title: str, verb: str
) -> None:
    customer = make_customer(verified=True)
    task = open_task(customer, kind, reason="name", by=officer)
    Task.objects.filter(pk=task.pk).update(due_at=timezone.now() - timedelta(days=2))
    (item,) = open_tasks(customer, officer)
    assert (item.title, item.verb, item.is_dialog) == (title, verb, True)
    assert (item.note, item.label.tone) == ("name, overdue by 2 d", "stop")
    titles = [deed.title for deed in own_deeds(customer, officer)]
    assert "Answer escalation" not in titles


def test_who_cannot_close_sees_the_escalation_without_a_verb(
    make_staff: MakeStaff, client_as: ClientAs, task: Task
) -> None:
    auditor = client_as(make_staff("auditor"))
    body = auditor.get(page("change", task.customer)).content.decode()
    assert "adverse verdict, due in" in body
    assert page("close", task) not in body
    assert "Answer escalation" not in body


@pytest.mark.parametrize("role", ["client_facing", "teller"])
def test_the_front_line_cannot_tell_a_suspended_customers_escalation(
    make_staff: MakeStaff, client_as: ClientAs, officer: User, task: Task, role: str
) -> None:
    suspend_customer(
        task.customer_id, reason=SuspensionReason.DUE_DILIGENCE, by=officer
    )
    client = client_as(make_staff(role))
    before = without_tokens(client.get(page("change", task.customer)).content)
    close_task(task.pk, outcome="Looked, all well", by=officer)
    after = without_tokens(client.get(page("change", task.customer)).content)
    assert before == after


def test_tasks_survive_nonsense(desk: Client, task: Task) -> None:
    url = reverse("admin:registry_task_changelist")
    for text in NONSENSE:
        assert desk.get(url, {"q": text}, follow=True).status_code == 200
        asked = {"tab": text, "assignee": text, "overdue": text}
        assert desk.get(url, asked, follow=True).status_code == 200
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
