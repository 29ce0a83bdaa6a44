"""What the tests of provisioning share: steps, deliveries, mail servers."""

import re
import socket
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.core import mail
from django.utils import timezone
from pytest_django import Settings

from customers.registry.choices import Channel
from customers.registry.models import Customer
from events.models import Delivery, RecordedEvent
from events.services import publish
from onboarding.models import Login, Provisioning
from tenants.models import User
from tests.conftest import Deliver, MakeCustomer

PASSWORD_LINE = re.compile(r"One-time password:\s+(\S+)")


def login_of(customer: Customer) -> Login:
    login: Login = Login.objects.get(customer=customer)
    return login


def user_of(login: Login) -> User:
    user: User = User.objects.get(pk=login.provider_id)
    return user


def tracker_of(customer: Customer) -> Provisioning:
    tracker: Provisioning = Provisioning.objects.get(customer=customer)
    return tracker


def delivery_of(handler: str) -> Delivery:
    delivery: Delivery = Delivery.objects.get(handler=handler)
    return delivery


def published(name: str) -> int:
    return RecordedEvent.objects.filter(type=name).count()


def password_in(body: str) -> str:
    """Read the one-time password as the customer would."""
    found = PASSWORD_LINE.search(body)
    assert found
    return found[1]


def text_of(source: str | bytes) -> str:
    """Read the text of a mail as it went over the wire."""
    raw = source.encode() if isinstance(source, str) else source
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(preferencelist=("plain",))
    assert body
    return str(body.get_content())


def sent_password() -> str:
    return password_in(str(mail.outbox[-1].body))


def offboard(customer: Customer, by: Any) -> None:
    """Move the row and tell, as offboarding will; its command is not built yet."""
    customer.refresh_from_db()
    event = customer.offboard("customer_request", timezone.now())
    assert event
    customer.save_as(by, "Asked by the customer")
    publish(event, by=by, tenant_id=customer.tenant_id)


@pytest.fixture(autouse=True)
def _quick_hashes(settings: Settings) -> None:
    """A strong hash costs a third of a second; its strength is not tested here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def again(deliver: Deliver) -> Callable[[str], None]:
    """Deliver a handler's events once more, as after a crash before the receipt."""

    def deliver_again(handler: str) -> None:
        rows = Delivery.objects.filter(handler=handler)
        assert rows.update(status=Delivery.Status.DUE, due_at=timezone.now())
        deliver()
        assert not rows.open().exists()

    return deliver_again


@pytest.fixture
def closed_port() -> int:
    """Return a port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Sink:
    """Keeps what a mail server was sent."""

    def __init__(self) -> None:
        self.bodies: list[str] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.bodies.append(envelope.content.decode())
        return "250 OK"


class RefusingSink(Sink):
    async def handle_DATA(self, _server: Any, _session: Any, _envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        return "451 Come back later"


@pytest.fixture
def start_smtp() -> Iterator[Callable[[Sink, int], None]]:
    """Start a mail server in a thread: `start_smtp(sink, port)`."""
    running: list[Controller] = []

    def start(sink: Sink, port: int) -> None:
        controller = Controller(sink, hostname="127.0.0.1", port=port)
        controller.start()
        running.append(controller)

    yield start
    for controller in running:
        controller.stop()


@pytest.fixture
def mail_is_down(settings: Settings, closed_port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", closed_port


@pytest.fixture
def welcome_failed(
    mail_is_down: None, make_customer: MakeCustomer, deliver: Deliver
) -> Customer:
    customer = make_customer(verified=True)
    deliver()
    return customer


@pytest.fixture
def without_email(make_customer: MakeCustomer, deliver: Deliver) -> Customer:
    customer = make_customer(email="", channel=Channel.AGENT, verified=True)
    deliver()
    return customer
