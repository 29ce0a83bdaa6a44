"""The list of customers and the customer page: whose, for whom, how costly."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from customers.registry.choices import DeclineReason, SuspensionReason
from customers.registry.models import Customer
from customers.registry.services import (
    decline_customer,
    suspend_customer,
)
from tenants.models import User
from tests.conftest import ClientAs, MakeCustomer, MakeStaff
from tests.registry.pages.forms import LIST, NONSENSE, dialog, page

PAGES = (
    "change",
    "edit",
    "timeline",
    "suspend",
    "reinstate",
    "decline",
    "activity",
    "history",
)


# --- the list ---
def test_list_shows_names_statuses_and_views(
    desk: Client, make_customer: MakeCustomer
) -> None:
    make_customer(name="Halcyon Grain", verified=True)
    waiting = make_customer(name="Tomasz Wieczorek")
    body = desk.get(reverse(LIST)).content.decode()
    assert "Halcyon Grain" in body
    assert f"{waiting.public_id}, individual" in body
    assert 'KYC pending<span class="v-count">1</span>' in body
    pending = desk.get(reverse(LIST), {"kyc_status__exact": "pending"}).content.decode()
    assert "Tomasz" in pending
    assert "Halcyon" not in pending


def test_search_finds_exact_hits_first(
    desk: Client, make_customer: MakeCustomer
) -> None:
    make_customer(name="Ama Mensah One", email="one@mail.example")
    exact = make_customer(name="Zoe Last", email="ama@mail.example")
    for text in ("ama@mail.example", exact.public_id, exact.phone, "last zoé"):
        found = desk.get(reverse(LIST), {"q": text}).context["cl"].result_list
        assert found[0] == exact, text


def test_search_survives_nonsense(desk: Client) -> None:
    for text in NONSENSE:
        answer = desk.get(reverse(LIST), {"q": text}, follow=True)
        assert answer.status_code == 200
        answer = desk.get(reverse(LIST), {"status__exact": text}, follow=True)
        assert answer.status_code == 200


def test_empty_list_says_what_to_do(front: Client) -> None:
    body = front.get(reverse(LIST)).content.decode()
    assert "No customers yet." in body
    assert "Register customer" in body


def test_list_asks_as_little_for_many_as_for_few(
    desk: Client, make_customer: MakeCustomer, django_assert_max_num_queries: Any
) -> None:
    for _ in range(12):
        make_customer()
    desk.get(reverse(LIST))  # sidebar counts are cached from here on
    with django_assert_max_num_queries(18):
        assert desk.get(reverse(LIST)).status_code == 200


def test_board_has_a_bounded_number_of_queries(
    desk: Client, make_customer: MakeCustomer, django_assert_max_num_queries: Any
) -> None:
    customer = make_customer(verified=True)
    desk.get(page("change", customer))
    # One for each thing the page is about: nothing is asked twice.
    with django_assert_max_num_queries(20):
        assert desk.get(page("change", customer)).status_code == 200


# --- whose page it is ---
@pytest.mark.parametrize("name", PAGES)
def test_pages_of_another_institution_do_not_exist(
    stranger: Client, make_customer: MakeCustomer, name: str
) -> None:
    customer = make_customer()
    assert stranger.get(page(name, customer)).status_code == 404
    assert stranger.post(page(name, customer), dialog(reason="x")).status_code == 404


def test_another_institution_is_not_listed(
    stranger: Client, make_customer: MakeCustomer
) -> None:
    customer = make_customer(name="Halcyon Grain")
    assert "Halcyon" not in stranger.get(reverse(LIST)).content.decode()
    found = stranger.get(reverse(LIST), {"q": customer.public_id}).content.decode()
    assert f"{customer.public_id}, " not in found


@pytest.mark.parametrize("name", PAGES)
def test_unknown_and_broken_ids_are_404(desk: Client, name: str) -> None:
    url = reverse(f"admin:registry_customer_{name}", args=[uuid4()])
    assert desk.get(url).status_code == 404
    broken = url.replace(url.split("/")[4], "nobody")
    assert desk.get(broken, follow=True).status_code in (404, 200)


@pytest.mark.parametrize(
    ("role", "refused"),
    [
        ("client_facing", {"suspend", "reinstate", "decline", "history"}),
        ("teller", {"edit", "suspend", "reinstate", "decline", "activity", "history"}),
        ("auditor", {"edit", "suspend", "reinstate", "decline", "activity"}),
        ("administrator", set(PAGES)),
    ],
)
def test_each_role_meets_the_table(
    make_staff: MakeStaff, client_as: ClientAs, make_customer: MakeCustomer,
    role: str, refused: set[str],
) -> None:  # fmt: skip
    customer, client = make_customer(verified=True), client_as(make_staff(role))
    got = {
        name for name in PAGES if client.get(page(name, customer)).status_code == 403
    }
    assert got == refused


# --- the customer page ---
def test_board_answers_first(desk: Client, make_customer: MakeCustomer) -> None:
    customer = make_customer(name="Halcyon Grain", details={})
    body = desk.get(page("change", customer)).content.decode()
    assert "Halcyon Grain" in body
    assert "Not yet." in body
    assert "Birth date" in body
    assert f"{page('edit', customer)}#id_birth_date" in body


def test_board_cannot_be_posted(desk: Client, make_customer: MakeCustomer) -> None:
    customer = make_customer()
    answer = desk.post(
        page("change", customer), {"name": "Other", "status": "archived"}
    )
    assert answer.status_code == 405
    customer.refresh_from_db()
    assert customer.name != "Other"


def titles(client: Client, customer: Customer) -> list[str]:
    actions = client.get(page("change", customer)).context["actions_detail"]
    first = [action["title"] for action in actions if action["title"] != "More"]
    rest = [item["title"] for a in actions for item in a.get("items", [])]
    return first + rest


def test_buttons_follow_state_and_role(
    desk: Client, front: Client, officer: User, make_customer: MakeCustomer
) -> None:
    customer = make_customer(verified=True)
    assert {"Edit", "Record activity", "Suspend", "Versions"} <= set(
        titles(desk, customer)
    )
    assert {"Suspend", "Versions"}.isdisjoint(titles(front, customer))
    suspend_customer(customer.pk, reason=SuspensionReason.DUE_DILIGENCE, by=officer)
    assert titles(desk, customer)[0] == "Reinstate"
    assert "Reinstate" not in titles(front, customer)
    waiting = make_customer()
    assert "Decline" in titles(desk, waiting)
    assert "Record activity" not in titles(desk, waiting)
    decline_customer(waiting.pk, reason=DeclineReason.DUPLICATE, by=officer)
    assert {"Edit", "Suspend", "Decline"}.isdisjoint(titles(desk, waiting))
