"""Every list that may leave the house: to whom, whose rows, and what no file holds."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from common.admin import ENCRYPTED, HouseAdmin
from common.errors import DomainError
from common.lists.columns import HouseList
from customers.quality.models import Finding
from deposits.models import LinkedAccount
from exports.lists import OpenList, admin_of, open_list
from exports.writing import line_of, readers_of
from kyc.models import Applicant, Difference
from tenants.models import User
from tenants.roles import Role
from tests.bank import Banks, rows_of, two_banks

pytestmark = pytest.mark.django_db
PERMISSION = "exports.request_export"
FORMULA = "=1+cmd"
# Lists that stay in the house, and why.
KEPT = {
    "tenants.tenant": "one row, the institution's own policy",
    "tenants.user": "staff: for administrators, who take no lists out",
    "registry.dictionaryentry": "administrators export and import it on its page",
    "evidence.evidencepack": "who sees it knows whom somebody examines",
    "exports.export": "who took what is looked at here",
    "api.apiclient": "for administrators, who take no lists out",
    "api.apitoken": "everybody sees their own",
    "events.delivery": "the machine room",
    "events.recordedevent": "the machine room",
    "events.nightlyrun": "the machine room",
    "subscribers.message": "the machine room",
    "subscribers.subscriber": "for administrators, who take no lists out",
    "kyc.callback": "what Sumsub sent, sealed",
    "kyc.applicant": "leads into Sumsub",
}
# What the front line never sees, by hand from §1.
NOT_FOR_THE_FRONT_LINE = {
    "registry.task", "risk.assessment", "risk.countryrisk", "deposits.sweeprun",
}  # fmt: skip


def exportable() -> dict[str, Any]:
    return {
        each.opts.label_lower: each for each in admin.site._registry.values()
        if isinstance(each, HouseAdmin) and each.export_permission
    }  # fmt: skip


LISTS = sorted(exportable())


@pytest.fixture(scope="module")
def banks(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Banks]:
    with django_db_blocker.unblock():
        yield from two_banks()


def columns_of(key: str) -> list[str]:
    found = admin_of(key)
    return [*found.list_display, *found.more_columns]


def opened(key: str, user: User) -> OpenList:
    """All columns and, where lists hide what is done, all states."""
    filters = admin_of(key).list_filter or ()
    has_state = any(getattr(f, "parameter_name", "") == "state" for f in filters)
    return open_list(key, user, "state=all" if has_state else "", columns_of(key))


def lines_of(key: str, user: User) -> list[list[str]]:
    found = opened(key, user)
    readers = readers_of(found)
    return [line_of(row, readers) for chunk in found.chunks() for row in chunk]


# --- which lists, and to whom -------------------------------------------------------
def test_every_list_leaves_the_house_or_there_is_a_reason() -> None:
    registered = {model._meta.label_lower for model in admin.site._registry}
    assert registered == {*LISTS, *KEPT}
    assert not set(LISTS) & set(KEPT)


@pytest.mark.parametrize("key", LISTS)
def test_every_column_says_what_a_file_holds(key: str) -> None:
    assert set(columns_of(key)) == set(admin_of(key).export_cells)


@pytest.mark.parametrize("key", LISTS)
def test_only_roles_with_the_permission_take_it(key: str, banks: Banks) -> None:
    assert admin_of(key).export_permission == PERMISSION
    may = set()
    for who in Role:
        user = banks.staff(who, banks.mine)
        try:
            opened(key, user)
        except DomainError:
            continue
        may.add(who)
    assert may == {Role.COMPLIANCE_OFFICER}


@pytest.mark.parametrize("key", LISTS)
def test_the_button_is_for_compliance(key: str, banks: Banks, client_as: Any) -> None:
    url = reverse(f"admin:{key.replace('.', '_')}_changelist")
    buttons = {}
    for who in (Role.COMPLIANCE_OFFICER, Role.SENIOR_MANAGER, Role.CLIENT_FACING):
        client: Client = client_as(banks.staff(who, banks.mine))
        buttons[who] = "Export list" in client.get(url).content.decode()
    assert [who for who, is_there in buttons.items() if is_there] == [
        Role.COMPLIANCE_OFFICER
    ]


# --- whose rows ----------------------------------------------------------------------
@pytest.mark.parametrize("key", LISTS)
def test_another_bank_s_rows_never_come(key: str, banks: Banks) -> None:
    ours = lines_of(key, banks.staff(Role.COMPLIANCE_OFFICER, banks.mine))
    theirs = lines_of(key, banks.staff(Role.COMPLIANCE_OFFICER))
    assert ours
    assert theirs
    said = str(theirs).lower()
    assert not {mark for mark in banks.marks if mark in said}
    mine = rows_of(admin_of(key).model, banks.mine).count()
    assert len(ours) <= mine


# --- what stands in a file -----------------------------------------------------------
def _poison(row: Any) -> None:
    """Let whatever somebody could type be a formula, also of whom the row is about."""
    for field in row._meta.concrete_fields:
        is_text = isinstance(field, models.CharField | models.TextField)
        if is_text and not field.choices:
            setattr(row, field.attname, FORMULA)
        if field.is_relation and field.is_cached(row) and field.name == "customer":
            _poison(getattr(row, field.name))


@pytest.mark.parametrize("key", LISTS)
def test_no_cell_runs(key: str, banks: Banks) -> None:
    found = opened(key, banks.staff(Role.COMPLIANCE_OFFICER, banks.mine))
    cells = []
    for chunk in found.chunks():
        for row in chunk:
            _poison(row)
            cells += line_of(row, readers_of(found))
    assert cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    has_customer = "Customer" in [heading for heading, _ in found.cells]
    assert not has_customer or f"'{FORMULA}" in cells


@pytest.mark.parametrize("key", LISTS)
def test_a_row_costs_no_question_and_nothing_encrypted_is_read(
    key: str, banks: Banks
) -> None:
    """A column that is not read along would be asked for row by row."""
    found = opened(key, banks.staff(Role.COMPLIANCE_OFFICER, banks.mine))
    readers = readers_of(found)
    for chunk in found.chunks():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert [line_of(row, readers) for row in chunk]
        assert not asked.captured_queries
    sql = str(found.rows.query)
    for model in {LinkedAccount, found.rows.model, *_related(found.rows.model)}:
        table = model._meta.db_table
        for field in model._meta.concrete_fields:
            if isinstance(field, ENCRYPTED):
                assert f'"{table}"."{field.column}"' not in sql


def _related(model: type[models.Model]) -> set[Any]:
    return {f.related_model for f in model._meta.concrete_fields if f.is_relation}


@pytest.mark.parametrize("key", LISTS)
def test_pages_and_files_are_completed_alike(key: str) -> None:
    """What only a page is given would be missing in the file."""
    made = admin_of(key).get_changelist(None)
    assert issubclass(made, HouseList)


def test_a_number_elsewhere_is_masked(banks: Banks) -> None:
    officer = banks.staff(Role.COMPLIANCE_OFFICER, banks.mine)
    numbers = [row.number for row in rows_of(LinkedAccount, banks.mine)]
    assert numbers
    said = str([lines_of(key, officer) for key in LISTS])
    assert not [number for number in numbers if number in said]
    assert f"••••{numbers[0][-4:]}" in said


# --- the front line, should it be given the permission -------------------------------
@pytest.fixture
def front(banks: Banks) -> User:
    group = Group.objects.get(name=Role.CLIENT_FACING)
    app, codename = PERMISSION.split(".")
    group.permissions.add(
        Permission.objects.get(content_type__app_label=app, codename=codename)
    )
    user = banks.staff(Role.CLIENT_FACING, banks.mine)
    assert user.has_perm(PERMISSION)
    return user


@pytest.mark.parametrize("key", LISTS)
def test_a_restricted_list_or_column_never_reaches_the_front_line(
    key: str, front: User
) -> None:
    if key in NOT_FOR_THE_FRONT_LINE:
        with pytest.raises(DomainError, match="right to export"):
            opened(key, front)
        return
    found = opened(key, front)
    restricted = admin_of(key).restricted_columns
    assert not {*found.columns} & {
        name for name, wanted in restricted.items() if not front.has_perm(wanted)
    }
    assert lines_of(key, front)


def test_what_compliance_knows_of_customers_is_in_no_file(
    banks: Banks, front: User
) -> None:
    findings = rows_of(Finding, banks.mine).exclude(accepted_reason="")
    reasons = {row.accepted_reason for row in findings}
    assert reasons
    files = {
        key: lines_of(key, front) for key in LISTS if key not in NOT_FOR_THE_FRONT_LINE
    }
    assert not [reason for reason in reasons if reason in str(files)]
    assert "Risk" not in [name for name, _ in opened("registry.customer", front).cells]


def test_a_file_says_of_differences_only_what_who_asked_may_know(
    banks: Banks, front: User
) -> None:
    """Whoever makes the file, the rights are those of who asked for it."""
    assert rows_of(Difference, banks.mine).filter(status="open").exists()
    rows_of(Applicant, banks.mine).update(status="closed")
    key, words = "registry.customer", "Differences to accept"
    assert words in str(lines_of(key, banks.staff(Role.COMPLIANCE_OFFICER, banks.mine)))
    told = lines_of(key, front)
    assert words not in str(told)
    rows_of(Difference, banks.mine).update(status="kept")
    assert lines_of(key, front) == told


def test_the_front_line_finds_nobody_by_a_full_number(
    banks: Banks, front: User
) -> None:
    row = rows_of(LinkedAccount, banks.mine).filter(kind="bank").get()

    def found_by(user: User) -> list[LinkedAccount]:
        key, query = "deposits.linkedaccount", f"q={row.number}"
        return list(open_list(key, user, query, ["account"]).rows)

    assert not found_by(front)
    assert row in found_by(banks.staff(Role.COMPLIANCE_OFFICER, banks.mine))
