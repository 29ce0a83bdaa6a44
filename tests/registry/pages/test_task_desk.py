"""The list of tasks as a desk: tabs, take next, several at once, stale pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.registry.models import Task, TaskKind
from customers.registry.tasks_of_staff import close_task, open_task, take_task
from tenants.models import Tenant, User
from tests.conftest import ClientAs, MakeCustomer, MakeStaff
from tests.registry.pages.forms import NONSENSE, dialog, page

LIST = "/admin/registry/task/"
NEXT = "/admin/registry/task/take-next/"


@pytest.fixture
def kofi(make_staff: MakeStaff) -> User:
    return make_staff("compliance_officer")


@pytest.fixture
def three(make_customer: MakeCustomer, setup_machine: User) -> list[Task]:
    """An overdue escalation, and two reviews that are due later."""
    now = timezone.now()
    plan = (
        ("Halcyon Grain", TaskKind.ESCALATION, -1),
        ("Quill Mills", TaskKind.TRIGGER_REVIEW, 2),
        ("Tern Shipping", TaskKind.TRIGGER_REVIEW, 5),
    )
    tasks = []
    for name, kind, days in plan:
        customer = make_customer(verified=True, name=name)
        task = open_task(customer, kind, reason="name", by=setup_machine)
        Task.objects.filter(pk=task.pk).update(
            due_at=now + timedelta(days=days), opened_at=now - timedelta(hours=54)
        )
        tasks.append(task)
    return tasks


def holder(task: Task) -> User | None:
    row: Task = Task.objects.select_related("assignee").get(pk=task.pk)
    return row.holder


def shown(client: Client, **asked: str) -> list[str]:
    answer = client.get(LIST, asked)
    return [task.customer.name for task in answer.context["cl"].result_list]


def said(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


# --- the list -------------------------------------------------------------------
def test_tabs_say_how_many_and_how_old(
    desk: Client, officer: User, kofi: User, three: list[Task]
) -> None:
    take_task(three[1].pk, by=officer)
    take_task(three[2].pk, by=kofi)
    tabs = desk.get(LIST).context["views"]
    assert [(tab["name"], tab["count"]) for tab in tabs] == [
        ("Mine", "1, oldest 2 d 6 h"), ("Unassigned", "1, oldest 2 d 6 h"),
        ("All open", "3, oldest 2 d 6 h"), ("Done", None),
    ]  # fmt: skip
    assert shown(desk) == ["Halcyon Grain", "Quill Mills", "Tern Shipping"]
    assert shown(desk, tab="mine") == ["Quill Mills"]
    assert shown(desk, tab="unassigned") == ["Halcyon Grain"]
    close_task(three[0].pk, outcome="Well", by=officer)
    assert shown(desk, tab="done") == ["Halcyon Grain"]


def test_the_address_keeps_kind_and_narrows(
    desk: Client, kofi: User, three: list[Task]
) -> None:
    take_task(three[1].pk, by=kofi)
    assert shown(desk, kind__exact="escalation") == ["Halcyon Grain"]
    assert shown(desk, overdue="yes") == ["Halcyon Grain"]
    assert shown(desk, assignee=str(kofi.pk)) == ["Quill Mills"]
    assert shown(desk, q="tern") == ["Tern Shipping"]
    assert shown(desk, q=three[2].customer.public_id) == ["Tern Shipping"]
    tabs = desk.get(LIST, {"kind__exact": "trigger_review"}).context["views"]
    assert tabs[2]["count"].startswith("2,")
    assert tabs[1]["url"] == "?tab=unassigned&kind__exact=trigger_review"
    assert "Staff" in desk.get(LIST, {"tab": "unassigned"}).content.decode()


def test_other_banks_staff_are_no_choice(
    desk: Client, three: list[Task], make_staff: MakeStaff, second_bank: Tenant
) -> None:
    stranger = make_staff("compliance_officer", tenant=second_bank)
    assert shown(desk, assignee=str(stranger.pk)) == []
    assert str(stranger) not in desk.get(page("hand_over", three[0])).content.decode()


def test_the_list_asks_as_often_for_many_as_for_few(
    desk: Client, kofi: User, three: list[Task], django_assert_max_num_queries: Any
) -> None:
    desk.get(LIST)
    for task in three:
        take_task(task.pk, by=kofi)
    with django_assert_max_num_queries(16):
        desk.get(LIST)


# --- take next ------------------------------------------------------------------
def test_take_next_opens_the_oldest_due(
    desk: Client, officer: User, three: list[Task]
) -> None:
    assert desk.get(NEXT).status_code == 405
    answer = desk.post(NEXT)
    assert answer.headers["Location"] == page("change", three[0])
    assert holder(three[0]) == officer
    assert said(answer) == "You took: Answer escalation, Halcyon Grain."
    answer = desk.post(NEXT, {"kind__exact": "trigger_review"})
    here = page("change", three[1])
    assert answer.headers["Location"] == f"{here}?kind__exact=trigger_review"


def test_nothing_left_is_said_and_leads_back_to_the_same_list(
    desk: Client, officer: User, make_customer: MakeCustomer
) -> None:
    answer = desk.post(NEXT, {"at": "tab=mine&q=a&next=//evil.example"})
    assert answer.headers["Location"].startswith(f"{LIST}?tab=mine&q=a&")
    assert said(answer) == "Nothing is left to take: no open task is unassigned."
    open_task(make_customer(), TaskKind.ESCALATION, reason="own", by=officer)
    assert "Nothing is left for you: 1 open task is unassigned" in said(desk.post(NEXT))


def test_take_next_wants_a_token(officer: User, three: list[Task]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    for url in (NEXT, page("take", three[0]), LIST):
        assert client.post(url).status_code == 403
    assert holder(three[0]) is None


def test_no_address_changes_anything_by_looking(
    desk: Client, three: list[Task]
) -> None:
    for name in ("take", "release", "hand_over", "close"):
        desk.get(page(name, three[0]))
    desk.get(LIST, {"action": "take", "_selected_action": str(three[0].pk)})
    assert holder(three[0]) is None


def test_close_and_take_next(desk: Client, officer: User, three: list[Task]) -> None:
    take_task(three[0].pk, by=officer)
    here = desk.get(page("change", three[0]))
    onward = here.context["primary"]
    assert onward["title"] == "Close and take next"
    answer = desk.post(onward["path"], dialog(outcome="Looked, all well"))
    assert answer.headers["Location"] == page("change", three[1])
    assert holder(three[1]) == officer
    assert "Closed: Answer escalation, Halcyon Grain." in said(answer)


# --- one task -------------------------------------------------------------------
def test_the_one_button_is_what_comes_next(
    desk: Client, officer: User, kofi: User, three: list[Task]
) -> None:
    page_of = desk.get(page("change", three[0]))
    assert page_of.context["take_url"] == page("take", three[0])
    desk.post(page("take", three[0]))
    assert holder(three[0]) == officer
    titles = [
        item["title"]
        for item in desk.get(page("change", three[0])).context["menu"]["items"]
    ]
    assert titles == ["Close task", "Hand over", "Release"]
    to = {"to": str(kofi.pk), "reason": "Off to lunch"}
    answer = desk.post(page("hand_over", three[0]), dialog(**to))
    assert f"Handed over to {kofi}" in said(answer)
    context = desk.get(page("change", three[0])).context
    assert context["primary"]["title"] == "Hand over"
    assert "menu" not in context
    body = desk.get(page("change", three[0])).content.decode()
    assert f"{kofi}, 0 s ago" in body


def test_a_stale_page_is_told_in_a_sentence(
    desk: Client, officer: User, kofi: User, three: list[Task]
) -> None:
    take_task(three[0].pk, by=kofi)
    answer = desk.post(page("take", three[0]))
    assert answer.status_code == 302
    assert f"{kofi} took this task" in said(answer)
    refused = desk.post(page("close", three[0]), dialog(outcome="Mine"))
    assert f"{kofi} took this task" in refused.content.decode()
    refused = desk.post(page("release", three[0]), dialog())
    assert f"{kofi} took this task" in refused.content.decode()
    close_task(three[0].pk, outcome="Well", by=kofi)
    assert f"{kofi} closed this task" in said(desk.post(page("take", three[0])))
    answer = desk.post(page("close", three[0]), dialog(outcome="Mine"))
    assert "so your answer changed nothing" in said(answer)
    assert Task.objects.get(pk=three[0].pk).outcome == "Well"
    del officer


def test_handing_over_asks_for_whom_and_why(desk: Client, three: list[Task]) -> None:
    body = desk.post(page("hand_over", three[0]), dialog()).content.decode()
    assert "Choose a colleague." in body
    assert "Say why in a few words." in body
    for text in NONSENSE:
        forged = dialog(to=text, reason="x")
        assert desk.post(page("hand_over", three[0]), forged).status_code == 200
        assert desk.post(NEXT, {"kind__exact": text, "at": text}).status_code == 302


# --- several at once ------------------------------------------------------------
def chosen(action: str, tasks: list[Task]) -> dict[str, Any]:
    return {"action": action, "_selected_action": [str(task.pk) for task in tasks]}


def test_several_are_taken_with_a_result_for_each(
    desk: Client, officer: User, kofi: User, three: list[Task]
) -> None:
    take_task(three[0].pk, by=officer)
    take_task(three[1].pk, by=kofi)
    answer = desk.post(f"{LIST}?overdue=", chosen("take", three))
    results = {r.task: r.label.word for r in answer.context["results"]}
    assert results[three[0]] == "Yours already"
    assert str(results[three[1]]).startswith(f"{kofi} took this task")
    assert results[three[2]] == "Taken"
    assert answer.context["title"] == "Taken: 1 of 3"
    assert answer.context["back_url"] == f"{LIST}?overdue="
    answer = desk.post(LIST, chosen("release", three))
    assert answer.context["title"] == "Released: 2 of 3"
    assert [holder(task) for task in three] == [None, kofi, None]


def test_several_are_for_who_may_and_of_ones_own_bank(
    make_staff: MakeStaff, client_as: ClientAs, stranger: Client, three: list[Task]
) -> None:
    auditor = client_as(make_staff("auditor"))
    auditor.post(LIST, chosen("take", three))
    stranger.post(LIST, chosen("take", three))
    assert [holder(task) for task in three] == [None] * 3
    assert "Take next" not in auditor.get(LIST).content.decode()
    assert auditor.post(NEXT).status_code == 403
    assert stranger.post(page("take", three[0])).status_code == 404


# --- home -----------------------------------------------------------------------
def test_home_shows_mine_first_then_what_nobody_has(
    desk: Client, officer: User, kofi: User, three: list[Task]
) -> None:
    take_task(three[2].pk, by=officer)
    take_task(three[1].pk, by=kofi)
    answer = desk.get(reverse("admin:index"))
    rows = [(row.customer_name, row.is_mine) for row in answer.context["tasks"]]
    assert rows == [("Tern Shipping", True), ("Halcyon Grain", False)]
    assert answer.context["tasks_total"] == 3
