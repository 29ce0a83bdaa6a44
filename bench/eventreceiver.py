"""A system that takes every POST at once and counts them; GET says how many."""

import socketserver
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    taken = 0
    lock = threading.Lock()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.lock:
            self.server.taken += 1
        self._say(204, b"")

    def do_GET(self) -> None:
        self._say(200, str(self.server.taken).encode())

    def _say(self, status: int, content: bytes) -> None:
        head = f"HTTP/1.1 {status} OK\r\n"
        if status != 204:
            head += f"Content-Length: {len(content)}\r\n"
        self.wfile.write(head.encode() + b"\r\n" + content)

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    socketserver.TCPServer.allow_reuse_address = True
    _Server(("127.0.0.1", int(sys.argv[1])), _Handler).serve_forever()
