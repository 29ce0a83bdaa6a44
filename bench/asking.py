"""Ask the same of a large and a small bank in turn, and of their databases alone."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection
from random import Random
from time import perf_counter
from typing import Any

import psycopg
from django.conf import settings

from bench import machine
from bench.census.rows import Census, Person
from bench.figures import percentile
from bench.lab import HOST
from bench.sessions import TOKEN

_WARM = 6  # questions before any counts: plans, templates, connections
_SEED = 20_260_101  # the same customers at every run
_LONGEST = 20.0  # seconds for one answer


@dataclass(frozen=True)
class Asked:
    """One request, the same in SQL, and what its answer must hold."""

    path: str
    sql: str
    values: tuple[Any, ...] = ()
    holds: str = ""
    body: dict[str, Any] | None = None


@dataclass
class Side:
    """One of the two banks: its web, its database, its people."""

    name: str
    web: int  # its process
    port: int
    cookie: str
    census: Census
    database: "psycopg.Connection[Any]"
    wrong: list[str] = field(default_factory=list)  # answers that were not right

    def __post_init__(self) -> None:
        self._line = HTTPConnection(HOST, self.port, timeout=_LONGEST)
        self._dice = Random(_SEED)

    def anybody(self) -> Person:
        return self.census.person(self._dice.randrange(self.census.count))

    def answer(self, asked: Asked) -> tuple[float, bytes]:
        """Seconds until the last byte, and the answer."""
        method, body = ("POST", json.dumps(asked.body)) if asked.body else ("GET", None)
        begun = perf_counter()
        self._line.request(method, asked.path, body, self.headers(asked))
        answer = self._line.getresponse()
        said = answer.read()
        seconds = perf_counter() - begun
        if answer.status not in (200, 201) or asked.holds.encode() not in said:
            self.wrong.append(f"{answer.status} {asked.path} {said[:300]!r}")
        return seconds, said

    def headers(self, asked: Asked) -> dict[str, str]:
        own = {"Cookie": self.cookie, "X-Forwarded-Proto": "https"}
        if asked.body is None:
            return own
        return own | {
            "X-CSRFToken": TOKEN,
            "Referer": f"{settings.PUBLIC_URL}/",
            "Content-Type": "application/json",
            "Idempotency-Key": f"bench-{self._dice.getrandbits(96):x}",
        }

    def bare(self, asked: Asked) -> float:
        """Seconds for the rows of the same answer, by the database alone."""
        begun = perf_counter()
        self.database.execute(asked.sql, asked.values).fetchall()
        return perf_counter() - begun


Question = Callable[[Side], Asked]


@dataclass
class Times:
    """Seconds of every answer, through the house and bare; and of the processor.

    Other people's work on the machine hardly shows in the last.
    """

    house: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    processor: float = 0.0  # of the web, for one answer


def ask(question: Question, sides: tuple[Side, ...], times: int) -> dict[str, Times]:
    """So many times, the banks in turn: what disturbs one disturbs the other."""
    for side in sides * _WARM:
        _ask_once(question, side, Times())
    found = {side.name: Times() for side in sides}
    before = {side.name: machine.usage([side.web]) for side in sides}
    for side in sides * times:
        _ask_once(question, side, found[side.name])
    for side in sides:
        used = machine.usage([side.web]).since(before[side.name])
        found[side.name].processor = used["processes"] / times
    return found


def _ask_once(question: Question, side: Side, times: Times) -> None:
    asked = question(side)
    times.house.append(side.answer(asked)[0])
    times.bare.append(side.bare(asked))


def in_ms(seconds: list[float]) -> dict[str, float]:
    return {
        "p50": round(percentile(seconds, 50) * 1000, 1),
        "p95": round(percentile(seconds, 95) * 1000, 1),
    }
