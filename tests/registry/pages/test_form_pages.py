"""The pages on which customers are registered and changed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from customers.registry.choices import DeclineReason
from customers.registry.models import Consent, Customer
from customers.registry.services import (
    decline_customer,
    update_customer,
)
from tenants.models import User
from tests.conftest import INDIVIDUAL_DETAILS, ClientAs, MakeCustomer, MakeStaff
from tests.registry.pages.forms import ADD, NONSENSE, page, typed

pytestmark = pytest.mark.once


# --- register ---
def test_register_makes_a_customer_and_goes_there(front: Client) -> None:
    asked = typed()
    answer = front.post(reverse(ADD), asked)
    customer = Customer.objects.get(pk=asked["id"])
    assert answer["Location"] == page("change", customer)
    assert customer.email == "efua@mail.example"
    assert customer.phone == "+233249990001"
    assert customer.details["id_number"] == INDIVIDUAL_DETAILS["id_number"]
    assert Consent.objects.filter(customer=customer).exists()
    body = front.get(answer["Location"]).content.decode()
    assert "Efua Sutherland is registered." in body


def test_pressed_twice_it_is_one_customer(front: Client) -> None:
    asked = typed()
    first, second = (front.post(reverse(ADD), asked) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Customer.objects.count() == 1


def test_a_form_given_back_by_the_browser_loses_nobody(front: Client) -> None:
    asked = typed()
    front.post(reverse(ADD), asked)
    other = {**asked, "name": "Kofi Other", "email": "kofi@mail.example", "phone": ""}
    body = front.post(reverse(ADD), other).content.decode()
    assert "registered Efua Sutherland" in body
    assert "Kofi Other" in body
    assert asked["id"] not in body


def test_all_gaps_are_said_at_once(front: Client) -> None:
    asked = typed(name="", email="nobody", phone="12", birth_date="2091-01-01")
    asked.pop("terms_version")
    errors = front.post(reverse(ADD), asked).context["form"].errors
    assert set(errors) == {"name", "email", "phone", "birth_date", "terms_version"}
    assert not Customer.objects.exists()


def test_channels_demand_their_own(front: Client) -> None:
    asked = typed(channel="agent", phone="", id_number="", email="")
    errors = front.post(reverse(ADD), asked).context["form"].errors
    assert set(errors) == {"phone", "id_number"}


def test_known_contacts_are_refused_at_their_field(
    front: Client, make_customer: MakeCustomer
) -> None:
    known = make_customer(email="efua@mail.example")
    errors = front.post(reverse(ADD), typed()).context["form"].errors
    assert errors["email"] == [f"{known} has this e-mail already."]


FIELDS = (
    "id", "customer_type", "entity_type", "channel", "name", "email", "phone",
    "telegram_id", "category", "birth_date", "nationality", "address", "id_number",
)  # fmt: skip


@pytest.mark.parametrize("field", FIELDS)
def test_register_survives_nonsense(front: Client, field: str) -> None:
    for text in (*NONSENSE, ""):
        answer = front.post(reverse(ADD), typed(**{field: text}))
        assert answer.status_code in (200, 302), text


def test_the_form_follows_the_kind_and_keeps_what_was_typed(front: Client) -> None:
    asked = typed(customer_type="PRIVATE_COMPANY", entity_type="trust", _refresh="1")
    for headers in ({}, {"HX-Request": "true"}):
        answer = front.post(reverse(ADD), asked, headers=headers)
        body = answer.content.decode()
        assert "Trust deed reference" in body
        assert INDIVIDUAL_DETAILS["address"] in body
        assert "v-field-errors" not in body
    assert not Customer.objects.exists()
    whole = front.post(reverse(ADD), asked).content.decode()
    assert 'value="Efua Sutherland"' in whole


def test_only_those_who_register_see_the_form(
    make_staff: MakeStaff, client_as: ClientAs
) -> None:
    for role in ("teller", "auditor", "administrator"):
        client = client_as(make_staff(role))
        assert client.get(reverse(ADD)).status_code == 403
        assert client.post(reverse(ADD), typed()).status_code == 403
    assert not Customer.objects.exists()


# --- edit ---
@pytest.fixture
def read(front: Client) -> Callable[[Customer], dict[str, Any]]:
    """Open the edit page and return the form as a browser would send it."""

    def fields(customer: Customer) -> dict[str, Any]:
        form = front.get(page("edit", customer)).context["form"]
        return {name: form[name].value() or "" for name in form.fields}

    return fields


Read = Callable[[Customer], dict[str, Any]]


def test_edit_saves_with_actor_and_reason(
    front: Client, make_customer: MakeCustomer, read: Read
) -> None:
    customer = make_customer()
    asked = {
        **read(customer),
        "occupation": "Weaver",
        "address": "",
        "reason": "Told us",
    }
    answer = front.post(page("edit", customer), asked)
    assert answer["Location"] == page("change", customer)
    customer.refresh_from_db()
    assert customer.details["occupation"] == "Weaver"
    assert "address" not in customer.details
    assert customer.history.first().history_change_reason == "Told us"


def test_edit_wants_a_reason(
    front: Client, make_customer: MakeCustomer, read: Read
) -> None:
    customer = make_customer()
    errors = front.post(page("edit", customer), read(customer)).context["form"].errors
    assert list(errors) == ["reason"]


def test_stale_edit_says_who_and_keeps_what_was_typed(
    front: Client, officer: User, make_customer: MakeCustomer, read: Read
) -> None:
    customer = make_customer(name="Ama Mensah")
    asked = {**read(customer), "name": "Ama Typed", "reason": "Married"}
    changes = {"name": "Ama Theirs", "details": {"occupation": "Weaver"}}
    update_customer(customer.pk, changes=changes, by=officer, reason="By phone")
    answer = front.post(page("edit", customer), asked)
    body, form = answer.content.decode(), answer.context["form"]
    assert f"{officer.name} changed this customer" in body
    assert "By phone" in body
    assert form["name"].value() == "Ama Typed"
    assert "Now on file: “Ama Theirs”." in body
    assert form["occupation"].value() == "Weaver"  # untouched here, so theirs
    again = {name: form[name].value() or "" for name in form.fields}
    assert front.post(page("edit", customer), again).status_code == 302
    customer.refresh_from_db()
    assert (customer.name, customer.details["occupation"]) == ("Ama Typed", "Weaver")


@pytest.mark.parametrize(
    "field",
    [
        "name",
        "email",
        "phone",
        "telegram_id",
        "category",
        "birth_date",
        "address",
        "reason",
        "row_version",
    ],
)
def test_edit_survives_nonsense(
    front: Client, make_customer: MakeCustomer, read: Read, field: str
) -> None:
    customer = make_customer()
    for text in (*NONSENSE, ""):
        asked = {**read(customer), "reason": "Told us", field: text}
        answer = front.post(page("edit", customer), asked)
        assert answer.status_code in (200, 302), text


def test_an_ended_relationship_is_not_edited(
    front: Client, officer: User, make_customer: MakeCustomer
) -> None:
    customer = make_customer()
    decline_customer(customer.pk, reason=DeclineReason.DUPLICATE, by=officer)
    answer = front.get(page("edit", customer), follow=True)
    assert "Cannot change" in answer.content.decode()
