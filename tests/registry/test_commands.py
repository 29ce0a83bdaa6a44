"""What else may be asked about a customer; asking twice is no error."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone

from common.errors import DomainError, IllegalTransitionError
from customers.registry.models import (
    Customer,
    DeclineReason,
    KycLevel,
    SuspensionReason,
    Task,
    TaskKind,
)
from customers.registry.services import (
    activate_customer,
    decline_customer,
    record_activity,
    reinstate_customer,
    reject_kyc,
    reopen_kyc,
    suspend_customer,
    verify_customer,
)
from customers.registry.tasks_of_staff import close_task, open_task
from tenants.models import Tenant, User
from tenants.services import change_policy
from tests.conftest import (
    MakeCustomer,
    race,
)
from tests.registry.conftest import LOCKS, change, told

# --- suspend, reinstate, decline ------------------------------------------------


def test_suspending_twice_is_one_deed(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer(verified=True)
    suspend = partial(suspend_customer, customer.pk, by=setup_machine)
    assert suspend(reason=SuspensionReason.DUE_DILIGENCE)
    assert not suspend(reason=SuspensionReason.KYC_EXPIRED)
    customer.refresh_from_db()
    assert customer.status_reason == "due_diligence"
    assert customer.kyc_status == "verified"
    assert told(customer).count("CustomerSuspended") == 1
    assert reinstate_customer(customer.pk, reason="Papers came", by=setup_machine)
    assert not reinstate_customer(customer.pk, reason="Again", by=setup_machine)
    assert told(customer).count("CustomerReinstated") == 1


@LOCKS
def test_suspended_by_many_at_once_is_one_deed(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer()
    reason = SuspensionReason.DUE_DILIGENCE
    suspend = partial(suspend_customer, customer.pk, reason=reason, by=setup_machine)
    assert sorted(race(suspend, suspend, suspend)) == [False, False, True]
    assert told(customer).count("CustomerSuspended") == 1
    assert customer.history.count() == 2


def test_expired_kyc_keeps_a_customer_suspended(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer(verified=True)
    suspend_customer(customer.pk, reason=SuspensionReason.KYC_EXPIRED, by=setup_machine)
    Customer.objects.update(kyc_expires_on=timezone.localdate())
    with pytest.raises(DomainError, match="KYC has expired"):
        reinstate_customer(customer.pk, reason="Please", by=setup_machine)
    verify_customer(
        customer.pk, level=KycLevel.BASIC, by=setup_machine, reason="Renewed"
    )
    assert reinstate_customer(customer.pk, reason="Renewed", by=setup_machine)


def test_a_verified_customer_is_not_declined(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer(verified=True)
    before = told(customer)
    with pytest.raises(IllegalTransitionError, match="end the relationship"):
        decline_customer(
            customer.pk, reason=DeclineReason.NOT_ELIGIBLE, by=setup_machine
        )
    customer.refresh_from_db()
    assert (customer.status, customer.kyc_status) == ("active", "verified")
    assert told(customer) == before


def test_who_is_declined_cannot_be_changed_or_verified(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer()
    decline = partial(decline_customer, customer.pk, by=setup_machine)
    assert decline(reason=DeclineReason.NOT_ELIGIBLE)
    assert not decline(reason=DeclineReason.NOT_ELIGIBLE)
    with pytest.raises(DomainError, match="is archived"):
        change(customer, setup_machine, name="Other")
    with pytest.raises(IllegalTransitionError):
        verify_customer(
            customer.pk, level=KycLevel.BASIC, by=setup_machine, reason="Late"
        )
    customer.refresh_from_db()
    assert (customer.status, customer.kyc_status) == ("archived", "rejected")


# --- KYC and activity -----------------------------------------------------------


def test_a_rejected_customer_may_try_again(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer()
    because: dict[str, Any] = {"by": setup_machine, "reason": "Blurred photo"}
    assert reject_kyc(customer.pk, **because)
    assert not reject_kyc(customer.pk, **because)
    assert reopen_kyc(customer.pk, **because)
    assert reject_kyc(customer.pk, **because)
    assert verify_customer(customer.pk, level=KycLevel.BASIC, **because)
    assert told(customer) == [
        "CustomerRegistered",
        "KycRejected",
        "KycReopened",
        "KycRejected",
        "KycReopened",
        "CustomerVerified",
    ]


def test_verified_stays_verified(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer(verified=True)
    for command in (reject_kyc, reopen_kyc):
        with pytest.raises(IllegalTransitionError):
            command(customer.pk, by=setup_machine, reason="Adverse")
    customer.refresh_from_db()
    assert customer.kyc_status == "verified"


def test_verifying_again_is_a_renewal(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer(verified=True)
    Customer.objects.update(kyc_expires_on=timezone.localdate() - timedelta(days=1))
    verify_customer(
        customer.pk, level=KycLevel.BASIC, by=setup_machine, reason="Renewed"
    )
    before, customer = customer, Customer.objects.get()
    assert customer.verified_at == before.verified_at
    assert customer.kyc_expires_on == before.kyc_expires_on
    assert told(customer)[-1] == "KycRenewed"


def test_activity_is_recorded_for_the_verified(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer(verified=True)
    long_ago = timezone.now() - timedelta(days=400)
    Customer.objects.update(last_activity_at=long_ago)
    record = partial(
        record_activity, customer.pk, by=setup_machine, reason="Came to the counter"
    )
    assert record(), "an inactive customer becomes active"
    assert not record(), "an active one stays active"
    customer.refresh_from_db()
    assert customer.activity == "active"
    assert customer.last_activity_at is not None
    assert (timezone.now() - customer.last_activity_at).total_seconds() < 60
    assert told(customer)[-3:] == [
        "ActivityRecorded",
        "ActivityChanged",
        "ActivityRecorded",
    ]


def test_activity_of_others_is_refused(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    pending, gone = make_customer(), make_customer(verified=True)
    Customer.objects.filter(pk=gone.pk).update(status="offboarded")
    because: dict[str, Any] = {"by": setup_machine, "reason": "Came by"}
    with pytest.raises(DomainError, match="is not verified"):
        record_activity(pending.pk, **because)
    with pytest.raises(DomainError, match="is offboarded"):
        record_activity(gone.pk, **because)


def test_activating_twice_is_one_deed(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer(verified=True)
    because: dict[str, Any] = {"by": setup_machine, "reason": "Provisioned"}
    assert activate_customer(customer.pk, **because)
    assert not activate_customer(customer.pk, **because)
    assert told(customer).count("ActivityChanged") == 1


# --- tasks, search, who is not there --------------------------------------------


def test_a_task_is_opened_once_and_closed_once(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer()
    ask = partial(
        open_task, customer, TaskKind.ESCALATION, reason="adverse", by=setup_machine
    )
    task = ask()
    assert ask() == task
    assert close_task(task.pk, outcome="Harmless", by=setup_machine)
    assert not close_task(task.pk, outcome="Again", by=setup_machine)
    task.refresh_from_db()
    assert (task.status, task.outcome) == ("done", "Harmless")
    assert ask() != task, "the next time is another task"


@LOCKS
def test_a_task_opened_by_many_at_once_is_one(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer()
    ask = partial(
        open_task, customer, TaskKind.ESCALATION, reason="adverse", by=setup_machine
    )
    assert len({task.pk for task in race(ask, ask, ask)}) == 1
    assert Task.objects.count() == 1


def test_who_does_not_exist_is_not_suspended(setup_machine: User) -> None:
    reason = SuspensionReason.DUE_DILIGENCE
    with pytest.raises(Customer.DoesNotExist):
        suspend_customer(uuid4(), reason=reason, by=setup_machine)


@pytest.mark.parametrize(
    "words",
    [
        "ama mensah 1",
        "MENSAH",
        "Ámá",
        "Mens",
        "customer1@MAIL.example",
        " +233 (0)24 41 00001 ",
        "1000-0048",
        "1000 0048",
        "10000048",
        "mensah\x00",
    ],
)
def test_a_customer_is_found(make_customer: MakeCustomer, words: str) -> None:
    customer = make_customer()
    assert list(Customer.objects.found_by(words)) == [customer]


@pytest.mark.parametrize(
    "words", ["kofi", "1000-0049", "nobody@mail.example", "%", "_"]
)
def test_another_is_not_found(make_customer: MakeCustomer, words: str) -> None:
    make_customer()
    assert not Customer.objects.found_by(words).exists()


def test_an_exact_hit_comes_first(make_customer: MakeCustomer) -> None:
    make_customer(name="A customer2 mail example")
    exact = make_customer(name="Zoe Last")
    assert connection.vendor in ("sqlite", "postgresql")
    assert Customer.objects.found_by(exact.email).first() == exact


# At every instant one of these two has another day than UTC.
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_kyc_ends_at_midnight_of_the_institution(
    make_customer: MakeCustomer, demo_bank: Tenant, setup_machine: User, zone: str
) -> None:
    change_policy(demo_bank.pk, by=setup_machine, reason="Moved", time_zone=zone)
    customer = make_customer(verified=True)
    assert customer.verified_at is not None
    day = timezone.localdate(customer.verified_at, ZoneInfo(zone))
    assert customer.kyc_expires_on == day + timedelta(days=demo_bank.kyc_valid_days)
