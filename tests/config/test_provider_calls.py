"""Calls of the mail server, the SMS gateway and Keycloak, counted by how they end."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from pytest_django import Settings

from common.observing.calls import Outcome, Provider
from customers.contacts.sms import HttpSms, SmsRefused, SmsUnavailable
from events.events import RetryLaterError
from events.mail import AddressRefused, Letter, compose_letter, send_letter
from onboarding.identity import IdentityError
from onboarding.keycloak.gateway import KeycloakProvider
from tests.config.test_metrics import figures, of
from tests.config.test_metrics import is_on as is_on
from tests.contacts.test_sms import SECRET, Gateway
from tests.contacts.test_sms import gateway as gateway
from tests.onboarding.conftest import Sink
from tests.onboarding.conftest import closed_port as closed_port
from tests.onboarding.conftest import start_smtp as start_smtp

# The page of figures asks the database too.
pytestmark = [pytest.mark.django_db, pytest.mark.once]
StartSmtp = Callable[[Sink, int], None]
TO = "+233201234567"
LOGIN = "0b7c8f2e-0000-4000-8000-000000000001"


@contextmanager
def counted(provider: Provider, outcome: Outcome, calls: int = 1) -> Iterator[None]:
    """Inside, so many calls end that way, none in another; each is timed."""
    before = figures()
    yield
    after = figures()

    def rise(name: str, **labels: str) -> float:
        said = {"provider": provider.value, **labels}
        return of(after, name, **said) - of(before, name, **said)

    by = {one: rise("provider_calls_total", outcome=one.value) for one in Outcome}
    assert {one: n for one, n in by.items() if n} == {outcome: calls}
    assert rise("provider_call_seconds_count") == calls


# --- SMS -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("status", "outcome"),
    [(202, "ok"), (422, "refused"), (401, "refused"), (302, "refused"),
     (429, "throttled"), (500, "unreachable"), (503, "unreachable")],
)  # fmt: skip
def test_sms_by_answer(gateway: Gateway, status: int, outcome: str) -> None:
    gateway.answer = (status, {})
    with counted(Provider.SMS, Outcome(outcome)):
        with suppress(SmsRefused, SmsUnavailable):
            HttpSms(gateway.url, SECRET).send(TO, "123456")


def test_sms_that_nobody_takes(closed_port: int) -> None:
    url = f"http://127.0.0.1:{closed_port}/"
    with counted(Provider.SMS, Outcome.UNREACHABLE), pytest.raises(SmsUnavailable):
        HttpSms(url, SECRET).send(TO, "123456")


# --- mail ----------------------------------------------------------------------------
class Saying(Sink):
    """A mail server that says this to an address, and that to a mail."""

    def __init__(self, to_address: str = "250 OK", to_mail: str = "250 OK") -> None:
        super().__init__()
        self.to_address, self.to_mail = to_address, to_mail

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.to_address.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_address

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        await super().handle_DATA(_server, _session, envelope)
        return self.to_mail


@pytest.fixture
def mail_server(settings: Settings, closed_port: int) -> int:
    """The port of the settings' mail server, where nobody listens yet."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", closed_port
    settings.EMAIL_TIMEOUT = 5
    return closed_port


def send() -> None:
    letter = compose_letter(
        "ama@mail.example", Letter("en", "A code", "123456", sms="")
    )
    with suppress(AddressRefused, RetryLaterError):
        send_letter(letter)


@pytest.mark.parametrize(
    ("server", "outcome"),
    [
        (Saying(), "ok"),
        (Saying(to_address="550 Nobody of that name"), "refused"),
        (Saying(to_mail="554 Not this one"), "refused"),
        (Saying(to_mail="451 Come back later"), "throttled"),
    ],
    ids=["taken", "address", "mail", "later"],
)
def test_mail_by_answer(
    mail_server: int, start_smtp: StartSmtp, server: Saying, outcome: str
) -> None:
    start_smtp(server, mail_server)
    with counted(Provider.SMTP, Outcome(outcome)):
        send()


@pytest.mark.usefixtures("mail_server")
def test_mail_that_nobody_takes() -> None:
    with counted(Provider.SMTP, Outcome.UNREACHABLE):
        send()


# --- Keycloak ------------------------------------------------------------------------
class Logins(ThreadingHTTPServer):
    """Gives a token to everybody and answers all else as told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Logins)
        self.status, self.token_status = 204, 200


class _Logins(BaseHTTPRequestHandler):
    server: Any

    def do_POST(self) -> None:
        said = {"access_token": "t", "expires_in": 300, "token_type": "Bearer"}
        self._say(self.server.token_status, json.dumps(said).encode())

    def do_PUT(self) -> None:
        self._say(self.server.status, b"")

    def _say(self, status: int, body: bytes) -> None:
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def logins(settings: Settings) -> Iterator[Logins]:
    server = Logins()
    Thread(target=server.serve_forever, daemon=True).start()
    settings.KEYCLOAK_SERVER_URL = f"http://127.0.0.1:{server.server_port}"
    settings.KEYCLOAK_CLIENT_SECRET = SECRET
    yield server
    server.shutdown()
    server.server_close()


def enable() -> None:
    with suppress(IdentityError):
        KeycloakProvider("demo").set_enabled(LOGIN, is_enabled=True)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(204, "ok"), (404, "refused"), (409, "refused"), (302, "refused"),
     (429, "throttled"), (503, "unreachable")],
)  # fmt: skip
def test_keycloak_by_answer(logins: Logins, status: int, outcome: str) -> None:
    logins.status = status
    with counted(Provider.KEYCLOAK, Outcome(outcome)):
        enable()


def test_keycloak_that_does_not_know_us(logins: Logins) -> None:
    logins.token_status = 401
    with counted(Provider.KEYCLOAK, Outcome.REFUSED):
        enable()


def test_keycloak_that_is_away(settings: Settings, closed_port: int) -> None:
    settings.KEYCLOAK_SERVER_URL = f"http://127.0.0.1:{closed_port}"
    settings.KEYCLOAK_CLIENT_SECRET = SECRET
    with counted(Provider.KEYCLOAK, Outcome.UNREACHABLE):
        enable()
