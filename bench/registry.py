"""How fast lists, searches and pages are among very many customers, beside bare SQL and
beside the same among few; and how long it takes to load them."""

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.db import connection

from bench import machine
from bench.asking import Question, Side, Times, ask, in_ms
from bench.census.loading import Loaded, counted, go_on_after, load
from bench.census.rows import Census
from bench.explaining import queries_of, slowest
from bench.lab import WEB_THREADS, WEB_WORKERS, Lab, say
from bench.people import found_bank
from bench.questions import SET_THRESHOLD, all_questions
from bench.sessions import cookie_of
from bench.stores import copied_database
from tenants.models import Tenant
from tenants.services import get_machine, register_staff

LARGE, SMALL = "large", "small"
GOAL_MS, GOAL_TYPO_MS = 100.0, 250.0  # of the 95th percentile
GOAL_GROWTH = 1.5  # times the 95th percentile among few
GOAL_QUERIES = 20  # of a page
GOAL_LOADING = 300.0  # seconds


def measure(lab: Lab, asked: Namespace) -> dict[str, Any]:
    bank = found_bank()
    clerk = register_staff(
        tenant=bank, email="clerk@bench.example", name="Clerk",
        roles=["compliance_officer"], by=get_machine("setup"),
    )  # fmt: skip
    cookie = cookie_of(clerk)
    few, many = (Census(bank, clerk, n) for n in (asked.few, asked.customers))
    connection.close()
    large_url = _address()
    with copied_database(large_url) as small_url:
        with _connected_to(small_url):
            _fill(bank, few)
        loaded = _fill(bank, many)
        rows = counted(many)
        before = machine.load_average()
        sides = (
            _side(lab, SMALL, small_url, cookie, few),
            _side(lab, LARGE, large_url, cookie, many),
        )
        found = _ask(asked, loaded, *sides)
        connection.close()
    return {
        "machine": machine.facts(),
        "load_average": {"before": before, "after": machine.load_average()},
        "web": {"workers": WEB_WORKERS, "threads": WEB_THREADS, "class": "gthread"},
        "asked": vars(asked),
        "loading": loaded.as_json() | {"rows": rows},
        **found,
        "check": _check(rows, many, sides),
        "log_lines": lab.log_lines(),
    }


# --- the two banks -----------------------------------------------------------------
def _fill(bank: Tenant, census: Census) -> Loaded:
    say(f"Loading {census.count:,} customers …")
    loaded = load(census)
    go_on_after(bank, census.count)
    say(f"{loaded.seconds:.0f} s, {loaded.memory_mb:.0f} MB")
    connection.close()
    return loaded


def _address() -> str:
    said = connection.settings_dict
    who, where = f"{said['USER']}:{said['PASSWORD']}", f"{said['HOST']}:{said['PORT']}"
    return f"postgres://{who}@{where}/{said['NAME']}"


@contextmanager
def _connected_to(url: str) -> Iterator[None]:
    """Let this process work in that database for a while."""
    own = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = urlsplit(url).path.removeprefix("/")
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own


def _side(lab: Lab, name: str, url: str, cookie: str, census: Census) -> Side:
    web, port = lab.start_web(name, DATABASE_URL=url)
    database = psycopg.connect(url, autocommit=True)
    database.execute(SET_THRESHOLD)
    return Side(name, web, port, cookie, census, database)


# --- what is asked -----------------------------------------------------------------
def _ask(asked: Namespace, loaded: Loaded, small: Side, large: Side) -> dict[str, Any]:
    pages = {
        name: _page(name, question, asked, small, large)
        for name, question in all_questions().items()
        if name.startswith(asked.only)
    }
    is_quick = loaded.seconds < GOAL_LOADING
    loading = {"loading": {"goal": f"< {GOAL_LOADING:g} s", "is_met": is_quick}}
    for side in (small, large):
        side.database.close()
    return {
        "pages": pages,
        "goals": _goals(pages) | loading,
    }


def _check(
    rows: dict[str, int], census: Census, sides: tuple[Side, ...]
) -> dict[str, Any]:
    """All were there, no two of one name; and each answer held whom it was about."""
    wrong = [said for side in sides for said in side.wrong]
    is_all = {rows["registry_customer"], rows["names"]} == {census.count}
    return {"wrong": wrong[:5], "is_true": is_all and not wrong}


def _page(
    name: str, question: Question, asked: Namespace, small: Side, large: Side
) -> dict[str, Any]:
    times = ask(question, (small, large), asked.times)
    queries = queries_of(large, question)
    figures = {
        "milliseconds": in_ms(times[LARGE].house),
        "bare_milliseconds": in_ms(times[LARGE].bare),
        "among_few": in_ms(times[SMALL].house),
        "bare_among_few": in_ms(times[SMALL].bare),
        "web_processor_ms": {
            side: round(times[side].processor * 1000, 1) for side in (SMALL, LARGE)
        },
        "growth": _growth(times),
        "queries": len(queries),
    }
    say(f"{name}: {figures['milliseconds']} ms, growth {figures['growth']}")
    if (
        asked.plans
        and queries
        and not all(goal["is_met"] for goal in _goals_of(name, figures))
    ):
        figures["slowest"] = slowest(queries)
    return figures


def _growth(times: dict[str, Times]) -> dict[str, float]:
    """How many times as long as among few."""
    large, small = (in_ms(times[side].house) for side in (LARGE, SMALL))
    return {name: round(large[name] / small[name], 2) for name in large}


def _goals(pages: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{name}_{goal.pop('what')}": goal
        for name, figures in pages.items()
        for goal in _goals_of(name, figures)
    }


def _goals_of(name: str, figures: dict[str, Any]) -> list[dict[str, Any]]:
    """How slow it may be, how much slower than among few, and what it may ask."""
    growth, limits = figures["growth"], []
    if not name.endswith(("_one", "_create")):
        limit = GOAL_TYPO_MS if name.endswith("_typo") else GOAL_MS
        limits.append(("p95_ms", figures["milliseconds"]["p95"], limit))
    if not name.endswith("_create"):
        limits.append(("queries", figures["queries"], GOAL_QUERIES))
    limits += [(f"growth_{of}", growth[of], GOAL_GROWTH) for of in growth]
    return [
        {
            "what": what,
            "found": found,
            "goal": f"<= {limit:g}",
            "is_met": found <= limit,
        }
        for what, found, limit in limits
    ]
