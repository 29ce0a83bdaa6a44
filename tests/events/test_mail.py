"""What a real mail server's codes come to: later, never, or sent."""

from collections.abc import Iterator
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

import pytest
from prometheus_client import REGISTRY
from pytest_django import Settings

from events.events import RetryLaterError
from events.mail import AddressRefused, Letter, compose_letter, send_letter

pytestmark = pytest.mark.once

ANSWERS = {"HELO": "250 here", "EHLO": "250 here", "MAIL": "250 ok", "RCPT": "250 ok",
           "DATA": "354 go on", "RSET": "250 ok", "QUIT": "221 bye"}  # fmt: skip
LETTER = Letter(language="en", subject="Hello", text="Good day\n", sms="")


class MailServer(ThreadingTCPServer):
    """Speaks SMTP, and answers as told instead."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.says: dict[str, str] = {}
        self.taken: list[str] = []
        self.asked: list[str] = []  # for whom it was to take a letter


class _Talk(StreamRequestHandler):
    server: Any

    def handle(self) -> None:
        self._say(self.server.says.get("greeting", "220 mail.bank.example"))
        while line := self.rfile.readline().decode():
            verb = line[:4].upper().strip()
            if verb == "RCPT":
                self.server.asked.append(line)
            answer = self.server.says.get(verb, ANSWERS.get(verb, "502 what"))
            self._say(answer)
            if verb == "QUIT":
                return
            if answer.startswith("354"):
                self._take()

    def _take(self) -> None:
        lines = []
        while (line := self.rfile.readline().decode()) not in (".\r\n", ""):
            lines.append(line)
        answer = self.server.says.get("end", "250 taken")
        if answer.startswith("250"):
            self.server.taken.append("".join(lines))
        self._say(answer)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    with MailServer() as found:
        Thread(target=found.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = found.server_address[:2]
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield found
        found.shutdown()


def _send() -> None:
    send_letter(compose_letter("ama@mail.example", LETTER))


def _counted(outcome: str) -> float:
    labels = {"provider": "smtp", "outcome": outcome}
    return REGISTRY.get_sample_value("vestibule_provider_calls_total", labels) or 0.0


def test_what_is_taken_is_sent(server: MailServer) -> None:
    _send()
    assert "Good day" in server.taken[0]


@pytest.mark.parametrize(
    ("says", "code"),
    [
        ({"RCPT": "450 4.2.0 Greylisted, come back later"}, "SMTP 450"),
        ({"RCPT": "452 4.2.2 The mailbox is full"}, "SMTP 452"),
        ({"RCPT": "421 4.7.0 Too many from you"}, "SMTP 421"),
        ({"DATA": "451 4.3.0 Not now"}, "SMTP 451"),
        ({"end": "452 4.3.1 The disk is full"}, "SMTP 452"),
        ({"RCPT": "530 5.7.0 Authentication required"}, "SMTP 530"),
        ({"MAIL": "550 5.7.1 We do not know this sender"}, "SMTPSenderRefused"),
        ({"greeting": "554 5.7.1 Your address is on a list"}, "SMTPConnectError"),
    ],
)
def test_what_passes_is_tried_again(
    says: dict[str, str], code: str, server: MailServer
) -> None:
    server.says = says
    with pytest.raises(RetryLaterError, match=code) as caught:
        _send()
    assert "ama@" not in str(caught.value)


@pytest.mark.parametrize(
    ("says", "code"),
    [
        ({"RCPT": "550 5.1.1 No such user"}, "SMTP 550"),
        ({"RCPT": "553 5.1.3 Not an address"}, "SMTP 553"),
        ({"DATA": "554 5.7.1 Not to this one"}, "SMTP 554"),
        ({"end": "554 5.7.1 Refused by its owner"}, "SMTP 554"),
    ],
)
def test_what_is_refused_is_not_tried_again(
    says: dict[str, str], code: str, server: MailServer
) -> None:
    server.says = says
    with pytest.raises(AddressRefused, match=code):
        _send()


def test_who_lets_us_wait_counts_as_throttling(server: MailServer) -> None:
    before = _counted("throttled")
    server.says = {"RCPT": "450 4.2.0 Greylisted"}
    with pytest.raises(RetryLaterError):
        _send()
    assert _counted("throttled") == before + 1


@pytest.mark.parametrize(
    ("kept", "written"),
    [
        ("ama@straße.example", "ama@xn--strae-oqa.example"),
        ("ama@νόμος.example", "ama@xn--xxabhm1c.example"),
        ("ama@bücher.example", "ama@xn--bcher-kva.example"),
        ("ama@mail.example", "ama@mail.example"),
    ],
)
def test_a_letter_goes_to_the_domain_that_was_judged(
    server: MailServer, kept: str, written: str
) -> None:
    send_letter(compose_letter(kept, LETTER))
    assert [f"<{written}>" in line for line in server.asked] == [True], server.asked


def test_a_domain_that_cannot_be_written_is_refused(server: MailServer) -> None:
    with pytest.raises(AddressRefused):
        compose_letter("ama@-\u200d-.example", LETTER)
    assert not server.asked
