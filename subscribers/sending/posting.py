"""Post a body to a subscriber: to a checked address, in bounded time, once.

No redirect is followed, certificates are verified, and of the answer no more than its
beginning is read. Connections are kept alive among the posts of one Poster.
"""

import http.client
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from queue import Empty, LifoQueue
from typing import Any

from django.utils import timezone

from subscribers.sending.addresses import Place, addresses_of, place_of

# Seconds: to connect, for each read, and for all of it.
CONNECT_WITHIN, READ_WITHIN, ALL_WITHIN = 5.0, 10.0, 15.0
READ_MOST = 500  # bytes of an answer
_LOOK_EVERY = 0.1  # seconds between looks for posts that take too long
LONGEST_WAIT = 86_400.0  # seconds of a Retry-After; more is not worth believing


@dataclass(frozen=True)
class Answer:
    status: int
    content: bytes
    retry_after: float | None


class _Connection(http.client.HTTPConnection):
    """To an address that was checked, by the name that the certificate must bear."""

    def __init__(self, place: Place, tls: ssl.SSLContext | None) -> None:
        super().__init__(place.host, place.port)
        self._place, self._tls = place, tls
        self.is_used = self.is_cut = False
        self.sock: Any = None

    def connect(self) -> None:
        # The first alone: trying all in turn would take their number of times as long.
        address = addresses_of(self._place)[0]
        self.sock = socket.create_connection(
            (address, self._place.port), timeout=CONNECT_WITHIN
        )
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls:
            self.sock = self._tls.wrap_socket(
                self.sock, server_hostname=self._place.host
            )
        self.sock.settimeout(READ_WITHIN)

    def cut(self) -> None:
        """End it from another thread, whatever it waits for."""
        self.is_cut = True
        if self.sock is not None:
            with suppress(OSError):
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


class Poster:
    """Posts to one subscriber, from several threads; close it at the end.

    Raises OSError, HTTPException or RefusedAddressError.
    """

    def __init__(self, url: str) -> None:
        self._place = place_of(url)
        self._tls = ssl.create_default_context() if self._place.is_secure else None
        self._idle: LifoQueue[_Connection] = LifoQueue()
        self._ends: dict[_Connection, float] = {}
        self._closed = threading.Event()
        threading.Thread(target=self._watch, name="posts", daemon=True).start()

    def post(self, body: bytes, headers: dict[str, str]) -> Answer:
        connection = self._take()
        try:
            return self._exchange(connection, body, headers)
        except (ConnectionError, http.client.BadStatusLine):
            connection.close()
            if not connection.is_used or connection.is_cut:
                raise
        # It was kept alive, and they had closed it: once more, on a fresh one.
        return self._exchange(self._fresh(), body, headers)

    def close(self) -> None:
        self._closed.set()
        while True:
            try:
                self._idle.get_nowait().close()
            except Empty:
                return

    def _take(self) -> _Connection:
        try:
            return self._idle.get_nowait()
        except Empty:
            return self._fresh()

    def _fresh(self) -> _Connection:
        return _Connection(self._place, self._tls)

    def _exchange(
        self, connection: _Connection, body: bytes, headers: dict[str, str]
    ) -> Answer:
        self._ends[connection] = time.monotonic() + ALL_WITHIN
        try:
            connection.request(
                "POST", self._place.path, body,
                {**headers, "Host": self._place.host_header},
            )  # fmt: skip
            with connection.getresponse() as answer:
                content = answer.read(READ_MOST)
                # One byte more tells whether that was all.
                is_whole = not answer.read(1)
                found = Answer(answer.status, content, _wait_of(answer))
            if connection.is_cut:  # an answer of which we made the end
                raise TimeoutError
        except BaseException:
            connection.close()
            raise
        finally:
            self._ends.pop(connection, None)
        self._give_back(connection, is_whole=is_whole and not answer.will_close)
        return found

    def _give_back(self, connection: _Connection, *, is_whole: bool) -> None:
        if is_whole and not self._closed.is_set():
            connection.is_used = True
            self._idle.put(connection)
        else:
            connection.close()

    def _watch(self) -> None:
        """End what takes too long in all: each read of a trickle is in time."""
        while not self._closed.wait(_LOOK_EVERY) or self._ends:
            now = time.monotonic()
            for connection, ends_at in list(self._ends.items()):
                if now > ends_at:
                    connection.cut()
            if self._closed.is_set():
                time.sleep(_LOOK_EVERY)


def _wait_of(answer: http.client.HTTPResponse) -> float | None:
    """Seconds of a Retry-After, which is a number or a date."""
    said = (answer.getheader("Retry-After") or "").strip()
    if said.isascii() and said.isdigit():
        return min(float(said[:9]), LONGEST_WAIT)
    try:
        seconds = (parsedate_to_datetime(said) - timezone.now()).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT)
