"""The panel and its dialogs over HTTP, with what people really type."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from customers.contacts.commands.overtaken import version_of
from customers.contacts.models import Address, Email, Phone, Preference
from customers.contacts.panels import build_contacts
from customers.contacts.services import add_contact
from customers.registry.models import Customer
from tenants.models import Tenant, User
from tests.conftest import ClientAs, Deliver, MakeStaff
from tests.contacts.conftest import ADDRESS, PHONE, code_on, email_of, phone_of

pytestmark = pytest.mark.django_db
PRESSED = {"_form_submitted": "on", "reason": "Asked in the branch"}


@pytest.fixture
def clerk(make_staff: MakeStaff) -> User:
    return make_staff("client_facing")


@pytest.fixture
def client(client_as: ClientAs, clerk: User) -> Client:
    return client_as(clerk)


def _url(name: str, row: Any) -> str:
    return reverse(f"admin:contacts_{name}", args=[row.pk])


def _page(client: Client, customer: Customer) -> str:
    url = reverse("admin:registry_customer_change", args=[customer.pk])
    return client.get(url).content.decode()


def test_a_phone_is_added_and_proven(
    client: Client, ama: Customer, deliver: Deliver, handset: Path
) -> None:
    asked = {"number": "+233 20 123 4567", "type": "mobile", "operator": "mtn"}
    answer = client.post(_url("phone_of_customer", ama), {**asked, **PRESSED})
    assert answer.status_code == 302
    phone = Phone.objects.get(number="+233201234567")
    assert (phone.type, phone.operator, phone.is_primary) == ("mobile", "mtn", False)
    assert client.post(_url("phone_send", phone), PRESSED).status_code == 302
    deliver()
    page = _page(client, ama)
    assert _url("phone_enter", phone) in page
    assert "code sent" in page
    code = {"code": code_on(handset)}
    assert (
        client.post(_url("phone_enter", phone), {**code, **PRESSED}).status_code == 302
    )
    phone.refresh_from_db()
    assert phone.verified_at
    assert client.post(_url("phone_primary", phone), PRESSED).status_code == 302
    ama.refresh_from_db()
    assert ama.phone == "+233201234567"
    assert "+233 20 123 4567" in _page(client, ama)


@pytest.mark.parametrize(
    ("name", "typed", "says"),
    [
        ("phone", {"number": "+44 24 412 3456"}, "no such number under +44"),
        ("phone", {"number": "+233 24 412 3456 ext. 5"}, "Leave the extension 5 out"),
        ("phone", {"number": ""}, "country code"),
        ("email", {"email": "ama@\u0430pple.com"}, "mixes alphabets"),
        ("email", {"email": "a" * 10_000 + "@mail.example"}, "longer than 254"),
        ("address", {"lines": "x" * 10_000, "country": "GHA"}, "longer than 280"),
        ("address", {"lines": "x" * 20_001, "country": "GHA"}, "longer than 280"),
        ("address", {"lines": "12 Ring Road"}, "Choose a country"),
        (
            "phone",
            {"number": "+233201234567", "type": "x" * 41},
            "Choose one of the list",
        ),
    ],
)
def test_what_is_wrong_is_said_in_the_dialog(
    name: str, typed: dict[str, str], says: str, client: Client, ama: Customer
) -> None:
    answer = client.post(_url(f"{name}_of_customer", ama), {**typed, **PRESSED})
    assert answer.status_code == 200
    assert says in answer.content.decode()
    counts = [model.objects.count() for model in (Phone, Email, Address)]
    assert counts == [1, 1, 0]


def test_an_address_is_changed_and_removed(client: Client, ama: Customer) -> None:
    asked = {"lines": "12 Ring Road", "town": "Accra", "country": "GHA"}
    client.post(_url("address_of_customer", ama), {**asked, **PRESSED})
    address = Address.objects.get()
    edit = _url("address_edit", address)
    assert "12 Ring Road" in client.get(edit).content.decode()
    seen = {"version": version_of(address)}
    client.post(edit, {**asked, "town": "Tema", **seen, **PRESSED})
    assert "12 Ring Road, Tema, Ghana" in _page(client, ama)
    assert client.post(_url("address_remove", address), PRESSED).status_code == 302
    assert "Tema" not in _page(client, ama).split("Timeline")[0]
    assert address.history.first().history_change_reason == PRESSED["reason"]


def test_a_reason_is_asked_for(client: Client, ama: Customer) -> None:
    url = _url("phone_remove", phone_of(ama))
    answer = client.post(url, {"_form_submitted": "on"})
    assert "Say why in a few words." in answer.content.decode()
    assert phone_of(ama)


def test_preferences(client: Client, ama: Customer) -> None:
    assert "Nobody has asked" in _page(client, ama)
    url = _url("preference_of_customer", ama)
    client.post(url, {"channel": "post", "language": "fr", "version": 0, **PRESSED})
    assert Preference.objects.get().channel == "post"
    assert "Prefers Post, in French" in _page(client, ama)


@pytest.mark.parametrize("role", ["teller", "auditor", "senior_manager"])
def test_readers_see_contacts_and_no_buttons(
    role: str, ama: Customer, client_as: ClientAs, make_staff: MakeStaff
) -> None:
    reader = client_as(make_staff(role))
    page = _page(reader, ama)
    assert "+233 24 410 0001" in page
    assert _url("phone_edit", phone_of(ama)) not in page
    url = _url("email_send", email_of(ama))
    assert reader.post(url, PRESSED).status_code == 403


def test_another_bank_finds_nothing(
    ama: Customer, second_bank: Tenant, client_as: ClientAs, make_staff: MakeStaff
) -> None:
    stranger = client_as(make_staff("compliance_officer", tenant=second_bank))
    urls = [_url(f"phone_{verb}", phone_of(ama)) for verb in
            ("edit", "primary", "remove", "send", "enter")]  # fmt: skip
    urls += [_url(f"{kind}_of_customer", ama) for kind in
             ("phone", "email", "address", "preference")]  # fmt: skip
    for url in urls:
        assert stranger.get(url).status_code == 404, url
        assert stranger.post(url, PRESSED).status_code == 404, url


def test_the_panel_asks_as_many_questions_for_one_as_for_many(
    ama: Customer, officer: User, client: Client, django_assert_max_num_queries: Any
) -> None:
    _page(client, ama)
    for number in range(8):
        values = {"number": f"+23320123456{number}"}
        add_contact(ama.pk, PHONE, values, by=officer)
        place = {"lines": f"{number} Ring Road", "country": "GHA"}
        add_contact(ama.pk, ADDRESS, place, by=officer)
    build_contacts(ama, officer)
    with django_assert_max_num_queries(7):
        assert len(build_contacts(ama, officer).context["rows"]) == 18
