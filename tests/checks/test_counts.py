"""What the home page and the sidebar count of outside checks."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from common import worklist
from customers.checks.admin.line import open_checks
from customers.checks.choices import Kind
from customers.checks.models import OutsideCheck
from customers.checks.services import (
    ask_check,
    fail_check,
    record_answer,
    withdraw_check,
)
from tenants.models import Tenant, User
from tests.conftest import ClientAs, MakeCustomer, MakeStaff

pytestmark = pytest.mark.django_db
NAME = "Outside checks open"
LIST = reverse("admin:checks_outsidecheck_changelist")


@pytest.fixture
def asked(make_customer: MakeCustomer, officer: User) -> list[OutsideCheck]:
    """Two about addresses, one of them failed, and one of a bureau; two are done."""
    ama, kofi = make_customer(), make_customer()
    rows = [
        ask_check(customer.pk, kind=Kind.ADDRESS, address="home", by=officer)
        for customer in (ama, kofi)
    ]
    rows.append(ask_check(ama.pk, kind=Kind.BUREAU, by=officer))
    fail_check(rows[1].pk, "No register covers this town.")
    done = ask_check(kofi.pk, kind=Kind.BUREAU, by=officer)
    record_answer(done.pk, result="clear", reference="R-1", by=officer)
    withdrawn = ask_check(kofi.pk, kind=Kind.BUREAU, by=officer)
    withdraw_check(withdrawn.pk, reason="Not needed", by=officer)
    return rows


def badge_of(client: Client) -> str | None:
    home = client.get(reverse("admin:index"))
    (badge,) = [
        item.get("badge")
        for section in home.context["sidebar_navigation"]
        for item in section["items"]
        if item["title"] == "Outside checks"
    ]
    return None if badge is None else str(badge)


@pytest.mark.parametrize(
    ("role", "count"),
    [
        ("compliance_officer", 3), ("senior_manager", 3), ("auditor", 3),
        ("client_facing", 2), ("teller", 2),
    ],
)  # fmt: skip
def test_each_role_is_told_as_many_as_it_is_shown(
    role: str, count: int, asked: list[OutsideCheck], make_staff: MakeStaff,
    client_as: ClientAs,
) -> None:  # fmt: skip
    user = make_staff(role)
    client = client_as(user)
    found = {queue.name: each for queue, each in worklist.counted_for(user)}[NAME]
    assert found.count == count
    assert found.oldest_at == asked[0].asked_at
    shown = client.get(found.url).context
    assert len(shown["cl"].result_list) == count
    assert shown["views"][0]["count"] == count
    assert badge_of(client) == str(count)


def test_a_bureau_check_alone_leaves_no_trace_of_itself(
    make_customer: MakeCustomer, officer: User, clerk: User, client_as: ClientAs
) -> None:
    ask_check(make_customer().pk, kind=Kind.BUREAU, by=officer)
    assert open_checks(clerk).count == 0
    assert open_checks(clerk).oldest_at is None
    assert badge_of(client_as(clerk)) is None
    assert badge_of(client_as(officer)) == "1"


def test_other_banks_and_other_roles_are_told_nothing(
    asked: list[OutsideCheck], make_staff: MakeStaff, second_bank: Tenant
) -> None:
    stranger = make_staff("compliance_officer", tenant=second_bank)
    assert open_checks(stranger).count == 0
    administrator = make_staff("administrator")
    names = {queue.name for queue, _ in worklist.counted_for(administrator)}
    assert NAME not in names


def test_it_is_one_question_that_ends_counting(
    asked: list[OutsideCheck], officer: User, monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: Any,
) -> None:  # fmt: skip
    monkeypatch.setattr("customers.checks.admin.line.COUNT_NO_FURTHER", 2)
    officer.has_perm("checks.view_bureau")
    with django_assert_num_queries(1):
        found = open_checks(officer)
    assert (found.count, found.oldest_at) == (2, asked[0].asked_at)
    assert found.url == LIST
