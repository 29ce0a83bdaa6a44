"""KYC runs out: reminders, the day itself, and the renewal."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django import Settings

from customers.registry.models import Customer, Status
from events.models import Delivery, RecordedEvent
from kyc.expiry import sweep_kyc_expiry
from kyc.models import ExpiryReminder
from kyc.services import start_attempt
from tenants.models import User
from tenants.services import create_tenant
from tests.conftest import Deliver, MakeCustomer
from tests.contacts.proving import prove
from tests.house import GREEN, RED_FINAL, RED_RETRY, attempt_of, events, open_tasks

pytestmark = pytest.mark.django_db
INIT = {"status": "init"}
Expiring = Callable[..., Customer]


@pytest.fixture
def expiring(make_customer: MakeCustomer) -> Expiring:
    """Make a verified customer whose KYC runs out in so many days."""

    def make(days: int, **kwargs: Any) -> Customer:
        customer = make_customer(verified=True, **kwargs)
        due = timezone.localdate() + timedelta(days=days)
        Customer.objects.filter(pk=customer.pk).update(kyc_expires_on=due)
        customer.refresh_from_db()
        return customer

    return make


# --- reminders ------------------------------------------------------------------
@pytest.mark.parametrize(
    ("days", "reminders"),
    [
        (61, []), (60, [60]), (59, [60]), (31, [60]), (30, [30]), (29, [30]),
        (8, [30]), (7, [7]), (6, [7]), (1, [7]), (0, []), (-1, []),
    ],
)  # fmt: skip
def test_which_reminder_is_due(
    expiring: Expiring, days: int, reminders: list[int]
) -> None:
    customer = expiring(days)
    sweep_kyc_expiry()
    given = ExpiryReminder.objects.filter(customer=customer)
    assert list(given.values_list("days", flat=True)) == reminders


def test_each_reminder_is_given_once(expiring: Expiring) -> None:
    customer = expiring(60)
    assert [sweep_kyc_expiry() for _ in range(3)] == [(1, 0), (0, 0), (0, 0)]
    for days, expected in ((30, (1, 0)), (7, (1, 0)), (3, (0, 0))):
        due = timezone.localdate() + timedelta(days=days)
        Customer.objects.filter(pk=customer.pk).update(kyc_expires_on=due)
        ExpiryReminder.objects.update(expires_on=due)
        assert sweep_kyc_expiry() == expected, days
    assert events("KycExpiryNeared") == 3


def test_a_new_term_is_reminded_anew(expiring: Expiring) -> None:
    customer = expiring(60)
    sweep_kyc_expiry()
    due = timezone.localdate() + timedelta(days=59)
    Customer.objects.filter(pk=customer.pk).update(kyc_expires_on=due)
    assert sweep_kyc_expiry() == (1, 0)


# --- the day --------------------------------------------------------------------
def test_on_the_day_the_customer_is_suspended_once(expiring: Expiring) -> None:
    customer, later = expiring(0), expiring(1)
    assert sweep_kyc_expiry() == (1, 1)
    assert sweep_kyc_expiry() == (0, 0)
    customer.refresh_from_db()
    later.refresh_from_db()
    assert (customer.status, customer.status_reason) == ("suspended", "kyc_expired")
    assert customer.kyc_status == "verified"
    assert later.status == Status.ACTIVE
    assert events("CustomerSuspended") == 1


def test_who_was_suspended_before_keeps_the_reason(
    expiring: Expiring, say: Any, setup_machine: User
) -> None:
    customer = expiring(0)
    Customer.objects.filter(pk=customer.pk).update(
        status="suspended", status_reason="adverse_verdict"
    )
    assert sweep_kyc_expiry() == (0, 0)
    customer.refresh_from_db()
    assert customer.status_reason == "adverse_verdict"


class Clock:
    """Django's clock, set by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch

    def set(self, now: datetime) -> None:
        self.monkeypatch.setattr("django.utils.timezone.now", lambda: now)


@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [
        # Midnight of 12 November there, on the clock of Greenwich.
        ("Africa/Accra", (11, 23, 59), (12, 0, 0)),
        ("Asia/Tokyo", (11, 14, 59), (11, 15, 0)),
        ("America/New_York", (12, 4, 59), (12, 5, 0)),
    ],
)
def test_the_day_begins_at_the_institutions_midnight(
    make_customer: MakeCustomer, setup_machine: User, monkeypatch: pytest.MonkeyPatch,
    zone: str, before: tuple[int, int, int], after: tuple[int, int, int],
) -> None:  # fmt: skip
    tenant = create_tenant(name="There", slug="there", by=setup_machine, time_zone=zone)
    customer = make_customer(tenant=tenant, verified=True)
    Customer.objects.filter(pk=customer.pk).update(kyc_expires_on=date(2026, 11, 12))
    clock = Clock(monkeypatch)
    clock.set(datetime(2026, 11, *before, tzinfo=UTC))
    assert sweep_kyc_expiry()[1] == 0
    clock.set(datetime(2026, 11, *after, tzinfo=UTC))
    assert sweep_kyc_expiry()[1] == 1


# --- the mail -------------------------------------------------------------------
def test_the_customer_is_reminded_by_mail_once(
    expiring: Expiring, deliver: Deliver, mailoutbox: list[Any]
) -> None:
    customer = expiring(30)
    prove(customer)
    sweep_kyc_expiry()
    deliver()
    record = RecordedEvent.objects.get(type="KycExpiryNeared")
    Delivery.objects.filter(event=record).update(status="due")
    deliver()
    reminders = [m for m in mailoutbox if "renew" in m.subject]
    assert len(reminders) == 1
    message = reminders[0]
    assert message.to == [customer.email]
    assert message.content_subtype == "plain"
    assert "Demo Bank" in message.subject
    due = customer.kyc_expires_on
    assert due and f"{due:%-d %b %Y}" in message.body
    for word in ("suspect", "compliance", "risk", "escalat", "sanction", "http"):
        assert word not in message.body.lower()
    assert ExpiryReminder.objects.get().mailed_at


@pytest.mark.parametrize("why", ["renewed", "over", "ended"])
def test_no_mail_that_came_too_late(
    expiring: Expiring, deliver: Deliver, mailoutbox: list[Any], why: str
) -> None:
    customer = expiring(7)
    prove(customer)
    sweep_kyc_expiry()
    today = timezone.localdate()
    changes: dict[str, dict[str, Any]] = {
        "renewed": {"kyc_expires_on": today + timedelta(days=1000)},
        "over": {"kyc_expires_on": today},
        "ended": {"status": "offboarded"},
    }
    Customer.objects.filter(pk=customer.pk).update(**changes[why])
    if why == "over":
        ExpiryReminder.objects.update(expires_on=today)
    deliver()
    assert not [m for m in mailoutbox if "renew" in m.subject]


def test_a_mail_server_that_is_down_is_tried_again(
    expiring: Expiring, deliver: Deliver, settings: Settings
) -> None:
    customer = expiring(7)
    prove(customer)
    sweep_kyc_expiry()
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.DownBackend"
    deliver()
    delivery = Delivery.objects.get(handler="kyc.remind_customer")
    assert delivery.status == "due"
    assert customer.email not in delivery.last_error
    assert ExpiryReminder.objects.get().mailed_at is None
    settings.EMAIL_BACKEND = working
    deliver(hurry=True)
    assert len([m for m in mail.outbox if "renew" in m.subject]) == 1


class DownBackend:
    """A mail server that hangs up, quoting the address as some do."""

    def __init__(self, **_: Any) -> None:
        pass

    def send_messages(self, messages: list[Any]) -> int:
        raise SMTPServerDisconnected(f"{messages[0].to} refused")


# --- renewal ----------------------------------------------------------------------
@pytest.fixture
def renewing(make_customer: MakeCustomer, say: Any, setup_machine: User) -> Customer:
    """Return a customer approved long ago whose renewal has begun."""
    customer = make_customer()
    start_attempt(customer.pk, by=setup_machine)
    say(customer, **GREEN, reviewed_at=timezone.now() - timedelta(days=1000))
    due = timezone.localdate() + timedelta(days=20)
    Customer.objects.filter(pk=customer.pk).update(kyc_expires_on=due)
    start_attempt(customer.pk, by=setup_machine)
    customer.refresh_from_db()
    return customer


def test_the_old_verdict_renews_nothing(renewing: Customer, say: Any) -> None:
    long_ago = timezone.now() - timedelta(days=1000)
    until = renewing.kyc_expires_on
    outcome = say(renewing, **GREEN, reviewed_at=long_ago)
    assert "verdict of before" in outcome.note
    assert renewing.kyc_expires_on == until
    assert attempt_of(renewing).status == "started"
    assert say(renewing, **GREEN, reviewed_at=None).note


@pytest.mark.parametrize(
    "step", [INIT, RED_RETRY, {"status": "onHold"}, {"status": "pending"}]
)
def test_the_steps_of_a_renewal_suspend_nobody(
    renewing: Customer, say: Any, step: dict[str, str]
) -> None:
    say(renewing, **step)
    assert renewing.status == Status.ACTIVE
    assert open_tasks(renewing) == []
    say(renewing, **GREEN)
    assert renewing.kyc_expires_on
    assert renewing.kyc_expires_on > timezone.localdate() + timedelta(days=1000)
    assert events("KycRenewed") == 1


def test_a_renewal_refused_suspends(renewing: Customer, say: Any) -> None:
    say(renewing, **RED_FINAL)
    assert (renewing.status, renewing.kyc_status) == ("suspended", "verified")
    assert ("escalation", "adverse_verdict") in open_tasks(renewing)


def test_a_renewal_is_granted_once(renewing: Customer, say: Any) -> None:
    say(renewing, **GREEN)
    say(renewing, **RED_RETRY)
    say(renewing, **GREEN)
    assert events("KycRenewed") == 1
    assert renewing.status_reason == "adverse_verdict"


def test_reset_after_a_granted_renewal_suspends(renewing: Customer, say: Any) -> None:
    say(renewing, **GREEN)
    say(renewing, **INIT)
    assert renewing.status_reason == "applicant_reset"


def test_a_verdict_without_date_counts_once_the_old_one_was_seen_gone(
    renewing: Customer, say: Any
) -> None:
    say(renewing, **INIT)
    say(renewing, **GREEN, reviewed_at=None)
    assert events("KycRenewed") == 1


def test_a_verdict_of_the_same_second_may_be_the_old_one(
    renewing: Customer, say: Any
) -> None:
    """Sumsub writes whole seconds; in doubt nothing is granted."""
    second = attempt_of(renewing).started_at.replace(microsecond=0)
    say(renewing, **GREEN, reviewed_at=second)
    assert events("KycRenewed") == 0
