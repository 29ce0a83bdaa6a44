"""A real HTTP server on this machine that records calls and answers as told."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from kyc.sumsub.client import SumsubClient
from kyc.sumsub.signing import signature

TOKEN, SECRET = "sbx:token", "secret-key-77"
APPLICANT: dict[str, Any] = {
    "id": "a1",
    "externalUserId": "user 42/ü",
    "type": "individual",
}


@dataclass
class Seen:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def is_well_signed(self) -> bool:
        expected = signature(
            SECRET,
            timestamp=self.headers["X-App-Access-Ts"],
            method=self.method,
            target=self.target,
            body=self.body,
        )
        return self.headers["X-App-Access-Sig"] == expected


@dataclass
class Answer:
    status: int = 200
    content: Any = field(default_factory=lambda: dict(APPLICANT))
    headers: dict[str, str] = field(default_factory=dict)
    pause: float = 0.0
    trickle: float = 0.0


class Handler(BaseHTTPRequestHandler):
    seen: list[Seen]
    answers: list[Answer]

    def respond(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        self.seen.append(
            Seen(self.command, self.path, dict(self.headers.items()), body)
        )
        answer = self.answers.pop(0) if self.answers else Answer()
        time.sleep(answer.pause)
        raw = answer.content
        content = raw if isinstance(raw, bytes) else json.dumps(raw).encode()
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(content)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.send(content, answer.trickle)
        except OSError:
            self.close_connection = True

    def send(self, content: bytes, trickle: float) -> None:
        if not trickle:
            self.wfile.write(content)
            return
        for byte in content:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(trickle)

    do_GET = do_POST = respond  # noqa: N815 - the names http.server looks for

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@dataclass
class Server:
    url: str
    seen: list[Seen]
    answers: list[Answer]

    @property
    def client(self) -> SumsubClient:
        return SumsubClient(self.url, TOKEN, SECRET, timeout=(0.5, 0.5))


@contextmanager
def running_server() -> Iterator[Server]:
    """Serve on a free port until the block ends."""

    class Recorder(Handler):
        seen: list[Seen] = []
        answers: list[Answer] = []

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    thread = threading.Thread(target=httpd.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        url = f"http://127.0.0.1:{httpd.server_port}/sandbox/sumsub"
        yield Server(url, Recorder.seen, Recorder.answers)
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()
