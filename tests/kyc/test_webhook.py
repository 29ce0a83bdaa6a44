"""The door for Sumsub's callbacks, over real HTTP."""

from typing import Any

import pytest
import requests
from django.utils import timezone
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from events.models import Delivery, RecordedEvent
from kyc.models import Callback, CallbackRefusal
from kyc.sumsub.webhook import digest_of
from tests.conftest import Deliver, MakeCustomer
from tests.house import SECRET, TIMEOUT, callback_body, signed

pytestmark = pytest.mark.django_db(transaction=True)

BODY_A = b'{"type":"applicantPending","applicantId":"66aa00000000000000000001"}'
BODY_B = (
    "{\n"
    '  "applicantId" : "66aa00000000000000000001",\n'
    '  "type" : "applicantReviewed",\n'
    '  "reviewResult" : {\n'
    '    "reviewAnswer" : "GREEN"\n'
    "  },\n"
    '  "reviewStatus" : "completed",\n'
    '  "createdAtMs" : "2026-01-15 10:20:30.456",\n'
    '  "note" : "Zoë"\n'
    "}"
).encode()
# Computed with openssl, not with our code.
SHA1_A = "852965a68fc7abd3a5992c32badde4d9b078a529"
SHA256_A = "0e34a4f45efbaba0663f39313a4e9d0ced919245d0800ed3c2525cd0ff4f5ca3"
SHA512_A = (
    "3d8b58b513464f1316bb200820b793848ee1736fe9afc15ba081d7db1626cf11"
    "f85cd48c00e4444bded174e044725c16c04506af41891dfe2c4e357d082785e8"
)
SHA256_B = "2dfa6908c42ab5a4cf9e5f8eaf832626c865213d1ac9ce5ffede26a827f8dfd8"
SHA256_B_DUMPED = "61668558ae4779c81aae9653bd068a8a4cd5d5e0bd145c2967a20ba7b8227945"
SHA256_B_NEWLINE = "9a8a1606ec83a66a368ace42805337aac77155e3afa3d07635b7ee285e762874"


class Door:
    """Posts raw bytes with the headers given, and nothing more."""

    def __init__(self, url: str) -> None:
        self.url = f"{url}/webhooks/sumsub"

    def post(self, body: bytes, headers: dict[str, str]) -> requests.Response:
        return requests.post(self.url, data=body, headers=headers, timeout=TIMEOUT)

    def knock(
        self, body: bytes, digest: str | None, algorithm: str | None = "HMAC_SHA256_HEX"
    ) -> int:
        named = {"X-Payload-Digest": digest, "X-Payload-Digest-Alg": algorithm}
        headers = {name: value for name, value in named.items() if value is not None}
        return self.post(body, headers).status_code

    def signed(self, body: bytes) -> int:
        return self.post(body, signed(body)).status_code


@pytest.fixture
def door(live_server: LiveServer) -> Door:
    return Door(live_server.url)


def refusals() -> int:
    today = CallbackRefusal.objects.filter(on=timezone.now().date()).first()
    return today.count if today else 0


def assert_untouched() -> None:
    assert not Callback.objects.exists()
    assert not RecordedEvent.objects.exists()
    assert not Delivery.objects.exists()


# --- digests ----------------------------------------------------------------------
def test_worked_digest_of_body_a(door: Door) -> None:
    assert len(BODY_A) == 68
    assert door.knock(BODY_A, SHA256_A) == 200
    callback = Callback.objects.get()
    assert bytes(callback.body) == BODY_A
    assert (callback.type, callback.status) == ("applicantPending", "received")


def test_worked_digest_of_body_b_keeps_every_byte(door: Door) -> None:
    assert len(BODY_B) == 231
    assert door.knock(BODY_B, SHA256_B) == 200
    assert bytes(Callback.objects.get().body) == BODY_B


def test_sha512_when_configured(door: Door, settings: Settings) -> None:
    settings.SUMSUB_WEBHOOK_ALGORITHM = "HMAC_SHA512_HEX"
    assert door.knock(BODY_A, SHA512_A, "HMAC_SHA512_HEX") == 200
    assert door.knock(BODY_B, SHA256_B, "HMAC_SHA256_HEX") == 401


WRONG: list[tuple[bytes, str | None, str | None]] = [
    (BODY_B, SHA256_B_DUMPED, "HMAC_SHA256_HEX"),
    (BODY_B, SHA256_B_NEWLINE, "HMAC_SHA256_HEX"),
    (BODY_B + b"\n", SHA256_B, "HMAC_SHA256_HEX"),
    (BODY_A, SHA256_B, "HMAC_SHA256_HEX"),
    (BODY_A, None, "HMAC_SHA256_HEX"),
    (BODY_A, "", "HMAC_SHA256_HEX"),
    (BODY_A, SHA256_A.upper(), "HMAC_SHA256_HEX"),
    (BODY_A, SHA256_A[:-1], "HMAC_SHA256_HEX"),
    (BODY_A, f"{SHA256_A}00", "HMAC_SHA256_HEX"),
    (BODY_A, "0" * 64, "HMAC_SHA256_HEX"),
    (BODY_A, SHA256_A, None),
    (BODY_A, SHA256_A, ""),
    (BODY_A, SHA1_A, "HMAC_SHA1_HEX"),
    (BODY_A, SHA512_A, "HMAC_SHA512_HEX"),
    (BODY_A, SHA1_A, "HMAC_SHA256_HEX"),
    (BODY_A, SHA256_A, "hmac_sha256_hex"),
    (b"", "", "HMAC_SHA256_HEX"),
    (BODY_A, digest_of(BODY_A, secret="", algorithm="HMAC_SHA256_HEX"),
     "HMAC_SHA256_HEX"),
    (BODY_A, digest_of(BODY_A, secret="guess", algorithm="HMAC_SHA256_HEX"),
     "HMAC_SHA256_HEX"),
]  # fmt: skip


def test_wrong_digests_move_only_the_counter(door: Door) -> None:
    for number, (body, digest, algorithm) in enumerate(WRONG, start=1):
        case = (body[:20], digest, algorithm)
        assert door.knock(body, digest, algorithm) == 401, case
        assert refusals() == number, case
    assert_untouched()


def test_without_a_secret_nobody_gets_in(door: Door, settings: Settings) -> None:
    settings.SUMSUB_WEBHOOK_SECRETS = []
    empty = digest_of(BODY_A, secret="", algorithm="HMAC_SHA256_HEX")
    assert door.knock(BODY_A, empty) == 503
    assert door.knock(BODY_A, SHA256_A) == 503
    assert refusals() == 0
    assert_untouched()


def test_two_secrets_live_side_by_side(door: Door, settings: Settings) -> None:
    settings.SUMSUB_WEBHOOK_SECRETS = ["brand-new-secret", SECRET]
    old, new = callback_body(correlationId="old"), callback_body(correlationId="new")
    assert door.post(old, signed(old)).status_code == 200
    assert door.post(new, signed(new, secret="brand-new-secret")).status_code == 200
    settings.SUMSUB_WEBHOOK_SECRETS = ["brand-new-secret"]
    assert door.knock(BODY_A, SHA256_A) == 401
    assert Callback.objects.count() == 2


# --- size and method --------------------------------------------------------------
def test_64_kib_is_the_most(door: Door) -> None:
    empty = len(callback_body(note=""))
    largest = callback_body(note="x" * (64 * 1024 - empty))
    assert len(largest) == 64 * 1024
    assert door.signed(largest) == 200
    assert bytes(Callback.objects.get().body) == largest


def test_one_byte_more_is_refused_unread(door: Door) -> None:
    empty = len(callback_body(note=""))
    too_large = callback_body(note="x" * (64 * 1024 + 1 - empty))
    assert len(too_large) == 64 * 1024 + 1
    assert door.signed(too_large) == 413
    assert refusals() == 0
    assert_untouched()


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
def test_only_post(door: Door, method: str) -> None:
    answer = requests.request(
        method, door.url, data=BODY_A, headers=signed(BODY_A), timeout=TIMEOUT
    )
    assert answer.status_code == 405
    assert_untouched()


# --- bodies nobody can use ----------------------------------------------------------
UNREADABLE = [
    b"this is no JSON",
    b"",
    b"null",
    b'"a string"',
    b"[1, 2, 3]",
    b'[{"type":"applicantReviewed"}]',
    b'{"type": "applicantReviewed"',
    b'{"type": NaN}',
    b"\x00\x01\x02",
    '{"type": "caf\u00e9"}'.encode("latin-1"),
    b'{"type":"' + b"x" * 500 + b'"}',
    b"[" * 30_000,
    b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
]


def test_the_unreadable_is_kept_and_quarantined(door: Door, deliver: Deliver) -> None:
    for body in UNREADABLE:
        assert door.signed(body) == 200, body[:20]
    deliver()
    kept = {bytes(callback.body): callback for callback in Callback.objects.all()}
    assert kept.keys() == set(UNREADABLE)
    for body, callback in kept.items():
        found = (callback.status, callback.reason)
        assert found == ("quarantined", "unreadable"), body[:20]
        assert callback.note


def test_nul_bytes_in_strings_reach_no_column(door: Door, deliver: Deliver) -> None:
    body = callback_body(type="applicant\x00Pending", externalUserId="a\x00b")
    assert b"\\u0000" in body
    assert door.signed(body) == 200
    deliver()
    callback = Callback.objects.get()
    assert "\x00" not in callback.type + callback.external_user_id
    assert callback.status == "quarantined"


ODD: list[dict[str, Any]] = [
    {"type": None},
    {"type": 17},
    {"applicantId": ["a"]},
    {"createdAtMs": 1768472430},
    {"createdAtMs": "yesterday"},
    {"reviewResult": "GREEN"},
    {"reviewResult": None, "reviewStatus": None},
    {"applicantMemberOf": "66aa"},
    {"sandboxMode": "false"},
    {"sandboxMode": {"a": 1}},
]


def test_odd_fields_never_break_the_door(door: Door, deliver: Deliver) -> None:
    for number, fields in enumerate(ODD):
        body = callback_body(**{"correlationId": f"odd{number}", **fields})
        assert door.signed(body) == 200, fields
    deliver()
    assert Callback.objects.count() == len(ODD)
    assert set(Callback.objects.values_list("status", flat=True)) == {"quarantined"}
    assert not Delivery.objects.exclude(status="done").exists()


# --- once ---------------------------------------------------------------------------
def test_a_repeat_does_nothing(door: Door) -> None:
    first = door.post(BODY_A, signed(BODY_A))
    second = door.post(BODY_A, signed(BODY_A))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() != second.json()
    assert Callback.objects.count() == RecordedEvent.objects.count() == 1


def test_a_resend_in_other_bytes_is_the_same_event(door: Door) -> None:
    stamp = "2026-01-15 10:20:30.456"
    one = callback_body(createdAtMs=stamp)
    other = callback_body(createdAtMs=stamp, note="printed otherwise")
    assert door.signed(one) == door.signed(other) == 200
    assert Callback.objects.count() == 1


@pytest.mark.parametrize(
    "difference",
    [
        {"reviewStatus": "queued"},
        {"type": "applicantOnHold"},
        {"createdAtMs": "2026-01-15 10:20:30.457"},
        {"correlationId": "another"},
        {"applicantId": "66aa00000000000000000009"},
    ],
)
def test_what_differs_in_the_key_is_another_event(
    door: Door, difference: dict[str, str]
) -> None:
    stamp = {"createdAtMs": "2026-01-15 10:20:30.456"}
    assert door.signed(callback_body(**stamp)) == 200
    assert door.signed(callback_body(**stamp | difference)) == 200
    assert Callback.objects.count() == 2


def test_events_without_applicant_or_stamp_are_told_apart_by_bytes(door: Door) -> None:
    for note in ("a", "b"):
        door.signed(callback_body(applicantId=None, note=note))
        door.signed(callback_body(createdAtMs=None, note=note))
    assert Callback.objects.count() == 4


def test_the_door_asks_nobody(
    door: Door, settings: Settings, make_customer: MakeCustomer
) -> None:
    settings.SUMSUB_BASE_URL = "http://127.0.0.1:9"  # nobody listens there
    body = callback_body(externalUserId=str(make_customer().pk))
    answer = door.post(body, signed(body))
    assert answer.status_code == 200
    assert answer.elapsed.total_seconds() < 1
    assert not answer.cookies
