"""The welcome through a real mail server, as it arrives."""

from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from pytest_django import Settings

from onboarding.models import Provisioning
from tenants.models import User
from tests.conftest import Deliver, MakeCustomer
from tests.onboarding.conftest import login_of, password_in, text_of, tracker_of
from tests.services.conftest import EXAMPLE, ROOT, is_listening, require

pytestmark = [pytest.mark.service, pytest.mark.django_db]
# Where scripts/services/smtp.sh keeps what arrives.
MAILS = ROOT / "var" / "services" / "smtp" / "mail"


@pytest.fixture
def mail_server(settings: Settings) -> None:
    place = urlsplit(EXAMPLE.str("EMAIL_URL"))
    require("The mail server", is_listening(place.geturl()))
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = place.hostname, place.port
    settings.EMAIL_TIMEOUT = 10


def arrived(address: str) -> list[bytes]:
    """Return the mails to one address, the oldest first."""
    files: list[Path] = sorted(MAILS.glob("*.eml"))
    sources = [file.read_bytes() for file in files]
    return [source for source in sources if address.encode() in source]


def test_the_welcome_arrives_once(
    mail_server: None, make_customer: MakeCustomer, deliver: Deliver
) -> None:
    if not MAILS.exists():
        pytest.skip("The mail server was not started by this checkout.")
    address = f"{uuid4().hex[:12]}@mail.example"
    customer = make_customer(name="Zoë Mensah", email=address, verified=True)
    deliver()
    (source,) = arrived(address)
    message = message_from_bytes(source, policy=policy.default)
    assert message["Subject"] == "Welcome to Demo Bank"
    assert message["To"] == address
    assert message["Auto-Submitted"] == "auto-generated"
    text = text_of(source)
    assert "Dear Zoë Mensah," in text
    user = User.objects.get(pk=login_of(customer).provider_id)
    assert user.check_password(password_in(text))
    assert tracker_of(customer).welcome_way == Provisioning.Way.EMAIL
    deliver(hurry=True)
    assert len(arrived(address)) == 1
