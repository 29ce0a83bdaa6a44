"""Codes and links: right, wrong, late, again, too many; and who learns them."""

import logging
import smtplib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail, signing
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from common.errors import DomainError
from customers.contacts.events import VerificationAsked
from customers.contacts.handlers import send_verification
from customers.contacts.models import Challenge
from customers.contacts.services import (
    add_contact,
    ask_verification,
    change_contact,
    remove_contact,
    verify_phone,
)
from customers.contacts.verification import MOST_TRIES
from customers.registry.choices import DeclineReason
from customers.registry.models import Customer
from customers.registry.services import decline_customer
from events.events import GiveUpError, RetryLaterError
from events.models import Delivery, RecordedEvent
from tenants.models import User
from tests.conftest import Deliver, MakeCustomer, race
from tests.contacts.conftest import (
    EMAIL,
    PHONE,
    code_on,
    email_of,
    link_in_mail,
    phone_of,
)

pytestmark = pytest.mark.django_db
WRONG = {True: "000000", False: "111111"}


class DownBackend(EmailBackend):
    """A mail server that hangs up."""

    def send_messages(self, _messages: Any) -> int:
        raise smtplib.SMTPServerDisconnected("secret words of the server")


class RefusingBackend(EmailBackend):
    def send_messages(self, _messages: Any) -> int:
        refusals = {"ama@mail.example": (550, b"secret words of the server")}
        raise smtplib.SMTPRecipientsRefused(refusals)


def _sent(customer: Customer, officer: User, deliver: Deliver, handset: Path) -> str:
    ask_verification(PHONE, phone_of(customer).pk, by=officer)
    deliver()
    return code_on(handset)


def _later(**by: float) -> None:
    """Let time pass for every challenge."""
    for row in Challenge.objects.all():
        row.asked_at -= timedelta(**by)
        row.expires_at -= timedelta(**by)
        row.save()


def test_a_code_proves_the_phone(
    ama: Customer, officer: User, deliver: Deliver, handset: Path
) -> None:
    code = _sent(ama, officer, deliver, handset)
    verify_phone(phone_of(ama).pk, code=f" {code[:3]} {code[3:]} ", by=officer)
    assert phone_of(ama).verified_at
    fact = RecordedEvent.objects.get(type="PhoneVerified")
    assert fact.payload == {
        "customer_id": str(ama.pk), "phone_id": str(phone_of(ama).pk),
    }  # fmt: skip
    with pytest.raises(DomainError, match="No code waits"):
        verify_phone(phone_of(ama).pk, code=code, by=officer)
    with pytest.raises(DomainError, match="verified already"):
        ask_verification(PHONE, phone_of(ama).pk, by=officer)


def test_the_code_is_nowhere_but_on_the_phone(
    ama: Customer, officer: User, deliver: Deliver, handset: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    code = _sent(ama, officer, deliver, handset)
    assert code not in caplog.text
    assert ama.phone not in caplog.text
    kept = [list(model.objects.values_list()) for model in (
        Challenge, RecordedEvent, Delivery)]  # fmt: skip
    assert code not in str(kept)
    assert len(Challenge.objects.get().digest) == 64


def test_five_wrong_codes_and_the_right_one_is_too_late(
    ama: Customer, officer: User, deliver: Deliver, handset: Path
) -> None:
    code = _sent(ama, officer, deliver, handset)
    wrong, phone = WRONG[code != "000000"], phone_of(ama)
    for left in ("4 tries are", "3 tries are", "2 tries are", "one try is", "no tries"):
        with pytest.raises(DomainError, match=left):
            verify_phone(phone.pk, code=wrong, by=officer)
    with pytest.raises(DomainError, match="Five wrong codes"):
        verify_phone(phone.pk, code=code, by=officer)
    assert Challenge.objects.get().tries == MOST_TRIES
    assert phone_of(ama).verified_at is None


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "١٢٣٤٥٦", "12345a", "1" * 999]
)
def test_what_is_no_code_costs_no_try(
    typed: str, ama: Customer, officer: User, deliver: Deliver, handset: Path
) -> None:
    _sent(ama, officer, deliver, handset)
    with pytest.raises(DomainError, match="six digits"):
        verify_phone(phone_of(ama).pk, code=typed, by=officer)
    assert Challenge.objects.get().tries == 0


def test_a_code_lives_ten_minutes(
    ama: Customer, officer: User, deliver: Deliver, handset: Path
) -> None:
    code = _sent(ama, officer, deliver, handset)
    _later(minutes=10, seconds=1)
    with pytest.raises(DomainError, match="has expired"):
        verify_phone(phone_of(ama).pk, code=code, by=officer)


def test_the_newest_code_alone_counts(
    ama: Customer, officer: User, deliver: Deliver, handset: Path
) -> None:
    first = _sent(ama, officer, deliver, handset)
    second = _sent(ama, officer, deliver, handset)
    assert Challenge.objects.open().count() == 1
    if first != second:
        with pytest.raises(DomainError, match="not the code"):
            verify_phone(phone_of(ama).pk, code=first, by=officer)
    verify_phone(phone_of(ama).pk, code=second, by=officer)


def test_three_codes_an_hour_to_one_number(
    ama: Customer, make_customer: MakeCustomer, officer: User
) -> None:
    phone = phone_of(ama)
    for _ in range(3):
        ask_verification(PHONE, phone.pk, by=officer)
    with pytest.raises(DomainError, match="next may go at") as caught:
        ask_verification(PHONE, phone.pk, by=officer)
    assert caught.value.code == "TOO_MANY_REQUESTS"
    # Neither removing it, nor another customer, makes room for more.
    remove_contact(PHONE, phone.pk, by=officer, reason="x")
    kofi = make_customer()
    for customer in (ama, kofi):
        values = {"number": phone.number}
        again = add_contact(customer.pk, PHONE, values, by=officer)
        with pytest.raises(DomainError, match="next may go at"):
            ask_verification(PHONE, again.pk, by=officer)
    _later(minutes=61)
    ask_verification(PHONE, again.pk, by=officer)


def test_a_code_is_bound_to_its_number(
    ama: Customer, officer: User, deliver: Deliver, handset: Path
) -> None:
    code, phone = _sent(ama, officer, deliver, handset), phone_of(ama)
    held = {"number": "+233201234567"}
    change_contact(PHONE, phone.pk, held, by=officer, reason="Another one")
    with pytest.raises(DomainError, match="No code waits"):
        verify_phone(phone.pk, code=code, by=officer)


def test_who_has_left_is_sent_nothing(
    ama: Customer, officer: User, deliver: Deliver, handset: Path
) -> None:
    ask_verification(PHONE, phone_of(ama).pk, by=officer)
    decline_customer(ama.pk, reason=DeclineReason.DUPLICATE, by=officer)
    deliver()
    assert not handset.exists()
    with pytest.raises(DomainError, match="is archived"):
        verify_phone(phone_of(ama).pk, code="123456", by=officer)


def _again() -> VerificationAsked:
    record = RecordedEvent.objects.filter(type="VerificationAsked").latest("created_at")
    event = record.as_event()
    assert isinstance(event, VerificationAsked)
    return event


def test_the_handler_is_harmless_to_run_twice(
    ama: Customer, officer: User, deliver: Deliver, handset: Path
) -> None:
    code = _sent(ama, officer, deliver, handset)
    send_verification(_again())
    assert len(list(handset.iterdir())) == 1
    verify_phone(phone_of(ama).pk, code=code, by=officer)


def test_after_a_failure_another_code_goes_out(
    ama: Customer, officer: User, deliver: Deliver, handset: Path
) -> None:
    first = _sent(ama, officer, deliver, handset)
    Challenge.objects.update(sent_at=None)  # killed before it could say so
    send_verification(_again())
    second = code_on(handset)
    if first != second:
        with pytest.raises(DomainError, match="not the code"):
            verify_phone(phone_of(ama).pk, code=first, by=officer)
    verify_phone(phone_of(ama).pk, code=second, by=officer)


def test_what_comes_too_late_is_not_sent(
    ama: Customer, officer: User, deliver: Deliver, handset: Path
) -> None:
    ask_verification(PHONE, phone_of(ama).pk, by=officer)
    _later(minutes=11)
    deliver()
    assert not handset.exists()


# --- links -----------------------------------------------------------------------
@pytest.fixture
def link(ama: Customer, officer: User, deliver: Deliver) -> str:
    ask_verification(EMAIL, email_of(ama).pk, by=officer)
    deliver()
    return link_in_mail()


def test_only_a_press_confirms(ama: Customer, link: str) -> None:
    scanner = Client()
    for ask in (scanner.get, scanner.head, scanner.get):
        assert ask(link).status_code == 200
    assert email_of(ama).verified_at is None
    page = scanner.post(link)
    assert (page.status_code, "confirmed" in page.content.decode()) == (200, True)
    assert email_of(ama).verified_at
    assert RecordedEvent.objects.filter(type="EmailVerified").count() == 1
    again = (scanner.get(link), scanner.post(link))
    assert [answer.status_code for answer in again] == [410, 410]  # it works once


def test_the_press_needs_the_page(ama: Customer, link: str) -> None:
    assert Client(enforce_csrf_checks=True).post(link).status_code == 403
    assert email_of(ama).verified_at is None


def test_the_page_tells_no_names(ama: Customer, link: str) -> None:
    page = Client().get(link).content.decode()
    assert not any(word in page for word in (ama.name, ama.email, ama.public_id))


def test_a_link_lives_two_days(ama: Customer, link: str) -> None:
    _later(hours=47.9)
    assert Client().get(link).status_code == 200
    _later(hours=0.2)
    for ask in (Client().get, Client().post):
        assert ask(link).status_code == 410
    assert email_of(ama).verified_at is None


def test_forged_links_open_nothing(ama: Customer, link: str) -> None:
    challenge = Challenge.objects.get()
    salts = ("contacts.challenge", "other")
    pieces = [[str(challenge.pk), "guess"], [str(challenge.pk)], 7, {"a": 1},
              ["not-a-key", "x"], [str(ama.pk), "x"], [None, None]]  # fmt: skip
    tokens = [signing.dumps(p, salt=salt) for p in pieces for salt in salts]
    for token in (*tokens, link.rstrip("/")[-40:], "x", "%00", "a" * 5000):
        for ask in (Client().get, Client().post):
            assert ask(f"/contacts/confirm/{token}/").status_code in (404, 410), token
    assert email_of(ama).verified_at is None


def test_a_link_is_bound_to_its_mailbox(
    ama: Customer, officer: User, link: str
) -> None:
    held = {"email": "other@mail.example"}
    change_contact(EMAIL, email_of(ama).pk, held, by=officer, reason="x")
    assert Client().post(link).status_code == 410


def test_the_mail_says_what_to_do(ama: Customer, link: str) -> None:
    message = mail.outbox[-1]
    assert message.to == [ama.email]
    assert "http://testserver/contacts/confirm/" in str(message.body)
    assert Challenge.objects.get().digest not in str(message.body)


@pytest.mark.parametrize(
    ("backend", "error"), [("Down", RetryLaterError), ("Refusing", GiveUpError)]
)
def test_a_mail_server_in_trouble(
    backend: str, error: type[Exception], ama: Customer, officer: User,
    settings: Settings,
) -> None:  # fmt: skip
    settings.EMAIL_BACKEND = f"{__name__}.{backend}Backend"
    ask_verification(EMAIL, email_of(ama).pk, by=officer)
    with pytest.raises(error) as caught:
        send_verification(_again())
    assert "secret" not in str(caught.value)
    assert Challenge.objects.get().sent_at is None


def test_a_code_is_no_link(
    ama: Customer, officer: User, deliver: Deliver, handset: Path
) -> None:
    code, challenge = _sent(ama, officer, deliver, handset), Challenge.objects.get()
    token = signing.dumps([str(challenge.pk), code], salt="other")
    assert Client().post(f"/contacts/confirm/{token}/").status_code == 410


# --- at the same time ---------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_guesses_at_once_are_all_counted(
    ama: Customer, officer: User, deliver: Deliver, handset: Path
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one writer in at a time")
    code, phone = _sent(ama, officer, deliver, handset), phone_of(ama)
    wrong = WRONG[code != "000000"]

    def guess() -> None:
        verify_phone(phone.pk, code=wrong, by=officer)

    results = race(*[guess] * 8)
    assert all(isinstance(r, DomainError) for r in results)
    assert Challenge.objects.get().tries == MOST_TRIES


@pytest.mark.django_db(transaction=True)
def test_presses_at_once_send_three(ama: Customer, officer: User) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one writer in at a time")
    phone = phone_of(ama)
    race(*[lambda: ask_verification(PHONE, phone.pk, by=officer)] * 6)
    assert Challenge.objects.count() == 3
    assert Challenge.objects.open().count() == 1
    assert timezone.now() > Challenge.objects.latest("asked_at").asked_at
