"""The gateway's streams of image bytes, against a side that lies, stops or babbles."""

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from kyc.sumsub import errors, transport
from kyc.sumsub import images as gateway
from kyc.sumsub.client import SumsubClient
from tests.kyc.sumsub_server import SECRET, TOKEN, Answer, Server, running_server

JPEG = {"Content-Type": "image/jpeg"}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(transport, "_PAUSES", (0.01, 0.02))
    with running_server() as running:
        yield running


@contextmanager
def saying(raw: bytes) -> Iterator[SumsubClient]:
    """Answer every request with exactly these bytes, then hang up."""

    class Sayer(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while self.rfile.readline().strip():
                pass
            self.wfile.write(raw)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Sayer) as listener:
        threading.Thread(target=listener.serve_forever, args=(0.02,)).start()
        url = f"http://127.0.0.1:{listener.server_address[1]}"
        try:
            yield SumsubClient(url, TOKEN, SECRET, timeout=(0.5, 0.5))
        finally:
            listener.shutdown()


def fetch(client: SumsubClient, limit_bytes: int = 1000) -> bytes:
    with client.image("insp1", "449741312", limit_bytes=limit_bytes) as stream:
        return b"".join(stream)


def test_bytes_come_in_chunks_with_their_type(server: Server) -> None:
    content = bytes(range(256)) * 1000
    typed = {"Content-Type": "Image/JPEG; charset=binary"}
    server.answers[:] = [Answer(content=content, headers=typed)]
    opened = server.client.image("insp1", "449741312", limit_bytes=len(content))
    with opened as stream:
        assert (stream.content_type, stream.size) == ("image/jpeg", len(content))
        chunks = list(stream)
    assert b"".join(chunks) == content
    assert len(chunks) > 1
    assert max(map(len, chunks)) <= 64 * 1024
    (request,) = server.seen
    assert request.target == (
        "/sandbox/sumsub/resources/inspections/insp1/resources/449741312"
    )
    assert request.is_well_signed


@pytest.mark.parametrize("bad", ["", "..", "a/b", "a%2Fb", "a?b", "a#b", "9" * 65, "ä"])
def test_ids_that_could_leave_the_path_are_never_sent(server: Server, bad: str) -> None:
    for ids in ((bad, "449741312"), ("insp1", bad)):
        with pytest.raises(errors.SumsubRefused):
            with server.client.image(*ids, limit_bytes=10):
                pass
    with pytest.raises(errors.SumsubRefused):
        server.client.images(bad)
    assert server.seen == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(401, {"errorCode": 4003}), errors.SumsubUnauthorized),
        (Answer(404, {}), errors.SumsubNotFound),
        (Answer(403, b"no"), errors.SumsubRefused),
        (Answer(429, {}, {"Retry-After": "60"}), errors.SumsubRateLimited),
        (Answer(503, {}, {"Retry-After": "60"}), errors.SumsubUnavailable),
    ],
)
def test_refusals_are_typed_like_all_others(
    server: Server, answer: Answer, expected: type[errors.SumsubError]
) -> None:
    for ask in (fetch, lambda client: client.images("a1")):
        server.answers[:] = [answer]
        with pytest.raises(expected) as caught:
            ask(server.client)
        assert type(caught.value) is expected
        is_timed = "Retry-After" in answer.headers
        assert caught.value.retry_after == (60.0 if is_timed else None)
    assert len(server.seen) == 2


def test_asked_again_before_the_first_byte_with_a_fresh_signature(
    server: Server,
) -> None:
    server.answers[:] = [
        Answer(500, b"oops"), Answer(429, {}), Answer(content=b"abc", headers=JPEG)
    ]  # fmt: skip
    assert fetch(server.client) == b"abc"
    assert len(server.seen) == 3
    assert all(request.is_well_signed for request in server.seen)


def test_nobody_listening_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_PAUSES", (0.01, 0.02))
    client = SumsubClient("http://127.0.0.1:9", TOKEN, SECRET, timeout=(0.2, 0.2))
    for ask in (fetch, lambda client: client.images("a1")):
        with pytest.raises(errors.SumsubUnavailable, match="could not be reached"):
            ask(client)


def test_announced_too_large_is_refused_unread(server: Server) -> None:
    server.answers[:] = [Answer(content=b"x" * 1001, headers=JPEG)]
    with pytest.raises(errors.SumsubTooLarge):
        with server.client.image("insp1", "449741312", limit_bytes=1000):
            pytest.fail("nothing of it may be handed out")


def test_unannounced_too_large_stops_at_the_limit() -> None:
    chunk = b"2000\r\n" + b"x" * 0x2000 + b"\r\n"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n"
    endless = head + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 40 + b"0\r\n\r\n"
    taken = 0
    with saying(endless) as client:
        with pytest.raises(errors.SumsubTooLarge):
            with client.image("insp1", "449741312", limit_bytes=100_000) as stream:
                assert stream.size is None
                for piece in stream:
                    taken += len(piece)
    assert 0 < taken <= 100_000


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Length: 1000\r\n\r\n" + b"x" * 500,
        b"Transfer-Encoding: chunked\r\n\r\n64\r\n" + b"x" * 100 + b"\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n64\r\n" + b"x" * 50,
        b"Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nxx\r\n0\r\n\r\n",
        b"Connection: close\r\n\r\n" + b"x" * 500,  # who knows how much there was
    ],
    ids=["length", "between chunks", "inside a chunk", "two ends told", "no end told"],
)
def test_cut_half_way_is_no_image(raw: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n"
    with saying(head + raw) as client:
        with pytest.raises(errors.SumsubUnavailable):
            fetch(client)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/html; charset=utf-8"},
        {"Content-Type": "application/json"},
        {"Content-Type": "image/svg+xml"},
        {"Content-Type": "video/mp4"},
        {"Content-Type": "text/html, image/png"},
        {},
        {**JPEG, "Content-Encoding": "gzip"},
    ],
)
def test_what_is_no_document_is_refused(server: Server, headers: Any) -> None:
    server.answers[:] = [Answer(content=b"<html>", headers=headers)]
    with pytest.raises(errors.SumsubWrongType):
        fetch(server.client)


@pytest.mark.parametrize(
    "kind", ["image/png", "image/heic", "application/pdf", "application/octet-stream"]
)
def test_what_may_be_a_document_is_taken(server: Server, kind: str) -> None:
    server.answers[:] = [Answer(content=b"abc", headers={"Content-Type": kind})]
    assert fetch(server.client) == b"abc"


def test_empty_image_is_refused(server: Server) -> None:
    server.answers[:] = [Answer(content=b"", headers=JPEG)]
    with pytest.raises(errors.SumsubUnreadable, match="empty"):
        fetch(server.client)


def test_trickle_and_silence_are_cut_off(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "STREAM_SECONDS", 0.4)
    server.answers[:] = [Answer(content=b"x" * 100, headers=JPEG, trickle=0.1)]
    started = time.monotonic()
    with pytest.raises(errors.SumsubUnavailable, match="too long"):
        fetch(server.client)
    server.answers[:] = [Answer(content=b"x" * 100, headers=JPEG, trickle=0.8)]
    with pytest.raises(errors.SumsubUnavailable):
        fetch(server.client)
    assert time.monotonic() - started < 4.0


def test_slow_storage_of_ours_is_not_held_against_the_provider(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "STREAM_SECONDS", 0.2)
    server.answers[:] = [Answer(content=b"x" * 200_000, headers=JPEG)]
    opened = server.client.image("insp1", "449741312", limit_bytes=200_000)
    with opened as stream:
        for _ in stream:
            time.sleep(0.15)


def test_errors_of_the_caller_stay_the_callers_own(server: Server) -> None:
    server.answers[:] = [Answer(content=b"abc", headers=JPEG), Answer()]
    client = server.client
    with pytest.raises(FileNotFoundError):
        with client.image("insp1", "449741312", limit_bytes=10) as stream:
            next(iter(stream))
            raise FileNotFoundError("our disk")
    assert client.applicant("a1").applicant_id == "a1"  # the connection is not spoilt
