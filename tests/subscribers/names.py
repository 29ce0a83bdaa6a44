"""Names of the outside: a resolver that may say one thing first, then another."""

from collections.abc import Iterator

KNOWN: dict[str, Iterator[list[str]]] = {}


def resolve(host: str, port: int) -> list[str]:
    del port
    if host not in KNOWN:
        raise OSError("Nobody knows it.")
    return next(KNOWN[host])
