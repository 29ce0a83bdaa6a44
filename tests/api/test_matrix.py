"""Every route, every role, both banks: who gets what, in one table."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import transaction
from django.test import Client
from django.urls import get_resolver

from customers.contacts.models import Phone
from customers.contacts.services import add_contact
from customers.registry.models import Customer
from deposits.services import open_account
from documents.choices import Kind
from documents.services import Paper
from documents.uploads import upload_document
from tenants.models import Tenant, User
from tenants.roles import Role, permissions_of
from tests.api.conftest import a_token, bearer, refusal
from tests.api.routes_table import ROUTES, THE_24, Row
from tests.conftest import ClientAs, MakeCustomer, MakeStaff
from tests.documents.files import upload

pytestmark = [pytest.mark.django_db, pytest.mark.once]
Ask = Callable[[Client, Row], Any]
WHO_ASKS = "api.me"  # everybody's, and no row: tests/api/test_bearer.py
METHODS = ("get", "post", "put", "patch", "delete")
BEFORE = 2  # saves: registered, verified


@pytest.fixture
def customer(make_customer: MakeCustomer) -> Customer:
    return make_customer(verified=True, name="Ama Mensah")


@pytest.fixture
def ask(
    customer: Customer, setup_machine: User, tmp_path: Path, settings: LazySettings
) -> Ask:
    """Send what a row says, about the customer of the first bank."""
    settings.MEDIA_ROOT = str(tmp_path)
    account = open_account(customer.pk, by=setup_machine)
    add_contact(customer.pk, "phone", {"number": "+233244188888"}, by=setup_machine)
    phone = Phone.objects.of_customer(customer.pk).exclude(is_primary=True).get()
    customer.refresh_from_db()
    paper = Paper(kind=Kind.OTHER)
    document = upload_document(customer.pk, paper, upload(), by=setup_machine)
    names = {
        "customer": customer.pk, "number": customer.public_id, "account": account.pk,
        "phone": phone.pk, "document": document.pk,
    }  # fmt: skip

    def send(client: Client, row: Row) -> Any:
        client.raise_request_exception = False
        place = "/api/v1" + row.path.format(**names)
        if row.form is not None:
            return client.post(place, {**row.form, "file": upload()})
        body = dict(row.body) if row.body is not None else None
        if body and row.name == "edit_customer":
            body["row_version"] = customer.row_version
        return client.generic(
            row.method, place,
            b"" if body is None else json.dumps(body).encode(),
            content_type="application/json",
        )  # fmt: skip

    return send


def _name(row: Row) -> str:
    return row.name


def test_the_table_names_every_route_of_the_api() -> None:
    assert len({row.name for row in THE_24}) == 24
    included: list[Any] = get_resolver().url_patterns
    offered = [
        (str(pattern.pattern), method)
        for group in included
        if str(group.pattern) == "api/v1/"
        for pattern in group.url_patterns
        if pattern.callback.cls.__module__ != WHO_ASKS
        and pattern.callback.initkwargs.get("schema", 1) is not None
        for method in METHODS
        if hasattr(pattern.callback.cls, method)
    ]
    assert len(offered) == len(set(offered)) == len({row.name for row in ROUTES})


@contextmanager
def forgotten() -> Iterator[None]:
    """What is done inside never was: each role meets the same bank."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("row", ROUTES, ids=_name)
def test_who_may(
    row: Row, ask: Ask, client_as: ClientAs, make_staff: MakeStaff
) -> None:
    for role in Role:
        with forgotten():
            answer = ask(client_as(make_staff(role)), row)
        if not row.codes <= set(permissions_of(role)):
            refusal(answer, 403, "FORBIDDEN")
            continue
        if row.code:
            refusal(answer, row.status, row.code)
        assert answer.status_code == row.status, (role, answer.content)


@pytest.mark.parametrize("row", ROUTES, ids=_name)
def test_nobody_and_a_token_without_the_scope(
    row: Row, ask: Ask, make_staff: MakeStaff
) -> None:
    refusal(ask(Client(), row), 401, "NOT_AUTHENTICATED")
    officer = make_staff("compliance_officer")
    other = "api.income" if row.name != "income" else "api.mno"
    refusal(ask(bearer(a_token(officer, other)), row), 403, "FORBIDDEN")
    if row.codes <= set(permissions_of(Role.COMPLIANCE_OFFICER)):
        answer = ask(bearer(a_token(officer, *row.codes)), row)
        assert answer.status_code == row.status, answer.content
    if row.beside:
        teller = make_staff("teller", "client_facing")
        for code in row.codes:  # one of the two does not do
            refusal(ask(bearer(a_token(teller, code)), row), 403, "FORBIDDEN")


@pytest.mark.parametrize("row", ROUTES, ids=_name)
def test_the_other_bank_sees_nothing(
    row: Row, ask: Ask, client_as: ClientAs, make_staff: MakeStaff,
    second_bank: Tenant, customer: Customer,
) -> None:  # fmt: skip
    for role in Role:
        with forgotten():
            answer = ask(client_as(make_staff(role, tenant=second_bank)), row)
            customer.refresh_from_db()
            said = answer.getvalue() if answer.streaming else answer.content
        if row.code_of_permission not in permissions_of(role):
            refusal(answer, 403, "FORBIDDEN")
        elif row.is_of_customer or row.name == "lookup_customer":
            refusal(answer, 404, "CUSTOMER_NOT_FOUND")
        else:
            assert answer.status_code == row.status
        assert str(customer.pk).encode() not in said
        assert customer.name.encode() not in said
        assert customer.row_version == BEFORE
