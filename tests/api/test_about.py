"""Contacts, KYC, products, profile and what happened, through the API."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from api.models import KeptAnswer
from api.services import register_client
from customers.contacts.models import Phone
from customers.registry.models import Customer
from customers.tiers.services import missing_for_next
from kyc.models import Applicant
from tenants.models import Tenant, User
from tests.api.conftest import bearer, refusal
from tests.api.provider import Provider
from tests.api.routes_table import CREATE, HOLDING, ROUTES
from tests.api.sending import AT, NOBODY, end, send
from tests.conftest import ClientAs, Deliver, MakeCustomer, MakeStaff, race

pytestmark = pytest.mark.django_db
PHONE = {"kind": "phone", "values": {"number": "+233244188888"}}


# --- contacts -----------------------------------------------------------------------
def test_contacts(front: Client, make_customer: MakeCustomer) -> None:
    customer = make_customer()
    place = f"/{customer.pk}/contacts"
    made = send(front, "POST", place, PHONE)
    assert made.status_code == 201
    one = f"{place}/phone/{made.json()['id']}"
    body = {"values": {"number": "+233244188889"}}
    changed = send(front, "PATCH", one, body).json()
    assert changed["values"] == {"number": "+233244188889", "operator": ""}
    primary = send(front, "POST", f"{one}/primary", {}).json()
    assert primary["is_primary"]
    customer.refresh_from_db()
    assert customer.phone == "+233244188889"
    kinds = [each["kind"] for each in front.get(AT + place).json()]
    assert kinds == ["phone", "phone", "email"]
    refusal(send(front, "DELETE", one, None), 409, "CUSTOMER_ERROR")
    other = next(e for e in front.get(AT + place).json() if not e["is_primary"])
    gone = f"{place}/phone/{other['id']}"
    assert send(front, "DELETE", gone, None).status_code == 204
    refusal(send(front, "DELETE", gone, None), 404, "NOT_FOUND")
    for kind in ("fax", "email"):
        answer = send(front, "PATCH", f"{place}/{kind}/{other['id']}", body)
        refusal(answer, 404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"kind": "phone", "values": {"number": "12"}}, "INVALID_PHONE"),
        ({"kind": "email", "values": {"email": "12"}}, "INVALID_EMAIL"),
        ({"kind": "email", "values": {"number": "12"}}, "DATA_VALIDATION_FAILED"),
        ({"kind": "fax", "values": {}}, "DATA_VALIDATION_FAILED"),
        ({**PHONE, "is_verified": True}, "DATA_VALIDATION_FAILED"),
        ({"kind": "phone", "values": {"number": "+233244188888", "type": "satellite"}},
         "DATA_VALIDATION_FAILED"),
    ],
)  # fmt: skip
def test_what_is_no_contact(
    body: Any, code: str, front: Client, make_customer: MakeCustomer
) -> None:
    answer = send(front, "POST", f"/{make_customer().pk}/contacts", body)
    refusal(answer, 422, code)


def test_a_phone_is_proven(
    front: Client, make_customer: MakeCustomer, deliver: Deliver, settings: Any,
    tmp_path: Path,
) -> None:  # fmt: skip
    settings.DEBUG, settings.SMS_DIR = True, tmp_path  # else no code goes out
    customer = make_customer()
    place = f"/{customer.pk}/contacts"
    made = send(front, "POST", place, PHONE).json()
    one = f"{place}/phone/{made['id']}"
    assert send(front, "POST", f"{one}/verification", {}).status_code == 202
    deliver()
    confirm = f"{one}/confirmation"
    key = {"Idempotency-Key": "k"}
    for left in ("4 tries are", "3 tries are"):  # counted, also under a key
        answer = send(front, "POST", confirm, {"code": "000000"}, **key)
        said = refusal(answer, 422, "DATA_VALIDATION_FAILED")
        assert left in said["message"]
    for _ in range(2):
        assert send(front, "POST", f"{one}/verification", {}).status_code == 202
    answer = send(front, "POST", f"{one}/verification", {})
    refusal(answer, 429, "TOO_MANY_REQUESTS")
    assert Phone.objects.get(pk=made["id"]).verified_at is None


# --- KYC ----------------------------------------------------------------------------
def test_kyc_that_cannot_be_reached(
    front: Client, make_customer: MakeCustomer, settings: Any
) -> None:
    settings.SUMSUB_BASE_URL = "http://127.0.0.1:9"  # discard: nobody listens
    place = f"/{make_customer().pk}/kyc"
    said = front.get(AT + place).json()
    assert (said["kyc_status"], said["may_start"], said["attempt"]) == (
        "pending", True, None,
    )  # fmt: skip
    refusal(send(front, "POST", f"{place}/start", {}), 409, "CUSTOMER_ERROR")
    (attempt,) = front.get(f"{AT}{place}/attempts").json()
    assert attempt["status"] == "started"
    assert front.get(AT + place).json()["attempt"] == attempt


def test_the_end_of_a_relationship_is_the_end_of_kyc(
    front: Client, make_customer: MakeCustomer, officer: User
) -> None:
    customer = make_customer()
    end(customer, officer)
    said = front.get(f"{AT}/{customer.pk}/kyc").json()
    assert not said["may_start"]
    assert "offboarded" in said["why_not"]
    refusal(send(front, "POST", f"/{customer.pk}/kyc/start", {}), 409, "CUSTOMER_ERROR")
    assert not Applicant.objects.exists()


# --- products -----------------------------------------------------------------------
@pytest.fixture
def wallets(provider: Provider, demo_bank: Tenant, make_staff: MakeStaff) -> Client:
    """A program that reports, and may read customers."""
    register_client(
        tenant=demo_bank, client_id="wallets", name="Mobile money",
        roles=["reporting_system", "auditor"], by=make_staff("administrator"),
    )  # fmt: skip
    return bearer(provider.of_client("wallets"))


def test_only_a_system_reports(
    front: Client, compliance: Client, wallets: Client, make_customer: MakeCustomer
) -> None:
    place = f"/{make_customer().pk}/holdings/wallet/W-1"
    for person in (front, compliance):
        refusal(send(person, "PUT", place, HOLDING), 403, "FORBIDDEN")
    assert send(wallets, "PUT", place, HOLDING).status_code == 201


def test_the_youngest_report_holds(
    wallets: Client, make_customer: MakeCustomer
) -> None:
    customer, other = make_customer(), make_customer()
    place = f"/{customer.pk}/holdings/wallet/MM/77:1"
    older = {**HOLDING, "reported_at": "2026-05-01T00:00:00Z",
             "figures": {"balance": "9.00", "currency": "USD"}}  # fmt: skip
    later = {**HOLDING, "reported_at": "2026-07-01T00:00:00Z"}
    outcomes = [
        (answer.status_code, answer.json()["outcome"])
        for body in (HOLDING, HOLDING, older, later)
        for answer in [send(wallets, "PUT", place, body)]
    ]
    assert outcomes == [
        (201, "new"), (200, "repeated"), (200, "late"), (200, "confirmed"),
    ]  # fmt: skip
    (held,) = wallets.get(f"{AT}/{customer.pk}/holdings").json()
    assert (held["reference"], held["figures"]["balance"]) == ("MM/77:1", "5.00")
    answer = send(wallets, "PUT", f"/{other.pk}/holdings/wallet/MM/77:1", HOLDING)
    refusal(answer, 409, "REFERENCE_TAKEN")
    for kind, body in (
        ("gold", HOLDING), ("wallet", {**HOLDING, "figures": {"x": 1}}),
        ("wallet", {**HOLDING, "opened_on": "2999-01-01"}), ("wallet", {}),
        ("wallet", {**HOLDING, "reported_at": "2999-01-01T00:00:00Z"}),
    ):  # fmt: skip
        answer = send(wallets, "PUT", f"/{customer.pk}/holdings/{kind}/A-1", body)
        refusal(answer, 422, "DATA_VALIDATION_FAILED")


# --- profile, tier, activity ----------------------------------------------------------
def test_profile(front: Client, make_customer: MakeCustomer) -> None:
    place = f"/{make_customer().pk}/profile"
    assert front.get(AT + place).json()["row_version"] == 0
    body = {"row_version": 0, "answers": {"marital_status": "married"}}
    said = send(front, "PATCH", place, body).json()
    assert (said["row_version"], said["answers"]["marital_status"]) == (1, "married")
    refusal(send(front, "PATCH", place, body), 409, "STALE_VERSION")
    for answers in ({"marital_status": "happy"}, {"shoe": "44"}, {"gender": 1}):
        answer = send(front, "PATCH", place, {"row_version": 1, "answers": answers})
        refusal(answer, 422, "DATA_VALIDATION_FAILED")
    company = make_customer(
        customer_type="PRIVATE_COMPANY", entity_type="body_corporate"
    )
    place = f"/{company.pk}/profile"
    assert front.get(AT + place).json() == {"row_version": 0, "answers": {}}
    refusal(send(front, "PATCH", place, body), 409, "CUSTOMER_ERROR")
    said = front.get(f"{AT}/{company.pk}/completeness").json()
    # The file says all that the pack asks; for the next tier, nothing is proven.
    assert said["percent"] == 55
    assert {"field": "owners_verified", "label": "Every beneficial owner verified"} in (
        said["missing"]
    )


def test_tier_and_activity(front: Client, make_customer: MakeCustomer) -> None:
    customer = make_customer(verified=True)
    said = front.get(f"{AT}/{customer.pk}/tier").json()
    assert (said["number"], said["currency"]) == (1, "USD")
    assert [(each["kind"], each["for_tier"]) for each in said["missing"]] == [
        (str(kind), number) for kind, number in missing_for_next(customer)
    ]
    body = {"reason": "Came by"}
    active = send(front, "POST", f"/{customer.pk}/activity", body).json()
    assert active["activity"] == "active"
    pending = make_customer()
    answer = send(front, "POST", f"/{pending.pk}/activity", body)
    refusal(answer, 409, "CUSTOMER_ERROR")
    (consent,) = front.get(f"{AT}/{pending.pk}/consents").json()
    assert consent["purpose"] == "terms"


def test_the_timeline_pages(front: Client, make_customer: MakeCustomer) -> None:
    customer = make_customer(verified=True)
    send(front, "POST", f"/{customer.pk}/activity", {"reason": "A word of theirs"})
    place, titles = f"{AT}/{customer.pk}/timeline?limit=1", []
    while place:
        page = front.get(place).json()
        titles += [(row["title"], row["reason"]) for row in page["results"]]
        place = page["next"]
    assert ("Registered", None) in titles
    assert len(titles) == len(set(titles)) >= 3


# --- once ---------------------------------------------------------------------------
def test_every_post_acts_once(
    client_as: ClientAs, make_staff: MakeStaff, make_customer: MakeCustomer
) -> None:
    """The same key again is the same answer; with another body it is refused."""
    one = client_as(make_staff("client_facing", "teller"))
    for place_in_table, row in enumerate(ROUTES):
        if row.method != "POST" or row.code or row.form or "{phone}" in row.path:
            continue
        customer = make_customer(verified=True)
        place = row.path.format(customer=customer.pk).removeprefix("/customer")
        key = {"Idempotency-Key": f"{row.name}-{place_in_table}"}
        body = dict(row.body or {})
        before = Customer.objects.count(), KeptAnswer.objects.count()
        first = send(one, "POST", place, body, **key)
        again = send(one, "POST", place, body, **key)
        assert first.status_code == again.status_code == row.status, row
        assert again["Idempotency-Replayed"] == "true"
        assert again.json() == first.json()
        assert again.get("Location") == first.get("Location")
        made = Customer.objects.count() - before[0]
        assert made == (1 if row.name == "create_customer" else 0)
        assert KeptAnswer.objects.count() == before[1] + 1
        other = send(one, "POST", place, {**body, "more": 1}, **key)
        refusal(other, 409, "IDEMPOTENCY_KEY_REUSED")
    refusal(one.get(f"{AT}/{NOBODY}"), 404, "CUSTOMER_NOT_FOUND")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("keys", [("same", "same"), ("one", "other"), ("", "")])
def test_two_register_the_same_person_at_once(
    keys: tuple[str, str], client_as: ClientAs, make_staff: MakeStaff
) -> None:
    clerk = make_staff("client_facing")
    clients = [client_as(clerk) for _ in keys]

    def press(client: Client, key: str) -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        client.raise_request_exception = False
        return send(client, "POST", "", CREATE, **headers)

    answers = race(*(partial(press, *pair) for pair in zip(clients, keys, strict=True)))
    assert Customer.objects.count() == 1
    codes = sorted(answer.status_code for answer in answers)
    assert codes in ([201, 201], [201, 409])
    if 409 in codes:
        refused = next(each for each in answers if each.status_code == 409).json()
        assert refused["error_code"] in ("DUPLICATE_CUSTOMER",
                                         "IDEMPOTENCY_IN_PROGRESS")  # fmt: skip
    else:
        assert keys[0] == keys[1] != ""
