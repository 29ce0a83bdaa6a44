"""Types and operators come from the institution's own dictionaries."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from common.errors import DomainError
from customers.contacts.models import Phone
from customers.contacts.services import add_contact, change_contact
from customers.registry.dictionaries.entries import change_entry, entries_of
from customers.registry.models import Customer, Dictionary, DictionaryEntry
from tenants.models import User
from tests.conftest import ClientAs
from tests.contacts.conftest import ADDRESS, EMAIL, PHONE

pytestmark = pytest.mark.django_db
NUMBER = {"number": "+233201234567"}


def _retire(customer: Customer, dictionary: Dictionary, code: str, by: User) -> None:
    entries: list[DictionaryEntry] = entries_of(customer.tenant, dictionary)[dictionary]
    entry = next(entry for entry in entries if entry.code == code)
    change_entry(
        entry.pk, label=entry.label, order=entry.order, is_active=False, by=by,
        reason="No longer used",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        (PHONE, {**NUMBER, "type": "pager"}, "type"),
        (PHONE, {**NUMBER, "operator": "pager"}, "operator"),
        (EMAIL, {"email": "new@mail.example", "type": "mobile"}, "type"),
        (ADDRESS, {"lines": "1 Road", "country": "GHA", "type": "personal"}, "type"),
    ],
)
def test_a_code_that_nobody_listed_is_refused(
    ama: Customer, officer: User, kind: str, values: dict[str, str], field: str
) -> None:
    with pytest.raises(DomainError, match="must be one of the list") as caught:
        add_contact(ama.pk, kind, values, by=officer)
    assert caught.value.field == field


def test_a_retired_code_stays_but_is_not_offered_anew(
    ama: Customer, officer: User, client_as: ClientAs
) -> None:
    held = {**NUMBER, "type": "work", "operator": "mtn"}
    phone: Any = add_contact(ama.pk, PHONE, held, by=officer)
    _retire(ama, Dictionary.PHONE_TYPE, "work", officer)
    assert change_contact(
        PHONE, phone.pk, {**held, "operator": "glo"}, by=officer, reason="Moved"
    ) == ["operator"]
    with pytest.raises(DomainError, match="Phone type must be one of the list"):
        other = {"number": "+233201234568", "type": "work"}
        add_contact(ama.pk, PHONE, other, by=officer)
    client: Client = client_as(officer)
    edit = reverse("admin:contacts_phone_edit", args=[phone.pk])
    assert "Work (retired)" in client.get(edit).content.decode()
    add = reverse("admin:contacts_phone_of_customer", args=[ama.pk])
    assert "Work" not in client.get(add).content.decode()
    page = reverse("admin:registry_customer_change", args=[ama.pk])
    assert "Work, Glo" in client.get(page).content.decode()
    assert Phone.objects.get(pk=phone.pk).type == "work"


def test_the_category_of_a_customer_is_one_of_the_list(
    ama: Customer, officer: User, client_as: ClientAs
) -> None:
    Customer.objects.filter(pk=ama.pk).update(category="gold")
    url = reverse("admin:registry_customer_edit", args=[ama.pk])
    page = client_as(officer).get(url).content.decode()
    assert '<option value="gold" selected>gold' in page
    assert '<option value="private_banking">Private banking' in page
