"""How many questions a page asks the database, and how it answers the slowest."""

import logging
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.asking import Asked, Question, Side

_TOLD = 40  # lines of a plan
_SHORT = 300  # characters of a question that is only named


def queries_of(side: Side, question: Question) -> list[dict[str, str]]:
    """What the page asks once it has been asked before; in this process, all layers."""
    logging.getLogger("vestibule.requests").setLevel(logging.WARNING)
    for _ in range(2):
        with CaptureQueriesContext(connection) as caught:
            _answer(side, question(side))
    return list(caught.captured_queries)


def _answer(side: Side, asked: Asked) -> None:
    headers: Any = {
        f"HTTP_{name.upper().replace('-', '_')}": value
        for name, value in side.headers(asked).items()
        if name != "Content-Type"
    }
    client = Client(HTTP_HOST="127.0.0.1", **headers)
    if asked.body is None:
        answer = client.get(asked.path, secure=True)
    else:
        answer = client.post(
            asked.path, asked.body, content_type="application/json", secure=True
        )
    if answer.status_code not in (200, 201):
        side.wrong.append(f"{answer.status_code} {asked.path}, in this process")


def slowest(queries: list[dict[str, str]]) -> dict[str, Any]:
    """What was asked, and the plan of the slowest reading."""
    readings = [query for query in queries if query["sql"].startswith("SELECT")]
    worst = max(readings, key=lambda query: float(query["time"]))
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {worst['sql']}")
        plan = [row[0] for row in cursor.fetchall()]
    return {
        "asked": [query["sql"][:_SHORT] for query in queries],
        "sql": worst["sql"][:2000],
        "plan": plan[:_TOLD],
    }
