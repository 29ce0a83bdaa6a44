"""Panel, dialogs, list, risk form and evidence pack; who sees what of a bureau."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from customers.checks.choices import Kind
from customers.checks.models import OutsideCheck
from customers.checks.services import ask_check, fail_check, record_answer
from customers.registry.models import Customer
from customers.registry.services import update_customer
from customers.risk.known import known_of
from evidence.chapters import chapters
from tenants.models import User
from tests.conftest import ClientAs, MakeCustomer, MakeStaff

pytestmark = pytest.mark.django_db
LIST = reverse("admin:checks_outsidecheck_changelist")
FORM = {"_form_submitted": "True"}
HOME = "12 Ring Road East, Accra, Ghana"


def at(deed: str, row: OutsideCheck | Customer) -> str:
    return reverse(f"admin:checks_outsidecheck_{deed}", args=[row.pk])


def page_of(customer: Customer) -> str:
    return reverse("admin:registry_customer_change", args=[customer.pk])


def said_in(client: Client, url: str) -> str:
    answer = client.get(url, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def adverse(customer: Customer, officer: User) -> OutsideCheck:
    row = ask_check(customer.pk, kind=Kind.BUREAU, by=officer)
    record_answer(row.pk, result="adverse", reference="R-4711", by=officer)
    row.refresh_from_db()
    return row


# --- the dialogs ------------------------------------------------------------------
def test_the_front_line_asks_and_records_about_an_address(
    ama: Customer, clerk: User, client_as: ClientAs
) -> None:
    client = client_as(clerk)
    assert "Check an address" in said_in(client, page_of(ama))
    assert HOME in said_in(client, at("ask_address", ama))
    asked = {**FORM, "address": "home", "check_id": str(uuid4())}
    for _ in range(2):  # pressed twice
        answer = client.post(at("ask_address", ama), asked)
        assert answer.status_code == 302
    row = OutsideCheck.objects.get()
    board = said_in(client, page_of(ama))
    assert "Record answer" in board
    assert "Check an address" not in board
    answer = client.post(at("record", row), {**FORM, "result": "confirmed"})
    assert "how it was found out" in answer.content.decode()
    whole = {**FORM, "result": "confirmed", "reference": "A visit", "note": "Met her"}
    assert client.post(at("record", row), whole).status_code == 302
    row.refresh_from_db()
    assert (row.result, row.note, row.answered_by) == ("confirmed", "Met her", clerk)
    shown = said_in(client, at("change", row))
    assert "Confirmed" in shown
    assert "Met her" in shown


def test_a_refusal_stays_in_the_dialog(
    ama: Customer, clerk: User, client_as: ClientAs
) -> None:
    ask_check(ama.pk, kind=Kind.ADDRESS, address="home", by=clerk)
    asked = {**FORM, "address": "home", "check_id": str(uuid4())}
    answer = client_as(clerk).post(at("ask_address", ama), asked)
    assert "open already" in answer.content.decode()


def test_compliance_asks_the_bureau_and_withdraws(
    ama: Customer, officer: User, client_as: ClientAs
) -> None:
    client = client_as(officer)
    asked = {**FORM, "check_id": str(uuid4())}
    assert client.post(at("ask_bureau", ama), asked).status_code == 302
    row = OutsideCheck.objects.get()
    assert "The number of the bureau’s report." in said_in(client, at("record", row))
    said = {**FORM, "reason": "Not needed"}
    assert client.post(at("withdraw", row), said).status_code == 302
    row.refresh_from_db()
    assert row.status == "withdrawn"
    assert row.history.first().history_change_reason == "Not needed"


# --- who knows of the bureau ------------------------------------------------------
@pytest.mark.parametrize("role", ["client_facing", "teller"])
def test_of_a_bureau_the_front_line_sees_no_trace(
    role: str, ama: Customer, officer: User, make_staff: MakeStaff, client_as: ClientAs
) -> None:
    client = client_as(make_staff(role))
    pages = [
        page_of(ama), LIST, f"{LIST}?state=answered", f"{LIST}?state=all",
        f"{LIST}?state=all&kind__exact=bureau", f"{LIST}?state=all&q={ama.public_id}",
        reverse("admin:registry_customer_timeline", args=[ama.pk]),
    ]  # fmt: skip
    open_one = ask_check(ama.pk, kind=Kind.BUREAU, by=officer)
    record_answer(open_one.pk, result="adverse", reference="R-4711", by=officer)
    row = ask_check(ama.pk, kind=Kind.BUREAU, by=officer)
    for url in pages:
        shown = said_in(client, url)
        for secret in ("R-4711", str(row.pk), str(open_one.pk), "Credit bureau a"):
            assert secret not in shown, url
    listed = client.get(f"{LIST}?state=all", follow=True).context["cl"].result_list
    assert list(listed) == []
    for deed in ("change", "record", "withdraw"):
        assert client.get(at(deed, row)).status_code == 404, deed
        assert client.post(at(deed, row), FORM).status_code == 404, deed


@pytest.mark.parametrize("role", ["senior_manager", "governing_body", "auditor"])
def test_overseers_see_it_and_change_nothing(
    role: str, ama: Customer, officer: User, make_staff: MakeStaff, client_as: ClientAs
) -> None:
    adverse(ama, officer)
    row = ask_check(ama.pk, kind=Kind.BUREAU, by=officer)
    client = client_as(make_staff(role))
    assert "Adverse" in said_in(client, page_of(ama))
    assert "Record answer" not in said_in(client, page_of(ama))
    assert client.get(at("record", row)).status_code == 403
    said = {**FORM, "result": "clear", "reference": "R-1"}
    assert client.post(at("record", row), said).status_code == 403
    row.refresh_from_db()
    assert row.is_open


def test_another_institution_finds_nothing(
    ama: Customer, officer: User, second_bank: Any, make_staff: MakeStaff,
    client_as: ClientAs,
) -> None:  # fmt: skip
    row = adverse(ama, officer)
    client = client_as(make_staff("compliance_officer", tenant=second_bank))
    for url in (at("change", row), at("record", row), at("ask_bureau", ama)):
        assert client.get(url).status_code == 404, url
    listed = client.get(f"{LIST}?state=all", follow=True).context["cl"].result_list
    assert list(listed) == []


# --- panel and list ---------------------------------------------------------------
def test_the_panel_shows_the_open_one_and_the_newest_answer(
    ama: Customer, officer: User, client_as: ClientAs
) -> None:
    client = client_as(officer)
    assert "Nothing was checked outside yet." in said_in(client, page_of(ama))
    for result in ("confirmed", "unclear"):
        row = ask_check(ama.pk, kind=Kind.ADDRESS, address="home", by=officer)
        record_answer(row.pk, result=result, reference="A visit", by=officer)
    row = ask_check(ama.pk, kind=Kind.ADDRESS, address="home", by=officer)
    fail_check(row.pk, "No register covers this town.")
    board = said_in(client, page_of(ama))
    assert "Failed, asked" in board
    assert "Unclear" in board
    assert "Confirmed" not in board
    changes = {"details": {"address": "1 New Road, Accra"}}
    update_customer(ama.pk, changes=changes, by=officer, reason="Moved")
    assert board.count("not on file today") == 0
    assert said_in(client, page_of(ama)).count("not on file today") == 2


def test_the_oldest_open_one_stands_first(
    officer: User, make_customer: MakeCustomer, client_as: ClientAs
) -> None:
    client = client_as(officer)
    assert "Ask for one on the page of a customer." in said_in(client, LIST)
    first, second = [
        ask_check(make_customer().pk, kind=Kind.ADDRESS, address="home", by=officer)
        for _ in range(2)
    ]
    done = adverse(make_customer(), officer)
    for state, wanted in (
        ("", [first, second]),
        ("?state=answered", [done]),
        ("?state=all", [done, second, first]),
        ("?state=nonsense", [first, second]),
    ):
        answer = client.get(f"{LIST}{state}", follow=True)
        if state != "?state=nonsense":
            assert list(answer.context["cl"].result_list) == wanted, state
        assert answer.status_code == 200


def test_the_list_asks_no_more_for_more_rows(
    officer: User, make_customer: MakeCustomer, client_as: ClientAs,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    client = client_as(officer)
    client.get(LIST, follow=True)
    for _ in range(12):
        customer = make_customer()
        ask_check(customer.pk, kind=Kind.ADDRESS, address="home", by=officer)
    with django_assert_max_num_queries(16):
        client.get(LIST, follow=True)


# --- what others are told ---------------------------------------------------------
def test_risk_is_told_the_latest_answers_that_hold(
    ama: Customer, officer: User, clerk: User, client_as: ClientAs
) -> None:
    row = ask_check(ama.pk, kind=Kind.ADDRESS, address="home", by=officer)
    record_answer(row.pk, result="confirmed", reference="A visit", by=officer)
    bureau = adverse(ama, officer)
    bureau_line, address_line = known_of(ama, officer)
    assert bureau_line.startswith("Credit bureau: adverse, ")
    assert address_line.startswith(f"Address {HOME}: confirmed, ")
    assert known_of(ama, clerk) == [address_line]
    form = reverse("admin:risk_assess", args=[ama.pk])
    assert "Credit bureau: adverse" in said_in(client_as(officer), form)
    yesterday = ama.tenant.today - timedelta(days=1)
    OutsideCheck.objects.filter(pk=bureau.pk).update(valid_until=yesterday)
    assert known_of(ama, officer) == [address_line]
    changes = {"details": {"address": "1 New Road, Accra"}}
    update_customer(ama.pk, changes=changes, by=officer, reason="Moved")
    assert "(not the address on file today)" in known_of(ama, officer)[0]


def test_the_evidence_pack_has_a_chapter(ama: Customer, officer: User) -> None:
    adverse(ama, officer)
    (chapter,) = [each for each in chapters() if each.key == "outside-checks"]
    (entry,) = chapter.provider(ama)
    (line,) = entry.rows or []
    assert line["reference"] == "R-4711"
    assert line["subject"]["name"] == "Ama Mensah"
    assert line["answered_by"]["name"] == str(officer)
    assert json.dumps(line, default=str)
