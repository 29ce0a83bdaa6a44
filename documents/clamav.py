"""ClamAV: ask clamd over TCP whether a file holds malware."""

import re
import socket
import struct
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from select import POLLIN, poll
from urllib.parse import urlsplit

from common.observing.calls import Outcome, Provider, call_of
from common.observing.measures import SCANS
from common.text import clean

# Seconds to connect; and, in all, that the scanner may keep us waiting, sending and
# answering. Together less than the lease of a delivery. No call in a transaction.
Timeout = tuple[float, float]
DEFAULT_TIMEOUT: Timeout = (3.05, 60.0)
PING_TIMEOUT: Timeout = (1.0, 2.0)

FRAME = 64 * 1024  # bytes sent at once, each with its length before it
ANSWER_LIMIT = 4096  # bytes; a signature's name is far shorter
SIGNATURE_LIMIT = 200  # characters
_QUOTED = 120  # characters of the scanner's own words
_FOUND = re.compile(r"stream: (.+) FOUND", re.DOTALL)


class ScannerUnavailable(Exception):  # noqa: N818 - named for the state, not "Error"
    """The scanner gave no verdict; the message is one plain sentence.

    Nothing is known about the file: it may be asked about again later.
    """

    retry_after: float | None = None


@dataclass(frozen=True)
class Verdict:
    """What the scanner found; `signature` is its name for it, "" when clean."""

    is_clean: bool
    signature: str = ""


def scan(
    chunks: Iterable[bytes], *, address: str, timeout: Timeout = DEFAULT_TIMEOUT
) -> Verdict:
    """Stream a file to the scanner at `address` (host:port); harmless to run twice.

    Raises ScannerUnavailable and, of its own, nothing else; what `chunks` raises goes
    through, and the scanner forgets the file.
    """
    with call_of(Provider.CLAMAV, _outcome_of):
        verdict = _scan(chunks, address, timeout)
    SCANS.labels("clean" if verdict.is_clean else "infected").inc()
    return verdict


def _scan(chunks: Iterable[bytes], address: str, timeout: Timeout) -> Verdict:
    with _connected(address, timeout) as line:
        line.send(b"zINSTREAM\0")
        for frame in _frames(chunks):
            line.send(struct.pack(">I", len(frame)))
            line.send(frame)
        # An answer before the end of the file is not about the file.
        line.refuse_early_answer()
        line.send(struct.pack(">I", 0))
        return _verdict(line.answer())


def _outcome_of(error: Exception) -> Outcome:
    """What else is raised in a scan comes of the file's own place, not of clamd."""
    is_clamd = isinstance(error, ScannerUnavailable)
    return Outcome.UNREACHABLE if is_clamd else Outcome.OK


def ping(address: str, timeout: Timeout = PING_TIMEOUT) -> None:
    """Raise ScannerUnavailable unless the scanner at `address` (host:port) is well."""
    with _connected(address, timeout) as line:
        line.send(b"zPING\0")
        answer = line.answer()
        if answer != "PONG":
            raise _refusal(answer)


class _Line:
    """One connection; counts down how long the scanner may keep us waiting.

    A time limit of the socket alone starts anew with every byte.
    """

    def __init__(self, connection: socket.socket, patience: float) -> None:
        self._socket = connection
        self._patience = patience
        self._poll = poll()
        self._poll.register(connection, POLLIN)

    def send(self, content: bytes | memoryview) -> None:
        try:
            with self._waiting():
                self._socket.sendall(content)
        except TimeoutError as error:
            raise ScannerUnavailable(
                "The scanner did not take the file in time."
            ) from error
        except OSError as error:
            # Whoever hangs up on a file may have said why.
            raise _refusal(self.answer()) from error

    def refuse_early_answer(self) -> None:
        """Raise where the scanner has spoken or hung up already."""
        if self._poll.poll(0):
            raise _refusal(self.answer())

    def answer(self) -> str:
        """Read one whole answer: all before the NUL, and nothing may follow it."""
        content = b""
        while b"\0" not in content:
            received = self._receive()
            content += received
            if not received:
                raise ScannerUnavailable("The scanner hung up before it had answered.")
            if len(content) > ANSWER_LIMIT:
                raise ScannerUnavailable("The scanner’s answer is too long to be one.")
        said, _, more = content.partition(b"\0")
        if more:
            raise ScannerUnavailable("The scanner answered more than it was asked.")
        return said.decode(errors="replace")

    def _receive(self) -> bytes:
        try:
            with self._waiting():
                return self._socket.recv(ANSWER_LIMIT)
        except TimeoutError as error:
            raise ScannerUnavailable("The scanner did not answer in time.") from error
        except OSError as error:
            raise ScannerUnavailable(
                "The scanner hung up before it had answered."
            ) from error

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        if self._patience <= 0:
            raise TimeoutError
        self._socket.settimeout(self._patience)
        started = time.monotonic()
        try:
            yield
        finally:
            self._patience -= time.monotonic() - started


@contextmanager
def _connected(address: str, timeout: Timeout) -> Iterator[_Line]:
    connect, patience = timeout
    try:
        connection = socket.create_connection(_place(address), connect)
    except (OSError, ValueError) as error:  # ValueError: a name that cannot be one
        reason = type(error).__name__
        raise ScannerUnavailable(
            f"The scanner could not be reached ({reason})."
        ) from error
    with connection:
        yield _Line(connection, patience)


def _place(address: str) -> tuple[str, int]:
    parts = urlsplit(f"//{address}")
    if not parts.hostname or not parts.port:
        raise ValueError("not host:port")
    return parts.hostname, parts.port


def _frames(chunks: Iterable[bytes]) -> Iterator[memoryview]:
    """Cut into frames, and leave out empty ones: their length says the file ends."""
    for chunk in chunks:
        content = memoryview(chunk)
        for start in range(0, len(content), FRAME):
            yield content[start : start + FRAME]


def _verdict(answer: str) -> Verdict:
    if answer == "stream: OK":
        return Verdict(is_clean=True)
    if found := _FOUND.fullmatch(answer):
        return Verdict(is_clean=False, signature=_shown(found[1], SIGNATURE_LIMIT))
    raise _refusal(answer)


def _refusal(answer: str) -> ScannerUnavailable:
    """Choose the sentence for an answer that is no verdict."""
    if "size limit exceeded" in answer:
        return ScannerUnavailable("The file is larger than the scanner takes.")
    if answer.endswith("ERROR"):
        said = _shown(answer, _QUOTED)
        return ScannerUnavailable(f"The scanner reports an error: “{said}”.")
    return ScannerUnavailable("The scanner’s answer is none that we know.")


def _shown(text: str, limit: int) -> str:
    """Make one line of the scanner's words, without what hides in it."""
    return " ".join(clean(text).split())[:limit].strip() or "no name"
