"""Replay and re-fetch: staff let a callback, or Sumsub, speak again."""

from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from common.errors import DomainError
from customers.registry.models import Customer, KycStatus
from events.models import Delivery, RecordedEvent
from kyc.inquiry import refetch_attempt, refetch_callback
from kyc.models import Applicant, Callback
from kyc.sandbox.models import SandboxApplicant
from kyc.sandbox.services import create_applicant
from kyc.services import replay_callback, start_attempt
from tenants.models import Tenant
from tests.conftest import Deliver, MakeCustomer, MakeStaff
from tests.house import House, Story, about, attempt_of, callback_body, keep

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def submitted(story: Story, make_staff: MakeStaff) -> Story:
    story.clerk = make_staff("compliance_officer")
    return story.submitted()


def settled(deliver: Deliver, callback: Callback) -> tuple[str, str]:
    deliver()
    callback.refresh_from_db()
    return callback.status, callback.reason


def verdict(customer: Customer, **fields: Any) -> bytes:
    result = {"reviewAnswer": "GREEN"}
    said = {"type": "applicantReviewed", "reviewStatus": "completed"}
    return about(customer, reviewResult=result, **said | fields)


# --- replay -----------------------------------------------------------------------
def test_replay_applies_the_stored_bytes_again(submitted: Story) -> None:
    SandboxApplicant.objects.update(level_name="basic-kyc-old")
    submitted.decided("approve")
    SandboxApplicant.objects.update(level_name="basic-kyc-level")
    callback = Callback.objects.quarantined().get()
    replay_callback(callback.pk, by=submitted.clerk)
    assert settled(submitted.deliver, callback) == ("applied", "")
    submitted.customer.refresh_from_db()
    assert submitted.customer.kyc_status == KycStatus.VERIFIED
    deed = RecordedEvent.objects.get(type="CallbackReplayed")
    assert (deed.actor, deed.is_restricted) == (submitted.clerk, True)
    assert deed.subject_id == str(submitted.customer.pk)


def test_replay_of_what_does_not_wait(submitted: Story) -> None:
    callback = Callback.objects.filter(status="applied").first()
    assert callback
    with pytest.raises(DomainError, match="does not wait"):
        replay_callback(callback.pk, by=submitted.clerk)


def test_replay_of_the_unreadable_says_why(submitted: Story) -> None:
    callback = keep(b"[]")
    with pytest.raises(DomainError, match="still cannot be read"):
        replay_callback(callback.pk, by=submitted.clerk)
    callback.refresh_from_db()
    assert callback.status == "quarantined"


def test_replay_of_what_came_twice_in_other_bytes(submitted: Story) -> None:
    """Read by a later release it turns out to be an event we have."""
    body = about(submitted.customer)
    keep(body)
    spaced = Callback.objects.create(
        body=body + b" ", body_sha256="0" * 64, received_at=timezone.now(),
        status="quarantined", reason="unreadable",
    )  # fmt: skip
    with pytest.raises(DomainError, match="another callback"):
        replay_callback(spaced.pk, by=submitted.clerk)
    spaced.refresh_from_db()
    assert spaced.status == "quarantined"


# --- re-fetch ---------------------------------------------------------------------
def test_refetch_asks_sumsub_whose_it_is(
    house: House, make_customer: MakeCustomer, make_staff: MakeStaff, deliver: Deliver
) -> None:
    """The callback names nobody we know; the applicant itself does."""
    customer, officer = make_customer(), make_staff("compliance_officer")
    made = create_applicant(
        external_user_id=str(customer.pk), level_name="basic-kyc-level"
    )
    Callback.objects.all().delete()
    callback = keep(callback_body(applicantId=made.pk))
    assert settled(deliver, callback) == ("quarantined", "unknown_applicant")
    said = refetch_callback(callback.pk, by=officer)
    callback.refresh_from_db()
    assert (callback.status, callback.customer) == ("applied", customer)
    assert attempt_of(customer).applicant_id == made.pk
    assert "started" in said
    assert RecordedEvent.objects.get(type="CallbackReplayed").actor == officer


def test_refetch_moves_no_foreign_customer(
    house: House, make_customer: MakeCustomer, make_staff: MakeStaff, deliver: Deliver,
    second_bank: Tenant,
) -> None:  # fmt: skip
    customer = make_customer(tenant=second_bank)
    made = create_applicant(
        external_user_id=str(customer.pk), level_name="basic-kyc-level"
    )
    Callback.objects.all().delete()
    callback = keep(callback_body(applicantId=made.pk))
    deliver()
    said = refetch_callback(callback.pk, by=make_staff("compliance_officer"))
    callback.refresh_from_db()
    assert "none of your customers" in said
    assert (callback.status, callback.tenant) == ("quarantined", second_bank)
    assert not Applicant.objects.filter(customer=customer).exists()


def test_refetch_of_an_attempt_is_the_users_deed(submitted: Story) -> None:
    submitted.house.review(submitted.applicant_id, "approve")
    Delivery.objects.exclude(status="done").delete()  # the webhook was lost
    said = refetch_attempt(attempt_of(submitted.customer).pk, by=submitted.clerk)
    assert "approved" in said
    assert "verified" in said
    assert RecordedEvent.objects.get(type="CustomerVerified").actor == submitted.clerk
    again = refetch_attempt(attempt_of(submitted.customer).pk, by=submitted.clerk)
    assert again == "Nothing changed: Sumsub still says “approved”."


def test_refetch_before_the_link_was_opened(story: Story) -> None:
    attempt = start_attempt(story.customer.pk, by=story.clerk)
    assert "not opened" in refetch_attempt(attempt.pk, by=story.clerk)


def test_refetch_while_sumsub_is_down(submitted: Story, settings: Settings) -> None:
    settings.SUMSUB_BASE_URL = "http://127.0.0.1:9"
    with pytest.raises(DomainError, match="does not answer"):
        refetch_attempt(attempt_of(submitted.customer).pk, by=submitted.clerk)
