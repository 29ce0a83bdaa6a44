"""What the home page and the sidebar count of the KYC desk."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from common import worklist
from common.worklist import QueueCount
from customers.registry.choices import TaskKind
from customers.registry.models import Customer
from customers.registry.services import open_task
from documents.choices import Kind
from documents.services import Paper, accept_document
from documents.uploads import upload_document
from kyc.admin.desk import documents_came, kyc_on_hold
from kyc.manual import decide_by_hand
from kyc.models import Applicant, ManualReason, ManualVerdict
from kyc.services import start_attempt
from tenants.models import User
from tests.conftest import ClientAs, MakeCustomer, MakeStaff
from tests.documents.conftest import files_folder as files_folder
from tests.documents.files import pdf, upload
from tests.house import path_of, quarantined

pytestmark = pytest.mark.django_db
CAME, HELD = "KYC documents came", "KYC on hold"


@pytest.fixture
def ama(make_staff: MakeStaff) -> User:
    return make_staff("compliance_officer")


@pytest.fixture
def came(
    make_customer: MakeCustomer, clerk: User, officer: User, ama: User
) -> Customer:
    """Asked for another document by hand, which came."""
    customer: Customer = make_customer(by=clerk)
    _send(customer, clerk, ama, "before")
    decide_by_hand(
        customer.pk, verdict=ManualVerdict.ASK_AGAIN, note="", by=officer,
        reasons=[ManualReason.DOCUMENT_UNREADABLE],
    )  # fmt: skip
    _send(customer, clerk, ama, "after")
    return customer


@pytest.fixture
def held(make_customer: MakeCustomer, setup_machine: User) -> list[Customer]:
    customers = [make_customer() for _ in range(2)]
    for customer in customers:
        start_attempt(customer.pk, by=setup_machine)
    Applicant.objects.filter(customer__in=customers).update(status="on_hold")
    return customers


def _send(customer: Customer, by: User, reviewer: User, name: str) -> None:
    file = upload(pdf(name), f"{name}.pdf")
    document = upload_document(customer.pk, Paper(kind=Kind.ID), file, by=by)
    accept_document(document.pk, by=reviewer)


def counted(user: User) -> dict[str, QueueCount]:
    return {queue.name: found for queue, found in worklist.counted_for(user)}


def tabs(client: Client) -> dict[str, int | None]:
    shown = client.get(path_of("kyc_desk")).context["tabs"]
    return {tab["name"]: tab["count"] for tab in shown}


@pytest.mark.parametrize("role", ["compliance_officer", "senior_manager", "auditor"])
def test_the_home_page_counts_what_the_tabs_show(
    role: str, came: Customer, held: list[Customer], make_staff: MakeStaff,
    client_as: ClientAs,
) -> None:  # fmt: skip
    user = make_staff(role)
    client, found = client_as(user), counted(user)
    shown = tabs(client)
    assert (found[CAME].count, found[HELD].count) == (1, 2)
    assert (shown["Documents came"], shown["On hold"]) == (1, 2)
    for name, customers in ((CAME, [came]), (HELD, held)):
        rows = client.get(found[name].url).context["queue"]
        assert {row["customer"].pk for row in rows} == {c.pk for c in customers}
    begun = Applicant.objects.filter(customer__in=held).values_list("started_at")
    assert found[HELD].oldest_at == min(begun)[0]
    assert found[CAME].oldest_at == came.documents.latest("reviewed_at").reviewed_at
    home = client.get(path_of("index"))
    cells = {cell.name: cell.url for cell in home.context["queues"]}
    assert cells[CAME] == f"{path_of('kyc_desk')}?tab=came"
    assert cells[HELD] == f"{path_of('kyc_desk')}?tab=held"


def test_the_badge_of_the_desk_adds_them_up(
    came: Customer, held: list[Customer], officer: User, client_as: ClientAs
) -> None:
    quarantined()
    home = client_as(officer).get(path_of("index"))
    badges = {
        item["title"]: item.get("badge")
        for section in home.context["sidebar_navigation"]
        for item in section["items"]
    }
    assert badges["KYC desk"] == "4"


def test_what_is_asked_for_as_a_decision_is_counted_once(
    held: list[Customer], officer: User, setup_machine: User
) -> None:
    kind = TaskKind.KYC_DECISION
    open_task(held[0], kind, reason="undecided verdict", by=setup_machine)
    found = counted(officer)
    assert found["KYC to decide by hand"].count == 1
    assert found[HELD].count == 1


def test_whoever_sees_no_desk_and_other_banks_count_nothing(
    came: Customer, held: list[Customer], make_staff: MakeStaff, stranger: User
) -> None:
    for role in ("client_facing", "teller", "administrator"):
        assert not {CAME, HELD} & counted(make_staff(role)).keys()
    found = counted(stranger)
    assert (found[CAME].count, found[HELD].count) == (0, 0)


@pytest.mark.parametrize("count", [documents_came, kyc_on_hold])
def test_each_is_one_question(
    count: Any, came: Customer, held: list[Customer], officer: User
) -> None:
    officer.has_perm("registry.view_task")  # remembered by whoever asks about a page
    with CaptureQueriesContext(connection) as asked:
        count(officer)
    assert len(asked) == 1
