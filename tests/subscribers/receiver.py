"""Another system of the bank: a real HTTP server that takes what we send."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import loads
from ssl import SSLContext
from typing import Any


@dataclass
class Taken:
    """One request, as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = loads(self.body)
        return found

    @property
    def webhook_id(self) -> str:
        return self.headers["webhook-id"]


# What to answer to a request: status, headers, body; or something that writes itself.
Reply = tuple[int, dict[str, str], bytes]
Behaviour = Callable[[Taken, BaseHTTPRequestHandler], Reply | None]


def take_it(_taken: Taken, _handler: BaseHTTPRequestHandler) -> Reply:
    return 204, {}, b""


def answering(status: int, content: bytes = b"", **headers: str) -> Behaviour:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _taken, _handler: (status, named, content)


def answer_twice(_taken: Taken, handler: BaseHTTPRequestHandler) -> Reply:
    """Say once more, unasked, that it was taken."""
    handler.wfile.write(b"HTTP/1.1 204 Taken\r\n\r\n")
    handler.wfile.flush()
    time.sleep(0.1)
    return 204, {}, b""


@dataclass
class Receiver:
    """`behaviour` may be changed while it runs; `taken` has every request."""

    port: int
    behaviour: Behaviour = take_it
    taken: list[Taken] = field(default_factory=list)
    connections: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/events"

    def ids(self) -> list[str]:
        return [each.event["id"] for each in self.taken]

    def of(self, subject: str) -> list[str]:
        """Ids of the events about one customer, in the order they came."""
        found = [each.event for each in self.taken]
        return [event["id"] for event in found if event.get("subject") == subject]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    receiver: Receiver

    def handle_error(self, *_: Any) -> None:
        """We cut connections on purpose."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        with self.server.receiver.lock:
            self.server.receiver.connections += 1

    def do_POST(self) -> None:
        receiver = self.server.receiver
        body = self.rfile.read(int(self.headers["Content-Length"]))
        taken = Taken({k.lower(): v for k, v in self.headers.items()}, body)
        with receiver.lock:
            receiver.taken.append(taken)
        reply = receiver.behaviour(taken, self)
        if reply is None:
            self.close_connection = True
            return
        status, headers, content = reply
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def running_receiver(
    behaviour: Behaviour = take_it, tls: SSLContext | None = None
) -> Iterator[Receiver]:
    server = _Server(("127.0.0.1", 0), _Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.receiver = Receiver(int(server.server_address[1]), behaviour)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.receiver
    finally:
        server.shutdown()
        server.server_close()
