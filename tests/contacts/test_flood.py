"""Three an hour to one number, whoever holds it; and to which numbers none at all."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from common.errors import DomainError
from customers.contacts.handlers import send_verification
from customers.contacts.models import Challenge, Phone
from customers.contacts.panels import build_contacts
from customers.contacts.reaching import Notice, reach
from customers.contacts.services import (
    add_contact,
    ask_verification,
    change_contact,
    remove_contact,
    set_preference,
)
from customers.contacts.verification import LATEST, MOST_SENDS
from customers.registry.models import Customer
from events.events import GiveUpError
from events.models import RecordedEvent
from tenants.models import Tenant, User
from tests.conftest import Deliver, MakeCustomer, MakeStaff, race
from tests.contacts.conftest import EMAIL, PHONE, email_of, phone_of

pytestmark = pytest.mark.django_db
VICTIM = "+233201234567"


def _again() -> Any:
    rows = RecordedEvent.objects.filter(type="VerificationAsked")
    return rows.latest("created_at").as_event()


def _note(customer: Customer, officer: User, contact: Any) -> str:
    rows = build_contacts(customer, officer).context["rows"]
    return next(str(row.note) for row in rows if row.title == contact.shown)


def _sends(ask: Any, most: int = 20) -> int:
    """How often it may be asked before it is refused."""
    for number in range(most):
        try:
            ask(number)
        except DomainError as error:
            assert error.code == "TOO_MANY_REQUESTS"
            return number
    return most


def test_another_number_in_between_makes_no_room(ama: Customer, officer: User) -> None:
    phone = add_contact(ama.pk, PHONE, {"number": VICTIM}, by=officer)

    def ask(number: int) -> None:
        """Send to the victim, then turn the contact into another and back."""
        current = Phone.objects.of_customer(ama.pk).get(number=VICTIM)
        ask_verification(PHONE, current.pk, by=officer)
        other = {"number": f"+23320123457{number}"}
        change_contact(PHONE, current.pk, other, by=officer, reason="x")
        remove_contact(PHONE, current.pk, by=officer, reason="x")
        add_contact(ama.pk, PHONE, {"number": VICTIM}, by=officer)

    assert phone.value == VICTIM
    assert _sends(ask) == MOST_SENDS


def test_another_institution_has_its_own_count(
    ama: Customer, make_customer: MakeCustomer, officer: User, second_bank: Tenant,
    make_staff: MakeStaff,
) -> None:  # fmt: skip
    stranger = make_staff("compliance_officer", tenant=second_bank)
    theirs = make_customer(tenant=second_bank)
    for customer, by in ((ama, officer), (theirs, stranger)):
        phone = add_contact(customer.pk, PHONE, {"number": VICTIM}, by=by)
        assert _sends(lambda _, p=phone, b=by: ask_verification(PHONE, p.pk, by=b)) == 3
    indexes = set(Challenge.objects.values_list("place_index", flat=True))
    assert len(indexes) == 2
    assert not any(VICTIM[1:] in index for index in indexes)


@pytest.mark.django_db(transaction=True)
def test_customers_who_share_a_number_at_once_get_three_together(
    make_customer: MakeCustomer, officer: User
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one writer in at a time")
    phones = [
        add_contact(make_customer().pk, PHONE, {"number": VICTIM}, by=officer)
        for _ in range(4)
    ]

    def press(phone: Any) -> Any:
        return lambda: ask_verification(PHONE, phone.pk, by=officer)

    results = race(*[press(phone) for phone in phones for _ in range(2)])
    refused = [r for r in results if isinstance(r, DomainError)]
    assert {r.code for r in refused} == {"TOO_MANY_REQUESTS"}
    assert len(refused) == len(results) - MOST_SENDS
    assert Challenge.objects.count() == MOST_SENDS


@pytest.mark.parametrize(
    ("refusal", "is_room"), [("no_way", True), ("too_late", True), ("place", False)]
)
def test_what_reached_nobody_makes_room(
    ama: Customer, officer: User, refusal: str, *, is_room: bool
) -> None:
    phone = phone_of(ama)
    for _ in range(MOST_SENDS):
        ask_verification(PHONE, phone.pk, by=officer)
        rows = Challenge.objects.open()
        rows.update(refusal=refusal, digest="", ended_at=timezone.now())
    sends = _sends(lambda _: ask_verification(PHONE, phone.pk, by=officer))
    assert sends == (MOST_SENDS if is_room else 0)


# --- numbers that take none -----------------------------------------------------------
@pytest.mark.parametrize(
    ("number", "says"),
    [("+449012345678", "premium-rate"), ("+233302550128", "fixed line")],
)
def test_no_code_goes_where_none_arrives_or_somebody_is_paid(
    ama: Customer, officer: User, number: str, says: str
) -> None:
    phone = add_contact(ama.pk, PHONE, {"number": number}, by=officer)
    with pytest.raises(DomainError, match=says) as caught:
        ask_verification(PHONE, phone.pk, by=officer)
    assert caught.value.code == "INVALID_PHONE"
    assert not Challenge.objects.exists()


def test_no_notice_counts_as_sent_to_a_fixed_line(
    make_customer: MakeCustomer, officer: User, handset: Path
) -> None:
    customer = make_customer(channel="agent", email="", phone="+233302550128")
    set_preference(customer.pk, channel="sms", language="en", by=officer, reason="x")
    message = reach(customer, Notice("kyc/expiry_reminder", about="x"), by=officer)
    assert (message.channel, message.status) == ("phone", "waiting")
    assert not handset.exists()


# --- what never went out --------------------------------------------------------------
def test_without_a_gateway_staff_are_told(
    ama: Customer, officer: User, settings: Settings
) -> None:
    settings.DEBUG = False
    phone = phone_of(ama)
    ask_verification(PHONE, phone.pk, by=officer)
    with pytest.raises(GiveUpError, match="No SMS gateway"):
        send_verification(_again())
    challenge = Challenge.objects.get()
    assert (challenge.refusal, challenge.digest, challenge.sent_at) == (
        "no_way", "", None,
    )  # fmt: skip
    assert _note(ama, officer, phone) == "not sent: no SMS gateway is set up"
    send_verification(_again())  # tried again from the list: nothing is left to send


def test_without_a_gateway_a_message_goes_another_way(
    ama: Customer, officer: User, settings: Settings, handset: Path,
    make_customer: MakeCustomer,
) -> None:  # fmt: skip
    settings.DEBUG = False
    bare = make_customer(channel="agent", email="")
    for customer, channel, status in (
        (ama, "email", "sent"), (bare, "phone", "waiting"),
    ):  # fmt: skip
        wish: dict[str, Any] = {"channel": "sms", "language": "en"}
        set_preference(customer.pk, **wish, by=officer, reason="x")
        message = reach(customer, Notice("kyc/expiry_reminder", about="x"), by=officer)
        assert (message.channel, message.status) == (channel, status)
    assert not handset.exists()


@pytest.mark.parametrize("kind", [PHONE, EMAIL])
def test_what_was_refused_is_not_shown_as_on_its_way(
    kind: Any, ama: Customer, officer: User, settings: Settings, deliver: Deliver
) -> None:
    settings.EMAIL_BACKEND = "tests.contacts.test_verification.RefusingBackend"
    settings.SMS_URL, settings.SMS_SECRET = "http://127.0.0.1:9/", "x" * 32
    contact: Any = phone_of(ama) if kind == PHONE else email_of(ama)
    what = "number" if kind == PHONE else "address"
    ask_verification(kind, contact.pk, by=officer)
    assert _note(ama, officer, contact) == "being sent"
    if kind == PHONE:
        rows = Challenge.objects.filter(phone=contact)
        rows.update(refusal="place", ended_at=timezone.now())
    else:
        with pytest.raises(GiveUpError):
            send_verification(_again())
    assert _note(ama, officer, contact) == f"refused; check the {what}"
    ask_verification(kind, contact.pk, by=officer)
    assert _note(ama, officer, contact) == "being sent"


def test_what_was_refused_says_nothing_of_the_next_address(
    ama: Customer, officer: User, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "tests.contacts.test_verification.RefusingBackend"
    email = email_of(ama)
    ask_verification(EMAIL, email.pk, by=officer)
    with pytest.raises(GiveUpError):
        send_verification(_again())
    asked = {"email": "other@mail.example"}
    change_contact(EMAIL, email.pk, asked, by=officer, reason="Typed wrong")
    assert _note(ama, officer, email_of(ama)) == "not verified"


def test_a_link_that_could_not_go_for_a_day_ends(ama: Customer, officer: User) -> None:
    email = email_of(ama)
    ask_verification(EMAIL, email.pk, by=officer)
    Challenge.objects.update(asked_at=timezone.now() - LATEST)
    send_verification(_again())
    assert Challenge.objects.get().refusal == "too_late"
    assert _note(ama, officer, email) == "not sent in time; send another one"
