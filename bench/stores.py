"""A database and a Redis number of our own, and nothing left of either afterwards."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis
from psycopg import sql

from bench.environment import UnfitError

_OURS = re.compile(r"vestibule_bench_(\d+)(?:_copy)?")
_OWNER = "bench:owner"
_REDIS_NUMBERS = range(1, 16)  # 0 belongs to the application


@contextmanager
def own_database(url: str) -> Iterator[str]:
    """Make a database beside the one in `url`; yield its URL, drop it at the end."""
    name = f"vestibule_bench_{os.getpid()}"
    with _connect(url) as server:
        _drop_orphans(server)
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlsplit(url)._replace(path=f"/{name}").geturl()
        finally:
            _drop(server, name)


def _connect(url: str) -> "psycopg.Connection[tuple[object, ...]]":
    try:
        return psycopg.connect(url, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        raise UnfitError(
            "PostgreSQL does not answer where DATABASE_URL points: `make services`."
        ) from error


def _drop_orphans(server: "psycopg.Connection[tuple[object, ...]]") -> None:
    """Drop what a killed measurement left behind."""
    for (name,) in server.execute("SELECT datname FROM pg_database").fetchall():
        ours = _OURS.fullmatch(str(name))
        if ours and not _lives(ours[1]):
            _drop(server, str(name))


def _drop(server: "psycopg.Connection[tuple[object, ...]]", name: str) -> None:
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
    server.execute(statement.format(sql.Identifier(name)))


def _lives(pid: str | bytes) -> bool:
    return Path("/proc", os.fsdecode(pid)).exists()


@contextmanager
def own_redis(url: str) -> Iterator[str]:
    """Take a Redis number that nobody uses; yield its URL, empty it at the end."""
    for number in _REDIS_NUMBERS:
        own_url = urlsplit(url)._replace(path=f"/{number}").geturl()
        client = redis.Redis.from_url(own_url, socket_timeout=5)
        try:
            if not _take(client):
                continue
        except redis.RedisError as error:
            raise UnfitError(
                "Redis does not answer where CELERY_BROKER_URL points: `make services`."
            ) from error
        try:
            yield own_url
        finally:
            client.flushdb()
            client.close()
        return
    raise UnfitError("All Redis numbers from 1 to 15 are in use.")


def _take(client: redis.Redis) -> bool:
    owner = client.get(_OWNER)
    if isinstance(owner, bytes) and not _lives(owner):
        client.flushdb()  # of a measurement that was killed
    if client.dbsize():
        return False
    return bool(client.set(_OWNER, os.getpid(), nx=True))


@contextmanager
def copied_database(url: str) -> Iterator[str]:
    """Copy the database in `url`, to which nobody may be connected; yield the URL."""
    source = urlsplit(url).path.removeprefix("/")
    name = f"{source}_copy"
    with _connect(urlsplit(url)._replace(path="/postgres").geturl()) as server:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        server.execute(statement.format(sql.Identifier(name), sql.Identifier(source)))
        try:
            yield urlsplit(url)._replace(path=f"/{name}").geturl()
        finally:
            _drop(server, name)
