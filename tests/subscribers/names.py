"""Names of the outside: a resolver that may say one thing first, then another."""

from collections.abc import Iterator
from threading import Event

KNOWN: dict[str, Iterator[list[str]]] = {}
SILENT: dict[str, Event] = {}  # nobody answers before it is set


def resolve(host: str, port: int) -> list[str]:
    del port
    if host in SILENT:
        SILENT[host].wait(30)
    if host not in KNOWN:
        raise OSError("Nobody knows it.")
    return next(KNOWN[host])
