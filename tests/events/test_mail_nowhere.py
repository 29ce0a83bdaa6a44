"""Without a mail server nothing counts as sent, but in DEBUG, where files are read."""

from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from pytest_django import Settings

from customers.contacts.handlers import send_verification
from customers.contacts.models import Challenge, Message
from customers.contacts.panels import build_contacts
from customers.contacts.reaching import Notice, reach
from customers.contacts.services import ask_verification
from customers.registry.models import Customer
from events.events import GiveUpError
from events.mail import Letter, MailNowhere, compose_letter, send_letter
from events.models import Delivery, RecordedEvent
from onboarding.models import Login, Provisioning
from tenants.models import User
from tests.conftest import Deliver, MakeCustomer, MakeStaff
from tests.contacts.conftest import EMAIL, email_of

pytestmark = pytest.mark.django_db
SERVERLESS = "No mail server is set up (EMAIL_URL)."
LETTER = Letter(language="en", subject="Hello", text="Good day\n", sms="")
NOBODY = ("filebased", "console", "dummy")


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    """Where e-mails end while EMAIL_URL is empty."""
    settings.DEBUG = False
    use(settings, "filebased")
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    return tmp_path / "mail"


@pytest.fixture
def officer(make_staff: MakeStaff) -> User:
    return make_staff("compliance_officer")


@pytest.fixture
def ama(make_customer: MakeCustomer, deliver: Deliver) -> Customer:
    customer = make_customer()
    deliver()
    return customer


def use(settings: Settings, backend: str) -> None:
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"


def _send() -> None:
    send_letter(compose_letter("ama@mail.example", LETTER))


@pytest.mark.parametrize("backend", NOBODY)
def test_it_is_refused_with_the_setting_to_mend(
    backend: str, folder: Path, settings: Settings
) -> None:
    use(settings, backend)
    with pytest.raises(MailNowhere) as caught:
        _send()
    assert str(caught.value) == SERVERLESS
    assert not folder.exists()


def test_in_debug_it_ends_in_a_file(folder: Path, settings: Settings) -> None:
    settings.DEBUG = True
    _send()
    (file,) = folder.iterdir()
    assert "Good day" in file.read_text()


def test_tests_read_it_from_memory(folder: Path, settings: Settings) -> None:
    use(settings, "locmem")
    _send()
    assert mail.outbox[-1].subject == "Hello"


def test_a_welcome_waits_and_makes_no_password(
    folder: Path, make_customer: MakeCustomer, deliver: Deliver, settings: Settings
) -> None:
    customer = make_customer(verified=True)
    for tries in (1, 2):
        deliver(hurry=True)
        delivery = Delivery.objects.get(handler="onboarding.send_welcome")
        assert (delivery.status, delivery.last_error) == ("due", SERVERLESS)
        assert delivery.attempts == tries
    assert Provisioning.objects.get(customer=customer).welcome_sent_at is None
    login = Login.objects.get(customer=customer)
    assert not User.objects.get(pk=login.provider_id).has_usable_password()
    assert not folder.exists()
    use(settings, "locmem")
    deliver(hurry=True)
    assert Provisioning.objects.get(customer=customer).welcome_sent_at
    assert mail.outbox[-1].to == [customer.email]


def test_a_link_ends_on_the_list_of_staff(
    ama: Customer, officer: User, folder: Path
) -> None:
    ask_verification(EMAIL, email_of(ama).pk, by=officer)
    asked = RecordedEvent.objects.filter(type="VerificationAsked").latest("pk")
    event: Any = asked.as_event()
    with pytest.raises(GiveUpError, match="No mail server is set up"):
        send_verification(event)
    challenge = Challenge.objects.latest("pk")
    assert (challenge.refusal, challenge.digest, challenge.sent_at) == (
        "no_way", "", None,
    )  # fmt: skip
    rows = build_contacts(ama, officer).context["rows"]
    notes = [row.note for row in rows]
    assert "not sent: no mail server is set up" in notes
    assert not folder.exists()


def test_a_notice_goes_another_way(ama: Customer, officer: User, folder: Path) -> None:
    """No SMS gateway either: it waits for staff."""
    message = reach(ama, Notice("kyc/expiry_reminder", about="x"), by=officer)
    assert (message.channel, message.status) == ("phone", "waiting")
    assert not Message.objects.filter(status="sent").exists()
    assert not folder.exists()
