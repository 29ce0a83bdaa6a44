"""A web process for as long as the demo is being made, so that nothing is faked."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connections


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def process_request_thread(self, *args: Any) -> None:
        try:
            super().process_request_thread(*args)
        finally:
            connections.close_all()


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing: the caller has its own progress to show."""


@contextmanager
def open_house() -> Iterator[str]:
    """Serve on a free port of loopback; the sandbox and we talk over it meanwhile."""
    server = make_server("127.0.0.1", 0, get_wsgi_application(), _Server, _Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    kept = (settings.SUMSUB_BASE_URL, settings.ALLOWED_HOSTS)
    settings.SUMSUB_BASE_URL = f"{url}/sandbox/sumsub"
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "127.0.0.1"]
    settings.SANDBOX_WEBHOOK_URL = f"{url}/webhooks/sumsub"
    settings.SANDBOX_SYNC_WEBHOOKS = True
    try:
        yield url
    finally:
        settings.SUMSUB_BASE_URL, settings.ALLOWED_HOSTS = kept
        settings.SANDBOX_WEBHOOK_URL, settings.SANDBOX_SYNC_WEBHOOKS = "", False
        server.shutdown()
        server.server_close()
