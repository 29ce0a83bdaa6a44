"""Every verb of an account from every status, and what a customer's state demands."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from common.errors import IllegalTransitionError
from customers.registry.choices import Activity, CustomerType
from customers.registry.choices import Status as CustomerStatus
from customers.registry.models import Customer
from deposits.events import AccountOpened, AccountStatusChanged
from deposits.models import ACCOUNT_SETS, Account, demanded_status

S = Account.Status
VERBS: dict[str, tuple[Account.Status, set[Account.Status]]] = {
    "become_active": (S.ACTIVE, {S.INACTIVE, S.SUSPENDED}),
    "become_inactive": (S.INACTIVE, {S.ACTIVE, S.SUSPENDED}),
    "suspend": (S.SUSPENDED, {S.ACTIVE, S.INACTIVE}),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("here", list(S))
def test_every_verb_from_every_status(verb: str, here: Account.Status) -> None:
    to, sources = VERBS[verb]
    account = Account(customer_id=uuid4(), public_id="2000-0088", status=here)
    move: Callable[[], AccountStatusChanged | None] = getattr(account, verb)
    if here in sources:
        event = move()
        assert event and event.status == to
        assert account.status == to
    elif here == to:
        assert move() is None
    else:
        with pytest.raises(IllegalTransitionError, match="2000-0088"):
            move()
        assert account.status == here


@pytest.mark.parametrize("activity", list(Activity))
@pytest.mark.parametrize("status", list(CustomerStatus))
def test_what_the_customer_demands(status: CustomerStatus, activity: Activity) -> None:
    wanted = demanded_status(Customer(status=status, activity=activity))
    if status == CustomerStatus.ACTIVE:
        assert wanted.value == activity.value
    else:
        assert wanted == S.SUSPENDED


def test_every_customer_type_has_an_account_set() -> None:
    assert set(ACCOUNT_SETS) == set(CustomerType)


def test_words_of_the_timeline() -> None:
    opened = AccountOpened(account_id="a", customer_id="c")
    changed = AccountStatusChanged(account_id="a", customer_id="c", status="suspended")
    assert opened.words() == ("Account opened", "")
    assert changed.words() == ("Account", "suspended")
