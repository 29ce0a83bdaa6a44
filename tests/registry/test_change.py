"""Changing: named, told, and looked at again where it matters."""

from functools import partial
from typing import Any

import pytest

from common.errors import DomainError, StaleVersionError
from customers.registry.models import (
    Customer,
    Task,
    TaskKind,
)
from customers.registry.services import (
    update_customer,
)
from events.models import RecordedEvent
from tenants.models import User
from tests.conftest import (
    COMPANY_DETAILS,
    MakeCustomer,
    race,
)
from tests.registry.conftest import COMPANY, LOCKS, change, overlap, told


def test_changes_are_named_and_told(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer()
    changed = change(
        customer,
        setup_machine,
        name="Ama Owusu",
        details={"occupation": "Nurse", "address": ""},
    )
    assert set(changed) == {"name", "occupation", "address"}
    customer.refresh_from_db()
    assert customer.name_normalized == "ama owusu"
    assert customer.details["occupation"] == "Nurse"
    assert "address" not in customer.details, "“” clears a key"
    assert customer.details["birth_date"] == "1991-04-03", "other keys stay"
    event = RecordedEvent.objects.get(type="CustomerUpdated")
    assert event.payload == {"customer_id": str(customer.pk), "fields": changed}


def test_nothing_changed_is_nothing_written(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer()
    same = {"name": f" {customer.name} ", "details": {"birth_date": "1991-04-03"}}
    assert change(customer, setup_machine, **same) == []
    assert told(customer) == ["CustomerRegistered"]
    assert customer.history.count() == 1


def test_the_second_of_two_editors_is_told(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer()
    seen = customer.row_version
    update = partial(
        update_customer, customer.pk, by=setup_machine, reason="r", row_version=seen
    )
    assert update(changes={"name": "Ama Owusu"}) == ["name"]
    with pytest.raises(StaleVersionError):
        update(changes={"name": "Ama Boateng"})
    customer.refresh_from_db()
    assert customer.name == "Ama Owusu"
    assert customer.row_version == seen + 1


@LOCKS
def test_of_two_editors_at_once_one_wins(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer()

    def edit(name: str) -> list[str]:
        return update_customer(
            customer.pk,
            changes={"name": name},
            by=setup_machine,
            reason="r",
            row_version=customer.row_version,
        )

    results = race(
        *(partial(edit, f"Ama {name}") for name in ("Ofori", "Osei", "Asare"))
    )
    assert results.count(["name"]) == 1
    assert sum(isinstance(r, StaleVersionError) for r in results) == 2
    assert customer.history.count() == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"email": "customer1@mail.example"}, "DUPLICATE_CUSTOMER"),
        ({"phone": "+233 24 41 00001"}, "PHONE_ALREADY_REGISTERED"),
        ({"email": "ama"}, "INVALID_EMAIL"),
        ({"phone": "12"}, "INVALID_PHONE"),
        ({"phone": "+44 24 412 345"}, "INVALID_PHONE"),
        ({"phone": "+233 24 412 3456 ext. 5"}, "INVALID_PHONE"),
        ({"email": "ama@\u0430pple.com"}, "INVALID_EMAIL"),
        ({"name": "…"}, "DATA_VALIDATION_FAILED"),
        ({"details": {"shoe_size": "42"}}, "DATA_VALIDATION_FAILED"),
        ({"details": {"birth_date": "soon"}}, "DATA_VALIDATION_FAILED"),
    ],
)
def test_a_bad_change_is_refused(
    make_customer: MakeCustomer,
    setup_machine: User,
    changes: dict[str, Any],
    code: str,
) -> None:
    make_customer()
    customer = make_customer()
    with pytest.raises(DomainError) as refusal:
        change(customer, setup_machine, **changes)
    assert refusal.value.code == code
    assert told(customer) == ["CustomerRegistered"]


def test_what_was_kept_before_a_rule_was_stricter_may_stay(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer()
    old = {"phone": "+233300000", "email": "ama@\u0430pple.com"}
    Customer.objects.filter(pk=customer.pk).update(**old)
    assert change(customer, setup_machine, name="Ama Owusu", **old) == ["name"]
    with pytest.raises(DomainError):
        change(customer, setup_machine, phone="+233300001")


@LOCKS
def test_two_customers_taking_one_address_at_once(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    first, second = make_customer(), make_customer()
    results = overlap(
        lambda: change(first, setup_machine, email="new@mail.example"),
        lambda: change(second, setup_machine, email="new@mail.example"),
    )
    assert results[0] == ["email"]
    assert isinstance(results[1], DomainError)
    assert results[1].code == "DUPLICATE_CUSTOMER"


def test_what_is_too_long_for_its_column_is_cut(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    customer = make_customer()
    change(customer, setup_machine, telegram_id="z" * 100)
    customer.refresh_from_db()
    assert len(customer.telegram_id) == 64


@pytest.mark.parametrize("is_verified", [True, False])
def test_a_trigger_event_opens_one_task_for_the_verified(
    make_customer: MakeCustomer, setup_machine: User, *, is_verified: bool
) -> None:
    customer = make_customer(verified=is_verified)
    change(customer, setup_machine, name="Ama Owusu")
    change(customer, setup_machine, name="Ama Boateng")
    change(customer, setup_machine, telegram_id="7", details={"occupation": "Nurse"})
    tasks = Task.objects.open().filter(customer=customer)
    expected = [("trigger_review", "name")] if is_verified else []
    assert list(tasks.values_list("kind", "reason")) == expected
    assert told(customer).count("TaskOpened") == len(expected)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"details": {"birth_date": "1991-04-04"}}, "birth_date"),
        ({"details": {"nationality": "NGA"}}, "nationality"),
        ({"details": {"address": "Elsewhere"}}, "address"),
        ({"name": "New", "details": {"nationality": ""}}, "name, nationality"),
    ],
)
def test_which_changes_make_compliance_look_again(
    make_customer: MakeCustomer,
    setup_machine: User,
    changes: dict[str, Any],
    reason: str,
) -> None:
    customer = make_customer(verified=True)
    change(customer, setup_machine, **changes)
    task = Task.objects.get()
    assert (task.kind, task.reason) == (TaskKind.TRIGGER_REVIEW, reason)
    days = (task.due_at - task.opened_at).days
    assert days == 14


def test_a_day_kept_in_another_form_is_no_change(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    """The form shows and posts it the one way; nobody has touched it."""
    customer = make_customer(verified=True)
    old = {**customer.details, "birth_date": "19900105"}
    Customer.objects.filter(pk=customer.pk).update(details=old)
    same = {"birth_date": "1990-01-05"}
    assert change(customer, setup_machine, details=same) == []
    asked = {**same, "occupation": "Nurse"}
    assert change(customer, setup_machine, details=asked) == ["occupation"]
    assert not Task.objects.exists()
    customer.refresh_from_db()
    assert customer.details["birth_date"] == "1990-01-05"
    other = {"birth_date": "1990-01-06"}
    assert change(customer, setup_machine, details=other) == ["birth_date"]
    assert Task.objects.get().reason == "birth_date"


def test_a_companys_registration_number_is_a_trigger(
    make_customer: MakeCustomer, setup_machine: User
) -> None:
    company = make_customer(verified=True, **COMPANY)
    answers = {**COMPANY_DETAILS, "registration_number": "CS-1"}
    change(company, setup_machine, details=answers)
    assert Task.objects.get().reason == "registration_number"


@pytest.mark.parametrize(
    ("channel", "kept", "cleared"),
    [("web", "phone", "email"), ("mobile", "phone", "email"),
     ("agent", "email", "phone"), ("ussd", "email", "phone")],
)  # fmt: skip
def test_the_contact_they_came_by_is_not_cleared(
    make_customer: MakeCustomer, setup_machine: User,
    channel: str, kept: str, cleared: str,
) -> None:  # fmt: skip
    contacts: dict[str, Any] = {
        "email": "ama@mail.example", "phone": "+233244123456",
    }  # fmt: skip
    customer = make_customer(channel=channel, **contacts)
    with pytest.raises(DomainError) as refusal:
        change(customer, setup_machine, **{cleared: ""})
    assert refusal.value.field == cleared
    assert change(customer, setup_machine, **{kept: ""}) == [kept]
