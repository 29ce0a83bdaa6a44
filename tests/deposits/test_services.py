"""Opening accounts, and accounts that follow their customer."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from common.errors import DomainError
from common.keys import is_spoken_number
from customers.registry.choices import (
    Activity,
    CustomerType,
    DeclineReason,
    EntityType,
    KycLevel,
    SuspensionReason,
)
from customers.registry.models import Customer
from customers.registry.services import (
    decline_customer,
    record_activity,
    reinstate_customer,
    reject_kyc,
    suspend_customer,
    verify_customer,
)
from deposits.models import Account, AccountSet
from deposits.services import follow_customer, open_account
from events.models import Delivery, RecordedEvent
from tenants.models import Tenant, User
from tenants.services import change_policy, get_machine
from tests.conftest import Deliver, MakeCustomer

pytestmark = pytest.mark.django_db
REASON = SuspensionReason.DUE_DILIGENCE


def account_of(customer: Customer) -> Account:
    account: Account = Account.objects.get(customer=customer)
    return account


def events(name: str) -> int:
    return RecordedEvent.objects.filter(type=name).count()


def test_open_for_a_verified_customer(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer(verified=True)
    account = open_account(customer.pk, by=setup_machine)
    assert is_spoken_number(account.public_id)
    assert account.public_id.startswith("2000-")
    assert (account.currency, account.account_set) == ("USD", AccountSet.INDIVIDUAL)
    assert account.status == Account.Status.INACTIVE  # as the customer's activity
    assert not account.is_default
    assert account.history.get().history_user == setup_machine
    event = RecordedEvent.objects.get(type="AccountOpened")
    assert event.subject_id == str(customer.pk)
    assert event.payload == {
        "account_id": str(account.pk), "customer_id": str(customer.pk)
    }  # fmt: skip


def test_account_set_follows_the_customer_type(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    bank = make_customer(
        customer_type=CustomerType.BANK,
        entity_type=EntityType.BODY_CORPORATE,
        verified=True,
    )
    account = open_account(bank.pk, by=setup_machine)
    assert account.account_set == AccountSet.INTERBANK


def test_kyc_comes_first(make_customer: MakeCustomer, setup_machine: User) -> None:
    customer = make_customer()
    with pytest.raises(DomainError, match="is pending") as refused:
        open_account(customer.pk, by=setup_machine)
    assert refused.value.code == "KYC_VERIFICATION_PENDING"
    reject_kyc(customer.pk, by=setup_machine, reason="Face does not match")
    with pytest.raises(DomainError, match="is not verified") as refused:
        open_account(customer.pk, by=setup_machine)
    assert refused.value.code == "KYC_REQUIRED"
    assert not Account.objects.exists()


def test_without_the_policy_kyc_may_come_later(
    make_customer: MakeCustomer,
    demo_bank: Tenant,
    setup_machine: User,
    deliver: Deliver,
) -> None:
    change_policy(demo_bank.pk, by=setup_machine, reason="Pilot", kyc_required=False)
    customer = make_customer()
    by_hand = open_account(customer.pk, by=setup_machine)
    verify_customer(customer.pk, level=KycLevel.BASIC, by=setup_machine, reason="ok")
    deliver()
    accounts = Account.objects.filter(customer=customer).order_by("opened_at")
    assert [a.is_default for a in accounts] == [False, True]
    by_hand.refresh_from_db()
    assert by_hand.status == Account.Status.ACTIVE


def test_never_for_who_has_left(
    make_customer: MakeCustomer, demo_bank: Tenant, setup_machine: User
) -> None:
    change_policy(demo_bank.pk, by=setup_machine, reason="Pilot", kyc_required=False)
    declined, offboarded = make_customer(), make_customer(verified=True)
    reason = DeclineReason.NOT_ELIGIBLE
    decline_customer(declined.pk, reason=reason, by=setup_machine)
    offboard(offboarded, setup_machine)
    for customer in (declined, offboarded):
        with pytest.raises(DomainError, match="Cannot open an account") as refused:
            open_account(customer.pk, by=setup_machine)
        assert refused.value.code == "CUSTOMER_INACTIVE"


def offboard(customer: Customer, by: User) -> None:
    """Move the row as offboarding will; its command is not built yet."""
    customer.refresh_from_db()
    customer.offboard("customer_request", timezone.now())
    customer.save_as(by, "Asked by the customer")


def test_pressed_twice_opens_one(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer, form = make_customer(verified=True), uuid4()
    first = open_account(customer.pk, by=setup_machine, account_id=form)
    second = open_account(customer.pk, by=setup_machine, account_id=form)
    assert first.pk == second.pk == form
    assert events("AccountOpened") == 1


def test_the_database_refuses_a_second_default(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer(verified=True)
    account = open_account(customer.pk, by=setup_machine, is_default=True)
    account.pk, account.public_id = uuid4(), "2000-9999"
    with pytest.raises(IntegrityError), transaction.atomic():
        account.save_as(setup_machine, "Second", force_insert=True)


def test_verified_opens_one_account_however_often_delivered(
    make_customer: MakeCustomer, deliver: Deliver
) -> None:
    customer = make_customer(verified=True)
    deliver()
    deliver_again("deposits.open_default_account", deliver)
    account = account_of(customer)
    assert account.is_default
    assert account.history.first().history_user == get_machine("deposits")
    assert events("AccountOpened") == 1


def deliver_again(handler: str, deliver: Deliver) -> None:
    again = Delivery.objects.filter(handler=handler)
    assert again.update(status=Delivery.Status.DUE, due_at=timezone.now())
    deliver()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_open_one_default_account(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer(verified=True)

    def work(_: int) -> str:
        try:
            account = open_account(customer.pk, by=setup_machine, is_default=True)
        finally:
            connection.close()
        return account.public_id

    with ThreadPoolExecutor(4) as pool:
        numbers = set(pool.map(work, range(4)))
    assert numbers == {account_of(customer).public_id}
    assert events("AccountOpened") == 1


def test_accounts_follow_suspension_and_activity(
    make_customer: MakeCustomer, setup_machine: User, deliver: Deliver
) -> None:
    customer = make_customer(verified=True)
    deliver()
    assert account_of(customer).status == Account.Status.ACTIVE
    suspend_customer(customer.pk, reason=REASON, by=setup_machine)
    deliver()
    assert account_of(customer).status == Account.Status.SUSPENDED
    deliver_again("deposits.hold_accounts", deliver)
    before = events("AccountStatusChanged")
    reinstate_customer(customer.pk, reason="Papers came", by=setup_machine)
    deliver()
    deliver_again("deposits.release_accounts", deliver)
    assert account_of(customer).status == Account.Status.ACTIVE
    assert events("AccountStatusChanged") == before + 1


def test_reinstated_before_the_suspension_was_delivered(
    make_customer: MakeCustomer, setup_machine: User, deliver: Deliver
) -> None:
    customer = make_customer(verified=True)
    deliver()
    suspend_customer(customer.pk, reason=REASON, by=setup_machine)
    late = Delivery.objects.get(handler="deposits.hold_accounts")
    late.due_at = timezone.now() + timedelta(hours=1)
    late.save()
    reinstate_customer(customer.pk, reason="A mistake", by=setup_machine)
    deliver()
    deliver(hurry=True)
    assert account_of(customer).status == Account.Status.ACTIVE


def test_suspended_before_the_account_was_opened(
    make_customer: MakeCustomer, setup_machine: User, deliver: Deliver
) -> None:
    customer = make_customer(verified=True)
    suspend_customer(customer.pk, reason=REASON, by=setup_machine)
    deliver()
    assert account_of(customer).status == Account.Status.SUSPENDED


def test_offboarded_before_the_account_was_opened(
    make_customer: MakeCustomer, setup_machine: User, deliver: Deliver
) -> None:
    customer = make_customer(verified=True)
    offboard(customer, setup_machine)
    deliver()
    assert not Account.objects.exists()
    assert not Delivery.objects.filter(
        handler="deposits.open_default_account"
    ).open().exists()  # fmt: skip


def test_frozen_and_closed_accounts_follow_nobody(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer(verified=True)
    frozen = open_account(customer.pk, by=setup_machine)
    closed = open_account(customer.pk, by=setup_machine)
    following = open_account(customer.pk, by=setup_machine)
    frozen.status, closed.status = Account.Status.FROZEN, Account.Status.CLOSED
    frozen.save_as(setup_machine, "Court order")
    closed.save_as(setup_machine, "Asked")
    record_activity(customer.pk, by=setup_machine, reason="At the counter")
    assert follow_customer(customer.pk, by=setup_machine) == 1
    assert follow_customer(customer.pk, by=setup_machine) == 0
    for account, status in (
        (frozen, "frozen"), (closed, "closed"), (following, Activity.ACTIVE)
    ):  # fmt: skip
        account.refresh_from_db()
        assert account.status == status


def test_found_by_either_number_and_name(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    ama = make_customer(name="Ama Mensah", verified=True)
    kofi = make_customer(name="Kofi Annan", verified=True)
    for customer in (ama, kofi):
        open_account(customer.pk, by=setup_machine)
    account = account_of(ama)
    for text in (account.public_id, ama.public_id, " mensah AMA"):
        assert list(Account.objects.all().found_by(text)) == [account]
    assert not Account.objects.all().found_by("..").exists()
