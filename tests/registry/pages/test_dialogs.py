"""The dialogs on a customer, the timeline and the versions."""

import pytest
from django.test import Client
from django.urls import reverse

from customers.registry.choices import DeclineReason, Status, TaskKind
from customers.registry.services import (
    decline_customer,
    open_task,
    update_customer,
)
from tenants.models import User
from tests.conftest import MakeCustomer
from tests.registry.pages.forms import dialog, page, without_tokens


# --- dialogs ---
def test_suspend_and_reinstate(
    desk: Client, officer: User, make_customer: MakeCustomer
) -> None:
    customer = make_customer(verified=True)
    assert (
        "Every operation stops" in desk.get(page("suspend", customer)).content.decode()
    )
    for _ in range(2):  # asking twice is no error
        answer = desk.post(page("suspend", customer), dialog(reason="due_diligence"))
        assert answer.status_code == 302
    customer.refresh_from_db()
    assert customer.status == Status.SUSPENDED
    assert customer.history.filter(status="suspended").count() == 1
    version = customer.history.first()
    assert version.history_user == officer
    assert version.history_change_reason == "due diligence is pending"
    desk.post(page("reinstate", customer), dialog(reason="Papers came"))
    customer.refresh_from_db()
    assert customer.status == Status.ACTIVE


def test_dialogs_leave_by_htmx(desk: Client, make_customer: MakeCustomer) -> None:
    customer = make_customer(verified=True)
    answer = desk.post(
        page("activity", customer),
        dialog(reason="Came by"),
        headers={"HX-Request": "true"},
    )
    assert answer.headers["HX-Redirect"] == page("change", customer)


@pytest.mark.parametrize("name", ["suspend", "decline", "reinstate", "activity"])
@pytest.mark.parametrize("reason", ["", "no_such_reason\x00", "x" * 10_000])
def test_dialogs_refuse_nonsense(
    desk: Client, make_customer: MakeCustomer, name: str, reason: str
) -> None:
    customer = make_customer()
    answer = desk.post(page(name, customer), dialog(reason=reason))
    assert answer.status_code == 200
    customer.refresh_from_db()
    assert customer.status == Status.ACTIVE


def test_a_refusal_stays_in_the_dialog(
    desk: Client, officer: User, make_customer: MakeCustomer
) -> None:
    customer = make_customer()
    decline_customer(customer.pk, reason=DeclineReason.DUPLICATE, by=officer)
    answer = desk.post(page("suspend", customer), dialog(reason="due_diligence"))
    assert "Cannot suspend" in answer.content.decode()
    told = desk.post(page("activity", customer), dialog(reason="Came by"))
    assert "is not verified" in told.content.decode()


def test_dialogs_want_the_csrf_token(
    officer: User, make_customer: MakeCustomer
) -> None:
    customer, strict = make_customer(), Client(enforce_csrf_checks=True)
    strict.force_login(officer, backend="tenants.backends.RoleBackend")
    answer = strict.post(page("suspend", customer), dialog(reason="due_diligence"))
    assert answer.status_code == 403


# --- timeline and versions ---
def test_timeline_hides_restricted_deeds_from_the_front_line(
    desk: Client, front: Client, officer: User, make_customer: MakeCustomer
) -> None:
    customer = make_customer(verified=True)
    urls = [
        page("timeline", customer),
        page("change", customer),
        reverse("admin:index"),
    ]
    before = [without_tokens(front.get(url).content) for url in urls]
    open_task(customer, TaskKind.ESCALATION, reason="adverse_verdict", by=officer)
    assert "Task opened" in desk.get(page("timeline", customer)).content.decode()
    assert "Task opened" in desk.get(page("change", customer)).content.decode()
    assert "Task opened" not in front.get(page("change", customer)).content.decode()
    assert [without_tokens(front.get(url).content) for url in urls] == before


def test_reasons_are_for_those_who_may_read_them(
    desk: Client, front: Client, make_customer: MakeCustomer
) -> None:
    customer = make_customer(verified=True)
    desk.post(page("activity", customer), dialog(reason="Whispered about"))
    assert "Whispered about" in desk.get(page("timeline", customer)).content.decode()
    assert (
        "Whispered about" not in front.get(page("timeline", customer)).content.decode()
    )


@pytest.mark.parametrize("number", ["2", "0", "-1", "x", "9" * 30])
def test_timeline_pages(
    front: Client, officer: User, make_customer: MakeCustomer, number: str
) -> None:
    customer = make_customer()
    for turn in range(51):
        changes = {"telegram_id": f"{turn}"}
        update_customer(customer.pk, changes=changes, by=officer, reason="Sorted")
    answer = front.get(page("timeline", customer), {"page": number})
    assert answer.status_code == 200
    assert "Page " in answer.content.decode()


def test_versions_say_who_and_why_and_are_not_written(
    desk: Client, officer: User, make_customer: MakeCustomer
) -> None:
    customer = make_customer(name="Ama Mensah")
    changes = {"name": "Ama Owusu", "details": {"occupation": "Weaver"}}
    update_customer(customer.pk, changes=changes, by=officer, reason="Married")
    body = desk.get(page("history", customer)).content.decode()
    for words in ("Married", officer.name, "Ama Owusu", "Occupation", "Weaver"):
        assert words in body
    version = customer.history.last()
    url = reverse(
        "admin:registry_customer_simple_history", args=[customer.pk, version.pk]
    )
    assert "Ama Mensah" in desk.get(url).content.decode()
    assert desk.post(url, {"name": "Forged"}).status_code == 403
    assert desk.get(url.replace(f"/{version.pk}/", "/x/")).status_code == 404
    customer.refresh_from_db()
    assert customer.name == "Ama Owusu"


def test_versions_of_another_institution_do_not_exist(
    stranger: Client, make_customer: MakeCustomer
) -> None:
    customer = make_customer()
    args = [customer.pk, customer.history.first().pk]
    url = reverse("admin:registry_customer_simple_history", args=args)
    assert stranger.get(url).status_code == 404
