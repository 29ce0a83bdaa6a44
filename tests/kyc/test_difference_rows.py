"""The rows of a difference: in the order of the form, and countries by name."""

from datetime import date
from typing import Any

import pytest

from customers.registry.models import Customer
from kyc.admin.differences import difference_context
from kyc.admin.places import Place
from kyc.services import start_attempt
from tenants.models import User
from tests.conftest import MakeCustomer
from tests.house import GREEN, a_person

pytestmark = pytest.mark.django_db


def rows_of(customer: Customer, officer: User) -> list[dict[str, Any]]:
    context = difference_context(officer, str(customer.pk), Place())
    assert context is not None
    rows: list[dict[str, Any]] = context["rows"]
    return rows


def test_rows_stand_as_in_the_form(
    make_customer: MakeCustomer, officer: User, say: Any
) -> None:
    customer = make_customer()
    start_attempt(customer.pk, by=officer)
    said = a_person(
        first_name="Ama Adaeze", birth_date=date(1991, 3, 4), nationality="NGA"
    )
    say(customer, **GREEN, person=said)
    form = ["name", *(field.key for field in customer.pack_form.fields)]
    rows = rows_of(customer, officer)
    for is_same in (False, True):
        fields = [row["field"] for row in rows if row["is_same"] == is_same]
        assert fields == sorted(fields, key=form.index)
    assert rows[0]["field"] == "name"
    country = next(row for row in rows if row["field"] == "nationality")
    assert country["ours"] == [("Ghana", True)]
    assert country["theirs"] == [("Nigeria", True)]
