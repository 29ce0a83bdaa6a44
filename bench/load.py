"""An HTTP client that costs little: ready-made requests over keep-alive connections.

One thread and select(), because the generator shares the machine with what it measures.
"""

import socket
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from selectors import EVENT_READ, SelectSelector
from time import perf_counter
from typing import Self

_CHUNK = 65_536


@dataclass
class Run:
    """What came of a run. Latencies are seconds from when each request was due."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    faults: int = 0  # broken connections and requests that were never answered

    @property
    def accepted(self) -> int:
        return self.statuses[200]

    @property
    def errors(self) -> int:
        return self.faults + self.statuses.total() - self.accepted

    @property
    def per_second(self) -> float:
        return self.accepted / self.seconds if self.seconds else 0.0


def post_request(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Return the bytes of a POST as the TLS proxy in front of us hands it on."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "X-Forwarded-Proto: https",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def drive(
    port: int,
    requests: Sequence[bytes],
    *,
    connections: int,
    rate: float | None = None,
    limit: float = 120.0,
) -> Run:
    """Send every request once; give up after `limit` seconds.

    Without `rate` the loop is closed: a connection sends again when it was answered.
    With `rate` (requests a second) the loop is open: the i-th request is due at i/rate
    however slow the answers are, and its latency counts from then.
    """
    with _Client(port, connections) as client:
        return client.send_all(requests, rate, limit)


class _Wire:
    """One connection, and the request it waits for an answer to."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.due_at: float | None = None
        self.received = b""

    def send(self, request: bytes, due_at: float) -> None:
        self.due_at, self.received = due_at, b""
        self.socket.sendall(request)

    def receive(self) -> int | None:
        """Return the status once the answer is complete. Raises OSError at the end."""
        chunk = self.socket.recv(_CHUNK)
        if not chunk:
            raise ConnectionResetError
        self.received += chunk
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not found or len(body) < _content_length(head):
            return None
        return int(head[9:12])


def _content_length(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0] or 0)


class _Client:
    def __init__(self, port: int, connections: int) -> None:
        self._port = port
        self._selector = SelectSelector()  # epoll would round its waits up to 1 ms
        # The longest idle one is next, so that all of them and all workers take part.
        self._idle: deque[_Wire] = deque()
        for _ in range(connections):
            self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for key in list(self._selector.get_map().values()):
            key.data.socket.close()
        self._selector.close()

    def send_all(
        self, requests: Sequence[bytes], rate: float | None, limit: float
    ) -> Run:
        run, sent, started = Run(), 0, perf_counter()
        while run.statuses.total() + run.faults < len(requests):
            now = perf_counter()
            if now - started > limit:
                break
            while sent < len(requests) and self._idle:
                due_at = started + sent / rate if rate else perf_counter()
                if due_at > now and rate:
                    break
                self._send(run, requests[sent], due_at)
                sent += 1
            self._collect(run, self._patience(started, sent, len(requests), rate))
        run.seconds = perf_counter() - started
        run.faults = len(requests) - run.statuses.total()
        return run

    def _patience(
        self, started: float, sent: int, total: int, rate: float | None
    ) -> float:
        if rate is None or sent == total or not self._idle:
            return 1.0
        return max(0.0, started + sent / rate - perf_counter())

    def _open(self) -> None:
        wire = _Wire(self._port)
        self._selector.register(wire.socket, EVENT_READ, wire)
        self._idle.append(wire)

    def _send(self, run: Run, request: bytes, due_at: float) -> None:
        wire = self._idle.popleft()
        try:
            wire.send(request, due_at)
        except OSError:
            self._replace(run, wire)

    def _collect(self, run: Run, patience: float) -> None:
        for key, _ in self._selector.select(patience):
            wire: _Wire = key.data
            try:
                status = wire.receive()
            except OSError:
                self._replace(run, wire)
                continue
            if status is not None and wire.due_at is not None:
                run.latencies.append(perf_counter() - wire.due_at)
                run.statuses[status] += 1
                wire.due_at = None
                self._idle.append(wire)

    def _replace(self, run: Run, wire: _Wire) -> None:
        """Put a new connection in the place of a broken one."""
        if wire.due_at is not None:
            run.faults += 1
        elif wire in self._idle:
            self._idle.remove(wire)
        self._selector.unregister(wire.socket)
        wire.socket.close()
        self._open()
