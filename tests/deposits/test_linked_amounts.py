"""Test amounts: shown once, kept as a hash, three tries within seven days."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from common.errors import DomainError, NotForYouError
from customers.registry.models import Customer
from customers.registry.services import update_customer
from deposits.linked.choices import NameMatch, Way
from deposits.linked.services import remove_linked_account, send_test_amount
from deposits.models import LinkedAccount, ProofAmount
from tenants.models import Tenant, User
from tenants.services import change_policy
from tests.conftest import MakeCustomer, MakeStaff, race
from tests.deposits.linking import confirmed, linked, sent, wrong

pytestmark = pytest.mark.django_db
S = LinkedAccount.Status


@pytest.fixture
def row(ama: Customer, clerk: User) -> LinkedAccount:
    return linked(ama, clerk)


def amounts(row: LinkedAccount) -> Iterator[ProofAmount]:
    yield from ProofAmount.objects.filter(linked_account=row).order_by("made_at")


def later(row: LinkedAccount, **passed: int) -> datetime:
    """Let time pass for what was made."""
    moved = timedelta(**passed)
    for each in amounts(row):
        each.made_at, each.expires_at = each.made_at - moved, each.expires_at - moved
        each.save()
    return timezone.now()


def test_the_amount_proves_it(row: LinkedAccount, teller: User, officer: User) -> None:
    shown = sent(row, teller)
    assert 0 < shown.amount <= Decimal("2.50")
    assert (shown.currency, len(shown.reference)) == ("USD", 9)
    assert shown.amount == shown.amount.quantize(Decimal("0.01"))
    assert confirmed(row, shown.amount, officer)
    row.refresh_from_db()
    assert (row.status, row.way) == (S.VERIFIED, Way.TEST_AMOUNT)
    assert (row.name_match, row.decided_by) == (NameMatch.MATCH, officer)
    assert not confirmed(row, shown.amount, officer)  # asked twice is no error


def test_nothing_in_the_database_tells_the_amount(
    row: LinkedAccount, teller: User
) -> None:
    send_test_amount(row.pk, by=teller)
    with connection.cursor() as cursor:
        cursor.execute("SELECT digest FROM deposits_proofamount")
        (digest,) = cursor.fetchone()
    assert len(digest) == 64
    assert not hasattr(ProofAmount, "history")


def test_three_wrong_answers_end_it(
    row: LinkedAccount, teller: User, officer: User
) -> None:
    shown = sent(row, teller)
    for left in ("2 tries are left", "one try is left", "no try is left"):
        with pytest.raises(DomainError, match=left) as caught:
            confirmed(row, wrong(shown), officer)
        assert caught.value.field == "amount"
    with pytest.raises(DomainError, match="No test amount waits"):
        confirmed(row, shown.amount, officer)
    (kept,) = amounts(row)
    assert (kept.tries, kept.digest) == (3, "")


def test_the_third_try_may_be_right(
    row: LinkedAccount, teller: User, officer: User
) -> None:
    shown = sent(row, teller)
    for _ in range(2):
        with pytest.raises(DomainError):
            confirmed(row, wrong(shown), officer)
    assert confirmed(row, shown.amount, officer)


@pytest.mark.parametrize(
    "amount", ["0", "-0.37", "0.371", "NaN", "Infinity", "1E+30", "1E-30"]
)
def test_what_is_no_amount_costs_no_try(
    row: LinkedAccount, teller: User, officer: User, amount: str
) -> None:
    sent(row, teller)
    with pytest.raises(DomainError, match=r"as in 0\.37"):
        confirmed(row, Decimal(amount), officer)
    (kept,) = amounts(row)
    assert kept.tries == 0


def test_trailing_zeros_are_the_same_amount(
    row: LinkedAccount, teller: User, officer: User
) -> None:
    shown = sent(row, teller)
    assert confirmed(row, Decimal(f"{shown.amount}0"), officer)


def test_seven_days(row: LinkedAccount, teller: User, officer: User) -> None:
    shown = sent(row, teller)
    later(row, days=7, seconds=1)
    with pytest.raises(DomainError, match="No test amount waits"):
        confirmed(row, shown.amount, officer)


def test_until_the_end_of_the_seventh(
    row: LinkedAccount, teller: User, officer: User
) -> None:
    shown = sent(row, teller)
    later(row, days=6, hours=23, minutes=59)
    assert confirmed(row, shown.amount, officer)


def test_a_later_amount_replaces_the_first(
    row: LinkedAccount, teller: User, officer: User
) -> None:
    first, second = sent(row, teller), sent(row, teller)
    if first.amount != second.amount:
        with pytest.raises(DomainError, match="not the amount"):
            confirmed(row, first.amount, officer)
    assert confirmed(row, second.amount, officer)


def test_three_in_thirty_days(row: LinkedAccount, teller: User) -> None:
    for _ in range(3):
        sent(row, teller)
    with pytest.raises(DomainError, match="Three were made") as caught:
        sent(row, teller)
    assert caught.value.code == "TOO_MANY_REQUESTS"
    later(row, days=30, seconds=1)
    sent(row, teller)


def test_a_form_pressed_twice_shows_it_once(row: LinkedAccount, teller: User) -> None:
    asked = uuid4()
    send_test_amount(row.pk, by=teller, amount_id=asked)
    with pytest.raises(DomainError, match="shown already"):
        send_test_amount(row.pk, by=teller, amount_id=asked)
    assert len(list(amounts(row))) == 1


def test_nobody_answers_for_the_customer(
    ama: Customer, make_staff: MakeStaff, officer: User
) -> None:
    """Neither who linked the account nor who saw the amount."""
    linker = make_staff("compliance_officer")
    row = linked(ama, linker)
    shown = sent(row, officer)
    with pytest.raises(NotForYouError, match="You added it"):
        confirmed(row, shown.amount, linker)
    with pytest.raises(NotForYouError, match="You sent the test amount"):
        confirmed(row, shown.amount, officer)
    (kept,) = amounts(row)
    assert kept.tries == 0
    assert confirmed(row, shown.amount, make_staff("compliance_officer"))


def test_who_is_not_the_holder_proves_nothing_by_an_amount(
    ama: Customer, clerk: User, teller: User, officer: User
) -> None:
    """Whoever reads the statement of somebody else's account reads the amount too."""
    row = linked(ama, clerk, holder_name="Kofi Boateng")
    with pytest.raises(DomainError, match="not the customer’s name") as caught:
        sent(row, teller)
    assert caught.value.code == "NAME_DIFFERS"
    assert "test amount" not in caught.value.message
    assert not list(amounts(row))


def test_a_holder_who_changed_after_it_was_sent(
    row: LinkedAccount, ama: Customer, teller: User, officer: User
) -> None:
    shown = sent(row, teller)
    said: dict[str, Any] = {"by": officer, "reason": "Marriage"}
    update_customer(ama.pk, changes={"name": "Efua Owusu"}, **said)
    with pytest.raises(DomainError, match="not the customer’s name"):
        confirmed(row, shown.amount, officer)
    row.refresh_from_db()
    (kept,) = amounts(row)
    assert (row.status, kept.tries) == (S.UNVERIFIED, 0)


def test_alone_it_is_recorded(
    row: LinkedAccount, officer: User, demo_bank: Tenant
) -> None:
    change_policy(demo_bank.pk, by=officer, reason="Alone", is_single_employee=True)
    shown = sent(row, officer)
    confirmed(row, shown.amount, officer)
    row.refresh_from_db()
    said = row.history.first().history_change_reason
    assert said.endswith("(single-employee mode: by who sent the test amount)")


def test_nothing_is_sent_to_what_is_gone(
    row: LinkedAccount, teller: User, officer: User, clerk: User
) -> None:
    shown = sent(row, teller)
    remove_linked_account(row.pk, reason="Closed", by=clerk)
    with pytest.raises(DomainError, match="is removed"):
        sent(row, teller)
    with pytest.raises(DomainError, match="is removed"):
        confirmed(row, shown.amount, officer)


def test_minor_digits_are_the_currencys(
    row: LinkedAccount, teller: User, officer: User, demo_bank: Tenant
) -> None:
    change_policy(demo_bank.pk, by=officer, reason="Moved", currency="JPY")
    shown = sent(row, teller)
    assert shown.amount == int(shown.amount)
    with pytest.raises(DomainError, match="as in"):
        confirmed(row, shown.amount + Decimal("0.5"), officer)
    assert confirmed(row, shown.amount, officer)


@pytest.mark.django_db(transaction=True)
def test_tries_at_once_are_all_counted(
    make_customer: MakeCustomer, make_staff: MakeStaff
) -> None:
    row = linked(make_customer(), make_staff("client_facing"))
    shown = sent(row, make_staff("teller"))
    officer = make_staff("compliance_officer")
    race(*(lambda: confirmed(row, wrong(shown), officer) for _ in range(4)))
    (kept,) = amounts(row)
    assert kept.tries == 3
    with pytest.raises(DomainError, match="No test amount waits"):
        confirmed(row, shown.amount, officer)
