"""What should have been heard of by now is asked about; companies are cleared."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from customers.registry.choices import CustomerType, EntityType
from customers.registry.models import Customer, KycStatus
from events.models import Delivery
from kyc.models import Applicant, Callback
from kyc.reconciliation import FAILURES_IN_A_ROW, reconcile_kyc
from kyc.sandbox.models import SandboxApplicant
from kyc.services import start_attempt
from kyc.verdicts import CLEARING_RULES, what_holds_back
from tenants.models import User
from tests.conftest import Deliver, MakeCustomer, MakeStaff
from tests.house import (
    COMPANY,
    GREEN,
    House,
    Story,
    attempt_of,
    callback_body,
    keep,
    open_tasks,
)

pytestmark = pytest.mark.django_db(transaction=True)
SEVEN_HOURS = timedelta(hours=7)


def lose_webhooks() -> None:
    """As if Sumsub had never reached us."""
    Delivery.objects.exclude(status="done").delete()
    Callback.objects.filter(status="received").delete()


def let_hours_pass() -> None:
    now = timezone.now()
    Applicant.objects.update(fetched_at=now - SEVEN_HOURS)
    Applicant.objects.update(started_at=now - 2 * SEVEN_HOURS)


# --- attempts ---------------------------------------------------------------------
def test_a_lost_verdict_is_found(story: Story) -> None:
    story.submitted()
    story.house.review(story.applicant_id, "approve")
    lose_webhooks()
    assert reconcile_kyc().asked == 0  # too early
    let_hours_pass()
    report = reconcile_kyc()
    assert (report.asked, report.changed, report.failed) == (1, 1, 0)
    story.deliver()
    story.customer.refresh_from_db()
    assert story.customer.kyc_status == KycStatus.VERIFIED
    assert story.customer.activity == "active"  # provisioned like any other
    assert reconcile_kyc().asked == 0  # closed now


def test_when_not_one_webhook_came(story: Story) -> None:
    link = story.house.start_kyc(story.customer, story.clerk)
    story.house.open_and_submit(link)
    lose_webhooks()
    assert attempt_of(story.customer).applicant_id == ""
    let_hours_pass()
    assert reconcile_kyc().changed == 1
    assert attempt_of(story.customer).applicant_id == SandboxApplicant.objects.get().pk
    assert attempt_of(story.customer).status == "in_review"


def test_an_unopened_link_is_asked_about_every_six_hours_only(story: Story) -> None:
    start_attempt(story.customer.pk, by=story.clerk)
    let_hours_pass()
    versions = Applicant.history.count()
    assert reconcile_kyc().unknown == 1
    assert reconcile_kyc().asked == 0
    assert Applicant.history.count() == versions
    let_hours_pass()
    assert reconcile_kyc().asked == 1


@pytest.mark.parametrize(("age", "asked"), [(359, 0), (361, 1)])
def test_six_hours_to_the_minute(story: Story, age: int, asked: int) -> None:
    start_attempt(story.customer.pk, by=story.clerk)
    at = timezone.now() - timedelta(minutes=age)
    Applicant.objects.update(started_at=at, fetched_at=at)
    assert reconcile_kyc().asked == asked


def test_sumsub_down_ends_the_run_and_changes_nothing(
    story: Story, make_customer: MakeCustomer, settings: Settings
) -> None:
    for _ in range(FAILURES_IN_A_ROW + 3):
        start_attempt(make_customer().pk, by=story.clerk)
    let_hours_pass()
    settings.SUMSUB_BASE_URL = "http://127.0.0.1:9"
    report = reconcile_kyc()
    assert report.asked == report.failed == FAILURES_IN_A_ROW
    assert "gave up" in str(report)
    assert set(Applicant.objects.values_list("status", flat=True)) == {"started"}
    settings.SUMSUB_BASE_URL = f"{story.house.url}/sandbox/sumsub"
    assert reconcile_kyc().asked == FAILURES_IN_A_ROW + 3


def test_what_does_not_fit_becomes_a_task(story: Story) -> None:
    """No callback waits on the desk, so somebody must be told otherwise."""
    story.submitted()
    SandboxApplicant.objects.update(level_name="basic-kyc-old")
    story.house.review(story.applicant_id, "approve")
    lose_webhooks()
    let_hours_pass()
    assert reconcile_kyc().failed == 1
    assert open_tasks(story.customer) == [("kyc_decision", "unexpected_level")]
    assert attempt_of(story.customer).status == "in_review"


# --- callbacks --------------------------------------------------------------------
def test_a_given_up_callback_is_delivered_again(story: Story) -> None:
    story.submitted()
    story.house.review(story.applicant_id, "approve")
    waiting = Delivery.objects.exclude(status="done")
    waiting.update(status="failed", attempts=16, last_error="Sumsub was down.")
    assert reconcile_kyc().callbacks == 0  # not old enough
    Callback.objects.filter(status="received").update(
        received_at=timezone.now() - SEVEN_HOURS
    )
    assert reconcile_kyc().callbacks == 1
    story.deliver()
    story.customer.refresh_from_db()
    assert story.customer.kyc_status == KycStatus.VERIFIED


def test_the_command_prints_the_report(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(callback_body())
    call_command("reconcile_kyc")
    assert "0 attempts asked about" in capsys.readouterr().out


# --- companies --------------------------------------------------------------------
@pytest.fixture
def company(make_customer: MakeCustomer, setup_machine: User) -> Customer:
    company = make_customer(
        name="Halcyon Grain Trading Ltd",
        customer_type=CustomerType.PRIVATE_COMPANY,
        entity_type=EntityType.BODY_CORPORATE,
    )
    start_attempt(company.pk, by=setup_machine)
    return company


@pytest.fixture
def owners_missing() -> Any:
    """Return a switch: while it holds a sentence, no company is cleared."""
    missing = {"why": "one owner is not verified"}

    def rule(_customer: Customer) -> str:
        return missing["why"]

    CLEARING_RULES.append(rule)
    yield missing
    CLEARING_RULES.remove(rule)


def test_a_company_needs_its_own_level(company: Customer, say: Any) -> None:
    assert attempt_of(company).level == "basic-kyb-level"
    wrong = say(company, **GREEN, level="basic-kyc-level")
    assert wrong.quarantine == "unexpected_level"
    say(company, **GREEN)
    assert company.kyc_status == KycStatus.VERIFIED


def test_a_company_waits_for_its_owners(
    company: Customer, say: Any, owners_missing: dict[str, str]
) -> None:
    outcome = say(company, **GREEN)
    attempt = attempt_of(company)
    assert outcome.note == "one owner is not verified"
    assert (attempt.status, attempt.verdict) == ("on_hold", "approved")
    assert what_holds_back(attempt) == "one owner is not verified"
    assert company.kyc_status == KycStatus.PENDING
    assert open_tasks(company) == []
    owners_missing["why"] = ""
    say(company, **GREEN)
    assert company.kyc_status == KycStatus.VERIFIED


def test_a_rule_takes_no_approval_back(
    company: Customer, say: Any, owners_missing: dict[str, str]
) -> None:
    owners_missing["why"] = ""
    say(company, **GREEN)
    owners_missing["why"] = "an owner has left"
    say(company, **GREEN)
    assert attempt_of(company).status == "approved"
    assert (company.status, company.kyc_status) == ("active", "verified")


def test_rules_are_for_companies_alone(
    make_customer: MakeCustomer, setup_machine: User, say: Any,
    owners_missing: dict[str, str],
) -> None:  # fmt: skip
    assert owners_missing["why"]
    customer = make_customer()
    start_attempt(customer.pk, by=setup_machine)
    say(customer, **GREEN)
    assert customer.kyc_status == KycStatus.VERIFIED


def test_a_company_over_http_waits_and_is_cleared_by_its_owner(
    house: House, company: Customer, make_staff: MakeStaff, make_customer: MakeCustomer,
    deliver: Deliver, owners_missing: dict[str, str],
) -> None:  # fmt: skip
    story = Story(house, company, make_staff("client_facing"), deliver)
    story.submitted(COMPANY).decided("approve")
    assert attempt_of(company).status == "on_hold"
    assert company.kyc_status == KycStatus.PENDING
    # Another company's owner is verified: this one goes on waiting, nobody is asked.
    house.set_faults(answer_503=1)
    make_customer(verified=True)
    deliver()
    assert attempt_of(company).status == "on_hold"
    house.set_faults()
    # The rule passes with the next verification.
    owners_missing["why"] = ""
    make_customer(verified=True)
    deliver()
    company.refresh_from_db()
    assert company.kyc_status == KycStatus.VERIFIED
    assert attempt_of(company).status == "approved"


def test_a_company_held_back_is_looked_at_every_six_hours(
    house: House, company: Customer, make_staff: MakeStaff, deliver: Deliver,
    owners_missing: dict[str, str],
) -> None:  # fmt: skip
    """An approved determination is no verification, so nobody announces it here."""
    story = Story(house, company, make_staff("client_facing"), deliver)
    story.submitted(COMPANY).decided("approve")
    owners_missing["why"] = ""
    let_hours_pass()
    assert reconcile_kyc().changed == 1
    company.refresh_from_db()
    assert company.kyc_status == KycStatus.VERIFIED
