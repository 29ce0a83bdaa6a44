"""Whether money may move: every status, and amounts around every limit."""

from decimal import Decimal
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from common.errors import DomainError
from customers.registry.choices import Activity, SuspensionReason
from customers.registry.choices import Status as CustomerStatus
from customers.registry.models import Customer
from customers.registry.services import record_activity, suspend_customer
from customers.tiers.services import change_tier, tiers_of
from deposits.limits import refuse_operation
from deposits.models import Account
from deposits.services import follow_customer, open_account
from tenants.models import Tenant, User
from tests.conftest import MakeCustomer

pytestmark = pytest.mark.django_db
CENT = Decimal("0.01")
S = Account.Status


@pytest.fixture
def account(make_customer: MakeCustomer, setup_machine: User) -> Account:
    """Active, of an active customer of tier 1: 5,000 at once, 10,000 in all."""
    return an_account(make_customer(verified=True), setup_machine)


def an_account(customer: Customer, by: User) -> Account:
    account = open_account(customer.pk, by=by)
    record_activity(customer.pk, by=by, reason="Came to the branch")
    follow_customer(customer.pk, by=by)
    account.refresh_from_db()
    assert account.status == S.ACTIVE
    return account


def code_of(account: Account, amount: str, balance: str | None = None) -> str:
    """What it is refused with, "" when money may move."""
    after = Decimal(balance) if balance else None
    try:
        with transaction.atomic():
            refuse_operation(account, amount=Decimal(amount), balance_after=after)
    except DomainError as refusal:
        return refusal.code
    return ""


AMOUNTS = {
    ("0.01", "0.01"): "",
    ("5000", "5000"): "",
    ("5000", "10000"): "",
    ("5000", None): "",
    ("5000.01", "5000.01"): "LIMIT_EXCEEDED",
    ("5000", "10000.01"): "LIMIT_EXCEEDED",
    ("5000.01", None): "LIMIT_EXCEEDED",
    ("0", "0"): "INVALID_AMOUNT",
    ("-0.01", None): "INVALID_AMOUNT",
    ("0.001", "1"): "INVALID_AMOUNT",
}


@pytest.mark.parametrize("customer_status", list(CustomerStatus))
@pytest.mark.parametrize("status", list(S))
def test_every_status_and_every_amount(
    account: Account, status: Account.Status, customer_status: CustomerStatus
) -> None:
    """Rows are put where no command leads yet: frozen and closed ones among them."""
    Account.objects.filter(pk=account.pk).update(status=status)
    Customer.objects.filter(pk=account.customer_id).update(status=customer_status)
    for (amount, balance), code in AMOUNTS.items():
        wanted = code
        if status != S.ACTIVE:
            wanted = "ACCOUNT_INACTIVE"
        if customer_status != CustomerStatus.ACTIVE:
            wanted = "CUSTOMER_INACTIVE"
        assert code_of(account, amount, balance) == wanted, (amount, balance)


@pytest.mark.parametrize(
    "amount", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+40", "1E-40", "0E-10"]
)
def test_what_is_no_amount(account: Account, amount: str) -> None:
    assert code_of(account, amount) == "INVALID_AMOUNT"


@pytest.mark.parametrize(
    ("currency", "amount", "code"),
    [
        ("USD", "1.10", ""),
        ("USD", "1.100", ""),
        ("USD", "1.101", "INVALID_AMOUNT"),
        ("JPY", "1", ""),
        ("JPY", "1.0", ""),
        ("JPY", "1E+2", ""),
        ("JPY", "1.5", "INVALID_AMOUNT"),
        ("KWD", "1.001", ""),
        ("KWD", "1.0001", "INVALID_AMOUNT"),
    ],
)
def test_minor_digits(account: Account, currency: str, amount: str, code: str) -> None:
    Account.objects.filter(pk=account.pk).update(currency=currency)
    assert code_of(account, amount) == code


def test_business_without_limits_has_an_end_all_the_same(account: Account) -> None:
    Customer.objects.filter(pk=account.customer_id).update(tier=4)
    assert code_of(account, "1E+15", "1E+18") == ""
    assert code_of(account, "1000000000000000.01") == "INVALID_AMOUNT"


def test_the_sentences(account: Account, setup_machine: User) -> None:
    said = []
    suspended, reason = account.customer, SuspensionReason.DUE_DILIGENCE
    asked = {"amount": Decimal(1), "balance_after": None}
    Account.objects.filter(pk=account.pk).update(status=S.FROZEN)
    for step in range(2):
        with pytest.raises(DomainError) as caught, transaction.atomic():
            refuse_operation(account, **asked)  # type: ignore[arg-type]
        said.append(caught.value.message)
        if not step:
            suspend_customer(suspended.pk, reason=reason, by=setup_machine)
    assert said == [
        f"Money cannot move: account {account} is frozen.",
        f"Money cannot move: {suspended} is suspended.",
    ]


def test_it_follows_activity(make_customer: MakeCustomer, setup_machine: User) -> None:
    """As the present commands leave it: opened inactive, active, suspended."""
    customer = make_customer(verified=True)
    account = open_account(customer.pk, by=setup_machine)
    assert code_of(account, "1") == "ACCOUNT_INACTIVE"
    record_activity(customer.pk, by=setup_machine, reason="Came")
    customer.refresh_from_db()
    assert customer.activity == Activity.ACTIVE
    # The account has not followed yet; it moves no money until it has.
    assert code_of(account, "1") == "ACCOUNT_INACTIVE"
    follow_customer(customer.pk, by=setup_machine)
    assert code_of(account, "1") == ""
    reason = SuspensionReason.DUE_DILIGENCE
    suspend_customer(customer.pk, reason=reason, by=setup_machine)
    # The row in our hands and the account's own both say active still.
    assert account.status != S.SUSPENDED
    assert code_of(account, "1") == "CUSTOMER_INACTIVE"


def test_it_returns_the_account_as_it_is_now(account: Account) -> None:
    account.status = S.CLOSED  # a stale row in somebody's hands
    with transaction.atomic():
        held = refuse_operation(account, amount=Decimal(1), balance_after=None)
    assert (held.pk, held.status) == (account.pk, S.ACTIVE)


def test_a_changed_tier_holds_from_the_next_posting_on(
    account: Account, demo_bank: Tenant, setup_machine: User
) -> None:
    row = tiers_of(demo_bank)[1]
    change_tier(row.pk, max_transaction=Decimal(2), by=setup_machine, reason="Fraud")
    assert code_of(account, "2") == ""
    assert code_of(account, "2.01") == "LIMIT_EXCEEDED"


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_it_locks_nothing_and_says_so(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    account = an_account(make_customer(verified=True), setup_machine)
    with pytest.raises(transaction.TransactionManagementError):
        refuse_operation(account, amount=Decimal(1), balance_after=None)


@pytest.mark.django_db(transaction=True)
def test_a_suspension_that_commits_first_is_seen(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    """The posting waits for the suspension's lock, then reads what it left."""
    account = an_account(make_customer(verified=True), setup_machine)
    has_lock, may_commit, found = Event(), Event(), list[str]()

    def suspend() -> None:
        try:
            with transaction.atomic():
                reason = SuspensionReason.DUE_DILIGENCE
                suspend_customer(account.customer_id, reason=reason, by=setup_machine)
                has_lock.set()
                may_commit.wait(timeout=20)
        finally:
            connection.close()

    def post() -> None:
        try:
            found.append(code_of(account, "1"))
        finally:
            connection.close()

    first, second = Thread(target=suspend), Thread(target=post)
    first.start()
    assert has_lock.wait(timeout=20)
    second.start()
    second.join(timeout=0.5)
    assert second.is_alive(), "The posting must wait for the lock."
    may_commit.set()
    for thread in (first, second):
        thread.join(timeout=30)
    assert found == ["CUSTOMER_INACTIVE"]
