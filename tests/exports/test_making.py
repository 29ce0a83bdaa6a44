"""The file: the rows somebody would see, whoever is killed, whatever is forged."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common.errors import DomainError
from customers.registry.choices import SuspensionReason
from customers.registry.models import Customer
from customers.registry.services import suspend_customer
from documents.making.models import PATIENCE
from events.events import RetryLaterError
from exports.lists import CHUNK, admin_of, open_list
from exports.models import Export
from exports.services import (
    MOST_AT_ONCE,
    build_export,
    cancel_export,
    expire_exports,
    record_download,
    retry_export,
)
from tenants.models import Tenant, User
from tests.conftest import Deliver, MakeCustomer, MakeStaff
from tests.exports.bank import ask
from tests.exports.conftest import lines_of, made

pytestmark = pytest.mark.django_db
Status = Export.Status
ALL = ["customer", "status_label", "risk_label", "email_said", "phone_said"]


def names(export: Export) -> list[str]:
    return [line[0] for line in lines_of(export)[1:]]


def fill(customer: Customer, number: int) -> None:
    """Many rows like this one, written past the commands: only their count matters."""
    values = {
        f.attname: getattr(customer, f.attname) for f in Customer._meta.concrete_fields
        if f.name != "id"
    }  # fmt: skip
    Customer.objects.bulk_create(
        Customer(**{
            **values, "public_id": f"{number}-{n}", "email": "", "phone": "",
            "name": f"Kofi {n}",
        })
        for n in range(number)
    )  # fmt: skip


# --- which rows and columns ----------------------------------------
def test_the_rows_are_those_of_the_list(
    officer: User, make_customer: MakeCustomer, second_bank: Tenant, deliver: Deliver
) -> None:
    held = make_customer(name="Ama Held")
    suspend_customer(held.pk, reason=SuspensionReason.DUE_DILIGENCE, by=officer)
    make_customer(name="Ama Active")
    make_customer(name="Kofi Active")
    make_customer(name="Ama Theirs", tenant=second_bank)
    export = ask(officer, "All", columns=ALL)
    found = ask(officer, "Some", querystring="q=ama&status__exact=active&p=7&o=0")
    deliver()
    for each in (export, found):
        each.refresh_from_db()
    assert names(export) == ["Kofi Active", "Ama Active", "Ama Held"]
    assert names(found) == ["Ama Active"]
    assert lines_of(export)[0] == [
        "Name", "Number", "Legal form", "Status", "Risk", "E-mail", "Phone",
    ]  # fmt: skip
    assert (
        lines_of(export)[1][-1] == f"'{Customer.objects.get(name='Kofi Active').phone}"
    )
    assert export.rows_done == export.rows_total == 3
    assert Status(export.status) == Status.READY


def test_the_order_is_that_of_the_list(
    officer: User, make_customer: MakeCustomer
) -> None:
    for name in ("Bea", "Abe", "Cat"):
        make_customer(name=name)
    # The order counts the columns shown, also where the file has more of them.
    asked = "columns=customer,email_said&o=-0"
    assert names(made(ask(officer, "Order", querystring=asked, columns=ALL))) == [
        "Cat", "Bea", "Abe",
    ]  # fmt: skip


def test_a_search_that_finds_nobody_is_a_heading(
    officer: User, make_customer: MakeCustomer
) -> None:
    """No query is written then; also when they are gone by the worker’s turn."""
    customer = make_customer(email="ama@mail.example")
    asked = ask(officer, "Who is there", querystring="q=ama@mail.example")
    nobody = made(ask(officer, "Nobody", querystring="q=1000-9999"))
    Customer.objects.filter(pk=customer.pk).update(email="other@mail.example")
    for export in (nobody, made(asked)):
        assert len(lines_of(export)) == 1
        assert (export.rows_done, Status(export.status)) == (0, Status.READY)


def test_an_empty_list_is_a_heading(officer: User) -> None:
    export = made(ask(officer, "None yet"))
    assert len(lines_of(export)) == 1
    assert export.rows_done == 0


def test_without_the_mark_it_is_plain_utf8(
    officer: User, make_customer: MakeCustomer, store: Path
) -> None:
    make_customer(name="Håkansson “Åsa”, \u5f20")
    marked, plain = (made(ask(officer, "x", has_mark=has)) for has in (True, False))
    assert (store / marked.key).read_bytes().startswith(b"\xef\xbb\xbfName,")
    assert (store / plain.key).read_bytes().startswith(b"Name,")
    assert b"\r\n" in (store / plain.key).read_bytes()
    assert names(marked) == names(plain) == ["Håkansson “Åsa”, \u5f20"]


def test_a_restricted_column_stays_restricted(
    make_staff: MakeStaff, officer: User
) -> None:
    teller = make_staff("teller")
    with pytest.raises(DomainError):
        open_list("registry.customer", teller, "", ALL)
    opened = open_list("registry.customer", officer, "", [*ALL, "details", "tenant"])
    assert opened.columns == tuple(ALL)


def test_what_is_encrypted_is_not_even_read(officer: User) -> None:
    sql = str(open_list("registry.customer", officer, "", ALL).rows.query)
    assert '"details"' not in sql
    assert '"telegram_id"' not in sql


@pytest.mark.parametrize("key", ["deposits.account", "documents.document"])
def test_other_lists_too(
    key: str, officer: User, make_customer: MakeCustomer, deliver: Deliver
) -> None:
    make_customer(verified=True)
    deliver()
    columns = list(admin_of(key).list_display)
    lines = lines_of(made(ask(officer, "Other", list_key=key, columns=columns)))
    assert "Customer number" in lines[0]


# --- forged ----------------------------------------
@pytest.mark.parametrize(
    "query",
    [
        "password__startswith=a", "tenant__name=x", "tenant__id__exact=1",
        "requested_by__password__startswith=p", "status__regex=(a%2B)%2B$",
        "details__contains=GHA", "merged_into__tenant__slug=x", "q=a%00b",
        "customer_type__in=%00", "nonsense=1", "id__exact=nonsense",
        "q=" + "x" * 5000, "&".join(f"a{n}=1" for n in range(200)),
    ],
)  # fmt: skip
def test_a_forged_address_is_refused(query: str, officer: User) -> None:
    with pytest.raises(DomainError):
        ask(officer, "Forged", querystring=query)
    assert not Export.objects.exists()


@pytest.mark.parametrize(
    "query", ["o=99", "o=x.y", "p=0", "p=99", "all=", "status__exact=zz"]
)
def test_a_tired_address_is_read(query: str, officer: User) -> None:
    assert made(ask(officer, "Tired", querystring=query)).status == Status.READY


@pytest.mark.parametrize(
    "key", ["tenants.user", "evidence.evidencepack", "a.b.c", "", "x"]
)
def test_no_other_list_leaves_the_house(key: str, officer: User) -> None:
    with pytest.raises(DomainError, match="no such list"):
        ask(officer, "Staff", list_key=key)


def test_a_reason_and_a_column_are_needed(officer: User) -> None:
    for columns in ([], ["details"]):
        with pytest.raises(DomainError, match="columns"):
            ask(officer, "Why", columns=columns)
    for reason in (" ", "x" * 201):
        with pytest.raises(DomainError, match="Say why"):
            ask(officer, reason)


def test_nobody_has_many_made_at_once(officer: User) -> None:
    for number in range(MOST_AT_ONCE):
        ask(officer, f"{number}")
    with pytest.raises(DomainError, match="being made"):
        ask(officer, "One more")


# --- rights that go ----------------------------------------
def _leaves(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def _loses_the_role(user: User) -> None:
    user.groups.clear()


def _moves(user: User) -> None:
    other = Tenant.objects.exclude(pk=user.tenant_id).get()
    User.objects.filter(pk=user.pk).update(tenant=other)


@pytest.mark.parametrize("happens", [_leaves, _loses_the_role, _moves])
def test_who_lost_the_right_gets_nothing(
    happens: Any, officer: User, second_bank: Tenant, make_customer: MakeCustomer,
    store: Path, deliver: Deliver,
) -> None:  # fmt: skip
    make_customer()
    ready, waiting = made(ask(officer, "Before")), ask(officer, "After")
    happens(officer)
    deliver()
    waiting.refresh_from_db()
    assert waiting.status == Status.FAILED
    assert waiting.error
    assert not (store / waiting.place).exists()
    if happens is not _moves:  # what they asked for at the first is another's, 404
        with pytest.raises(DomainError, match="right to export"):
            record_download(ready.pk, by=User.objects.get(pk=officer.pk))


# --- killed, away, cancelled ----------------------------------------
def test_killed_in_the_middle_it_is_made_anew(
    officer: User, make_customer: MakeCustomer, store: Path
) -> None:
    make_customer(name="Ama")
    export = ask(officer, "Killed")
    # Begun by a worker that was killed while the store had half of it.
    Export.objects.filter(pk=export.pk).update(
        status="building", building_until=timezone.now() + timedelta(minutes=1)
    )
    (store / "exports").mkdir(parents=True)
    (store / export.place).write_bytes(b"half")
    with pytest.raises(RetryLaterError):
        build_export(export.pk)
    Export.objects.filter(pk=export.pk).update(building_until=timezone.now())
    assert names(made(export)) == ["Ama"]
    first = export.sha256
    assert made(export).sha256 == first  # delivered twice, made once


def test_a_store_that_is_away_is_asked_again(
    officer: User, store_is_down: Path
) -> None:
    export = ask(officer, "Away")
    with pytest.raises(Exception, match="does not answer"):
        build_export(export.pk)
    store_is_down.unlink()
    assert made(export).status == Status.READY


def test_in_the_end_it_has_failed_and_is_tried_again(
    officer: User, store_is_down: Path, deliver: Deliver
) -> None:
    export = ask(officer, "Away")
    Export.objects.filter(pk=export.pk).update(
        requested_at=timezone.now() - PATIENCE - timedelta(minutes=1)
    )
    assert made(export).status == Status.FAILED
    store_is_down.unlink()
    retry_export(export.pk, by=officer)
    deliver()
    export.refresh_from_db()
    assert export.status == Status.READY


def test_cancelled_it_is_not_made(officer: User, store: Path, deliver: Deliver) -> None:
    export = ask(officer, "Not wanted")
    for _ in range(2):
        cancel_export(export.pk, by=officer)
    deliver()
    export.refresh_from_db()
    assert export.status == Status.CANCELLED
    assert not (store / export.place).exists()
    with pytest.raises(DomainError, match="was not made"):
        record_download(export.pk, by=officer)


def test_after_a_day_it_is_gone(officer: User, store: Path) -> None:
    export = made(ask(officer, "A day"))
    past = timezone.now() - timedelta(seconds=1)
    Export.objects.filter(pk=export.pk).update(expires_at=past)
    with pytest.raises(DomainError, match="expired"):
        record_download(export.pk, by=officer)
    assert expire_exports() == 1
    export.refresh_from_db()
    assert (export.status, export.key) == (Status.EXPIRED, "")
    assert not (store / export.place).exists()


# --- many ----------------------------------------
def test_many_rows_cost_few_queries(officer: User, make_customer: MakeCustomer) -> None:
    fill(make_customer(), CHUNK)
    with CaptureQueriesContext(connection) as few:
        made(ask(officer, "Many"))
    fill(make_customer(), 10_000 - CHUNK)
    with CaptureQueriesContext(connection) as many:
        lines = lines_of(made(ask(officer, "More")))
    assert len(lines) == 10_000 + 2 + 1
    each_chunk = (len(many) - len(few)) / (10_000 / CHUNK - 1)
    assert each_chunk <= 9
    assert [line[0] for line in lines].count("Kofi 77") == 2
