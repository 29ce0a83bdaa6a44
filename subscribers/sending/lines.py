"""Connections kept to each subscriber, between turns too.

A line is one subscriber's alone, whoever else is at the same address, and leads to
the addresses that were checked when its name was last asked for.
"""

import http.client
import logging
import os
import ssl
import threading
import time
from uuid import UUID

from common.errors import DomainError
from subscribers.models import Subscriber
from subscribers.sending.addresses import addresses_of, place_of
from subscribers.sending.posting import Answer, Connection, end_of_post, head_of

log = logging.getLogger(__name__)

IDLE_FOR = 30.0  # seconds; then it is closed
# Seconds after which the name is asked for and checked again: a connection that never
# rested would follow a subscriber's move never.
KNOWN_FOR = 60.0
FAILED_FOR = 5.0  # seconds; threads that wait for one name hear of its failure at once
_LOOK_EVERY = 0.1  # seconds between looks for posts that take too long
# How a kept connection shows that they closed it; those of TLS are no ConnectionError.
_CLOSED = (
    ConnectionError, http.client.BadStatusLine, ssl.SSLEOFError, ssl.SSLZeroReturnError,
)  # fmt: skip


class Line:
    """Posts to one subscriber, from several threads.

    Raises OSError, HTTPException or RefusedAddressError.
    """

    def __init__(self, url: str) -> None:
        self.url, self._place = url, place_of(url)
        self._tls = ssl.create_default_context() if self._place.is_secure else None
        self._lock, self._asking = threading.Lock(), threading.Lock()
        self._idle: list[Connection] = []
        self._busy: set[Connection] = set()
        self._is_closed = False
        self._known: list[str] = []
        self._failure: Exception | None = None
        self._known_until = self.used_at = time.monotonic()

    def post(self, body: bytes, headers: dict[str, str]) -> Answer:
        head, ends_at = head_of(self._place, headers, len(body)), end_of_post()
        connection = self._take(ends_at)
        try:
            return self._exchange(connection, head, body)
        except _CLOSED:
            if not connection.is_stale:
                raise
        # It was kept, and they had closed it: once more, on a fresh one.
        return self._exchange(self._fresh(ends_at), head, body)

    def _take(self, ends_at: float) -> Connection:
        oldest = time.monotonic() - KNOWN_FOR
        with self._lock:
            self.used_at = time.monotonic()
            while self._idle:
                connection = self._idle.pop()
                if connection.made_at > oldest and connection.is_quiet():
                    return self._begun(connection, ends_at)
                connection.close()
        return self._fresh(ends_at)

    def _fresh(self, ends_at: float) -> Connection:
        return self._begun(Connection(self._place, self._tls), ends_at)

    def _begun(self, connection: Connection, ends_at: float) -> Connection:
        connection.begin(ends_at)
        self._busy.add(connection)
        return connection

    def _exchange(self, connection: Connection, head: bytes, body: bytes) -> Answer:
        try:
            if not connection.is_used:
                # The first alone: trying all in turn would take so many times as long.
                connection.open(self._addresses()[0])
            return connection.post(head, body)
        finally:
            self._busy.discard(connection)
            self._give_back(connection)

    def _give_back(self, connection: Connection) -> None:
        with self._lock:
            if connection.is_whole and not self._is_closed:
                self._idle.append(connection)
                return
        connection.close()

    def _addresses(self) -> list[str]:
        """Those that were checked; asked for anew now and then, by one thread."""
        with self._asking:
            if time.monotonic() >= self._known_until:
                self._ask()
            if self._failure:
                raise self._failure
            return self._known

    def _ask(self) -> None:
        self._failure, holds_for = None, KNOWN_FOR
        try:
            self._known = addresses_of(self._place)
        except (OSError, ValueError, DomainError) as error:
            self._failure, holds_for = error, FAILED_FOR
        self._known_until = time.monotonic() + holds_for

    def cut_late(self, now: float) -> None:
        """End what takes too long in all: each read of a trickle is in time."""
        for connection in list(self._busy):
            if connection.is_late(now):
                connection.cut()

    def close_idle(self, now: float) -> bool:
        """Close what rests for long; tell whether nothing is left."""
        with self._lock:
            resting = [c for c in self._idle if now - c.used_at > IDLE_FOR]
            self._idle = [c for c in self._idle if c not in resting]
            is_done = not self._idle and not self._busy
        for connection in resting:
            connection.close()
        return is_done and now - self.used_at > IDLE_FOR

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()


class Lines:
    """Those of this process, and the thread that looks after them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: dict[UUID, Line] = {}
        self._watcher: threading.Thread | None = None

    def line_to(self, subscriber: Subscriber) -> Line:
        """The one that is kept, or a new one where the address is another.

        Raises RefusedAddressError.
        """
        with self._lock:
            line = self._lines.get(subscriber.pk)
            if line is None or line.url != subscriber.url:
                self._drop(subscriber.pk)
                line = self._lines[subscriber.pk] = Line(subscriber.url)
            line.used_at = time.monotonic()
            if self._watcher is None:
                self._watcher = threading.Thread(
                    target=self._watch, name="lines", daemon=True
                )
                self._watcher.start()
            return line

    def _drop(self, key: UUID) -> None:
        if line := self._lines.pop(key, None):
            line.close()

    def _watch(self) -> None:
        """Until there is no line any more; the next one starts another watch."""
        while True:
            time.sleep(_LOOK_EVERY)
            with self._lock:
                if not self._look(time.monotonic()):
                    self._watcher = None
                    return

    def _look(self, now: float) -> bool:
        for key, line in list(self._lines.items()):
            # Any: without this thread no late post would ever be cut again.
            try:
                self._look_at(key, line, now)
            except Exception:
                log.exception("A line could not be looked after.")
        return bool(self._lines)

    def _look_at(self, key: UUID, line: Line, now: float) -> None:
        line.cut_late(now)
        if line.close_idle(now):
            self._drop(key)

    def forget(self) -> None:
        """In a child process: sockets and threads are the parent's."""
        self._lock, self._lines, self._watcher = threading.Lock(), {}, None


LINES = Lines()
os.register_at_fork(after_in_child=LINES.forget)
