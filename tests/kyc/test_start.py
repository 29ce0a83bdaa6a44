"""Start KYC: who may, the attempt, the link."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from common.errors import DomainError
from customers.registry.choices import DeclineReason, SuspensionReason
from customers.registry.models import Customer, KycStatus
from customers.registry.services import decline_customer, suspend_customer
from events.models import RecordedEvent
from kyc.models import Applicant
from kyc.sandbox.models import SandboxApplicant, SandboxLink
from kyc.start import start_kyc
from tenants.models import User
from tests.conftest import MakeCustomer
from tests.house import Story, attempt_of
from tests.kyc.sumsub_server import Answer, running_server

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_link_for_our_customer_and_our_level(
    story: Story, settings: Settings
) -> None:
    settings.SUMSUB_LINK_TTL_SECONDS = 900
    link = start_kyc(story.customer.pk, by=story.clerk)
    made = SandboxLink.objects.get()
    assert link.url.endswith(made.token)
    assert made.external_user_id == str(story.customer.pk)
    assert made.level_name == "basic-kyc-level"
    assert (made.email, made.phone) == (story.customer.email, story.customer.phone)
    wait = link.expires_at - timezone.now()
    assert timedelta(minutes=14) < wait <= timedelta(minutes=15)
    assert attempt_of(story.customer).link_expires_at == link.expires_at


def test_the_link_is_kept_nowhere(
    story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    link = start_kyc(story.customer.pk, by=story.clerk)
    token = SandboxLink.objects.get().token
    assert token not in repr(link)
    assert token not in caplog.text
    rows = [
        *Applicant.objects.values(),
        *Applicant.history.values(),
        *RecordedEvent.objects.values(),
        *Customer.history.values(),
    ]
    assert rows
    assert token not in repr(rows)


def test_pressing_again_is_the_same_attempt(story: Story) -> None:
    first = start_kyc(story.customer.pk, by=story.clerk)
    second = start_kyc(story.customer.pk, by=story.clerk)
    assert first.url != second.url
    assert first.attempt.pk == second.attempt.pk
    assert RecordedEvent.objects.filter(type="KycStarted").count() == 1


def test_sumsub_down_says_so_and_the_next_press_goes_on(story: Story) -> None:
    story.house.set_faults(answer_503=1)
    with pytest.raises(DomainError, match="Sumsub does not answer now"):
        start_kyc(story.customer.pk, by=story.clerk)
    attempt = attempt_of(story.customer)
    assert attempt.link_expires_at is None
    assert start_kyc(story.customer.pk, by=story.clerk).attempt.pk == attempt.pk


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [("answer_429", "asked too much"), ("answer_409", "still checks")],
)
def test_sumsub_asks_to_wait(story: Story, fault: str, sentence: str) -> None:
    story.house.set_faults(**{fault: 1, "retry_after_seconds": 60})
    with pytest.raises(DomainError, match=sentence):
        start_kyc(story.customer.pk, by=story.clerk)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(401, "does not accept our token"), (400, "refuses to make a link")],
)
def test_what_only_an_operator_can_mend(
    story: Story, settings: Settings, status: int, sentence: str
) -> None:
    with running_server() as sumsub:
        sumsub.answers.append(Answer(status, {"errorCode": 4003}))
        settings.SUMSUB_BASE_URL = sumsub.url
        with pytest.raises(DomainError, match=sentence):
            start_kyc(story.customer.pk, by=story.clerk)


# --- who may, and when ------------------------------------------------------------
def refused(customer: Customer, by: User) -> str:
    with pytest.raises(DomainError) as raised:
        start_kyc(customer.pk, by=by)
    assert not SandboxLink.objects.exists()
    return raised.value.message


def test_not_after_the_end(story: Story, officer: User) -> None:
    reason = DeclineReason.CUSTOMER_WITHDREW
    decline_customer(story.customer.pk, reason=reason, by=officer)
    assert "archived" in refused(story.customer, officer)


def test_not_before_the_renewal_opens(
    story: Story, officer: User, make_customer: MakeCustomer
) -> None:
    customer = make_customer(verified=True)
    for days, opens in ((61, False), (60, True)):
        due = timezone.localdate() + timedelta(days=days)
        Customer.objects.filter(pk=customer.pk).update(kyc_expires_on=due)
        if opens:
            assert start_kyc(customer.pk, by=officer).attempt.is_renewal
        else:
            assert "verified until" in refused(customer, officer)


def test_a_suspended_customer_may_renew(
    story: Story, officer: User, make_customer: MakeCustomer
) -> None:
    customer = make_customer(verified=True)
    Customer.objects.filter(pk=customer.pk).update(kyc_expires_on=timezone.localdate())
    reason = SuspensionReason.KYC_EXPIRED
    suspend_customer(customer.pk, reason=reason, by=officer)
    assert start_kyc(customer.pk, by=story.clerk).attempt.is_renewal


# --- again, with the same applicant of Sumsub -------------------------------------
def test_after_a_rejection_only_compliance_starts_again(
    story: Story, officer: User
) -> None:
    story.submitted().decided("reject", labels=["FORGERY"])
    SandboxLink.objects.all().delete()
    assert "compliance officer" in refused(story.customer, story.clerk)
    story.clerk = officer
    story.approved()
    assert story.customer.kyc_status == KycStatus.VERIFIED
    attempts = Applicant.objects.filter(customer=story.customer).order_by("started_at")
    statuses = [(a.status, a.is_repeat, a.is_renewal) for a in attempts]
    assert statuses == [("rejected", False, False), ("approved", True, False)]
    assert SandboxApplicant.objects.count() == 1


def test_a_renewal_runs_through(story: Story, officer: User) -> None:
    story.approved()
    due = timezone.localdate() + timedelta(days=5)
    Customer.objects.filter(pk=story.customer.pk).update(kyc_expires_on=due)
    story.submitted()
    assert attempt_of(story.customer).is_renewal
    story.decided("approve")
    until = story.customer.kyc_expires_on
    assert until and until > due + timedelta(days=1000)
    assert RecordedEvent.objects.filter(type="CustomerVerified").count() == 1
    assert RecordedEvent.objects.filter(type="KycRenewed").count() == 1


def test_a_customer_refused_after_approval_may_be_checked_again(
    story: Story, officer: User
) -> None:
    story.approved().decided("reject", labels=["FORGERY"])
    SandboxLink.objects.all().delete()
    assert "compliance officer" in refused(story.customer, story.clerk)
    assert start_kyc(story.customer.pk, by=officer).attempt.is_renewal


def test_purged_at_sumsub_begins_with_a_new_applicant(
    story: Story, officer: User
) -> None:
    story.submitted().decided("reject")
    before = story.applicant_id
    SandboxApplicant.objects.all().delete()
    story.clerk = officer
    story.approved()
    assert story.customer.kyc_status == KycStatus.VERIFIED
    assert story.applicant_id not in ("", before)


def test_deactivated_at_sumsub_is_said(story: Story, officer: User) -> None:
    story.submitted().decided("reject")
    story.decided("deactivate")
    with pytest.raises(DomainError, match="deactivated at Sumsub"):
        start_kyc(story.customer.pk, by=officer)


def test_a_new_level_moves_the_old_applicant(
    story: Story, officer: User, settings: Settings
) -> None:
    story.submitted().decided("reject")
    settings.SUMSUB_KYC_LEVEL = "stricter-level"
    story.clerk = officer
    story.approved()
    assert attempt_of(story.customer).level == "stricter-level"
    assert story.customer.kyc_status == KycStatus.VERIFIED
