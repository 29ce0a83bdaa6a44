"""The gateway against a server that errs, dawdles and babbles."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kyc.sumsub import errors, transport
from kyc.sumsub.client import SumsubClient
from tests.kyc.sumsub_server import (
    APPLICANT,
    SECRET,
    TOKEN,
    Answer,
    Server,
    running_server,
)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(transport, "_PAUSES", (0.01, 0.02))
    with running_server() as running:
        yield running


def create_link(client: SumsubClient) -> None:
    client.create_link(level="basic", external_user_id="user-42", ttl_seconds=1800)


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (400, {}, errors.SumsubRefused),
        (401, {}, errors.SumsubUnauthorized),
        (403, {}, errors.SumsubRefused),
        (409, {}, errors.SumsubConflict),
        (409, {"Retry-After": "60"}, errors.SumsubBusy),
        (429, {"Retry-After": "60"}, errors.SumsubRateLimited),
        (503, {"Retry-After": "60"}, errors.SumsubUnavailable),
    ],
)
def test_errors_are_typed_and_not_asked_again(
    server: Server,
    status: int,
    headers: dict[str, str],
    expected: type[errors.SumsubError],
) -> None:
    details = {
        "description": "Applicant Zoë Beispiel",
        "code": status,
        "correlationId": "c-77",
        "errorCode": 4003,
    }
    server.answers[:] = [Answer(status, details, headers)]
    with pytest.raises(expected) as caught:
        server.client.applicant("a1")
    error = caught.value
    assert type(error) is expected
    assert (error.status, error.error_code) == (status, 4003)
    assert error.correlation_id == "c-77"
    assert error.retry_after == (60.0 if headers else None)
    assert "Zoë" not in str(error)
    assert SECRET not in str(error)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "first",
    [
        Answer(500, b"oops"),
        Answer(503, {}),
        Answer(429, {}),
        Answer(429, {}, {"Retry-After": "0"}),
        Answer(200, b"<html>busy</html>"),
        Answer(200, b""),
        Answer(pause=0.8),
    ],
)
def test_reading_is_tried_again_with_a_fresh_signature(
    server: Server, first: Answer
) -> None:
    server.answers[:] = [first, Answer(500, {}), Answer()]
    assert server.client.applicant("a1").applicant_id == "a1"
    assert len(server.seen) == 3
    assert all(request.is_well_signed for request in server.seen)


def test_every_try_is_stamped_anew(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_PAUSES", (1.1, 0.01))
    server.answers[:] = [Answer(500, {})]
    server.client.applicant("a1")
    first, second = (request.headers["X-App-Access-Ts"] for request in server.seen)
    assert int(second) > int(first)
    assert server.seen[1].is_well_signed


@pytest.mark.parametrize("content", [b"<html>", b'"\xff"', b"NaN", b'{"a":1,"a":2}'])
def test_babble_with_200_is_no_answer(server: Server, content: bytes) -> None:
    server.answers[:] = [Answer(content=content) for _ in range(3)]
    with pytest.raises(errors.SumsubUnavailable):
        server.client.applicant("a1")
    assert len(server.seen) == 3


@pytest.mark.parametrize(
    "call",
    [create_link, lambda c: c.reset("a1"), lambda c: c.move_to_level("a1", "next")],
)
@pytest.mark.parametrize("answer", [Answer(503, {}), Answer(429), Answer(pause=0.8)])
def test_posts_are_not_sent_twice(
    server: Server, call: Callable[[SumsubClient], Any], answer: Answer
) -> None:
    server.answers[:] = [answer]
    with pytest.raises((errors.SumsubUnavailable, errors.SumsubRateLimited)):
        call(server.client)
    assert len(server.seen) == 1


def test_reset_sits_out_a_short_busy(server: Server) -> None:
    server.answers[:] = [Answer(409, {}, {"Retry-After": "1"}), Answer()]
    started = time.monotonic()
    server.client.reset("a1")
    assert time.monotonic() - started >= 1.0
    assert len(server.seen) == 2


def test_redirects_are_not_followed(server: Server) -> None:
    target = f"{server.url}/elsewhere"
    server.answers[:] = [Answer(302, b"", {"Location": target}) for _ in range(3)]
    with pytest.raises(errors.SumsubUnavailable):
        server.client.applicant("a1")
    assert {request.target.rpartition("/")[2] for request in server.seen} == {"one"}


def test_oversized_answer_is_cut_off(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "ANSWER_LIMIT", 1000)
    large = json.dumps({**APPLICANT, "padding": "x" * 2000}).encode()
    server.answers[:] = [Answer(content=large) for _ in range(3)]
    with pytest.raises(errors.SumsubUnavailable, match="larger"):
        server.client.applicant("a1")


def test_trickling_answer_is_cut_off(server: Server) -> None:
    server.answers[:] = [Answer(content=APPLICANT, trickle=0.1)]
    started = time.monotonic()
    with pytest.raises(errors.SumsubUnavailable, match="too long"):
        create_link(server.client)
    assert time.monotonic() - started < 2.0


def test_nobody_listening_is_unavailable() -> None:
    client = SumsubClient("http://127.0.0.1:9", TOKEN, SECRET, timeout=(0.2, 0.2))
    with pytest.raises(errors.SumsubUnavailable, match="could not be reached"):
        client.reset("a1")


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("5", 5.0, 5.0),
        ("999999999999", 86400.0, 86400.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0, 0.0),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 86400.0, 86400.0),
    ],
)
def test_retry_after_in_both_styles(header: str, least: float, most: float) -> None:
    error = transport.error_for(429, {"Retry-After": header}, b"")
    assert error.retry_after is not None
    assert least <= error.retry_after <= most


@pytest.mark.parametrize("header", ["", "soon", "-1", "nan", "\u0661"])
def test_retry_after_that_says_nothing(header: str) -> None:
    error = transport.error_for(429, {"Retry-After": header}, b"[")
    assert error.retry_after is None
