"""Who is found through the API: by which key, in which order, and who learns of it."""

import base64
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from api.customers import changed, finding
from customers.contacts.services import add_contact
from customers.registry.choices import Risk, SuspensionReason
from customers.registry.derived import record_risk
from customers.registry.models import Customer
from customers.registry.services import reinstate_customer, suspend_customer
from events.models import RecordedEvent
from tenants.models import Tenant, User
from tests.api.conftest import refusal
from tests.api.sending import AT, end
from tests.conftest import ClientAs, MakeCustomer, MakeStaff

pytestmark = pytest.mark.django_db
FURTHER, WORK = "+233207654321", "ama.work@mail.example"


@pytest.fixture
def ama(make_customer: MakeCustomer, setup_machine: User) -> Customer:
    customer = make_customer(
        name="Ama Mensah", phone="+233244123456", email="ama@mail.example"
    )
    add_contact(customer.pk, "phone", {"number": FURTHER}, by=setup_machine)
    add_contact(customer.pk, "email", {"email": WORK}, by=setup_machine)
    make_customer(name="Ama Boateng", phone="+233244000009", email="b@mail.example")
    return customer


def cursor_of(said: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["name"] for row in answer.json()["results"]]


# --- who learns of it -----------------------------------------------------------------
def listed_since(client: Client, since: datetime) -> list[str]:
    return names(client.get(AT, {"updated_since": since.isoformat()}))


@pytest.mark.parametrize("many", [changed.MANY, 0])
@pytest.mark.parametrize("enough", [changed.ENOUGH, 0])
def test_a_restricted_change_is_seen_by_who_may_know_alone(
    many: int, enough: int, make_customer: MakeCustomer, front: Client,
    compliance: Client, officer: User, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(changed, "MANY", many)
    monkeypatch.setattr(changed, "ENOUGH", enough)
    rated = make_customer(name="Ama Mensah")
    stopped = make_customer(name="Esi Badu")
    since = timezone.now()
    record_risk(rated.pk, Risk.HIGH, by=officer, reason="Politically exposed")
    assert listed_since(front, since) == []
    assert listed_since(compliance, since) == ["Ama Mensah"]
    suspend_customer(stopped.pk, reason=SuspensionReason.DUE_DILIGENCE, by=officer)
    assert listed_since(front, since) == ["Esi Badu"]
    assert listed_since(compliance, since) == ["Esi Badu", "Ama Mensah"]
    assert len(listed_since(front, since - timedelta(days=1))) == 2
    assert listed_since(front, timezone.now() + timedelta(hours=1)) == []


def asked_one_by_one(client: Client, since: datetime) -> bool:
    """Whether each customer of the list was asked for a fact of the time."""
    with CaptureQueriesContext(connection) as asked:
        listed_since(client, since)
    return any("EXISTS(SELECT 1" in each["sql"] for each in asked.captured_queries)


def test_customers_are_asked_one_by_one_where_that_fills_a_page(
    make_customer: MakeCustomer, front: Client, officer: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Otherwise the whole bank is asked until those at the end of the list are met."""
    began = timezone.now()
    oldest = make_customer()
    for _ in range(3):
        make_customer()
    since = timezone.now()
    suspend_customer(oldest.pk, reason=SuspensionReason.DUE_DILIGENCE, by=officer)
    reinstate_customer(oldest.pk, reason="For the test", by=officer)
    assert not asked_one_by_one(front, began)
    monkeypatch.setattr(changed, "MANY", 1)
    assert asked_one_by_one(front, began)
    assert not asked_one_by_one(front, since)
    monkeypatch.setattr(changed, "HEAD", 2)
    monkeypatch.setattr(changed, "ENOUGH", 1)
    assert asked_one_by_one(front, began)
    assert not asked_one_by_one(front, since)
    assert listed_since(front, since) == [oldest.name]


@pytest.mark.parametrize(("many", "enough"), [(changed.MANY, 1), (0, 0), (0, 99)])
def test_the_changed_come_page_by_page(
    many: int, enough: int, make_customer: MakeCustomer, front: Client, officer: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(changed, "MANY", many)
    monkeypatch.setattr(changed, "ENOUGH", enough)
    rows = [make_customer(name=f"Ama {letter}") for letter in "ABCDEFG"]
    since = timezone.now()
    for row in rows[:5]:
        suspend_customer(row.pk, reason=SuspensionReason.DUE_DILIGENCE, by=officer)
    url, seen = f"{AT}?limit=2&updated_since={since:%Y-%m-%dT%H:%M:%S.%fZ}", []
    while url:
        page = front.get(url).json()
        seen.append([row["name"] for row in page["results"]])
        url = page["next"]
    assert seen == [["Ama E", "Ama D"], ["Ama C", "Ama B"], ["Ama A"]]
    assert names(front.get(page["previous"])) == ["Ama C", "Ama B"]


def test_facts_about_nobody_concern_nobody(
    ama: Customer, front: Client, officer: User, demo_bank: Tenant
) -> None:
    since = timezone.now()
    for subject in ("", "nobody", "x" * 35):
        RecordedEvent.objects.create(
            tenant=demo_bank, type="CustomersDownloaded", payload={}, actor=officer,
            subject_id=subject, created_at=timezone.now(),
        )  # fmt: skip
    assert listed_since(front, since) == []


def test_what_happens_at_the_other_bank_changes_nobody_here(
    ama: Customer, front: Client, second_bank: Tenant, officer: User
) -> None:
    since = timezone.now()
    fact = RecordedEvent.objects.filter(subject_id=str(ama.pk)).first()
    assert fact is not None
    RecordedEvent.objects.create(
        tenant=second_bank, type=fact.type, payload=fact.payload, actor=officer,
        subject_id=fact.subject_id, created_at=timezone.now(),
    )  # fmt: skip
    assert listed_since(front, since) == []


def test_why_a_relationship_ended_is_in_no_fact_of_the_front_line(
    ama: Customer,
) -> None:
    event = ama.offboard("cdd_non_compliance", timezone.now())
    assert event is not None
    assert event.payload() == {"customer_id": str(ama.pk)}


# --- by a key and nothing else --------------------------------------------------------
@pytest.mark.parametrize(
    "asked",
    [{"phone": "024 412 3456"}, {"phone": "244123456"}, {"phone": FURTHER},
     {"email": "AMA@mail.example"}, {"email": WORK}, {"name": "mensah AMA"},
     {"name": "ama", "phone": FURTHER}],
)  # fmt: skip
def test_a_key_finds_its_own_kind(
    asked: dict[str, str], ama: Customer, front: Client
) -> None:
    assert names(front.get(AT, asked)) == ["Ama Mensah"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"phone": "Ama Mensah"}, "INVALID_PHONE"),
        ({"phone": "1000-0048x"}, "INVALID_PHONE"),
        ({"phone": "ama@mail.example"}, "INVALID_PHONE"),
        ({"email": "+233244123456"}, "INVALID_EMAIL"),
        ({"email": "ama"}, "INVALID_EMAIL"),
    ],
)
def test_what_is_no_such_key(
    asked: dict[str, str], code: str, ama: Customer, front: Client, compliance: Client
) -> None:
    refusal(front.get(AT, asked), 422, code)
    refusal(compliance.get(f"{AT}/download", asked), 422, code)
    assert not RecordedEvent.objects.filter(type="CustomersDownloaded").exists()


@pytest.mark.parametrize(
    "name", ["Mensha", "+233244123456", "ama@mail.example", "GHA-123456789-1", "…"]
)
def test_a_name_is_words_of_names(name: str, ama: Customer, front: Client) -> None:
    assert names(front.get(AT, {"name": name})) == []


# --- look up --------------------------------------------------------------------------
@pytest.mark.parametrize("asked", [{"phone": "020 765 4321"}, {"email": WORK}])
def test_a_further_contact_leads_to_its_customer(
    asked: dict[str, str], ama: Customer, front: Client, client_as: ClientAs,
    make_staff: MakeStaff, second_bank: Tenant,
) -> None:  # fmt: skip
    assert names(front.get(f"{AT}/lookup", asked)) == ["Ama Mensah"]
    stranger = client_as(make_staff("teller", tenant=second_bank))
    refusal(stranger.get(f"{AT}/lookup", asked), 404, "CUSTOMER_NOT_FOUND")


def test_the_living_come_first_however_many_ended(
    make_customer: MakeCustomer, front: Client, officer: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(finding, "MOST_ALIKE", 2)
    living = make_customer(phone="+233244123456")
    for _ in range(3):  # later ones, who had the number in their time
        gone = make_customer()
        end(gone, officer)
        Customer.objects.filter(pk=gone.pk).update(phone="+233244123456")
    found = front.get(f"{AT}/lookup", {"phone": "+233244123456"}).json()["results"]
    assert len(found) == 2
    assert found[0]["id"] == str(living.pk)


# --- the order of a search ------------------------------------------------------------
def test_exact_hits_come_first_page_by_page(
    make_customer: MakeCustomer, front: Client
) -> None:
    exact = make_customer(name="Ama Owusu")  # the oldest
    for name in ("Zoe Ama Owusu", "Ama Owusu Badu", "Kofi Owusu Ama"):
        make_customer(name=name)
    wanted = [exact.name, "Ama Owusu Badu", "Kofi Owusu Ama", "Zoe Ama Owusu"]
    assert names(front.get(AT, {"search": "ama owusu"})) == wanted
    assert names(front.get(AT, {"search": "ama owusu", "status": "active"})) == wanted
    seen, pages, url = [], [], f"{AT}?search=ama+owusu&limit=1"
    while url:
        page = front.get(url).json()
        seen += [row["name"] for row in page["results"]]
        pages.append(page)
        url = page["next"]
    assert seen == wanted
    back = front.get(pages[-1]["previous"])
    assert names(back) == [wanted[-2]]


@pytest.mark.parametrize(
    "at",
    ["2026-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00",
     "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-01-01"],
)  # fmt: skip
def test_times_that_no_row_has(
    at: str, front: Client, make_customer: MakeCustomer
) -> None:
    customer = make_customer()
    cursor = cursor_of([False, at, str(customer.pk)])
    answer = front.get(AT, {"cursor": cursor})
    refusal(answer, 400, "BAD_REQUEST")


@pytest.mark.parametrize("rank", ["x", None, True, 10**40, -(10**40), [1]])
def test_ranks_that_no_hit_has(
    rank: Any, front: Client, make_customer: MakeCustomer
) -> None:
    front.raise_request_exception = False
    customer = make_customer()
    cursor = cursor_of([False, rank, "ama", str(customer.pk)])
    asked = {"search": customer.name, "cursor": cursor}
    assert front.get(AT, asked).status_code in (200, 400)
