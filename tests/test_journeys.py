"""Whole stories through HTTP: the main job, and all that can happen to it."""

import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import requests
from django.core import mail
from django.db import transaction
from django.utils import timezone

from customers.registry.models import Customer, KycStatus, Status, Task
from deposits.models import Account
from documents.models import Document
from events.delivery import run_due
from events.models import Delivery, RecordedEvent
from kyc.models import Callback
from kyc.sandbox.models import SandboxApplicant
from kyc.sandbox.sender import send_due
from kyc.sandbox.services import submit
from onboarding.models import Login, Provisioning
from subscribers.models import Unplaced
from tests.conftest import (
    INDIVIDUAL_DETAILS,
    ClientAs,
    Deliver,
    MakeCustomer,
    MakeStaff,
    race,
)
from tests.documents.conftest import files_folder as files_folder
from tests.documents.files import pdf, upload
from tests.house import (
    PERSON,
    House,
    Story,
    attempt_of,
    keep,
    path_of,
    posted_bodies,
)
from tests.house import house as house

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def story(
    house: House, make_customer: MakeCustomer, make_staff: MakeStaff, deliver: Deliver
) -> Story:
    return Story(house, make_customer(), make_staff("client_facing"), deliver)


def assert_provisioned(customer: Customer) -> None:
    customer.refresh_from_db()
    assert customer.kyc_status == KycStatus.VERIFIED
    assert customer.activity == "active"
    assert Login.objects.get(customer=customer).status == "enabled"
    assert Account.objects.get(customer=customer).status == "active"
    assert Provisioning.objects.get(customer=customer).completed_at


def test_approve(story: Story, mailoutbox: list[Any]) -> None:
    story.approved()
    assert_provisioned(story.customer)
    assert attempt_of(story.customer).status == "approved"
    assert [mail.to for mail in mailoutbox] == [[story.customer.email]]
    assert set(Callback.objects.values_list("status", flat=True)) == {"applied"}


def test_reject_final(story: Story) -> None:
    story.submitted().decided("reject", labels=["FORGERY"])
    assert story.customer.kyc_status == KycStatus.REJECTED
    assert story.customer.status == Status.ACTIVE
    assert attempt_of(story.customer).labels == ["FORGERY"]
    assert not Account.objects.filter(customer=story.customer).exists()
    assert not Login.objects.filter(customer=story.customer).exists()


def test_retry_then_approve(story: Story) -> None:
    link = story.house.start_kyc(story.customer, story.clerk)
    story.house.open_and_submit(link)
    story.deliver()
    story.decided(
        "retry", labels=["UNSATISFACTORY_PHOTOS"], moderation_comment="Sharper"
    )
    assert story.customer.kyc_status == KycStatus.PENDING
    assert attempt_of(story.customer).status == "resubmit"
    assert attempt_of(story.customer).moderation_comment == "Sharper"
    story.house.open_and_submit(link)
    story.deliver()
    story.decided("approve")
    assert_provisioned(story.customer)


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ("reject", "adverse_verdict"),
        ("reset", "applicant_reset"),
        ("deactivate", "applicant_closed"),
        ("delete", "applicant_closed"),
    ],
)
def test_taken_back_after_approval(story: Story, action: str, reason: str) -> None:
    """Verified stays verified: the customer is suspended and an escalation opened."""
    story.approved().decided(action)
    assert story.customer.kyc_status == KycStatus.VERIFIED
    assert story.customer.status == Status.SUSPENDED
    assert story.customer.status_reason == reason
    task = Task.objects.get(customer=story.customer)
    assert (task.kind, task.status) == ("escalation", "open")
    assert Account.objects.get(customer=story.customer).status == "suspended"
    assert Login.objects.get(customer=story.customer).status == "disabled"


def test_decided_by_hand(
    client_as: ClientAs, make_staff: MakeStaff, deliver: Deliver, mailoutbox: list[Any]
) -> None:
    """Registered, papers handed in and accepted, then approved without Sumsub."""
    clerk = client_as(make_staff("client_facing"))
    officer = client_as(make_staff("compliance_officer"))
    person = {
        "id": uuid4(), "customer_type": "INDIVIDUAL", "entity_type": "individual",
        "channel": "agent", "name": "Ama Mensah", "email": "ama@mail.example",
        "phone": "+233244199999", **INDIVIDUAL_DETAILS,
    }  # fmt: skip
    clerk.post(path_of("registry_customer_add"), person)
    customer = Customer.objects.get()
    decision = {"verdict": "approve", "approve_reasons": "seen_in_person"}
    page = officer.post(path_of("kyc_decide", customer.pk), decision)
    assert "Cannot approve: identity document is missing" in page.content.decode()
    for paper in ("id", "address_proof"):
        clerk.post(
            path_of("documents_upload", customer.pk),
            {"kind": paper, "id": uuid4(), "files": upload(pdf(paper), f"{paper}.pdf")},
        )
    for document in Document.objects.filter(customer=customer):
        officer.post(path_of("documents_decide", document.pk), {"decision": "accept"})
    officer.post(path_of("kyc_decide", customer.pk), decision)
    deliver()
    assert_provisioned(customer)
    assert attempt_of(customer).provider == "manual"
    assert [mail.to for mail in mailoutbox] == [[customer.email]]
    assert not Delivery.objects.exclude(status="done").exists()


def test_sumsub_fills_what_is_empty(
    house: House, make_customer: MakeCustomer, make_staff: MakeStaff, deliver: Deliver
) -> None:
    customer = make_customer(name="Ama Mensah", details={})
    story = Story(house, customer, make_staff("client_facing"), deliver).approved()
    assert story.customer.details["birth_date"] == PERSON["birth_date"]
    assert story.customer.details["nationality"] == "GHA"
    assert story.customer.details["id_number"] == PERSON["document_number"]


# --- the network as it is -----------------------------------------------------------
@pytest.mark.parametrize(
    "switches",
    [
        {"duplicates": "on"},
        {"reversed_order": "on"},
        {"late_resend": "on"},
        {"same_correlation": "on"},
        {"null_result": "on"},
        {"missing_fields": "on"},
        {"unknown_type": "on"},
        {"duplicates": "on", "late_resend": "on", "same_correlation": "on"},
    ],
)
def test_whatever_the_network_does(story: Story, switches: dict[str, str]) -> None:
    story.house.set_faults(**switches)
    story.approved()
    send_due(timezone.now() + timedelta(minutes=1))  # what was held back
    story.deliver()
    assert_provisioned(story.customer)
    verified = RecordedEvent.objects.filter(type="CustomerVerified")
    assert verified.count() == 1
    kept = set(Callback.objects.values_list("status", flat=True))
    wanted = {"applied", "late"} | (
        {"quarantined"} if "unknown_type" in switches else set()
    )
    assert kept <= wanted


def snapshot(customer: Customer) -> dict[str, Any]:
    """Everything that may be known of a customer, without times and row counts."""
    customer.refresh_from_db()
    attempt = attempt_of(customer)
    logins = Login.objects.filter(customer=customer)
    return {
        "customer": (
            customer.status, customer.status_reason, customer.kyc_status,
            customer.kyc_level, customer.activity, customer.name, customer.details,
            customer.kyc_expires_on,
        ),
        "attempts": customer.attempts.count(),
        "attempt": (
            attempt.status, attempt.verdict, attempt.labels, attempt.applicant_id,
            attempt.moderation_comment, attempt.attempt_count, attempt.last_state_at,
        ),
        "accounts": list(customer.accounts.values_list("status", flat=True)),
        "logins": list(logins.values_list("status", flat=True)),
        "tasks": sorted(customer.tasks.values_list("kind", "reason", "status")),
        "differences": sorted(customer.differences.values_list("field", "status")),
        "verified": RecordedEvent.objects.filter(type="CustomerVerified").count(),
        "suspended": RecordedEvent.objects.filter(type="CustomerSuspended").count(),
        "mails": len(mail.outbox),
        "waiting": Delivery.objects.exclude(status="done").count(),
    }  # fmt: skip


def outcomes_of_every_order(story: Story, bodies: list[bytes]) -> list[dict[str, Any]]:
    """Deliver the bodies in each order, each time from where the story stands now.

    Orders that begin alike share their beginning: 325 deliveries make 120 orders.
    """
    if not bodies:
        return [snapshot(story.customer)]
    found: list[dict[str, Any]] = []
    for body in bodies:
        mails = len(mail.outbox)
        with transaction.atomic():
            keep(body)
            story.deliver()
            rest = [other for other in bodies if other != body]
            outcomes = outcomes_of_every_order(story, rest)
            found += [outcome for outcome in outcomes if outcome not in found]
            transaction.set_rollback(True)
        del mail.outbox[mails:]
    return found


def forget_callbacks() -> None:
    """Let nothing have arrived of what Sumsub posted; the tests deliver it by hand."""
    Delivery.objects.all().delete()
    forget_events("CallbackReceived")
    Callback.objects.all().delete()


def forget_events(event_type: str) -> None:
    """Let it not have happened, also for the feed."""
    gone = RecordedEvent.objects.filter(type=event_type)
    Unplaced.objects.filter(event__in=gone).delete()
    gone.delete()


def test_every_order_of_five_events_ends_the_same(story: Story) -> None:
    """Created, submitted, asked to retry, submitted again, approved: 120 orders."""
    link = story.house.start_kyc(story.customer, story.clerk)
    story.house.open_and_submit(link)
    applicant_id = SandboxApplicant.objects.get().pk
    story.house.review(applicant_id, "retry", labels=["UNSATISFACTORY_PHOTOS"])
    story.house.open_and_submit(link)
    story.house.review(applicant_id, "approve")
    bodies = posted_bodies()
    assert len(bodies) == 5
    forget_callbacks()
    mail.outbox.clear()
    found = outcomes_of_every_order(story, bodies)
    assert len(found) == 1
    assert found[0]["customer"][:3] == ("active", "", "verified")
    assert (found[0]["verified"], found[0]["mails"], found[0]["waiting"]) == (1, 1, 0)
    assert found[0]["accounts"] == ["active"]


def test_every_order_after_an_approval_ends_the_same(story: Story) -> None:
    """Approved; then held, reset, submitted and refused."""
    story.approved()
    applicant_id, before = story.applicant_id, len(posted_bodies())
    for action in ("hold", "reset"):
        story.house.review(applicant_id, action)
    submit(applicant_id)
    story.house.review(applicant_id, "reject")
    bodies = posted_bodies()[before:]
    assert len(bodies) == 4
    forget_callbacks()
    mail.outbox.clear()
    found = outcomes_of_every_order(story, bodies)
    assert len(found) == 1
    assert found[0]["customer"][:3] == ("suspended", "adverse_verdict", "verified")
    assert found[0]["tasks"] == [("escalation", "adverse_verdict", "open")]
    assert found[0]["accounts"] == ["suspended"]
    assert found[0]["logins"] == ["disabled"]


def test_fifty_copies_at_once_have_one_effect(story: Story) -> None:
    """Fifty threads post the same approval; four workers apply what there is."""
    story.submitted()
    story.house.review(story.applicant_id, "approve")
    approval = posted_bodies()[-1]
    forget_callbacks()
    forget_events("CustomerVerified")

    def post() -> int:
        for _ in range(20):
            try:
                return story.house.post_callback(approval).status_code
            except requests.ConnectionError:  # the test server queues ten callers
                time.sleep(0.1)
        raise AssertionError("Never answered.")

    assert race(*[post] * 50) == [200] * 50
    assert Callback.objects.count() == 1
    race(*[run_due] * 4)
    story.deliver()
    assert_provisioned(story.customer)
    for type_ in ("CallbackReceived", "CustomerVerified"):
        assert RecordedEvent.objects.filter(type=type_).count() == 1, type_
    assert Account.objects.filter(customer=story.customer).count() == 1


# --- Sumsub is down ------------------------------------------------------------------
def test_sumsub_down_is_waited_for(story: Story) -> None:
    story.submitted()
    story.house.set_faults(answer_503=6)  # three quick tries, twice
    story.decided("approve")
    assert story.customer.kyc_status == KycStatus.PENDING
    waiting = Delivery.objects.exclude(status="done").get()
    assert (waiting.status, waiting.attempts) == ("due", 1)
    assert "Sumsub" in waiting.last_error
    story.deliver(hurry=True)
    assert Delivery.objects.get(pk=waiting.pk).attempts == 2
    story.customer.refresh_from_db()
    assert story.customer.kyc_status == KycStatus.PENDING
    assert story.customer.details["birth_date"] == "1991-04-03"  # nothing was invented
    story.deliver(hurry=True)
    assert_provisioned(story.customer)


@pytest.mark.parametrize("fault", ["answer_429", "answer_409"])
def test_sumsub_says_when_to_come_back(story: Story, fault: str) -> None:
    story.submitted()
    story.house.set_faults(**{fault: 1, "retry_after_seconds": 900})
    asked_at = timezone.now()
    story.decided("approve")
    waiting = Delivery.objects.exclude(status="done").get()
    assert waiting.status == "due"
    wait = waiting.due_at - asked_at
    assert timedelta(seconds=890) < wait < timedelta(seconds=1000)
    assert story.customer.kyc_status == KycStatus.PENDING
    story.deliver(hurry=True)
    assert_provisioned(story.customer)


def test_sumsub_changes_its_mind_while_it_is_down(story: Story) -> None:
    """The callback said GREEN; by the time Sumsub answers, it is RED."""
    story.submitted()
    story.house.set_faults(answer_429=1, retry_after_seconds=900)
    story.decided("approve")
    story.house.review(story.applicant_id, "reject")
    story.deliver(hurry=True)
    story.customer.refresh_from_db()
    assert story.customer.kyc_status == KycStatus.REJECTED
    assert not Account.objects.filter(customer=story.customer).exists()
