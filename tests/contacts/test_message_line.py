"""The line of messages to give: the oldest first, one's own, and two at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.contacts.admin.message_line import take_next
from customers.contacts.models import Message
from customers.contacts.reaching import Notice, reach
from customers.contacts.services import set_preference
from customers.registry.models import Claim, Customer
from tenants.models import Tenant, User
from tests.conftest import ClientAs, MakeCustomer, MakeStaff, race

pytestmark = pytest.mark.django_db
LIST = "admin:contacts_message_changelist"
PRESSED = {"_form_submitted": "on", "reason": "Spoke to her"}


@pytest.fixture
def clerk(make_staff: MakeStaff) -> User:
    return make_staff("client_facing")


@pytest.fixture
def colleague(make_staff: MakeStaff) -> User:
    return make_staff("client_facing")


@pytest.fixture
def line(
    make_customer: MakeCustomer, officer: User, demo_bank: Tenant
) -> list[Message]:
    """Three messages, the oldest first."""
    found = []
    for number in range(3):
        customer: Customer = make_customer()
        wish: dict[str, Any] = {"channel": "phone", "language": "en"}
        set_preference(customer.pk, **wish, by=officer, reason="Asked")
        notice = Notice("kyc/expiry_reminder", about="x")
        message = reach(customer, notice, by=officer)
        at = timezone.now() - timedelta(days=9 - number)
        Message.objects.filter(pk=message.pk).update(made_at=at)
        found.append(message)
    return found


def _page(client: Client, **query: str) -> str:
    return client.get(reverse(LIST, query=query)).content.decode()


def _listed(client: Client, line: list[Message], **query: str) -> list[int]:
    """Which of the line a list shows, in its order."""
    page = _page(client, **query)
    places = {page.find(m.customer.public_id): n for n, m in enumerate(line)}
    return [n for place, n in sorted(places.items()) if place >= 0]


def test_who_has_waited_longest_comes_first(
    line: list[Message], client_as: ClientAs, clerk: User
) -> None:
    client = client_as(clerk)
    assert _listed(client, line) == [0, 1, 2]
    for message in line:
        url = reverse("admin:contacts_message_given", args=[message.pk])
        client.post(url, PRESSED)
    assert _listed(client, line, state="settled") == [2, 1, 0]


def test_mine_and_unassigned(
    line: list[Message], client_as: ClientAs, clerk: User, colleague: User
) -> None:
    mine, theirs = client_as(clerk), client_as(colleague)
    next_up = reverse("admin:contacts_message_take_next")
    answers = [client.post(next_up) for client in (mine, theirs)]
    assert [answer["Location"] for answer in answers] == [
        reverse("admin:contacts_message_change", args=[m.pk]) for m in line[:2]
    ]
    assert _listed(mine, line) == [0, 1, 2]
    assert _listed(mine, line, state="mine") == [0]
    assert _listed(mine, line, state="unassigned") == [2]
    assert str(colleague) in _page(mine)
    page = mine.get(answers[1]["Location"]).content.decode()
    assert f"{colleague} is at it since" in page
    take = reverse("admin:contacts_message_take", args=[line[1].pk])
    said = mine.post(take, follow=True).content.decode()
    assert f"{colleague} is at this message already." in said
    release = reverse("admin:contacts_message_release", args=[line[1].pk])
    mine.post(release)  # a colleague's stays
    assert _listed(mine, line, state="unassigned") == [2]
    theirs.post(release)
    assert _listed(mine, line, state="unassigned") == [1, 2]
    for _ in range(2):
        mine.post(next_up)
    assert "nobody is at" in mine.post(next_up, follow=True).content.decode()


def test_what_is_given_is_nobodys_any_more(
    line: list[Message], client_as: ClientAs, clerk: User
) -> None:
    client = client_as(clerk)
    client.post(reverse("admin:contacts_message_take_next"))
    given = reverse("admin:contacts_message_given", args=[line[0].pk])
    assert client.post(given, PRESSED).status_code == 302
    assert not Claim.objects.exists()
    take = reverse("admin:contacts_message_take", args=[line[0].pk])
    said = client.post(take, follow=True).content.decode()
    assert "dealt with this message already" in said
    assert not Claim.objects.exists()


def test_readers_and_other_banks_take_nothing(
    line: list[Message], client_as: ClientAs, make_staff: MakeStaff, second_bank: Tenant
) -> None:
    reader = client_as(make_staff("teller"))
    stranger = client_as(make_staff("compliance_officer", tenant=second_bank))
    next_up = reverse("admin:contacts_message_take_next")
    take = reverse("admin:contacts_message_take", args=[line[0].pk])
    assert [reader.post(url).status_code for url in (next_up, take)] == [403, 403]
    assert "Take next" not in _page(reader)
    assert stranger.post(take).status_code == 404
    stranger.post(next_up)
    assert not Claim.objects.exists()


def test_the_list_asks_as_many_questions_for_one_as_for_many(
    line: list[Message], client_as: ClientAs, clerk: User,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    client = client_as(clerk)
    _page(client)
    with django_assert_max_num_queries(14):
        _page(client)


@pytest.mark.django_db(transaction=True)
def test_two_who_take_at_once_get_two(
    line: list[Message], clerk: User, colleague: User
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one writer in at a time")
    found = race(lambda: take_next(clerk), lambda: take_next(colleague))
    assert {each.pk for each in found} == {line[0].pk, line[1].pk}
