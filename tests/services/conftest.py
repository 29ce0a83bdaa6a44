"""Real servers: where they should be, and what their absence means."""

import socket
from pathlib import Path
from urllib.parse import urlsplit

import environ
import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 2  # seconds until nobody listens; the servers are on this machine


class _Example(environ.Env):  # type: ignore[misc]
    """The values of `.env.example` alone, kept out of the process's environment."""

    ENVIRON: dict[str, str] = {}


_Example.read_env(ROOT / ".env.example")
EXAMPLE = _Example()


def require(server: str, is_up: bool) -> None:
    """Skip a test whose server is absent; fail it where REQUIRE_SERVICES=1."""
    if is_up:
        return
    message = f"{server} is not up; `make services` starts it."
    if environ.Env().bool("REQUIRE_SERVICES", default=False):
        pytest.fail(message)
    pytest.skip(message)


def is_listening(url: str) -> bool:
    """Tell whether anybody listens where `url` points to.

    No more than that: a server that refuses our credentials must fail the test.
    """
    place = urlsplit(url)
    try:
        with socket.create_connection(
            (place.hostname or "", place.port or 80), PATIENCE
        ):
            return True
    except OSError:
        return False
