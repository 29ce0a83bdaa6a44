"""What an answer of Sumsub does to the attempt and to the customer."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from customers.registry.choices import (
    DeclineReason,
    SuspensionReason,
)
from customers.registry.models import Customer, KycStatus, Status
from customers.registry.services import decline_customer, suspend_customer
from kyc.services import start_attempt
from tenants.models import User
from tests.conftest import Deliver, MakeCustomer
from tests.house import GREEN, RED_FINAL, RED_RETRY, attempt_of, events, open_tasks

pytestmark = pytest.mark.django_db

UNDECIDED_RED = {"status": "completed", "answer": "RED"}
UNKNOWN_ANSWER = {"status": "completed", "answer": "YELLOW"}
INIT = {"status": "init"}


@pytest.fixture
def customer(make_customer: MakeCustomer, setup_machine: User) -> Customer:
    customer = make_customer()
    start_attempt(customer.pk, by=setup_machine)
    return customer


# --- from pending -----------------------------------------------------------------
@pytest.mark.parametrize(
    ("review", "status", "kyc_status"),
    [
        ({"status": "init"}, "started", "pending"),
        ({"status": "pending"}, "in_review", "pending"),
        ({"status": "prechecked"}, "in_review", "pending"),
        ({"status": "queued"}, "in_review", "pending"),
        # It carries GREEN already, which counts for nothing yet.
        ({"status": "awaitingService", "answer": "GREEN"}, "in_review", "pending"),
        ({"status": "prechecked", "answer": "RED", "reject_type": "FINAL"},
         "in_review", "pending"),
        ({"status": "init", "answer": "GREEN"}, "started", "pending"),
        ({"status": "awaitingUser"}, "needs_user", "pending"),
        ({"status": "onHold"}, "on_hold", "pending"),
        ({"status": "onHold", "answer": "GREEN"}, "on_hold", "pending"),
        (GREEN, "approved", "verified"),
        (RED_RETRY, "resubmit", "pending"),
        (RED_FINAL, "rejected", "rejected"),
        (UNDECIDED_RED, "on_hold", "pending"),
        (UNKNOWN_ANSWER, "on_hold", "pending"),
        ({"status": "completed"}, "on_hold", "pending"),
        ({"status": "completed", "answer": "green"}, "on_hold", "pending"),
        # A word of a later Sumsub, and no word at all, change nothing.
        ({"status": "someLaterWord"}, "started", "pending"),
        ({"status": ""}, "started", "pending"),
    ],
)  # fmt: skip
def test_first_answer(
    customer: Customer, say: Any, review: dict[str, str], status: str, kyc_status: str
) -> None:
    outcome = say(customer, **review)
    assert outcome.quarantine == ""
    assert attempt_of(customer).status == status
    assert customer.kyc_status == kyc_status
    assert customer.status == Status.ACTIVE


def test_undecided_waits_for_a_person_and_is_closed_by_the_verdict(
    customer: Customer, say: Any
) -> None:
    say(customer, **UNDECIDED_RED)
    assert open_tasks(customer) == [("kyc_decision", "undecided verdict")]
    say(customer, **UNDECIDED_RED)
    assert len(open_tasks(customer)) == 1
    say(customer, **GREEN)
    assert open_tasks(customer) == []
    assert customer.kyc_status == KycStatus.VERIFIED


def test_the_answer_is_kept(customer: Customer, say: Any) -> None:
    said_at = timezone.now() - timedelta(minutes=3)
    say(
        customer, **RED_RETRY, labels=("LOW_QUALITY", "A_NEW_ONE"), attempt_count=3,
        moderation_comment="Sharper, please.", client_comment="Blurred on purpose?",
        said_at=said_at,
    )  # fmt: skip
    attempt = attempt_of(customer)
    assert attempt.labels == ["LOW_QUALITY", "A_NEW_ONE"]
    assert attempt.moderation_comment == "Sharper, please."
    assert attempt.client_comment == "Blurred on purpose?"
    assert (attempt.attempt_count, attempt.verdict) == (3, "resubmit")
    assert attempt.last_state_at == said_at
    assert attempt.decided_at is None


def test_twice_is_once(customer: Customer, say: Any) -> None:
    say(customer, **GREEN)
    version = customer.row_version
    say(customer, **GREEN)
    assert customer.row_version == version
    assert events("CustomerVerified") == events("AttemptMoved") == 1


@pytest.mark.parametrize("review", [RED_RETRY, {"status": "pending"}, INIT])
def test_final_is_not_final_for_sumsub(
    customer: Customer, say: Any, review: dict[str, str]
) -> None:
    say(customer, **RED_FINAL)
    say(customer, **review)
    assert customer.kyc_status == KycStatus.PENDING
    assert events("KycReopened") == 1


def test_rejected_then_approved_by_a_human(customer: Customer, say: Any) -> None:
    say(customer, **RED_FINAL)
    say(customer, **GREEN)
    assert customer.kyc_status == KycStatus.VERIFIED
    say(customer, **RED_FINAL)
    assert customer.kyc_status == KycStatus.VERIFIED
    assert customer.status == Status.SUSPENDED


# --- the one-way gate -------------------------------------------------------------
@pytest.mark.parametrize(
    ("review", "reason"),
    [
        (RED_FINAL, "adverse_verdict"),
        (RED_RETRY, "adverse_verdict"),
        (UNDECIDED_RED, "adverse_verdict"),
        (INIT, "applicant_reset"),
        ({"status": "completed", "answer": "GREEN", "is_deleted": True},
         "applicant_closed"),
    ],
)  # fmt: skip
def test_taken_back(
    customer: Customer, say: Any, review: dict[str, Any], reason: str
) -> None:
    say(customer, **GREEN)
    say(customer, **review)
    assert customer.kyc_status == KycStatus.VERIFIED
    assert (customer.status, customer.status_reason) == ("suspended", reason)
    assert ("escalation", reason) in open_tasks(customer)


def test_taken_back_by_way_of_a_review(customer: Customer, say: Any) -> None:
    say(customer, **GREEN)
    say(customer, status="pending")
    say(customer, status="onHold")
    assert customer.status == Status.ACTIVE
    say(customer, **RED_FINAL)
    assert customer.status_reason == "adverse_verdict"


@pytest.mark.parametrize(
    "review", [{"status": "pending"}, {"status": "onHold"}, {"status": ""},
               {"status": "someLaterWord"}]
)  # fmt: skip
def test_not_taken_back(customer: Customer, say: Any, review: dict[str, str]) -> None:
    say(customer, **GREEN)
    say(customer, **review)
    assert (customer.status, customer.kyc_status) == ("active", "verified")
    assert open_tasks(customer) == []


def test_an_unknown_answer_about_a_verified_customer_asks_a_person(
    customer: Customer, say: Any
) -> None:
    say(customer, **GREEN)
    say(customer, **UNKNOWN_ANSWER)
    assert customer.status == Status.ACTIVE
    assert open_tasks(customer) == [("kyc_decision", "undecided verdict")]


def test_green_again_lifts_no_suspension(customer: Customer, say: Any) -> None:
    say(customer, **GREEN)
    until = customer.kyc_expires_on
    say(customer, **RED_FINAL)
    say(customer, **GREEN)
    assert customer.status == Status.SUSPENDED
    assert customer.kyc_expires_on == until
    assert events("CustomerVerified") == 1


def test_deleted_at_sumsub(customer: Customer, say: Any) -> None:
    say(customer, **GREEN)
    say(customer, None)
    assert attempt_of(customer).status == "closed"
    assert customer.status_reason == "applicant_closed"


# --- whose it is ------------------------------------------------------------------
def test_another_customers_answer_is_refused(
    customer: Customer, say: Any, make_customer: MakeCustomer
) -> None:
    stranger = make_customer()
    outcome = say(customer, **GREEN, external=str(stranger.pk))
    assert outcome.quarantine == "other_applicant"
    outcome = say(customer, **GREEN, external="auto-7d1c")
    assert outcome.quarantine == "other_applicant"
    assert customer.kyc_status == KycStatus.PENDING
    assert attempt_of(customer).applicant_id == ""


def test_another_applicant_of_the_same_customer_is_refused(
    customer: Customer, say: Any
) -> None:
    say(customer, status="pending")
    outcome = say(customer, **GREEN, applicant_id="66aa00000000000000000099")
    assert outcome.quarantine == "other_applicant"
    assert customer.kyc_status == KycStatus.PENDING


@pytest.mark.parametrize("level", ["", "basic-kyb-level", "Basic-KYC-Level", "old"])
@pytest.mark.parametrize("review", [GREEN, RED_FINAL, RED_RETRY])
def test_a_verdict_for_another_level_counts_for_nothing(
    customer: Customer, say: Any, level: str, review: dict[str, str]
) -> None:
    outcome = say(customer, **review, level=level)
    assert outcome.quarantine == "unexpected_level"
    assert level in outcome.note
    assert customer.kyc_status == KycStatus.PENDING
    assert attempt_of(customer).status == "started"


def test_the_level_is_that_of_the_attempt(
    customer: Customer, say: Any, settings: Any
) -> None:
    settings.SUMSUB_KYC_LEVEL = "stricter-level"  # changed while the customer submits
    assert say(customer, **GREEN).quarantine == ""
    assert customer.kyc_status == KycStatus.VERIFIED


# --- order ------------------------------------------------------------------------
def test_an_older_question_changes_nothing(customer: Customer, say: Any) -> None:
    now = timezone.now()
    say(customer, **GREEN, asked_at=now)
    outcome = say(customer, status="pending", asked_at=now - timedelta(seconds=1))
    assert outcome.is_stale
    assert attempt_of(customer).status == "approved"
    assert attempt_of(customer).fetched_at == now


def test_the_stamp_of_the_newest_event_stays(customer: Customer, say: Any) -> None:
    late, early = timezone.now(), timezone.now() - timedelta(hours=1)
    say(customer, status="pending", said_at=late)
    say(customer, status="pending", said_at=early)
    say(customer, status="pending")
    assert attempt_of(customer).last_state_at == late


# --- ended relationships ----------------------------------------------------------
@pytest.mark.parametrize("review", [GREEN, RED_FINAL, {"status": "pending"}])
def test_nothing_happens_to_the_archived(
    customer: Customer, say: Any, setup_machine: User, deliver: Deliver,
    review: dict[str, str],
) -> None:  # fmt: skip
    reason = DeclineReason.CUSTOMER_WITHDREW
    decline_customer(customer.pk, reason=reason, by=setup_machine)
    deliver()
    assert attempt_of(customer).status == "closed"
    outcome = say(customer, **review)
    assert "archived" in outcome.note
    assert outcome.quarantine == ""
    assert attempt_of(customer).status == "closed"
    assert (customer.status, customer.kyc_status) == ("archived", "rejected")


def test_a_suspended_customer_is_verified_and_stays_suspended(
    customer: Customer, say: Any, setup_machine: User
) -> None:
    reason = SuspensionReason.KYC_DEADLINE
    suspend_customer(customer.pk, reason=reason, by=setup_machine)
    say(customer, **GREEN)
    assert (customer.kyc_status, customer.status) == ("verified", "suspended")
