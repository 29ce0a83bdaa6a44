"""By which way a message goes, in which language, what is kept, and what staff do."""

import smtplib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from common.errors import DomainError
from customers.contacts.models import Address, Email, Message, Phone
from customers.contacts.public import read_messages
from customers.contacts.reaching import Notice, reach, settle_message
from customers.contacts.services import (
    add_contact,
    ask_verification,
    set_preference,
)
from customers.contacts.sms import SmsUnavailable
from customers.registry.models import Customer
from events.events import RetryLaterError
from events.models import RecordedEvent
from tenants.models import Tenant, User
from tests.conftest import ClientAs, Deliver, MakeCustomer, MakeStaff
from tests.contacts.conftest import ADDRESS, PHONE, email_of, phone_of
from tests.contacts.proving import prove

pytestmark = pytest.mark.django_db
FACTS: dict[str, str | date] = {"expires_on": date(2027, 2, 3)}
PLACE = {"lines": "12 Ring Road", "town": "Accra", "country": "GHA"}
PRESSED = {"_form_submitted": "on", "reason": "Spoke to her"}


def _notice(about: str = "term 1") -> Notice:
    return Notice("kyc/expiry_reminder", about=about, facts=FACTS)


def _wants(customer: Customer, channel: str, by: User, language: str = "fr") -> None:
    set_preference(
        customer.pk, channel=channel, language=language, by=by, reason="Asked"
    )


def _told(customer: Customer) -> list[str]:
    rows = RecordedEvent.objects.filter(
        subject_id=str(customer.pk), type__startswith="Message"
    )
    return list(rows.order_by("created_at", "id").values_list("type", flat=True))


# What is proven, what they want; by which way it goes, and how far.
WAYS: list[tuple[tuple[str, ...], str, str, str]] = [
    (("email", "phone"), "", "email", "sent"),
    (("email", "phone"), "email", "email", "sent"),
    (("email", "phone"), "sms", "sms", "sent"),
    (("email",), "sms", "email", "sent"),
    (("phone",), "email", "sms", "sent"),
    (("phone",), "", "sms", "sent"),
    ((), "", "email", "sent"),
    ((), "email", "email", "sent"),
    ((), "sms", "sms", "sent"),
    ((), "phone", "phone", "waiting"),
    (("email", "phone"), "phone", "phone", "waiting"),
    (("email", "phone"), "post", "post", "waiting"),
    (("email", "phone"), "none", "none", "not_sent"),
    ((), "none", "none", "not_sent"),
]


@pytest.mark.parametrize(("proven", "wanted", "channel", "status"), WAYS)
def test_each_way(
    ama: Customer, officer: User, handset: Path,
    proven: tuple[str, ...], wanted: str, channel: str, status: str,
) -> None:  # fmt: skip
    if proven:
        prove(ama, *proven)
    if wanted:
        _wants(ama, wanted, officer)
    add_contact(ama.pk, ADDRESS, PLACE, by=officer)
    message = reach(ama, _notice(), by=officer)
    assert (message.channel, message.status) == (channel, status)
    texts = read_messages(handset)
    assert (len(mail.outbox), len(texts)) == (channel == "email", channel == "sms")
    to = {"email": email_of(ama), "sms": phone_of(ama), "phone": phone_of(ama),
          "post": Address.objects.get()}.get(channel)  # fmt: skip
    assert message.contact_id == (to and to.pk)
    assert message.language == ("fr" if wanted else "en")
    assert _told(ama) == [
        {"sent": "MessageSent", "waiting": "MessageWaits",
         "not_sent": "MessageNotSent"}[status]
    ]  # fmt: skip


def test_the_same_notice_goes_out_once(ama: Customer, officer: User) -> None:
    prove(ama)
    first = reach(ama, _notice(), by=officer)
    _wants(ama, "sms", officer)
    assert reach(ama, _notice(), by=officer) == first
    reach(ama, _notice("term 2"), by=officer)
    assert (len(mail.outbox), Message.objects.count()) == (1, 2)


def test_nothing_that_was_said_is_kept(ama: Customer, officer: User) -> None:
    prove(ama)
    message = reach(ama, _notice(), by=officer)
    kept = str(vars(message)) + str(list(RecordedEvent.objects.values("payload")))
    for said in (ama.email, ama.phone, ama.name, "identity check", "2027"):
        assert said not in kept, said


class NoSuchBox:
    """A mail server that knows nobody."""

    def __init__(self, **_: Any) -> None:
        pass

    def send_messages(self, _: list[Any]) -> int:
        raise smtplib.SMTPRecipientsRefused({"ama@mail.example": (550, b"no")})


class Away(NoSuchBox):
    def send_messages(self, _: list[Any]) -> int:
        raise smtplib.SMTPServerDisconnected("ama@mail.example: gone")


def test_a_refused_e_mail_goes_by_sms(
    ama: Customer, officer: User, settings: Settings, handset: Path
) -> None:
    prove(ama)
    settings.EMAIL_BACKEND = f"{__name__}.NoSuchBox"
    assert reach(ama, _notice(), by=officer).channel == "sms"
    assert "3 Feb 2027" in read_messages(handset)[0].text


def test_what_is_away_is_asked_again(
    ama: Customer, officer: User, settings: Settings
) -> None:
    prove(ama)
    settings.EMAIL_BACKEND = f"{__name__}.Away"
    with pytest.raises(RetryLaterError):
        reach(ama, _notice(), by=officer)
    settings.SMS_URL, settings.SMS_SECRET = "http://127.0.0.1:9/", "x" * 32
    _wants(ama, "sms", officer)
    with pytest.raises(SmsUnavailable):
        reach(ama, _notice(), by=officer)
    assert not Message.objects.exists()


def test_a_second_proven_phone_serves_before_the_list(
    ama: Customer, officer: User, handset: Path
) -> None:
    _wants(ama, "sms", officer)
    second = add_contact(ama.pk, PHONE, {"number": "+233201234567"}, by=officer)
    Phone.objects.filter(pk=second.pk).update(verified_at=timezone.now())
    assert reach(ama, _notice(), by=officer).contact_id == second.pk
    assert read_messages(handset)[0].to == "+233201234567"


def test_without_any_contact_it_still_reaches_the_list(
    make_customer: MakeCustomer, officer: User
) -> None:
    customer = make_customer(phone="")
    message = reach(customer, _notice(), by=officer)
    assert (message.channel, message.status, message.contact_id) == (
        "phone", "waiting", None,
    )  # fmt: skip


def test_codes_and_links_go_to_their_contact_whatever_is_preferred(
    ama: Customer, officer: User, deliver: Deliver, handset: Path
) -> None:
    _wants(ama, "none", officer, "pt")
    ask_verification("phone", phone_of(ama).pk, by=officer)
    ask_verification("email", email_of(ama).pk, by=officer)
    deliver()
    assert "o seu código é" in read_messages(handset)[0].text
    assert mail.outbox[-1].subject.startswith("Confirme o seu e-mail")


# --- the list of staff ----------------------------------------------------------------
@pytest.fixture
def clerk(client_as: ClientAs, make_staff: MakeStaff) -> Client:
    return client_as(make_staff("client_facing"))


@pytest.fixture
def waiting(ama: Customer, officer: User) -> Message:
    _wants(ama, "phone", officer)
    return reach(ama, _notice(), by=officer)


def _page(client: Client, name: str, *args: Any, **query: str) -> str:
    url = reverse(f"admin:contacts_message_{name}", args=args, query=query)
    return client.get(url).content.decode()


def test_staff_see_what_to_say_and_to_whom(clerk: Client, waiting: Message) -> None:
    assert "Expiry reminder" in _page(clerk, "changelist")
    page = _page(clerk, "change", waiting.pk)
    assert "3 février 2027" in page
    assert "+233 24 410 0001, not verified" in page


@pytest.mark.parametrize(
    ("verb", "status", "event"),
    [("given", "given", "MessageSent"), ("failed", "not_sent", "MessageNotSent")],
)
def test_staff_take_it_off_the_list(
    clerk: Client, waiting: Message, ama: Customer, verb: str, status: str, event: str
) -> None:
    url = reverse(f"admin:contacts_message_{verb}", args=[waiting.pk])
    assert clerk.post(url, PRESSED).status_code == 302
    waiting.refresh_from_db()
    assert (waiting.status, waiting.facts) == (status, {})
    assert waiting.settled_at
    assert _told(ama) == ["MessageWaits", event]
    again = clerk.post(url, PRESSED).content.decode()
    assert "A colleague dealt with this message already." in again
    assert "No messages to give." in _page(clerk, "changelist")
    assert "Expiry reminder" in _page(clerk, "changelist", state="settled")
    assert "février" not in _page(clerk, "change", waiting.pk)


def test_two_at_once_settle_one(waiting: Message, officer: User) -> None:
    settle_message(waiting.pk, is_given=True, reason="Called", by=officer)
    with pytest.raises(DomainError, match="already"):
        settle_message(waiting.pk, is_given=False, reason="Called", by=officer)


def test_readers_and_other_banks_settle_nothing(
    waiting: Message, client_as: ClientAs, make_staff: MakeStaff, second_bank: Tenant
) -> None:
    url = reverse("admin:contacts_message_given", args=[waiting.pk])
    assert client_as(make_staff("teller")).post(url, PRESSED).status_code == 403
    stranger = client_as(make_staff("compliance_officer", tenant=second_bank))
    assert stranger.post(url, PRESSED).status_code == 404


def test_the_timeline_says_how(clerk: Client, ama: Customer, officer: User) -> None:
    prove(ama)
    reach(ama, _notice(), by=officer)
    url = reverse("admin:registry_customer_change", args=[ama.pk])
    page = clerk.get(url).content.decode()
    assert "Message sent" in page
    assert "expiry reminder: E-mail" in page
    assert Email.objects.count() == 1
