"""No subscriber leads us into the bank's own network, whatever its name says later."""

import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.db import connection
from pytest_django import Settings

from common.errors import DomainError
from subscribers.models import Subscriber
from subscribers.sending.addresses import RefusedAddressError, check_url, is_allowed
from subscribers.sending.lines import Line
from subscribers.sending.posting import Connection
from subscribers.sending.sweep import send_events
from subscribers.services import change_subscriber
from tenants.models import Tenant, User
from tests.subscribers import names
from tests.subscribers.conftest import Light, subscribe_at
from tests.subscribers.receiver import (
    Receiver,
    Taken,
    answer_twice,
    answering,
    running_receiver,
    take_it,
)

PUBLIC = "93.184.215.14"


@pytest.fixture(autouse=True)
def _fake_names(settings: Settings) -> Iterator[None]:
    settings.SUBSCRIBER_RESOLVER = "tests.subscribers.names.resolve"
    settings.SUBSCRIBER_ALLOWED_NETWORKS = []
    yield
    names.KNOWN.clear()


def known_as(host: str, *answers: list[str]) -> None:
    """Answer each in turn, and the last for ever."""
    names.KNOWN[host] = chain(answers, repeat(answers[-1]))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "0.0.0.9",
        "169.254.169.254", "100.64.0.1", "224.0.0.1", "239.1.1.1", "255.255.255.255",
        "192.0.2.1", "198.18.0.1", "240.0.0.1", "::1", "::", "fe80::1", "fc00::1",
        "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
        "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "ff0e::1",
        "fec0::1", "feff:ffff::1",
    ],
)  # fmt: skip
def test_private_addresses_are_refused(address: str) -> None:
    assert not is_allowed(ip_address(address))
    known_as("engine.example", [PUBLIC, address])
    with pytest.raises(RefusedAddressError):  # one among public ones is enough
        check_url("https://engine.example/")


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_allowed(ip_address(address))


def test_the_operator_may_name_networks(settings: Settings) -> None:
    settings.SUBSCRIBER_ALLOWED_NETWORKS = ["10.20.0.0/16", "fd00::/8"]
    assert is_allowed(ip_address("10.20.3.4"))
    assert is_allowed(ip_address("::ffff:10.20.3.4"))
    assert is_allowed(ip_address("fd00::1"))
    assert not is_allowed(ip_address("10.21.0.1"))


@pytest.mark.parametrize(
    "url",
    [
        "http://engine.example/", "ftp://engine.example/", "engine.example", "https://",
        "https://engine.example:0/", "https://engine.example:99999/",
        "https://user:word@engine.example/", "https://engine.example/#x",
        "https://engine.example/ x", "https://engine.example/\r\nX: y",
        "https://ängine.example/", "https://[::1/", "https://unknown.example/", "",
        "file:///etc/passwd", "https:///path",
    ],
)  # fmt: skip
def test_odd_addresses_are_refused(url: str, settings: Settings) -> None:
    settings.SUBSCRIBER_HTTP_ALLOWED = False
    known_as("engine.example", [PUBLIC])
    with pytest.raises(RefusedAddressError) as refusal:
        check_url(url)
    assert refusal.value.field == "url"
    check_url("https://engine.example/events?tenant=1")


@pytest.mark.django_db
def test_it_is_refused_when_saved(demo_bank: Tenant, administrator: User) -> None:
    known_as("inside.example", ["10.0.0.5"])
    with pytest.raises(DomainError, match="private network"):
        subscribe_at("https://inside.example/", demo_bank, administrator)
    assert not Subscriber.objects.exists()


@pytest.mark.django_db
def test_names_are_resolved_before_the_database_is_asked(
    demo_bank: Tenant, administrator: User
) -> None:
    """A name server that is slow holds no lock and no transaction open."""
    said: list[str] = []

    def answers() -> Iterator[list[str]]:
        while True:
            said.append("resolved")
            yield [PUBLIC]

    def note(execute: Any, *asked: Any) -> Any:
        said.append("asked")
        return execute(*asked)

    names.KNOWN["slow.example"] = answers()
    url = "https://slow.example/"
    with connection.execute_wrapper(note):
        known = subscribe_at(url, demo_bank, administrator)
        assert said[0] == "resolved"
        assert said.count("resolved") == 1
        said.clear()
        change_subscriber(
            known.row.pk, name="Slow", url=url, event_types=[], by=administrator,
            reason="Asked for",
        )  # fmt: skip
    assert said[0] == "resolved"
    assert said.count("resolved") == 1


@pytest.mark.django_db
def test_a_name_that_moves_inside_is_refused_when_sent_to(
    receiver: Receiver, demo_bank: Tenant, administrator: User, light: Light
) -> None:
    """Public when it was saved, ours at the time of sending."""
    url = f"http://moves.example:{receiver.port}/"
    known_as("moves.example", [PUBLIC], ["127.0.0.1"])
    send_events()
    known = subscribe_at(url, demo_bank, administrator)
    light("")
    assert send_events() == 0
    assert receiver.taken == []
    [message] = known.messages()
    assert message.last_error == "This address leads into a private network."


@pytest.mark.django_db
def test_the_address_that_was_checked_is_the_one_that_is_used(
    receiver: Receiver, settings: Settings
) -> None:
    """A resolver that says otherwise a moment later is not asked again."""
    settings.SUBSCRIBER_ALLOWED_NETWORKS = ["127.0.0.1/32"]
    known_as("moves.example", ["127.0.0.1"], ["127.0.0.2"])
    line = Line(f"http://moves.example:{receiver.port}/in?x=1")
    try:
        assert line.post(b"{}", {}).status == 204
    finally:
        line.close()
    assert receiver.taken[0].headers["host"] == f"moves.example:{receiver.port}"


# --- certificates ---------------------------------------------------------------------
@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of engine.example, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "engine.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("engine.example")]),
                       critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path / "engine.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )  # fmt: skip
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def secure_receiver(certificate: Path) -> Iterator[Receiver]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with running_receiver(tls=tls) as running:
        yield running


@pytest.mark.parametrize(
    ("host", "is_trusted", "is_sent"),
    [("engine.example", True, True), ("engine.example", False, False),
     ("other.example", True, False)],
)  # fmt: skip
def test_certificates_are_verified(
    secure_receiver: Receiver, certificate: Path, settings: Settings,
    monkeypatch: pytest.MonkeyPatch, host: str, *, is_trusted: bool, is_sent: bool,
) -> None:  # fmt: skip
    settings.SUBSCRIBER_ALLOWED_NETWORKS = ["127.0.0.1/32"]
    settings.SUBSCRIBER_HTTP_ALLOWED = False
    known_as(host, ["127.0.0.1"])
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    line = Line(f"https://{host}:{secure_receiver.port}/")
    try:
        if is_sent:
            assert line.post(b"{}", {}).status == 204
        else:
            with pytest.raises(ssl.SSLCertVerificationError):
                line.post(b"{}", {})
    finally:
        line.close()


@pytest.mark.django_db
def test_a_certificate_of_their_own_making_is_no_delivery(
    secure_receiver: Receiver, settings: Settings, demo_bank: Tenant,
    administrator: User, light: Light,
) -> None:  # fmt: skip
    settings.SUBSCRIBER_ALLOWED_NETWORKS = ["127.0.0.1/32"]
    known_as("engine.example", ["127.0.0.1"])
    send_events()
    url = f"https://engine.example:{secure_receiver.port}/"
    known = subscribe_at(url, demo_bank, administrator)
    light("")
    assert send_events() == 0
    assert secure_receiver.taken == [], "not a byte of it was said"
    [message] = known.messages()
    assert message.last_error == "The certificate is not to be trusted."
    assert (message.status, known.stand.failures) == ("due", 1)


# --- connections that are kept --------------------------------------------------------
@pytest.fixture
def secure_line(
    secure_receiver: Receiver, certificate: Path, settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Line]:  # fmt: skip
    settings.SUBSCRIBER_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    known_as("engine.example", ["127.0.0.1"])
    line = Line(f"https://engine.example:{secure_receiver.port}/")
    yield line
    line.close()


def test_a_secure_connection_is_kept(
    secure_line: Line, secure_receiver: Receiver
) -> None:
    for _ in range(3):
        assert secure_line.post(b"{}", {}).status == 204
        time.sleep(0.05)
    assert secure_receiver.connections == 1


def test_what_was_said_unasked_is_no_answer_in_private_either(
    secure_line: Line, secure_receiver: Receiver
) -> None:
    secure_receiver.behaviour = answer_twice
    assert secure_line.post(b"{}", {}).status == 204
    time.sleep(0.3)
    secure_receiver.behaviour = answering(500)
    assert secure_line.post(b"{}", {}).status == 500
    assert secure_receiver.connections == 2


@pytest.mark.parametrize(("is_reset", "size"), [(True, 10), (False, 5_000_000)])
def test_a_secure_connection_closed_meanwhile_is_made_anew(
    secure_line: Line, secure_receiver: Receiver, monkeypatch: pytest.MonkeyPatch, *,
    is_reset: bool, size: int,
) -> None:  # fmt: skip
    """They end it when we had looked already; that is no ConnectionError."""

    def end(_taken: Taken, handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 204 Taken\r\n\r\n")
        if is_reset:
            now = struct.pack("ii", 1, 0)
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
        may_end.wait(5)

    may_end, look = threading.Event(), Connection.is_quiet

    def look_too_early(self: Connection) -> bool:
        found = look(self)
        may_end.set()
        time.sleep(0.3)
        return found

    monkeypatch.setattr(Connection, "is_quiet", look_too_early)
    secure_receiver.behaviour = end
    assert secure_line.post(b"{}", {}).status == 204
    secure_receiver.behaviour = take_it
    assert secure_line.post(b"x" * size, {}).status == 204
    assert secure_receiver.connections == 2
