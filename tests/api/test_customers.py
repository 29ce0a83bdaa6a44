"""The routes about customers: every code of §18, and what leaves the house."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from api.events import CustomersDownloaded
from customers.registry.choices import DeclineReason, SuspensionReason
from customers.registry.commands.disposal import kept_until
from customers.registry.models import Customer
from customers.registry.services import (
    decline_customer,
    suspend_customer,
)
from deposits.services import open_account
from events.models import RecordedEvent
from tenants.models import User
from tests.api.conftest import refusal
from tests.api.routes_table import CREATE, LINK
from tests.api.sending import AT, NOBODY, end, send
from tests.conftest import MakeCustomer

pytestmark = pytest.mark.django_db


def without(*names: str, **more: Any) -> dict[str, Any]:
    return {k: v for k, v in CREATE.items() if k not in names} | more


# --- register -----------------------------------------------------------------------
def test_register_and_read(front: Client) -> None:
    answer = send(front, "POST", "", CREATE)
    assert answer.status_code == 201
    made = answer.json()
    assert (made["name"], made["kyc_status"]) == ("Kofi Badu", "pending")
    assert answer["Location"] == f"{AT}/{made['id']}"
    read = front.get(answer["Location"])
    assert read.json() == made
    assert read["ETag"] == answer["ETag"] == f'"{made["row_version"]}"'
    assert front.get(f"{AT}/").json() == front.get(AT).json()


DETAILS: dict[str, str] = CREATE["details"]


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        (without(phone="+1 234"), 422, "INVALID_PHONE", "phone"),
        (without(email="kofi at mail"), 422, "INVALID_EMAIL", "email"),
        (without(email="taken@mail.example"), 409, "DUPLICATE_CUSTOMER", "email"),
        (without(phone="+233244111111"), 409, "PHONE_ALREADY_REGISTERED", "phone"),
        (without("email"), 422, "DATA_VALIDATION_FAILED", "email"),
        (without("terms_version"), 422, "DATA_VALIDATION_FAILED", "terms_version"),
        (without(name="…"), 422, "DATA_VALIDATION_FAILED", "name"),
        (without(name=5), 422, "DATA_VALIDATION_FAILED", "name"),
        (without(name="a" * 201), 422, "DATA_VALIDATION_FAILED", "name"),
        (without(channel="post"), 422, "DATA_VALIDATION_FAILED", "channel"),
        (without(category="vip"), 422, "DATA_VALIDATION_FAILED", "category"),
        (without(tier=4), 422, "DATA_VALIDATION_FAILED", "tier"),
        (without(kyc_status="verified"), 422, "DATA_VALIDATION_FAILED", "kyc_status"),
        (without(entity_type="trust"), 422, "DATA_VALIDATION_FAILED", "entity_type"),
        (without(details={**DETAILS, "shoe": "44"}), 422, "DATA_VALIDATION_FAILED",
         "shoe"),
        (without(details={**DETAILS, "birth_date": "1.2.88"}), 422,
         "DATA_VALIDATION_FAILED", "birth_date"),
        (without(details=[]), 422, "DATA_VALIDATION_FAILED", "details"),
        (without("email", channel="agent", details={}), 422, "DATA_VALIDATION_FAILED",
         "id_number"),
    ],
)  # fmt: skip
def test_what_is_no_registration(
    body: Any, status: int, code: str, field: str, front: Client,
    make_customer: MakeCustomer,
) -> None:  # fmt: skip
    make_customer(email="taken@mail.example", phone="+233244111111")
    answer = send(front, "POST", "", body)
    assert field in refusal(answer, status, code)["details"]
    assert Customer.objects.count() == 1
    staged = send(front, "POST", "/stage", body)
    if staged.status_code == 200:  # the shape is right: staging says what is not
        said = staged.json()
        assert not said["is_ready"]
        assert (field, code) in {
            (each["field"], each["error_code"]) for each in said["problems"]
        }


def test_staging_says_everything_at_once_and_registers_nobody(
    front: Client, make_customer: MakeCustomer
) -> None:
    twin = make_customer(name="Kofi Badu", details=DETAILS)
    fine = send(front, "POST", "/stage", CREATE).json()
    assert fine["is_ready"]
    assert fine["problems"] == []
    assert [each["public_id"] for each in fine["like_it"]] == [twin.public_id]
    assert 0 < fine["completeness"]["percent"] < 100
    assert "gender" in {each["field"] for each in fine["completeness"]["missing"]}
    body = without("terms_version", email="x", phone="y", details={"birth_date": "?"})
    problems = send(front, "POST", "/stage", body).json()["problems"]
    assert {each["field"] for each in problems} == {
        "email", "phone", "birth_date", "terms_version",
    }  # fmt: skip
    assert Customer.objects.count() == 1
    assert not RecordedEvent.objects.exclude(subject_id=str(twin.pk)).exists()


# --- change -------------------------------------------------------------------------
def test_a_change_names_the_version_it_read(
    front: Client, make_customer: MakeCustomer
) -> None:
    customer = make_customer()
    place = f"/{customer.pk}"
    refusal(send(front, "PATCH", place, {"name": "B"}), 422, "DATA_VALIDATION_FAILED")
    for tag in ("*", "1", 'W/"1"', '"1", "2"', '"x"'):
        answer = send(front, "PATCH", place, {"name": "B"}, **{"If-Match": tag})
        refusal(answer, 422, "DATA_VALIDATION_FAILED")
    answer = send(front, "PATCH", place, {"name": "Ama Osei"}, **{"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["name"]) == (200, "Ama Osei")
    assert answer["ETag"] == '"2"'
    for stale in ({"row_version": 1}, {"row_version": 3}):
        answer = send(front, "PATCH", place, {"name": "C", **stale})
        refusal(answer, 409, "STALE_VERSION")
    customer.refresh_from_db()
    assert (customer.name, customer.row_version) == ("Ama Osei", 2)
    version = customer.history.first()
    assert version.history_change_reason == "Changed through the API"
    # What is not named stays, and the same again is no change.
    body = {"row_version": 2, "details": {"address": "1 New Road"}, "reason": "Moved"}
    details = send(front, "PATCH", place, body).json()["details"]
    assert details["id_number"] == "GHA-123456789-1"
    assert details["address"] == "1 New Road"
    again = send(front, "PATCH", place, {**body, "row_version": 3}).json()
    assert again["row_version"] == 3


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"email": "taken@mail.example"}, 409, "DUPLICATE_CUSTOMER"),
        ({"phone": "+233244111111"}, 409, "PHONE_ALREADY_REGISTERED"),
        ({"phone": "12"}, 422, "INVALID_PHONE"),
        ({"email": "12"}, 422, "INVALID_EMAIL"),
        ({"status": "archived"}, 422, "DATA_VALIDATION_FAILED"),
        ({"category": "vip"}, 422, "DATA_VALIDATION_FAILED"),
        ({"details": {"id_number": "••••89-1"}}, 422, "DATA_VALIDATION_FAILED"),
    ],
)
def test_what_is_no_change(
    change: Any, status: int, code: str, front: Client, make_customer: MakeCustomer
) -> None:
    make_customer(email="taken@mail.example", phone="+233244111111")
    mine = make_customer()
    body = {"row_version": 1, **change}
    refusal(send(front, "PATCH", f"/{mine.pk}", body), status, code)
    mine.refresh_from_db()
    assert mine.row_version == 1


def test_who_is_not_there(front: Client, compliance: Client) -> None:
    for method, place, body in (
        ("GET", "", None), ("PATCH", "", {"row_version": 1}), ("GET", "/account", None),
        ("POST", "/account", LINK), ("GET", "/eligibility", None),
    ):  # fmt: skip
        answer = send(front, method, f"/{NOBODY}{place}", body)
        refusal(answer, 404, "CUSTOMER_NOT_FOUND")
    for deed in ("decline", "dispose"):
        answer = send(compliance, "POST", f"/{NOBODY}/{deed}", {"reason": "duplicate"})
        refusal(answer, 404, "CUSTOMER_NOT_FOUND")
    for odd in ("1000-0048", NOBODY.upper(), "x" * 4000, "%C3%A9"):
        refusal(front.get(f"{AT}/{odd}"), 404, "CUSTOMER_NOT_FOUND")


# --- decline, dispose -----------------------------------------------------------
def test_decline(compliance: Client, make_customer: MakeCustomer) -> None:
    place = f"/{make_customer().pk}/decline"
    answer = send(compliance, "POST", place, {"reason": "because"})
    refusal(answer, 422, "DATA_VALIDATION_FAILED")
    for _ in range(2):  # twice is no error
        answer = send(compliance, "POST", place, {"reason": "cannot_verify"})
        assert answer.json()["status"] == "archived"
        assert answer.json()["status_reason"] == "cannot_verify"
    verified = make_customer(verified=True)
    answer = send(
        compliance, "POST", f"/{verified.pk}/decline", {"reason": "duplicate"}
    )
    refusal(answer, 409, "ILLEGAL_TRANSITION")


def test_disposal_is_refused_by_law(
    compliance: Client, make_customer: MakeCustomer, officer: User
) -> None:
    living, ended = make_customer(), make_customer()
    refusal(send(compliance, "POST", f"/{living.pk}/dispose", None), 409,
            "RELATIONSHIP_NOT_ENDED")  # fmt: skip
    decline_customer(ended.pk, reason=DeclineReason.DUPLICATE, by=officer)
    ended.refresh_from_db()
    said = refusal(send(compliance, "POST", f"/{ended.pk}/dispose", None), 409,
                   "RETENTION_NOT_OVER")  # fmt: skip
    until = kept_until(ended)
    assert said["details"] == {"until": until.isoformat()}
    assert until.year == timezone.now().year + 7
    ended.retention_until = date(2020, 2, 29)
    ended.save_as(officer, "For the test")
    refusal(send(compliance, "POST", f"/{ended.pk}/dispose", None), 409,
            "DISPOSAL_NOT_APPROVED")  # fmt: skip
    assert Customer.objects.count() == 2


def test_retention_from_a_leap_day(make_customer: MakeCustomer) -> None:
    customer = make_customer()
    customer.status_changed_at = datetime(2024, 2, 29, 12, tzinfo=UTC)
    assert kept_until(customer) == date(2031, 3, 1)


# --- find ---------------------------------------------------------------------------
def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["name"] for row in answer.json()["results"]]


def test_find(front: Client, make_customer: MakeCustomer, officer: User) -> None:
    ama = make_customer(name="Ama Mensah", email="ama@mail.example", verified=True)
    esi = make_customer(
        name="Esi Boateng", phone="+233244000007", email="esi@x.example"
    )
    suspend_customer(esi.pk, reason=SuspensionReason.DUE_DILIGENCE, by=officer)
    for asked in (
        f"search={ama.public_id}", "search=ama@mail.example", "name=mensah",
        "email=ama@mail.example", f"id={ama.pk}", f"id={ama.public_id}",
        "kyc_status=verified", "status=active", "name=Ama Mensah&status=active",
        "type=INDIVIDUAL&activity=inactive&tier=1&status=active",
        "search=Mensha",
    ):  # fmt: skip
        assert names(front.get(f"{AT}?{asked}")) == ["Ama Mensah"], asked
    assert names(front.get(f"{AT}?phone=%2B233244000007")) == ["Esi Boateng"]
    assert names(front.get(f"{AT}?id=nobody")) == []
    assert names(front.get(f"{AT}?limit=1")) == ["Esi Boateng"]
    later = (timezone.now() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for since in ("registered_since", "updated_since"):
        assert len(names(front.get(f"{AT}?{since}=2020-01-01T00:00:00Z"))) == 2
        assert names(front.get(f"{AT}?{since}={later}")) == []


@pytest.mark.parametrize(
    "asked",
    ["stauts=active", "status=gone", "tier=9", "tier=x", "search=", "status=a&status=b",
     "registered_since=yesterday", "updated_since=99999-01-01T00:00:00Z",
     "search=" + "a" * 201],
)  # fmt: skip
def test_filters_that_are_none(asked: str, front: Client, compliance: Client) -> None:
    refusal(front.get(f"{AT}?{asked}"), 422, "DATA_VALIDATION_FAILED")
    answer = compliance.get(f"{AT}/download?{asked}")
    refusal(answer, 422, "DATA_VALIDATION_FAILED")


def test_look_up(front: Client, make_customer: MakeCustomer, officer: User) -> None:
    customer = make_customer(verified=True, phone="+233244000007")
    other = make_customer()
    account = open_account(customer.pk, by=officer)
    for asked in (
        f"public_id={customer.public_id}", f"email={customer.email.upper()}",
        "phone=%2B233244000007", "phone=0244000007",
        f"account_number={account.public_id}",
    ):  # fmt: skip
        (found,) = front.get(f"{AT}/lookup?{asked}").json()["results"]
        assert found == {
            "id": str(customer.pk), "public_id": customer.public_id,
            "name": customer.name, "status": "active", "kyc_status": "verified",
        }  # fmt: skip
    end(customer, officer)
    both = front.get(f"{AT}/lookup?id_number=gha 123456789 1").json()["results"]
    assert [each["id"] for each in both] == [str(other.pk), str(customer.pk)]
    refusal(front.get(f"{AT}/lookup?phone=12"), 422, "INVALID_PHONE")
    refusal(front.get(f"{AT}/lookup?email=12"), 422, "INVALID_EMAIL")
    refusal(front.get(f"{AT}/lookup?email=no@x.example"), 404, "CUSTOMER_NOT_FOUND")
    for asked in ("", "phone=1&email=2", "name=Ama", "public_id=7", "id_number=-"):
        answer = front.get(f"{AT}/lookup?{asked}")
        refusal(answer, 422, "DATA_VALIDATION_FAILED")


def test_download(compliance: Client, make_customer: MakeCustomer) -> None:
    make_customer(name="Ama Mensah")
    make_customer(name="=1+1 Esi", email="", phone="+233244000007", channel="agent")
    answer = compliance.get(f"{AT}/download?name=esi", headers={"Accept": "text/csv"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    (row,) = csv.DictReader(io.StringIO(answer.getvalue().decode()))
    assert (row["name"], row["phone"]) == ("'=1+1 Esi", "'+233244000007")
    assert "details" not in row
    taken = RecordedEvent.objects.get(type=CustomersDownloaded.__name__)
    assert taken.payload == {"filters": ["name"]}
    everyone = compliance.get(f"{AT}/download").getvalue().decode().splitlines()
    assert len(everyone) == 3
