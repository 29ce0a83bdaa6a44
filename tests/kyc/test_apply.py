"""Stored callbacks applied: whose they are, what they may do, replay and re-fetch."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from customers.registry.models import Customer, KycStatus
from events.models import Delivery
from kyc.models import Applicant, Callback
from kyc.sandbox.models import SandboxApplicant
from kyc.sandbox.services import create_applicant
from kyc.services import start_attempt
from kyc.sumsub.event_types import ACTION_EVENTS, OTHER_EVENTS
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


# --- what is put on the desk ------------------------------------------------------
def test_unknown_type_is_quarantined_with_its_owner(submitted: Story) -> None:
    callback = keep(about(submitted.customer, type="applicantSomethingNew"))
    assert settled(submitted.deliver, callback) == ("quarantined", "unknown_type")
    assert callback.customer == submitted.customer
    assert callback.tenant == submitted.customer.tenant


@pytest.mark.parametrize(
    "fields",
    [
        {"applicantId": "66aa00000000000000000077", "externalUserId": None},
        {"applicantId": "66aa00000000000000000077", "externalUserId": "auto-7d1c"},
        {"applicantId": "66aa00000000000000000077",
         "externalUserId": "018f0000-0000-7000-8000-000000000000"},
        {"applicantId": None, "externalUserId": None},
    ],
)  # fmt: skip
def test_unknown_applicant(house: House, deliver: Deliver, fields: Any) -> None:
    callback = keep(callback_body(**fields))
    assert settled(deliver, callback) == ("quarantined", "unknown_applicant")
    assert callback.tenant is None
    assert not Applicant.objects.exists()


def test_a_signed_green_is_only_a_hint(submitted: Story) -> None:
    """Sumsub still reviews, so the GREEN of the callback grants nothing."""
    callback = keep(verdict(submitted.customer))
    assert settled(submitted.deliver, callback) == ("applied", "")
    assert attempt_of(submitted.customer).status == "in_review"
    submitted.customer.refresh_from_db()
    assert submitted.customer.kyc_status == KycStatus.PENDING


def test_approved_for_a_level_we_do_not_use(submitted: Story) -> None:
    SandboxApplicant.objects.update(level_name="basic-kyc-old")
    submitted.decided("approve")
    assert submitted.customer.kyc_status == KycStatus.PENDING
    callback = Callback.objects.get(type="applicantReviewed")
    assert (callback.status, callback.reason) == ("quarantined", "unexpected_level")
    assert "basic-kyc-old" in callback.note


def test_sandbox_callback_at_a_live_installation(
    submitted: Story, settings: Settings
) -> None:
    settings.SUMSUB_APP_TOKEN = "prd:live"
    flagged = keep(about(submitted.customer, sandboxMode=True, note="a"))
    assert settled(submitted.deliver, flagged) == ("quarantined", "sandbox")
    assert attempt_of(submitted.customer).status == "in_review"


@pytest.mark.parametrize("flag", [False, None, "false", 0])
def test_only_a_plain_sandbox_flag_blocks(submitted: Story, flag: Any) -> None:
    callback = keep(about(submitted.customer, sandboxMode=flag))
    assert settled(submitted.deliver, callback)[0] == "applied"


def test_another_customers_applicant(
    submitted: Story, make_customer: MakeCustomer, second_bank: Tenant
) -> None:
    """The applicant is one customer's, the callback names another's."""
    foreign = make_customer(tenant=second_bank)
    start_attempt(foreign.pk, by=submitted.clerk)
    before = attempt_of(submitted.customer).status
    callback = keep(verdict(submitted.customer, externalUserId=str(foreign.pk)))
    assert settled(submitted.deliver, callback) == ("quarantined", "other_applicant")
    assert callback.tenant == submitted.customer.tenant
    foreign.refresh_from_db()
    assert foreign.kyc_status == KycStatus.PENDING
    assert attempt_of(submitted.customer).status == before


def test_a_second_applicant_for_the_same_customer(submitted: Story) -> None:
    body = verdict(submitted.customer, applicantId="66aa00000000000000000099")
    callback = keep(body)
    assert settled(submitted.deliver, callback) == ("quarantined", "other_applicant")


def test_sumsub_denies_the_applicant(submitted: Story) -> None:
    SandboxApplicant.objects.all().delete()
    callback = keep(verdict(submitted.customer))
    assert settled(submitted.deliver, callback) == ("quarantined", "not_found")
    assert attempt_of(submitted.customer).status == "in_review"


def test_deleted_at_sumsub_and_gone(submitted: Story) -> None:
    SandboxApplicant.objects.all().delete()
    callback = keep(about(submitted.customer, type="applicantDeleted"))
    assert settled(submitted.deliver, callback) == ("applied", "")
    assert attempt_of(submitted.customer).status == "closed"


# --- what changes nothing ---------------------------------------------------------
def test_other_products_and_actions_never_touch_the_attempt(submitted: Story) -> None:
    submitted.house.review(submitted.applicant_id, "approve")
    Callback.objects.filter(status="received").delete()
    for type_ in sorted(ACTION_EVENTS | OTHER_EVENTS):
        keep(verdict(submitted.customer, type=type_, correlationId=type_))
    keep(verdict(submitted.customer, testMode=True, correlationId="test"))
    submitted.deliver()
    assert attempt_of(submitted.customer).status == "in_review"
    ignored = Callback.objects.filter(status="ignored")
    assert ignored.count() == len(ACTION_EVENTS | OTHER_EVENTS) + 1
    assert set(ignored.values_list("customer", flat=True)) == {submitted.customer.pk}


def stamp(minutes: float) -> str:
    at = timezone.now() + timedelta(minutes=minutes)
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d}"


def test_a_strictly_older_state_event_is_late(submitted: Story) -> None:
    asked = attempt_of(submitted.customer).fetched_at
    late = keep(
        about(submitted.customer, type="applicantOnHold", createdAtMs=stamp(-5))
    )
    assert settled(submitted.deliver, late) == ("late", "")
    assert attempt_of(submitted.customer).fetched_at == asked


def test_an_equal_stamp_is_not_late(submitted: Story) -> None:
    newest = attempt_of(submitted.customer).last_state_at
    assert newest
    text = f"{newest:%Y-%m-%d %H:%M:%S}.{newest.microsecond // 1000:03d}"
    same = keep(about(submitted.customer, type="applicantOnHold", createdAtMs=text))
    assert settled(submitted.deliver, same)[0] == "applied"


def test_an_info_event_never_makes_a_state_event_late(submitted: Story) -> None:
    info = about(submitted.customer, type="applicantTagsChanged", createdAtMs=stamp(60))
    assert settled(submitted.deliver, keep(info))[0] == "applied"
    state = keep(about(submitted.customer, type="applicantPending"))
    assert settled(submitted.deliver, state)[0] == "applied"


def test_an_answer_overtaken_by_a_younger_one_is_asked_for_again(
    submitted: Story,
) -> None:
    ahead = timezone.now() + timedelta(minutes=1)  # another worker's clock
    Applicant.objects.update(fetched_at=ahead)
    submitted.house.review(submitted.applicant_id, "approve")
    submitted.deliver()
    waiting = Delivery.objects.exclude(status="done").get()
    assert (waiting.status, waiting.attempts) == ("due", 1)
    Applicant.objects.update(fetched_at=timezone.now())
    submitted.deliver(hurry=True)
    submitted.customer.refresh_from_db()
    assert submitted.customer.kyc_status == KycStatus.VERIFIED


# --- begun without us -------------------------------------------------------------
def test_an_applicant_made_in_the_dashboard_is_adopted(
    house: House, make_customer: MakeCustomer, deliver: Deliver
) -> None:
    customer = make_customer()
    made = create_applicant(
        external_user_id=str(customer.pk), level_name="basic-kyc-level"
    )
    deliver()
    attempt = attempt_of(customer)
    assert (attempt.applicant_id, attempt.status) == (made.pk, "started")
    assert attempt.started_by.username == "system:sumsub"


def test_sumsub_is_asked_whose_it_is_where_the_callback_does_not_say(
    house: House, make_customer: MakeCustomer, deliver: Deliver
) -> None:
    customer = make_customer()
    house.set_faults(missing_fields="on")
    made = create_applicant(
        external_user_id=str(customer.pk), level_name="basic-kyc-level"
    )
    deliver()
    callback = Callback.objects.get()
    assert (callback.external_user_id, callback.status) == ("", "applied")
    assert callback.tenant == customer.tenant
    assert attempt_of(customer).applicant_id == made.pk


def test_nobody_is_adopted_after_the_end(
    house: House, make_customer: MakeCustomer, deliver: Deliver
) -> None:
    customer = make_customer()
    Customer.objects.filter(pk=customer.pk).update(status="archived")
    create_applicant(external_user_id=str(customer.pk), level_name="basic-kyc-level")
    deliver()
    callback = Callback.objects.get()
    assert (callback.status, callback.reason) == ("quarantined", "does_not_fit")
    assert callback.tenant == customer.tenant
    assert not Applicant.objects.exists()
