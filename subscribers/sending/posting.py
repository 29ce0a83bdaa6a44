"""One connection to a subscriber: to a checked address, each post in bounded time.

No redirect is followed, certificates are verified, and of the answer no more than its
beginning is read.
"""

import http.client
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from django.utils import timezone

from subscribers.sending.addresses import Place

# Seconds: to connect, for each read, and for all of it.
CONNECT_WITHIN, READ_WITHIN, ALL_WITHIN = 5.0, 10.0, 15.0
RESTS_AFTER = 0.2  # seconds; servers speak unasked when they tire of waiting
READ_MOST = 500  # bytes of an answer
MOST_HINTS = 8  # heads with a status of 1xx before the answer itself
LONGEST_WAIT = 86_400.0  # seconds of a Retry-After; more is not worth believing


@dataclass(frozen=True)
class Answer:
    status: int
    content: bytes
    retry_after: float | None


class Connection:
    """To an address that was checked, by the name that the certificate must bear.

    One thread posts at a time; another may cut it.
    """

    def __init__(self, place: Place, tls: ssl.SSLContext | None) -> None:
        self._place, self._tls = place, tls
        self._socket: Any = None
        self._is_cut = False
        self.is_used = self.is_whole = False
        self.made_at = self.used_at = time.monotonic()
        self.ends_at: float | None = None  # of the post that is under way

    def begin(self, ends_at: float) -> None:
        """From here on the clock runs, whatever it waits for."""
        self.ends_at = ends_at

    def open(self, address: str) -> None:
        """Connect to it and to nothing else. Raises OSError."""
        plain = socket.create_connection(
            (address, self._place.port), timeout=CONNECT_WITHIN
        )
        self._hold(plain)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls:
            # Held before its handshake, else nobody could cut one that trickles.
            secure = self._tls.wrap_socket(
                plain, server_hostname=self._place.host, do_handshake_on_connect=False
            )
            self._hold(secure)
            secure.do_handshake()
        self._socket.settimeout(READ_WITHIN)

    def _hold(self, held: Any) -> None:
        self._socket = held
        if self._is_cut:  # between two steps, when there was nothing to end
            raise TimeoutError

    def post(self, head: bytes, body: bytes) -> Answer:
        """Send it in one piece. Raises OSError or HTTPException.

        Afterwards `is_whole` says whether the connection can bear another post.
        """
        self.is_whole = False
        self._socket.sendall(head + body)
        with http.client.HTTPResponse(self._socket, method="POST") as answer:
            _begin(answer)
            content = answer.read(READ_MOST)
            # One byte more tells whether that was all.
            is_read = not answer.read(1)
            found = Answer(answer.status, content, _wait_of(answer))
        if self._is_cut:  # an answer of which we made the end
            raise TimeoutError
        self.is_used, self.is_whole = True, is_read and not answer.will_close
        self.used_at, self.ends_at = time.monotonic(), None
        return found

    def is_quiet(self) -> bool:
        """Nothing came since the last answer: what comes next answers the next post.

        Of TLS's own records, which come unasked, this takes no notice. Asked only of
        one that has rested: each question lets other threads go first, and with ten
        subscribers at once that halved what was sent.
        """
        if time.monotonic() - self.used_at < RESTS_AFTER:
            return True
        try:
            self._socket.settimeout(0)
            self._socket.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            self._socket.settimeout(READ_WITHIN)
            return True
        except OSError:
            pass
        return False

    def is_late(self, now: float) -> bool:
        return self.ends_at is not None and now > self.ends_at

    def cut(self) -> None:
        """End it from another thread, whatever it waits for."""
        self._is_cut = True
        if self._socket is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    @property
    def is_stale(self) -> bool:
        """They had closed it, and not we: the post may be made once more."""
        return self.is_used and not self._is_cut

    def close(self) -> None:
        self.ends_at = None
        if self._socket is not None:
            self._socket.close()


def _begin(answer: http.client.HTTPResponse) -> None:
    """Read the head of the answer itself, whatever hints come before.

    `http.client` passes by a 100 alone: it gives out a 103 as the answer, and would
    read the true one as that of the next post. Raises HTTPException.
    """
    for _ in range(MOST_HINTS):
        answer.begin()
        if answer.status >= http.client.OK:
            return
        if answer.status == http.client.SWITCHING_PROTOCOLS:
            break  # nobody asked for that; what follows is no HTTP
        answer.headers = None  # type: ignore[assignment]  # else nothing more is read
    raise http.client.HTTPException


def end_of_post() -> float:
    """When one that begins now must have ended, name, connection and all."""
    return time.monotonic() + ALL_WITHIN


def head_of(place: Place, headers: dict[str, str], length: int) -> bytes:
    """The head of a POST. What stands in it is ours, or was checked by `place_of`."""
    said = {
        "Host": place.host_header,
        "Accept-Encoding": "identity",
        "Content-Length": str(length),
        **headers,
    }
    lines = [f"POST {place.path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in said.items()]
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def _wait_of(answer: http.client.HTTPResponse) -> float | None:
    """Seconds of a Retry-After, which is a number or a date."""
    said = (answer.getheader("Retry-After") or "").strip()
    if not said:
        return None
    if said.isascii() and said.isdigit():
        return min(float(said[:9]), LONGEST_WAIT)
    try:
        seconds = (parsedate_to_datetime(said) - timezone.now()).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT)
