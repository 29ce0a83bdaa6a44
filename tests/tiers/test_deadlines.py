"""The channel's term until KYC: warned in time, suspended once, at midnight there."""

from datetime import UTC, date, datetime, timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from pytest_django import Settings

from common.observing.measures import SWEEP_FAILURES
from customers.contacts.models import Message
from customers.registry.choices import KycLevel, SuspensionReason
from customers.registry.models import Customer
from customers.registry.services import (
    reinstate_customer,
    suspend_customer,
    verify_customer,
)
from customers.tiers import deadlines, sets
from customers.tiers.deadlines import (
    begin_term_anew,
    deadline_of,
    mail_warning,
    miss_deadline,
    reinstate_after_deadline,
    sweep_kyc_deadlines,
    warn_of_deadline,
)
from customers.tiers.models import KycDeadline
from customers.tiers.panels import build_tier
from customers.tiers.services import change_channel_rule, channel_rules_of
from events.events import RetryLaterError
from tenants.models import Tenant, User
from tenants.services import change_policy, create_tenant
from tests.conftest import Deliver, MakeCustomer, race
from tests.contacts.proving import prove
from tests.house import events
from tests.tiers.conftest import Clock

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _registered_at_noon(clock: Clock) -> None:
    clock.set(NOON)


def failures(sweep: str) -> float:
    found = SWEEP_FAILURES.labels(sweep)
    return float(found._value.get())


def stands(customer: Customer) -> tuple[str, str]:
    customer.refresh_from_db()
    return customer.status, customer.status_reason


MISSED = ("suspended", "kyc_deadline")
FINE = ("active", "")


# --- the boundaries -----------------------------------------------------------------
@pytest.mark.parametrize(
    ("channel", "days", "warned", "suspended"),
    [
        ("web", 0, 1, 0), ("web", 1, 0, 1),
        ("agent", 0, 1, 0), ("agent", 1, 1, 0), ("agent", 2, 0, 1),
        ("mobile", 4, 0, 0), ("mobile", 5, 1, 0), ("mobile", 7, 1, 0),
        ("mobile", 8, 0, 1),
        ("ussd", 27, 0, 0), ("ussd", 28, 1, 0), ("ussd", 30, 1, 0), ("ussd", 31, 0, 1),
    ],
)  # fmt: skip
def test_when_each_channel_warns_and_suspends(
    make_customer: MakeCustomer, clock: Clock,
    channel: str, days: int, warned: int, suspended: int,
) -> None:  # fmt: skip
    customer = make_customer(channel=channel)
    clock.set(NOON + timedelta(days=days))
    assert sweep_kyc_deadlines() == (warned, suspended)
    assert stands(customer) == (MISSED if suspended else FINE)
    assert sweep_kyc_deadlines() == (0, 0)
    assert events("KycDeadlineNeared") == warned
    assert events("CustomerSuspended") == suspended


@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [
        # Midnight after 17 November there, on the clock of Greenwich.
        ("Africa/Accra", (17, 23, 59), (18, 0, 0)),
        ("Asia/Tokyo", (17, 14, 59), (17, 15, 0)),
        ("America/New_York", (18, 4, 59), (18, 5, 0)),
    ],
)
def test_the_term_ends_at_the_institutions_midnight(
    make_customer: MakeCustomer, setup_machine: User, clock: Clock, zone: str,
    before: tuple[int, int, int], after: tuple[int, int, int],
) -> None:  # fmt: skip
    tenant = create_tenant(name="There", slug="there", by=setup_machine, time_zone=zone)
    customer = make_customer(tenant=tenant, channel="mobile")
    assert deadline_of(customer) == date(2026, 11, 17)
    clock.set(datetime(2026, 11, *before, tzinfo=UTC))
    assert sweep_kyc_deadlines() == (1, 0)
    clock.set(datetime(2026, 11, *after, tzinfo=UTC))
    assert sweep_kyc_deadlines() == (0, 1)


def test_the_day_of_registration_is_the_institutions(
    make_customer: MakeCustomer, setup_machine: User, clock: Clock
) -> None:
    tenant = create_tenant(
        name="There", slug="there", by=setup_machine, time_zone="Asia/Tokyo"
    )
    clock.set(datetime(2026, 11, 10, 15, 30, tzinfo=UTC))
    customer = make_customer(tenant=tenant, channel="mobile")
    assert deadline_of(customer) == date(2026, 11, 18)


# --- who is left alone ----------------------------------------------------------------
def test_the_verified_have_no_deadline(
    make_customer: MakeCustomer, clock: Clock
) -> None:
    customer = make_customer(channel="mobile", verified=True)
    clock.set(NOON + timedelta(days=100))
    assert sweep_kyc_deadlines() == (0, 0)
    assert deadline_of(customer) is None


def test_where_kyc_is_not_required_nobody_is_suspended(
    make_customer: MakeCustomer, demo_bank: Tenant, clock: Clock, setup_machine: User
) -> None:
    customer = make_customer(channel="mobile")
    said: dict[str, Any] = {"by": setup_machine, "reason": "Policy"}
    change_policy(demo_bank.pk, kyc_required=False, **said)
    clock.set(NOON + timedelta(days=100))
    assert sweep_kyc_deadlines() == (0, 0)
    customer = Customer.objects.get(pk=customer.pk)
    assert deadline_of(customer) is None


def test_who_is_suspended_already_keeps_the_reason(
    make_customer: MakeCustomer, clock: Clock, setup_machine: User
) -> None:
    customer = make_customer(channel="mobile")
    reason = SuspensionReason.DUE_DILIGENCE
    suspend_customer(customer.pk, reason=reason, by=setup_machine)
    clock.set(NOON + timedelta(days=100))
    assert sweep_kyc_deadlines() == (0, 0)
    assert stands(customer) == ("suspended", "due_diligence")


def test_who_was_reinstated_has_another_term(
    make_customer: MakeCustomer, clock: Clock, setup_machine: User, deliver: Deliver
) -> None:
    """Seven days from the 20th day on, warned and suspended as the first time."""
    customer = make_customer(channel="mobile")
    for days, counts in ((5, (1, 0)), (8, (0, 1))):
        clock.set(NOON + timedelta(days=days))
        assert sweep_kyc_deadlines() == counts, days
    clock.set(NOON + timedelta(days=20))
    reinstate_customer(customer.pk, reason="They are ill", by=setup_machine)
    # The handler has not run yet: nobody is suspended for the first term again.
    assert sweep_kyc_deadlines() == (0, 0)
    rule = channel_rules_of(customer.tenant)["mobile"]
    assert not miss_deadline(customer.pk, rule, setup_machine)
    assert not warn_of_deadline(customer.pk, rule, setup_machine)
    deliver()
    customer.refresh_from_db()
    assert deadline_of(customer) == date(2026, 12, 7)
    said = [row.get("meta") for row in build_tier(customer, setup_machine).rows]
    assert "Mobile: within 7 d of reinstatement" in said
    for days, counts in ((20, (0, 0)), (25, (1, 0)), (27, (0, 0)), (28, (0, 1))):
        clock.set(NOON + timedelta(days=days))
        assert sweep_kyc_deadlines() == counts, days
    assert stands(customer) == MISSED
    # A delivery of the first reinstatement that comes again, and late.
    assert not begin_term_anew(customer.pk)
    clock.set(NOON + timedelta(days=40))
    reinstate_customer(customer.pk, reason="They are ill", by=setup_machine)
    assert begin_term_anew(customer.pk)
    assert not begin_term_anew(customer.pk)
    customer.refresh_from_db()
    assert deadline_of(customer) == date(2026, 12, 27)


def test_who_was_suspended_for_more_has_another_term_too(
    make_customer: MakeCustomer, clock: Clock, setup_machine: User, deliver: Deliver
) -> None:
    customer = make_customer(channel="mobile")
    reason = SuspensionReason.DUE_DILIGENCE
    suspend_customer(customer.pk, reason=reason, by=setup_machine)
    clock.set(NOON + timedelta(days=20))
    reinstate_customer(customer.pk, reason="Answered", by=setup_machine)
    deliver()
    assert sweep_kyc_deadlines() == (0, 0)
    clock.set(NOON + timedelta(days=28))
    assert sweep_kyc_deadlines() == (0, 1)


def test_the_verified_need_no_other_term(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer(channel="mobile", verified=True)
    reason = SuspensionReason.DUE_DILIGENCE
    suspend_customer(customer.pk, reason=reason, by=setup_machine)
    reinstate_customer(customer.pk, reason="Answered", by=setup_machine)
    assert not begin_term_anew(customer.pk)
    assert not KycDeadline.objects.filter(customer=customer).exists()


def test_another_term_warns_anew(
    make_customer: MakeCustomer, demo_bank: Tenant, clock: Clock, setup_machine: User
) -> None:
    make_customer(channel="mobile")
    clock.set(NOON + timedelta(days=6))
    assert sweep_kyc_deadlines() == (1, 0)
    rule = channel_rules_of(demo_bank)["mobile"]
    change_channel_rule(rule.pk, kyc_within_days=20, by=setup_machine, reason="Longer")
    clock.set(NOON + timedelta(days=17))
    assert sweep_kyc_deadlines() == (0, 0)
    clock.set(NOON + timedelta(days=18))
    assert sweep_kyc_deadlines() == (1, 0)
    clock.set(NOON + timedelta(days=21))
    assert sweep_kyc_deadlines() == (0, 1)


def test_each_bank_goes_by_its_own_rule(
    make_customer: MakeCustomer, demo_bank: Tenant, second_bank: Tenant, clock: Clock,
    setup_machine: User,
) -> None:  # fmt: skip
    rule = channel_rules_of(second_bank)["mobile"]
    change_channel_rule(rule.pk, kyc_within_days=20, by=setup_machine, reason="Longer")
    ours = make_customer(channel="mobile")
    theirs = make_customer(channel="mobile", tenant=second_bank)
    clock.set(NOON + timedelta(days=8))
    assert sweep_kyc_deadlines() == (0, 1)
    assert (stands(ours), stands(theirs)) == (MISSED, FINE)


# --- a run that stops, two runs at once ---------------------------------------------
def test_one_that_fails_stops_no_other(
    make_customer: MakeCustomer, second_bank: Tenant, clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """One customer of the first bank, and the rows of the second bank as a whole."""
    bad, good = (make_customer(channel="mobile") for _ in range(2))
    theirs = make_customer(channel="mobile", tenant=second_bank)
    clock.set(NOON + timedelta(days=8))

    def suspend(key: Any, **said: Any) -> bool:
        if key == bad.pk:
            raise ValueError("A row that nobody foresaw")
        return suspend_customer(key, **said)

    def rules(tenant: Tenant) -> Any:
        if tenant == second_bank:
            raise ValueError("A time zone that nobody knows")
        return channel_rules_of(tenant)

    before = failures("kyc_deadlines")
    with monkeypatch.context() as failing:
        failing.setattr(deadlines, "suspend_customer", suspend)
        failing.setattr(deadlines, "channel_rules_of", rules)
        assert sweep_kyc_deadlines() == (0, 1)
    assert failures("kyc_deadlines") == before + 2
    assert [stands(each) for each in (bad, good, theirs)] == [FINE, MISSED, FINE]
    assert not KycDeadline.objects.filter(customer=bad).exists()
    assert sweep_kyc_deadlines() == (0, 2)


def test_a_run_that_was_killed_goes_on(
    make_customer: MakeCustomer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    customers = [make_customer(channel="mobile") for _ in range(5)]
    clock.set(NOON + timedelta(days=8))
    monkeypatch.setattr(sets, "SET_SIZE", 2)
    done: list[Any] = []

    def die_at_the_third(*args: Any, **kwargs: Any) -> bool:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(args)
        return suspend_customer(*args, **kwargs)

    with monkeypatch.context() as killing:
        killing.setattr(deadlines, "suspend_customer", die_at_the_third)
        with pytest.raises(KeyboardInterrupt):
            sweep_kyc_deadlines()
    assert [stands(each) for each in customers].count(MISSED) == 2
    assert sweep_kyc_deadlines() == (0, 3)
    assert events("CustomerSuspended") == 5


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_do_it_once(make_customer: MakeCustomer, clock: Clock) -> None:
    for channel in ("mobile", "mobile", "agent"):
        make_customer(channel=channel)
    make_customer(channel="ussd")
    clock.set(NOON + timedelta(days=28))
    results = race(sweep_kyc_deadlines, sweep_kyc_deadlines)
    assert [sum(counts) for counts in zip(*results, strict=True)] == [1, 3]
    assert (events("KycDeadlineNeared"), events("CustomerSuspended")) == (1, 3)


def test_who_is_verified_late_goes_on(
    make_customer: MakeCustomer, clock: Clock, setup_machine: User, deliver: Deliver
) -> None:
    customer = make_customer(channel="mobile")
    clock.set(NOON + timedelta(days=8))
    sweep_kyc_deadlines()
    assert stands(customer) == MISSED
    verify_customer(customer.pk, level=KycLevel.BASIC, by=setup_machine, reason="Seen")
    deliver()
    assert stands(customer) == FINE
    assert not reinstate_after_deadline(customer.pk, by=setup_machine)


def test_who_is_suspended_for_more_than_the_deadline_stays(
    make_customer: MakeCustomer, clock: Clock, setup_machine: User, deliver: Deliver
) -> None:
    customer = make_customer(channel="mobile", verified=True)
    reason = SuspensionReason.ADVERSE_VERDICT
    suspend_customer(customer.pk, reason=reason, by=setup_machine)
    deliver()
    assert stands(customer) == ("suspended", "adverse_verdict")


@pytest.mark.django_db(transaction=True)
def test_an_approval_at_the_last_moment(
    make_customer: MakeCustomer, clock: Clock, setup_machine: User
) -> None:
    customer = make_customer(channel="mobile")
    clock.set(NOON + timedelta(days=8))
    approval: dict[str, Any] = {"level": "basic", "by": setup_machine, "reason": "Seen"}
    results = race(
        sweep_kyc_deadlines, lambda: verify_customer(customer.pk, **approval)
    )
    assert not [each for each in results if isinstance(each, Exception)]
    customer.refresh_from_db()
    assert customer.kyc_status == "verified"
    assert sweep_kyc_deadlines() == (0, 0)


# --- the mail -------------------------------------------------------------------------
def test_the_customer_is_warned_by_mail_once(
    make_customer: MakeCustomer, clock: Clock, deliver: Deliver, mailoutbox: list[Any]
) -> None:
    customer = make_customer(channel="mobile")
    prove(customer)
    clock.set(NOON + timedelta(days=5))
    sweep_kyc_deadlines()
    deliver()
    (sent,) = mailoutbox
    assert sent.to == [customer.email]
    assert sent.subject == "Demo Bank: please complete your identity check"
    assert "by 17 Nov 2026." in sent.body
    assert "http" not in sent.body
    mail_warning(customer.pk)
    assert len(mailoutbox) == 1


def test_no_mail_to_who_was_verified_meanwhile(
    make_customer: MakeCustomer, clock: Clock, setup_machine: User,
    mailoutbox: list[Any],
) -> None:  # fmt: skip
    customer = make_customer(channel="mobile")
    prove(customer)
    clock.set(NOON + timedelta(days=5))
    sweep_kyc_deadlines()
    approval: dict[str, Any] = {"level": "basic", "by": setup_machine, "reason": "Seen"}
    verify_customer(customer.pk, **approval)
    mail_warning(customer.pk)
    assert not mailoutbox


def test_no_mail_after_the_day(
    make_customer: MakeCustomer, clock: Clock, mailoutbox: list[Any]
) -> None:
    customer = make_customer(channel="mobile")
    prove(customer)
    clock.set(NOON + timedelta(days=5))
    sweep_kyc_deadlines()
    clock.set(NOON + timedelta(days=8))
    mail_warning(customer.pk)
    assert not mailoutbox


def test_without_a_proven_contact_staff_are_asked_to_call(
    make_customer: MakeCustomer, clock: Clock, mailoutbox: list[Any]
) -> None:
    customer = make_customer(channel="ussd", email="")
    clock.set(NOON + timedelta(days=28))
    assert sweep_kyc_deadlines() == (1, 0)
    mail_warning(customer.pk)
    assert not mailoutbox
    message = Message.objects.get()
    assert (message.channel, message.status) == ("phone", "waiting")


class RefusingBackend:
    """A mail server that hangs up."""

    def __init__(self, **_: Any) -> None:
        pass

    def send_messages(self, _: list[Any]) -> int:
        raise SMTPServerDisconnected("ama@mail.example: gone")


def test_a_mail_server_that_is_down_is_asked_again(
    make_customer: MakeCustomer, clock: Clock, settings: Settings
) -> None:
    customer = make_customer(channel="mobile")
    prove(customer)
    clock.set(NOON + timedelta(days=5))
    sweep_kyc_deadlines()
    works, settings.EMAIL_BACKEND = (
        settings.EMAIL_BACKEND, f"{__name__}.{RefusingBackend.__name__}",
    )  # fmt: skip
    with pytest.raises(RetryLaterError, match="did not take it") as caught:
        mail_warning(customer.pk)
    assert "ama@" not in str(caught.value)
    assert KycDeadline.objects.get(customer=customer).mailed_at is None
    settings.EMAIL_BACKEND = works
    mail_warning(customer.pk)
    assert len(mail.outbox) == 1


def test_nobody_is_suspended_on_the_last_day(
    make_customer: MakeCustomer, clock: Clock, setup_machine: User
) -> None:
    customer = make_customer(channel="mobile")
    rule = channel_rules_of(customer.tenant)["mobile"]
    clock.set(NOON + timedelta(days=7))
    assert not miss_deadline(customer.pk, rule, setup_machine)
    clock.set(NOON + timedelta(days=8))
    assert miss_deadline(customer.pk, rule, setup_machine)
