"""The list of accounts and the teller's *Open account*."""

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers.registry import customer_page
from customers.registry.models import Customer
from deposits.models import Account
from deposits.panels import build_accounts
from deposits.services import open_account
from tenants.models import Tenant, User
from tests.conftest import ClientAs, Deliver, MakeCustomer, MakeStaff

pytestmark = pytest.mark.django_db
LIST = reverse("admin:deposits_account_changelist")
OPEN = reverse("admin:deposits_account_open_account")


def form_for(customer: Customer, number: str = "") -> dict[str, str]:
    return {
        "_form_submitted": "True",
        "customer": number or customer.public_id,
        "account_type": "current",
        "account_id": str(uuid4()),
    }


def rows_in(client: Client, query: str = "") -> list[Account]:
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code == 200
    return list(answer.context["cl"].result_list)


def test_only_the_number_offers_another_order(
    make_customer: MakeCustomer, make_staff: MakeStaff, client_as: ClientAs,
    deliver: Deliver,
) -> None:  # fmt: skip
    make_customer(verified=True)
    deliver()
    body = client_as(make_staff("teller")).get(LIST).content.decode()
    orders = set(re.findall(r'href="\?o=-?(\d)', body))
    assert len(orders) == 1, orders


def test_teller_opens_an_account(
    make_customer: MakeCustomer, make_staff: MakeStaff, client_as: ClientAs
) -> None:
    customer, teller = make_customer(verified=True), make_staff("teller")
    client = client_as(teller)
    page = client.get(f"{OPEN}?customer={customer.public_id}").content.decode()
    assert customer.name in page
    assert f'value="{customer.public_id}"' in page
    form = form_for(customer)
    answer = client.post(OPEN, form, HTTP_HX_REQUEST="true")
    assert answer["HX-Redirect"].endswith(f"/{customer.pk}/change/")
    client.post(OPEN, form, HTTP_HX_REQUEST="true")
    account = Account.objects.get()
    assert account.history.get().history_user == teller


@pytest.mark.parametrize("spelling", ["{}", "{} ", "without hyphen"])
def test_number_may_be_typed_either_way(
    spelling: str,
    make_customer: MakeCustomer,
    make_staff: MakeStaff,
    client_as: ClientAs,
) -> None:
    customer = make_customer(verified=True)
    number = customer.public_id
    typed = spelling.format(number) if "{}" in spelling else number.replace("-", "")
    client_as(make_staff("teller")).post(OPEN, form_for(customer, typed))
    assert Account.objects.count() == 1


def test_refusal_stays_in_the_dialog(
    make_customer: MakeCustomer, make_staff: MakeStaff, client_as: ClientAs
) -> None:
    customer = make_customer()
    answer = client_as(make_staff("teller")).post(OPEN, form_for(customer))
    assert answer.status_code == 200
    assert "KYC of" in answer.content.decode()
    assert not Account.objects.exists()


def test_an_unknown_number_and_another_banks_read_the_same(
    make_customer: MakeCustomer,
    make_staff: MakeStaff,
    client_as: ClientAs,
    second_bank: Tenant,
    setup_machine: User,
) -> None:
    here = make_customer(verified=True)
    foreign = make_customer(tenant=second_bank, verified=True)
    make_customer(tenant=second_bank)
    client = client_as(make_staff("teller"))
    # Numbers begin anew at each bank, so the foreign one has to be one of its own.
    number = Customer.objects.get(pk=foreign.pk).public_id
    assert number == here.public_id
    other = client_as(make_staff("teller", tenant=second_bank))
    other.post(OPEN, form_for(foreign))
    assert Account.objects.get().customer == foreign
    missing = client.post(OPEN, form_for(here, "1999-9999")).content.decode()
    assert "There is no customer 1999-9999." in missing


@pytest.mark.parametrize("role", ["client_facing", "compliance_officer", "auditor"])
def test_only_tellers_open(
    role: str, make_customer: MakeCustomer, make_staff: MakeStaff, client_as: ClientAs
) -> None:
    customer, staff = make_customer(verified=True), make_staff(role)
    client = client_as(staff)
    assert client.post(OPEN, form_for(customer)).status_code == 403
    assert client.get(OPEN).status_code == 403
    assert OPEN not in client.get(LIST).content.decode()
    deeds = customer_page.deeds_for(customer, staff)
    assert "Open account" not in [deed.title for deed in deeds]


def test_list_filters_and_search(
    make_customer: MakeCustomer,
    make_staff: MakeStaff,
    client_as: ClientAs,
    setup_machine: User,
    second_bank: Tenant,
) -> None:
    ama = make_customer(name="Ama Mensah", verified=True)
    kofi = make_customer(name="Kofi Annan", verified=True)
    foreign = make_customer(name="Ama Foreign", tenant=second_bank, verified=True)
    first = open_account(ama.pk, by=setup_machine)
    second = open_account(kofi.pk, by=setup_machine)
    theirs = open_account(foreign.pk, by=setup_machine)
    second.suspend()
    second.save_as(setup_machine, "Held")
    client = client_as(make_staff("auditor"))
    assert rows_in(client) == [second, first]
    assert rows_in(client, "status__exact=suspended") == [second]
    assert rows_in(client, "currency=USD") == [second, first]
    assert rows_in(client, "account_type__exact=current&q=ama") == [first]
    assert rows_in(client, f"q={first.public_id}") == [first]
    assert rows_in(client, f"q={kofi.public_id}") == [second]
    page = reverse("admin:deposits_account_change", args=[theirs.pk])
    assert client.get(page).status_code in (302, 404)
    own = reverse("admin:deposits_account_change", args=[first.pk])
    assert first.public_id in client.get(own).content.decode()
    assert client.post(own, {"status": "active"}).status_code == 405


def test_list_costs_the_same_for_one_row_as_for_many(
    make_customer: MakeCustomer,
    make_staff: MakeStaff,
    client_as: ClientAs,
    setup_machine: User,
) -> None:
    client, counts = client_as(make_staff("teller")), []
    for _ in range(2):
        for _ in range(3):
            customer = make_customer(verified=True)
            open_account(customer.pk, by=setup_machine)
        client.get(LIST)
        with CaptureQueriesContext(connection) as asked:
            client.get(LIST)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_panel(
    make_customer: MakeCustomer, make_staff: MakeStaff, setup_machine: User
) -> None:
    customer, teller = make_customer(), make_staff("teller")
    empty = build_accounts(customer, teller)
    assert (empty.rows, empty.verb) == ([], "")
    verified = make_customer(verified=True)
    account = open_account(verified.pk, by=setup_machine)
    view = build_accounts(verified, teller)
    assert view.rows[0]["title"] == account.public_id
    assert view.url.endswith(f"?customer={verified.public_id}")
    assert not view.is_troubled
    assert build_accounts(verified, make_staff("auditor")).verb == ""
