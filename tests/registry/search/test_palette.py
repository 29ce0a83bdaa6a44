"""The search box of every page: who may ask it, what it answers and what it keeps."""

import logging
import time

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers.registry.models import Customer
from customers.registry.search import palette
from tenants.models import Tenant
from tenants.roles import Role
from tests.conftest import ClientAs, MakeCustomer, MakeStaff

READERS = {role.value for role in Role} - {"administrator"}
ID_NUMBER = "GHA-123456789-1"


@pytest.fixture
def desk(make_staff: MakeStaff, client_as: ClientAs) -> Client:
    return client_as(make_staff("teller"))


def url() -> str:
    return reverse("admin:registry_customer_find")


def ask(client: Client, text: str) -> str:
    answer = client.post(url(), {"q": text})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("role", sorted(role.value for role in Role))
def test_who_may_see_customers_finds_them(
    role: str, people: dict[str, Customer], make_staff: MakeStaff, client_as: ClientAs
) -> None:
    answer = client_as(make_staff(role)).post(url(), {"q": "kwame"})
    assert answer.status_code == (200 if role in READERS else 403)
    assert (b"Kwame Mensah" in answer.content) is (role in READERS)


@pytest.mark.parametrize("role", ["teller", "administrator"])
def test_the_box_stands_on_every_page_of_who_may(
    role: str, make_staff: MakeStaff, client_as: ClientAs, db: None
) -> None:
    client = client_as(make_staff(role))
    for page in ("admin:index", "admin:password_change"):
        body = client.get(reverse(page)).content.decode()
        assert ('id="v-search"' in body) is (role in READERS)
        assert "searchCommand()" not in body  # Unfold's keeps names for minutes


def test_strangers_are_sent_to_the_log_in(client: Client, db: None) -> None:
    answer = client.post(url(), {"q": "kwame"})
    assert answer.status_code == 302
    assert "/login/" in answer.headers["Location"]


def test_a_line_says_who_why_and_how_they_stand(
    people: dict[str, Customer], desk: Client
) -> None:
    page = ask(desk, ID_NUMBER.lower())
    kwame = people["kwame"]
    for said in ("Kwame Mensah", kwame.public_id, "ID number", "Active"):
        assert said in page
    assert reverse("admin:registry_customer_change", args=[kwame.pk]) in page
    assert ID_NUMBER not in page
    assert kwame.id_number_index not in page
    assert 'data-said="1 customer"' in page
    assert 'data-said="No customers"' in ask(desk, "nobody at all")
    assert 'data-said="2 customers"' in ask(desk, "mensah")


def test_a_name_cannot_write_into_the_page(
    make_customer: MakeCustomer, desk: Client
) -> None:
    make_customer(name='<img src=x onerror=alert(1)> "Evil" Ltd')
    page = ask(desk, "evil")
    assert "<img" not in page
    assert "&lt;img" in page


@pytest.mark.parametrize("text", ["", "k", " k ", "\x00k"])
def test_one_character_is_no_search(
    text: str, people: dict[str, Customer], desk: Client
) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert 'role="option"' not in ask(desk, text)
    assert not any("registry_customer" in q["sql"] for q in asked)


def test_it_is_asked_by_post_with_a_token_and_kept_nowhere(
    people: dict[str, Customer], make_staff: MakeStaff, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_staff("teller"), "tenants.backends.RoleBackend")
    caplog.set_level(logging.DEBUG)
    assert client.post(url(), {"q": ID_NUMBER}).status_code == 403
    assert client.get(url(), {"q": "kwame"}).status_code == 405
    token = client.get(reverse("admin:index")).cookies["csrftoken"].value
    answer = client.post(url(), {"q": ID_NUMBER}, headers={"X-CSRFToken": token})
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert ID_NUMBER not in caplog.text


@pytest.mark.parametrize(
    ("text", "leads"),
    [
        ("kwame mensah", "?q=kwame+mensah"),
        ("1000-0048", "?q=1000-0048"),
        (ID_NUMBER, None),
        ("+233244123456", None),
        ("kwame@mail.example", None),
        ("GB82 WEST 1234 5698 7654 32", None),
    ],
)
def test_only_names_and_our_own_numbers_may_stand_in_an_address(
    text: str, leads: str | None, people: dict[str, Customer], desk: Client
) -> None:
    page = ask(desk, text)
    wanted = reverse("admin:registry_customer_changelist") + leads if leads else ""
    assert f'data-list="{wanted}"' in page


def test_nobody_asks_faster_than_they_type(
    people: dict[str, Customer], desk: Client, make_staff: MakeStaff,
    client_as: ClientAs, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(palette, "PER_MINUTE", 3)
    monkeypatch.setattr(time, "time", lambda: 1_000_000.0)
    answers = [desk.post(url(), {"q": "kwame"}).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 429, 429]
    other = client_as(make_staff("teller"))
    assert other.post(url(), {"q": "kwame"}).status_code == 200
    cache.clear()
    assert desk.post(url(), {"q": "kwame"}).status_code == 200


def test_the_other_bank_is_not_in_the_box(
    people: dict[str, Customer], second_bank: Tenant, make_staff: MakeStaff,
    client_as: ClientAs,
) -> None:  # fmt: skip
    stranger = client_as(make_staff("compliance_officer", tenant=second_bank))
    for text in ("kwame", "kwame@mail.example", ID_NUMBER, people["kwame"].public_id):
        page = ask(stranger, text)
        assert 'role="option"' not in page
        assert "Kwame Mensah" not in page
