"""The scanner's gateway: a verdict, or ScannerUnavailable and nothing else."""

import hashlib
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator

import pytest

from documents.clamav import (
    ANSWER_LIMIT,
    FRAME,
    ScannerUnavailable,
    Verdict,
    ping,
    scan,
)
from events.delivery import _is_expected
from tests.documents.clamd import (
    Behaviour,
    drips,
    fake_clamd,
    interrupts,
    resets,
    says,
    sleeps,
)

QUICK = (1.0, 0.5)  # seconds; for scanners that will not answer
FILE = b"%PDF-1.7 of a test"


def verdict_of(behave: Behaviour, *chunks: bytes) -> Verdict:
    with fake_clamd(behave) as clamd:
        return scan(chunks or [FILE], address=clamd.address, timeout=(1.0, 5.0))


def refusal_of(behave: Behaviour, *chunks: bytes) -> str:
    """Return the sentence of a scan that must bring no verdict."""
    with fake_clamd(behave) as clamd, pytest.raises(ScannerUnavailable) as caught:
        scan(chunks or [FILE], address=clamd.address, timeout=QUICK)
    assert caught.value.retry_after is None
    assert _is_expected(caught.value)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def test_clean() -> None:
    assert verdict_of(says(b"stream: OK\0")) == Verdict(is_clean=True, signature="")


def test_found() -> None:
    verdict = verdict_of(says(b"stream: Win.Test.EICAR_HDB-1 FOUND\0"))
    assert verdict == Verdict(is_clean=False, signature="Win.Test.EICAR_HDB-1")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"Two  words\nand a\ttab", "Two words and a tab"),
        ("\u202egnp.exe\u0007".encode(), "gnp.exe"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"x" * 3000, "x" * 200),
        (b"\x01", "no name"),
        (b"OK", "OK"),
        (b"stream: OK", "stream: OK"),
    ],
)
def test_the_name_of_what_was_found_is_cleaned(name: bytes, shown: str) -> None:
    verdict = verdict_of(says(b"stream: " + name + b" FOUND\0"))
    assert verdict == Verdict(is_clean=False, signature=shown)


def test_the_file_arrives_whole_in_frames() -> None:
    chunks = [b"a", b"", b"b" * (3 * FRAME + 1), b"", b"c" * FRAME]
    with fake_clamd(says(b"stream: OK\0")) as clamd:
        assert scan(iter(chunks), address=clamd.address).is_clean
    assert clamd.commands == [b"zINSTREAM"]
    assert clamd.sizes == [1, FRAME, FRAME, FRAME, 1, FRAME]
    assert clamd.digest == hashlib.sha256(b"".join(chunks)).hexdigest()


def test_an_empty_chunk_does_not_end_the_file() -> None:
    """Its length would be the terminator, and the rest would never be looked at."""
    with fake_clamd(says(b"stream: OK\0")) as clamd:
        scan([b"", b"first", b"", b"second", b""], address=clamd.address)
    assert clamd.digest == hashlib.sha256(b"firstsecond").hexdigest()


def test_a_file_is_never_whole_in_memory() -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(200):
            yield bytes(FRAME)

    with fake_clamd(says(b"stream: OK\0")) as clamd:
        tracemalloc.start()
        scan(chunks(), address=clamd.address)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert sum(clamd.sizes) == 200 * FRAME
    assert most < 20 * FRAME


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (b"INSTREAM size limit exceeded. ERROR\0", "larger than the scanner takes"),
        (b"stream: Can't allocate memory ERROR\0", "Can't allocate memory ERROR”."),
        (b"two\nlines ERROR\0", "“two lines ERROR”"),
        (b"UNKNOWN COMMAND\0", "none that we know"),
        (b"\0", "none that we know"),
        (b"stream: \0", "none that we know"),
        (b"stream:  FOUND\0", "none that we know"),
        (b"OK\0", "none that we know"),
        (b"stream: OK \0", "none that we know"),
        (b"stream: NOT OK\0", "none that we know"),
        (b"other: OK\0", "none that we know"),
        (b"stream: OK", "hung up before it had answered"),
        (b"stream: Eicar FOUND", "hung up before it had answered"),
        (b"stre", "hung up before it had answered"),
        (b"", "hung up before it had answered"),
        (b"stream: OK\0stream: Eicar FOUND\0", "more than it was asked"),
        (b"x" * ANSWER_LIMIT * 3, "too long to be one"),
        (b"stream: " + b"x" * ANSWER_LIMIT * 3 + b" FOUND\0", "too long to be one"),
    ],
)
def test_no_verdict_but_a_sentence(answer: bytes, sentence: str) -> None:
    assert sentence in refusal_of(says(answer))


def test_a_line_that_breaks_before_the_answer() -> None:
    assert "hung up before it had answered" in refusal_of(resets)


def test_a_long_error_is_cut() -> None:
    assert len(refusal_of(says(b"x" * 3000 + b" ERROR\0"))) < 200


@pytest.mark.parametrize("pause", [0.0, 0.2])
@pytest.mark.parametrize(
    "answer", [b"stream: OK\0", b"stream: Eicar FOUND\0", b"", b"stream: OK"]
)
def test_an_answer_before_the_end_is_no_verdict(answer: bytes, pause: float) -> None:
    """It cannot be about the file, whether or not the line breaks afterwards."""

    def chunks() -> Iterator[bytes]:
        for _ in range(100):
            yield bytes(FRAME)
        time.sleep(0.1)

    refusal_of(interrupts(answer, after=100, pause=pause), *chunks())


def test_an_early_answer_to_a_small_file_is_no_verdict() -> None:
    """The line takes a small file whole, so only looking at it tells."""

    def chunks() -> Iterator[bytes]:
        yield FILE
        time.sleep(0.2)  # in which the scanner answers what it cannot know yet

    behave = interrupts(b"stream: OK\0", after=20, pause=1.0)
    with fake_clamd(behave) as clamd, pytest.raises(ScannerUnavailable):
        scan(chunks(), address=clamd.address)


@pytest.mark.parametrize("pause", [0.0, 0.2])
def test_a_scanner_that_hangs_up_on_a_large_file_may_say_why(pause: float) -> None:
    answer = b"INSTREAM size limit exceeded. ERROR\0"
    sentence = refusal_of(interrupts(answer, after=FRAME, pause=pause), bytes(8 << 20))
    assert "larger than the scanner takes" in sentence


@pytest.mark.parametrize("size", [10, 32 << 20])
def test_a_scanner_that_says_nothing_is_given_up(size: int) -> None:
    """Large: it does not even take the file."""
    ended, started = threading.Event(), time.monotonic()
    with fake_clamd(sleeps(ended)) as clamd:
        with pytest.raises(ScannerUnavailable, match="in time"):
            scan([bytes(size)], address=clamd.address, timeout=QUICK)
        assert time.monotonic() - started < 2
        ended.set()


def test_a_scanner_that_drips_is_given_up() -> None:
    """Each byte comes in time, the whole answer does not."""
    started = time.monotonic()
    sentence = refusal_of(drips(b"stream: OK\0", pause=0.2))
    assert "did not answer in time" in sentence
    assert time.monotonic() - started < 4


def test_a_slow_source_does_not_use_up_the_patience() -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(4):
            time.sleep(0.2)
            yield FILE

    with fake_clamd(says(b"stream: OK\0")) as clamd:
        assert scan(chunks(), address=clamd.address, timeout=QUICK).is_clean


def test_what_the_source_raises_goes_through() -> None:
    """A store that fails is not the scanner's failure, and half a file no file."""

    class StoreFailedError(OSError):
        pass

    def chunks() -> Iterator[bytes]:
        yield FILE
        raise StoreFailedError

    with fake_clamd(says(b"stream: OK\0")) as clamd:
        with pytest.raises(StoreFailedError):
            scan(chunks(), address=clamd.address)
    assert not clamd.has_ended


def test_nobody_there() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
        for ask in (lambda: scan([FILE], address=address), lambda: ping(address)):
            with pytest.raises(ScannerUnavailable, match="could not be reached"):
                ask()


@pytest.mark.parametrize(
    "address",
    ["", ":", "127.0.0.1", "127.0.0.1:", ":3310", "127.0.0.1:0", "127.0.0.1:99999",
     "127.0.0.1:x", "[::1", "a" * 80 + ".example:3310", "\u2100:3310", "a..b:3310"],
)  # fmt: skip
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(ScannerUnavailable, match="could not be reached"):
        scan([FILE], address=address)


def test_ping() -> None:
    with fake_clamd(says(b"PONG\0")) as clamd:
        ping(clamd.address)
    assert clamd.commands == [b"zPING"]


@pytest.mark.parametrize("answer", [b"", b"PONG", b"PING\0", b"HTTP/1.1 400\r\n"])
def test_something_else_is_no_scanner(answer: bytes) -> None:
    with fake_clamd(says(answer)) as clamd, pytest.raises(ScannerUnavailable):
        ping(clamd.address)
