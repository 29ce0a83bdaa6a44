"""The whole house over HTTP: staff, applicant, reviewer and Sumsub."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
import requests
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from customers.registry.models import Customer, Task
from events.models import RecordedEvent
from kyc.models import Applicant, Callback
from kyc.sandbox.models import SandboxDelivery
from kyc.services import store_callback
from kyc.start import start_kyc
from kyc.sumsub.types import ApplicantState, Company, Person, Review
from kyc.sumsub.webhook import digest_of
from tenants.models import Tenant, User
from tests.conftest import Deliver

SECRET = "whsec-demo-4f1c9a"
TIMEOUT = 20
PERSON = {
    "first_name": "Ama",
    "last_name": "Mensah",
    "birth_date": "1991-04-03",
    "nationality": "GHA",
    "address": "12 Ring Road East, Accra, Ghana",
    "document_type": "PASSPORT",
    "document_number": "GHA-123456789-1",
}
COMPANY = {
    "name": "Halcyon Grain Trading Ltd",
    "registration_number": "CS-0042-2019",
    "country": "GHA",
    "address": "1 Liberation Road, Accra, Ghana",
}


def callback_body(**fields: Any) -> bytes:
    """A callback as Sumsub prints it: spaced, broken into lines, not ASCII only."""
    now = datetime.now(UTC)
    body = {
        "applicantId": "66aa00000000000000000001",
        "inspectionId": "66aa00000000000000000002",
        "correlationId": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        "externalUserId": "auto-7d1c",
        "levelName": "basic-kyc-level",
        "type": "applicantPending",
        "reviewStatus": "pending",
        "createdAtMs": now.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
        "note": "Zoë",
        **fields,
    }
    kept = {key: value for key, value in body.items() if value is not None}
    return json.dumps(
        kept, indent=2, separators=(",", " : "), ensure_ascii=False
    ).encode()


def signed(
    body: bytes, *, secret: str = SECRET, algorithm: str = "HMAC_SHA256_HEX"
) -> dict[str, str]:
    return {
        "X-Payload-Digest": digest_of(body, secret=secret, algorithm=algorithm),
        "X-Payload-Digest-Alg": algorithm,
        "Content-Type": "application/json",
    }


@dataclass
class House:
    """One running web process and what people do to it."""

    url: str

    def post_callback(
        self, body: bytes, headers: dict[str, str] | None = None
    ) -> requests.Response:
        return requests.post(
            f"{self.url}/webhooks/sumsub",
            data=body,
            headers=headers if headers is not None else signed(body),
            timeout=TIMEOUT,
        )

    def start_kyc(self, customer: Customer, by: User) -> str:
        """Press *Start KYC*; returns the link for the customer."""
        return start_kyc(customer.pk, by=by).url

    def open_and_submit(self, link: str, answers: dict[str, str] = PERSON) -> None:
        """Be the applicant: open the link, fill in the form, submit."""
        session = requests.Session()
        page = session.get(link, timeout=TIMEOUT)
        assert page.status_code == 200, page.text
        self._press(session, link, page.text, answers)

    def review(self, applicant_id: str, action: str, **fields: Any) -> None:
        """Be the reviewer: press one button on the applicant's page."""
        session = requests.Session()
        place = f"{self.url}/sandbox/sumsub/review/{applicant_id}"
        page = session.get(place, timeout=TIMEOUT)
        assert page.status_code == 200, page.text
        self._press(session, place, page.text, {"action": action, **fields})

    def set_faults(self, **faults: Any) -> None:
        """Turn the sandbox's switches; those not named are off."""
        counts = ("answer_429", "answer_409", "answer_503", "answer_slowly")
        usual = dict.fromkeys(counts, 0)
        faults = {**usual, "slow_seconds": 1, "retry_after_seconds": 2, **faults}
        session = requests.Session()
        place = f"{self.url}/sandbox/sumsub/"
        page = session.get(place, timeout=TIMEOUT)
        self._press(session, place, page.text, faults)

    @staticmethod
    def _press(
        session: requests.Session, place: str, page: str, fields: dict[str, Any]
    ) -> None:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found, "The page has no form."
        answer = session.post(
            place,
            data={"csrfmiddlewaretoken": found[1], **fields},
            headers={"Referer": place},
            timeout=TIMEOUT,
        )
        assert answer.status_code == 200, answer.text
        assert "errorlist" not in answer.text, answer.text


def attempt_of(customer: Customer) -> Applicant:
    """The newest attempt."""
    rows = Applicant.objects.filter(customer=customer).order_by("-started_at")
    newest: Applicant | None = rows.first()
    assert newest is not None
    return newest


def keep(body: bytes) -> Callback:
    """Store a callback as the door does, and return it."""
    digest = hashlib.sha256(body).hexdigest()
    store_callback(body, sha256=digest)
    callback: Callback = Callback.objects.get(body_sha256=digest)
    return callback


def about(customer: Customer, **fields: Any) -> bytes:
    """A callback about the customer's newest attempt."""
    ids = {
        "applicantId": attempt_of(customer).applicant_id,
        "externalUserId": str(customer.pk),
    }
    return callback_body(**ids | fields)


def posted_bodies() -> list[bytes]:
    """What the sandbox has posted so far, the oldest first."""
    rows = SandboxDelivery.objects.order_by("pk")
    return [row.body.encode() for row in rows]


APPLICANT_ID = "66aa00000000000000000001"
GREEN: dict[str, Any] = {"status": "completed", "answer": "GREEN"}
RED_FINAL: dict[str, Any] = {
    "status": "completed",
    "answer": "RED",
    "reject_type": "FINAL",
}
RED_RETRY: dict[str, Any] = {
    "status": "completed",
    "answer": "RED",
    "reject_type": "RETRY",
}


def a_state(
    customer: Customer, *, applicant_id: str = APPLICANT_ID, external: str = "",
    is_deleted: bool = False, person: Person | None = None,
    company: Company | None = None, **review: Any,
) -> ApplicantState:  # fmt: skip
    """What Sumsub would say of the customer now; reviewed now unless told."""
    level = "basic-kyc-level" if customer.is_individual else "basic-kyb-level"
    usual = {"level": level, "attempt_count": 1, "reviewed_at": timezone.now()}
    said: dict[str, Any] = usual | review
    return ApplicantState(
        applicant_id=applicant_id,
        inspection_id="66aa00000000000000000002",
        external_user_id=external or str(customer.pk),
        applicant_type="individual" if customer.is_individual else "company",
        review=Review(**said),
        person=person,
        company=company,
        is_deleted=is_deleted,
        created_at=None,
    )


def a_person(**overrides: Any) -> Person:
    """What Sumsub reads off the passport of `make_customer`'s first customer."""
    said: dict[str, Any] = {
        "first_name": "Ama",
        "last_name": "Mensah 1",
        "birth_date": date(1991, 4, 3),
        "nationality": "GHA",
        "address": "12 Ring Road East, Accra, Ghana",
    }
    return Person(**said | overrides)


def events(type_: str) -> int:
    return RecordedEvent.objects.filter(type=type_).count()


def open_tasks(customer: Customer) -> list[tuple[str, str]]:
    rows = Task.objects.open().filter(customer=customer)
    return sorted(rows.values_list("kind", "reason"))


@pytest.fixture
def house(live_server: LiveServer, settings: Settings) -> Iterator[House]:
    settings.PUBLIC_URL = live_server.url
    settings.SUMSUB_BASE_URL = f"{live_server.url}/sandbox/sumsub"
    settings.SANDBOX_SYNC_WEBHOOKS = True
    yield House(live_server.url)


class Story:
    """One customer, and the people around."""

    def __init__(
        self, house: House, customer: Customer, clerk: User, deliver: Deliver
    ) -> None:
        self.house, self.customer, self.clerk = house, customer, clerk
        self.deliver = deliver

    @property
    def applicant_id(self) -> str:
        return attempt_of(self.customer).applicant_id

    def submitted(self, answers: dict[str, str] = PERSON) -> "Story":
        link = self.house.start_kyc(self.customer, self.clerk)
        self.house.open_and_submit(link, answers)
        self.deliver()
        return self

    def decided(self, action: str, **fields: Any) -> "Story":
        self.house.review(self.applicant_id, action, **fields)
        self.deliver()
        self.customer.refresh_from_db()
        return self

    def approved(self) -> "Story":
        return self.submitted().decided("approve")


def quarantined(tenant: Tenant | None = None, **fields: Any) -> Callback:
    callback = keep(callback_body(**fields))
    Callback.objects.filter(pk=callback.pk).update(
        status="quarantined", reason="unknown_applicant", tenant=tenant
    )
    return callback


def path_of(name: str, *args: Any) -> str:
    return reverse(f"admin:{name}", args=args)
