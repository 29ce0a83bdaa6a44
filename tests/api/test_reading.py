"""Accounts, eligibility, and who reads what, through the API."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from customers.registry.choices import SuspensionReason, TaskKind
from customers.registry.models import Customer
from customers.registry.services import open_task, reject_kyc, suspend_customer
from tenants.models import Tenant, User
from tests.api.conftest import refusal
from tests.api.routes_table import CREATE, LINK
from tests.api.sending import AT, NOBODY, end, send
from tests.conftest import ClientAs, MakeCustomer, MakeStaff
from tests.deposits.linking import IBAN

pytestmark = pytest.mark.django_db
NOWHERE = {name: said for name, said in LINK.items() if name != "country"}


# --- accounts -------------------------------------------------------------------------
def test_accounts(front: Client, make_customer: MakeCustomer) -> None:
    place = f"/{make_customer(verified=True).pk}/account"
    opened = send(front, "POST", place, {"kind": "deposit"})
    linked = send(front, "POST", place, LINK)
    assert opened.json()["currency"] == "USD"
    assert (linked.json()["number"], linked.json()["status"]) == (
        "••••6789",
        "unverified",
    )
    listed = front.get(AT + place).json()
    assert listed == [opened.json(), linked.json()]
    for answer in (opened, linked):
        assert front.get(answer["Location"]).json() == answer.json()
    assert "00123456789" not in str(listed)
    refusal(front.get(f"{AT}{place}/{NOBODY}"), 404, "ACCOUNT_NOT_FOUND")


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({}, 422, "DATA_VALIDATION_FAILED", "kind"),
        ({"kind": "gold"}, 422, "DATA_VALIDATION_FAILED", "kind"),
        ({"kind": "bank"}, 422, "DATA_VALIDATION_FAILED", "number"),
        ({"kind": "deposit", "number": "1"}, 422, "DATA_VALIDATION_FAILED", "number"),
        ({**LINK, "account_type": "current"}, 422, "DATA_VALIDATION_FAILED",
         "account_type"),
        ({**LINK, "country": "XXX"}, 422, "DATA_VALIDATION_FAILED", "country"),
        ({**LINK, "number": "GB33BUKB20201555555556"}, 422, "INVALID_IBAN", "number"),
        ({**LINK, "number": "?"}, 422, "INVALID_ACCOUNT_NUMBER", "number"),
        ({**LINK, "number": IBAN}, 409, "CUSTOMER_ERROR", "country"),
        ({**NOWHERE, "number": "?"}, 422, "INVALID_ACCOUNT_NUMBER", "number"),
        ({**NOWHERE, "number": IBAN[:-1]}, 422, "INVALID_IBAN", "number"),
        (NOWHERE, 422, "DATA_VALIDATION_FAILED", "country"),
        ({**NOWHERE, "number": IBAN, "kind": "wallet"}, 422,
         "DATA_VALIDATION_FAILED", "country"),
        ({**NOWHERE, "number": "+233244123456", "kind": "wallet"}, 422,
         "DATA_VALIDATION_FAILED", "country"),
        ({**NOWHERE, "number": IBAN, "country": ""}, 422,
         "DATA_VALIDATION_FAILED", "country"),
        ({"kind": "bank", "number": IBAN}, 422, "DATA_VALIDATION_FAILED",
         "institution"),
        ({**LINK, "kind": "wallet", "number": "0244"}, 422, "INVALID_PHONE", "number"),
    ],
)  # fmt: skip
def test_what_is_no_account(
    body: Any, status: int, code: str, field: str, front: Client,
    make_customer: MakeCustomer,
) -> None:  # fmt: skip
    customer = make_customer(verified=True)
    answer = send(front, "POST", f"/{customer.pk}/account", body)
    assert field in refusal(answer, status, code)["details"]


@pytest.mark.parametrize("said", [{}, {"country": "GBR"}])
def test_an_iban_says_its_country(
    said: dict[str, str], front: Client, make_customer: MakeCustomer
) -> None:
    place = f"/{make_customer(verified=True).pk}/account"
    typed = "gb82 west 1234 5698 7654 32"
    linked = send(front, "POST", place, {**NOWHERE, "number": typed, **said})
    assert linked.status_code == 201, linked.content
    assert linked.json()["country"] == "GBR"
    assert front.get(linked["Location"]).json() == linked.json()


# --- may they -------------------------------------------------------------------------
def test_eligibility_says_what_the_command_says(
    front: Client, make_customer: MakeCustomer, officer: User, demo_bank: Tenant
) -> None:
    rejected, ended = make_customer(), make_customer(verified=True)
    reject_kyc(rejected.pk, by=officer, reason="For the test")
    end(ended, officer)
    stopped = make_customer(verified=True)
    suspend_customer(stopped.pk, reason=SuspensionReason.DUE_DILIGENCE, by=officer)
    cases = {
        make_customer(): ("KYC_VERIFICATION_PENDING", "KYC_VERIFICATION_PENDING"),
        rejected: ("KYC_REQUIRED", "KYC_REQUIRED"),
        ended: ("CUSTOMER_INACTIVE", "CUSTOMER_INACTIVE"),
        stopped: ("", "CUSTOMER_INACTIVE"),
        make_customer(verified=True): ("", ""),
    }
    for customer, (account, facility) in cases.items():
        said = front.get(f"{AT}/{customer.pk}/eligibility").json()
        for part, code in (("account", account), ("facility", facility)):
            assert said[part]["is_eligible"] is (code == "")
            assert [each["error_code"] for each in said[part]["reasons"]] == [code][
                : bool(code)
            ]
        answer = send(front, "POST", f"/{customer.pk}/account", {"kind": "deposit"})
        if account:
            (reason,) = said["account"]["reasons"]
            assert refusal(answer, 409, account)["message"] == reason["message"]
        else:
            assert answer.status_code == 201
    demo_bank.kyc_required = False
    demo_bank.save_as(officer, "For the test")
    said = front.get(f"{AT}/{rejected.pk}/eligibility").json()
    assert said["account"]["is_eligible"]
    assert said["facility"]["is_eligible"]
    body = {"row_version": 3, "name": "Gone"}
    refusal(send(front, "PATCH", f"/{ended.pk}", body), 409, "CUSTOMER_ERROR")


# --- who reads what -------------------------------------------------------------------
READS = ("", "/eligibility", "/tier", "/completeness", "/profile", "/consents",
         "/timeline", "/holdings", "/kyc", "/kyc/attempts", "/contacts",
         "/account")  # fmt: skip


@pytest.mark.parametrize("role", ["client_facing", "teller"])
def test_the_front_line_reads_the_same_with_and_without_an_escalation(
    role: str, client_as: ClientAs, make_staff: MakeStaff, officer: User,
    make_customer: MakeCustomer,
) -> None:  # fmt: skip
    customer, client = make_customer(verified=True), client_as(make_staff(role))
    places = [f"{AT}/{customer.pk}{read}" for read in READS]
    places += [AT, f"{AT}/lookup?public_id={customer.public_id}"]
    before = [client.get(place).content for place in places]
    open_task(customer, TaskKind.ESCALATION, reason="suspected", by=officer)
    Customer.objects.filter(pk=customer.pk).update(risk="high")
    assert [client.get(place).content for place in places] == before
    knowing = client_as(officer)
    assert knowing.get(places[0]).json()["risk"] == "high"
    timeline = knowing.get(f"{AT}/{customer.pk}/timeline").json()["results"]
    assert "suspected" in str(timeline)


def test_numbers_are_masked_but_for_who_may_change_them(
    client_as: ClientAs, make_staff: MakeStaff, make_customer: MakeCustomer
) -> None:
    place = f"{AT}/{make_customer().pk}"
    shown = {
        role: client_as(make_staff(role)).get(place).json()["details"]["id_number"]
        for role in ("teller", "auditor", "client_facing")
    }
    assert shown == {
        "teller": "••••89-1", "auditor": "••••89-1", "client_facing": "GHA-123456789-1",
    }  # fmt: skip
    listed = client_as(make_staff("client_facing")).get(AT).content.decode()
    assert "123456789" not in listed


def test_reasons_of_the_end_are_for_who_may_know(
    front: Client, compliance: Client, make_customer: MakeCustomer, officer: User
) -> None:
    customer = make_customer()
    customer.offboard("cdd_non_compliance", timezone.now())
    customer.save_as(officer, "For the test")
    place = f"{AT}/{customer.pk}"
    assert front.get(place).json()["status_reason"] == ""
    assert compliance.get(place).json()["status_reason"] == "cdd_non_compliance"


def test_dictionaries(front: Client, make_staff: MakeStaff) -> None:
    kinds = front.get(f"{AT}/customer_type").json()
    assert {"code": "INDIVIDUAL", "label": "Individual", "order": 10} in kinds
    industries = front.get(f"{AT}/industry").json()
    assert industries == sorted(industries, key=lambda entry: entry["order"])


# --- questions to the database --------------------------------------------------
def test_questions_to_the_database(
    front: Client, make_customer: MakeCustomer, django_assert_max_num_queries: Any
) -> None:
    place = f"{AT}/{make_customer().pk}"
    for _ in range(4):
        make_customer()
    front.get(AT)
    with django_assert_max_num_queries(8):
        assert len(front.get(AT).json()["results"]) == 5
    with django_assert_max_num_queries(8):
        front.get(place)
    with django_assert_max_num_queries(60):
        assert send(front, "POST", "", CREATE).status_code == 201
