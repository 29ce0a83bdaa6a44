"""Who gets another name: payouts go on only to an account in that name."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from common.errors import DomainError
from customers.registry.choices import DeclineReason, TaskKind
from customers.registry.models import Customer
from customers.registry.services import decline_customer, update_customer
from deposits.linked.choices import NameMatch
from deposits.linked.renaming import REASON, follow_name
from deposits.linked.services import make_primary
from deposits.models import LinkedAccount
from events.models import RecordedEvent
from tenants.models import User
from tenants.services import get_machine
from tests.conftest import Deliver
from tests.deposits.linking import verified
from tests.house import open_tasks

pytestmark = pytest.mark.django_db
TASK = (TaskKind.TRIGGER_REVIEW, REASON)


@pytest.fixture
def primary(ama: Customer, clerk: User, officer: User) -> LinkedAccount:
    row = verified(ama, clerk, officer)
    make_primary(row.pk, by=clerk)
    row.refresh_from_db()
    return row


def rename(customer: Customer, name: str, by: User, **also: Any) -> None:
    changes = {"name": name, **also}
    update_customer(customer.pk, changes=changes, by=by, reason="Marriage")


def test_another_name_drops_the_payout_account(
    ama: Customer, primary: LinkedAccount, officer: User, deliver: Deliver
) -> None:
    rename(ama, "Efua Owusu", officer)
    deliver()
    primary.refresh_from_db()
    assert (primary.is_primary, primary.status) == (False, "verified")
    assert primary.name_match == NameMatch.NONE
    version = primary.history.first()
    assert version.history_user == get_machine("deposits")
    assert "not the customer’s name any more" in version.history_change_reason
    event = RecordedEvent.objects.get(type="PrimaryAccountDropped").as_event()
    assert event and event.words()[0] == "Not primary for payouts any more"
    assert TASK in open_tasks(ama)
    assert not follow_name(ama.pk, by=officer)
    with pytest.raises(DomainError, match="not the customer’s name"):
        make_primary(primary.pk, by=officer)
    rename(ama, "Ama Serwaa Mensah", officer)
    assert make_primary(primary.pk, by=officer)
    primary.refresh_from_db()
    assert primary.name_match == NameMatch.MATCH


def test_the_database_pays_nobody_else(primary: LinkedAccount, officer: User) -> None:
    primary.name_match = NameMatch.NONE
    with pytest.raises(IntegrityError), transaction.atomic():
        primary.save_as(officer, "Past the command")


def test_a_close_name_or_another_detail_changes_nothing(
    ama: Customer, primary: LinkedAccount, officer: User, deliver: Deliver
) -> None:
    rename(ama, "Ama S. Mensah", officer)
    rename(ama, "Ama S. Mensah", officer, email="ama@mail.example")
    deliver()
    primary.refresh_from_db()
    assert primary.is_primary
    assert TASK not in open_tasks(ama)


def test_who_has_left_keeps_what_was(
    ama: Customer, primary: LinkedAccount, officer: User
) -> None:
    rename(ama, "Efua Owusu", officer)
    decline_customer(ama.pk, reason=DeclineReason.CUSTOMER_WITHDREW, by=officer)
    assert not follow_name(ama.pk, by=officer)
    primary.refresh_from_db()
    assert primary.is_primary
