"""The index of ID numbers: kept with the details, in no version, made anew."""

import json

import pytest
from django.core.management import call_command
from django.test import override_settings

from customers.registry.models import Customer
from customers.registry.search.id_numbers import index_in, index_of
from evidence.below import customer_record
from tenants.models import User
from tests.conftest import MakeCustomer
from tests.registry.conftest import change
from tests.registry.search.conftest import papers


def test_it_follows_the_details(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer(details=papers("A 123-x"))
    assert customer.id_number_index == index_of("id_number", "a123X")
    change(customer, setup_machine, details=papers("B 77 88"))
    customer.refresh_from_db()
    assert customer.id_number_index == index_of("id_number", "B7788")
    assert not Customer.objects.found_by("A 123-x").exists()
    assert Customer.objects.found_by("b77-88").get() == customer


@pytest.mark.parametrize(
    "details", [{}, {"id_number": ""}, {"id_number": " - "}, {"id_number": None}]
)
def test_without_a_number_there_is_no_index(details: dict[str, object]) -> None:
    assert index_in(details) == ""


def test_kinds_of_numbers_do_not_meet() -> None:
    one, other = index_of("id_number", "X1"), index_of("registration_number", "X1")
    assert one != other
    assert index_in({"registration_number": "x-1"}) == other


def test_without_a_number_nobody_is_found_by_none(make_customer: MakeCustomer) -> None:
    customer = make_customer(details={**papers("A1234"), "id_number": ""})
    assert customer.id_number_index == ""
    for text in ("-", "----", "0000"):
        assert not Customer.objects.found_by(text).exists()


def test_no_version_and_no_evidence_has_it(make_customer: MakeCustomer) -> None:
    customer = make_customer()
    version = customer.history.latest()
    assert not hasattr(version, "id_number_index")
    columns = [field.column for field in type(version)._meta.concrete_fields]
    assert "id_number_index" not in columns
    assert version.instance.name == customer.name
    written = json.dumps([e.rows for e in customer_record(customer)], default=str)
    assert customer.id_number_index not in written


def test_the_command_works_it_out_anew(
    make_customer: MakeCustomer, capsys: pytest.CaptureFixture[str]
) -> None:
    customers = [make_customer(details=papers(f"A {n} 000")) for n in range(3)]
    versions = customers[0].history.count()
    Customer.objects.filter(pk=customers[0].pk).update(id_number_index="stale")
    call_command("reindex_customers")
    assert "1 changed" in capsys.readouterr().out
    assert Customer.objects.found_by("a0000").get() == customers[0]
    with override_settings(BLIND_INDEX_KEY="another key"):
        call_command("reindex_customers", after=customers[0].pk)
        assert "2 changed" in capsys.readouterr().out
        assert Customer.objects.found_by("a1000").get() == customers[1]
    customers[0].refresh_from_db()
    assert customers[0].history.count() == versions
    assert customers[0].row_version == 1
