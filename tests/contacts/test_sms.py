"""The SMS gateway: what is posted, and what its answers mean."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from customers.contacts.sms import (
    HttpSms,
    SmsRefused,
    SmsUnavailable,
    get_sms,
    signature,
)

SECRET = "gateway-secret"


class Gateway(HTTPServer):
    """A gateway that answers as told and remembers what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.answer: tuple[int, dict[str, str]] = (202, {})
        self.posts: list[tuple[dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/sms"


class _Door(BaseHTTPRequestHandler):
    server: Any

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append((dict(self.headers), body))
        status, headers = self.server.answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    server = Gateway()
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def test_what_is_posted_is_signed(gateway: Gateway, settings: Settings) -> None:
    settings.SMS_URL, settings.SMS_SECRET = gateway.url, SECRET
    get_sms().send("+233201234567", "Zoë: your code is 123456.")
    get_sms().send("+233201234567", "again")
    (headers, body), (_, second) = gateway.posts
    said = json.loads(body)
    assert (said["to"], said["text"]) == ("+233201234567", "Zoë: your code is 123456.")
    assert said["id"] != json.loads(second)["id"]
    at = headers["X-Timestamp"]
    assert headers["X-Signature"] == signature(SECRET, at, body)
    assert signature(SECRET, at, body) != signature(SECRET, at, body + b" ")
    assert signature(SECRET, at, body) != signature("other", at, body)


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        ((429, {"Retry-After": "120"}), 120.0),
        ((503, {"Retry-After": "999999999"}), 86_400.0),
        ((429, {"Retry-After": "soon"}), None),
        ((500, {}), None),
        ((302, {"Location": "http://127.0.0.1:9/"}), None),
        ((401, {}), None),
    ],
)
def test_what_may_succeed_later(
    answer: tuple[int, dict[str, str]], wait: float | None, gateway: Gateway
) -> None:
    gateway.answer = answer
    with pytest.raises(SmsUnavailable) as caught:
        HttpSms(gateway.url, SECRET).send("+233201234567", "123456")
    assert caught.value.retry_after == wait
    assert "123456" not in str(caught.value)
    assert len(gateway.posts) == 1


def test_what_is_refused_for_good(gateway: Gateway) -> None:
    gateway.answer = (422, {})
    with pytest.raises(SmsRefused, match="422"):
        HttpSms(gateway.url, SECRET).send("+233201234567", "123456")


def test_nobody_answers() -> None:
    with pytest.raises(SmsUnavailable, match="does not answer") as caught:
        HttpSms("http://127.0.0.1:9/", SECRET).send("+233201234567", "123456")
    assert caught.value.__cause__ is None


def test_the_demo_shows_messages_in_the_browser(
    handset: Path, settings: Settings
) -> None:
    url = reverse("contacts:messages")
    assert "No SMS yet" in Client().get(url).content.decode()
    for text in ("an older one", "<b>newer</b>"):
        get_sms().send("+233201234567", text)
    (handset / "zzz.json").write_text("half a fi")
    page = Client().get(url).content.decode()
    assert page.index("&lt;b&gt;newer") < page.index("an older one")
    settings.SMS_URL = "http://127.0.0.1:9/"
    assert Client().get(url).status_code == 404
    settings.SMS_URL, settings.DEBUG = "", False
    assert Client().get(url).status_code == 404


def test_without_debug_and_gateway_nothing_counts_as_sent(
    handset: Path, settings: Settings
) -> None:
    settings.DEBUG = False
    with pytest.raises(SmsRefused, match="No SMS gateway is set up"):
        get_sms().send("+233201234567", "123456")
    assert not handset.exists()
