"""What is asked of a bank: lists, searches, pages, and a registration; each with the
SQL that gives the rows of the same answer and nothing else."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from urllib.parse import quote, urlencode, urlsplit

from bench.asking import Asked, Question, Side
from bench.census.names import parts_of
from bench.census.rows import Person, account_number
from common.text import normalize_name
from customers.registry.registration import CURRENT_TERMS
from customers.registry.search.id_numbers import index_of

API, ADMIN = "/api/v1/customer", "/admin/registry/customer/"
_SEARCHES = {"admin": f"{ADMIN}?q=", "api": f"{API}?search="}
DEEP = 1_000  # pages
_LENGTH, _STRIDE = 50, 200  # of a page as usual, and at most: to walk in fewer steps
_ROWS = "SELECT * FROM registry_customer WHERE tenant_id = %s"
_NEWEST = "ORDER BY registered_at DESC, id DESC LIMIT 51"
_PLACE = """
    SELECT registered_at, id, public_id FROM registry_customer WHERE tenant_id = %s
    ORDER BY registered_at DESC, id DESC OFFSET %s LIMIT 1
"""
_PAGE = """
    SELECT c.*,
      (SELECT json_agg(r) FROM contacts_phone r WHERE r.customer_id = c.id),
      (SELECT json_agg(r) FROM contacts_email r WHERE r.customer_id = c.id),
      (SELECT json_agg(r) FROM deposits_account r WHERE r.customer_id = c.id),
      (SELECT json_agg(e) FROM events_recordedevent e WHERE e.subject_id = c.id::text)
    FROM registry_customer c WHERE c.tenant_id = %s AND c.id = %s
"""
_HOLDER = """
    SELECT c.* FROM deposits_account a JOIN registry_customer c ON c.id = a.customer_id
    WHERE a.tenant_id = %s AND a.public_id = %s
"""
# The row alone: no version, no event, no lock on the numbers.
_INSERT = """
    INSERT INTO registry_customer
    SELECT (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(),
      'public_id', %s::text, 'email', %s::text, 'phone', ''))).*
    FROM registry_customer c WHERE tenant_id = %s AND public_id = %s RETURNING id
"""
# Below it, another name is meant; the search of the house has a measure like it.
SET_THRESHOLD = "SET pg_trgm.word_similarity_threshold = 0.4"
_SIMILAR = " AND ".join(["name_normalized %%> %s"] * 2)
_RANKED = "ORDER BY word_similarity(%s, name_normalized) DESC LIMIT 20"


# --- lists ------------------------------------------------------------------------
def _listed(address: str, by: dict[str, str]) -> Question:
    """The first page of a list, filtered by columns."""
    where = " ".join(f"AND {name} = %s" for name in by)

    def ask(side: Side) -> Asked:
        said = {_filter(address, name): value for name, value in by.items()}
        path = f"{address}?{urlencode(said)}" if by else address
        sql = f"{_ROWS} {where} {_NEWEST}"
        return Asked(path, sql, (side.census.bank, *by.values()))

    return ask


def _filter(address: str, column: str) -> str:
    if address == ADMIN:
        return f"{column}__exact"
    return "type" if column == "customer_type" else column


def _deep_page() -> Question:
    """The thousandth page, or the last of fewer; the way there is walked once."""
    known: dict[str, Asked] = {}

    def ask(side: Side) -> Asked:
        if side.name not in known:
            known[side.name] = _deep(side)
        return known[side.name]

    return ask


def _deep(side: Side) -> Asked:
    bank, pages = side.census.bank, min(DEEP, side.census.count // _LENGTH)
    before = (pages - 1) * _LENGTH
    path = f"{API}?limit={before % _STRIDE or _STRIDE}"
    for _ in range(-(-before // _STRIDE)):
        _, said = side.answer(Asked(path, ""))
        there = urlsplit(json.loads(said)["next"])
        _, _, cursor = there.query.partition("cursor=")
        path = f"{API}?limit={_STRIDE}&cursor={cursor.partition('&')[0]}"
    path = path.replace(f"limit={_STRIDE}", f"limit={_LENGTH}")
    last, first = (
        side.database.execute(_PLACE, (bank, place)).fetchall()[0]
        for place in (before - 1, before)
    )
    sql = f"{_ROWS} AND (registered_at, id) < (%s, %s) {_NEWEST}"
    return Asked(path, sql, (bank, last[0], last[1]), holds=first[2])


# --- searches ---------------------------------------------------------------------
@dataclass(frozen=True)
class _Key:
    """What is typed, and the column that has it."""

    typed: Callable[[Person], str]
    column: str
    held: Callable[[Person], str] | None = None  # where it is not what is typed


def _index(person: Person) -> str:
    kind = "registration_number" if person.is_firm else "id_number"
    return index_of(kind, person.id_number)


_NAME = _Key(lambda p: p.name, "name_normalized", lambda p: normalize_name(p.name))
_KEYS = {
    "public_id": _Key(lambda p: p.public_id, "public_id"),
    "email": _Key(lambda p: p.email, "email"),
    "phone": _Key(lambda p: p.phone, "phone"),
    "id_number": _Key(lambda p: p.id_number, "id_number_index", _index),
}


def _searched(address: str, key: _Key) -> Question:
    """Somebody by an exact key, who must be in the answer."""

    def ask(side: Side) -> Asked:
        person = side.anybody()
        sql = f"{_ROWS} AND {key.column} = %s LIMIT 51"
        values = (side.census.bank, (key.held or key.typed)(person))
        path = f"{address}{quote(key.typed(person))}"
        return Asked(path, sql, values, person.public_id)

    return ask


def _by_account(address: str) -> Question:
    def ask(side: Side) -> Asked:
        person = side.anybody()
        while person.kyc != "verified":  # the others have no account
            person = side.anybody()
        number = account_number(person.number)
        values = (side.census.bank, number)
        return Asked(f"{address}{number}", _HOLDER, values, person.public_id)

    return ask


def _by_typo(address: str) -> Question:
    """Two names, with a letter too many in the one of the family; no name has an x.

    Many may be called so: somebody of that family must be in the answer.
    """

    def ask(side: Side) -> Asked:
        person = side.anybody()
        first, _, family, *_ = person.name.split()
        typed = f"{first} {family[:3]}x{family[3:]}"
        sql = f"{_ROWS} AND {_SIMILAR} {_RANKED}"
        read = normalize_name(typed)
        values = (side.census.bank, *read.split(), read)
        return Asked(f"{address}{quote(typed)}", sql, values, holds=family)

    return ask


def _searches(word: str) -> dict[str, Question]:
    address = _SEARCHES[word]
    named = {f"{word}_by_name": _searched(address, _NAME)}
    exact = {f"{word}_by_{k}": _searched(address, key) for k, key in _KEYS.items()}
    account = {f"{word}_by_account_number": _by_account(address)}
    return named | exact | account | {f"{word}_by_typo": _by_typo(address)}


def _lookups() -> dict[str, Question]:
    """The route that is told which key it is."""
    found = {
        f"api_lookup_{name}": _searched(f"{API}/lookup?{name}=", key)
        for name, key in _KEYS.items()
    }
    account = _by_account(f"{API}/lookup?account_number=")
    return found | {"api_lookup_account_number": account}


# --- one customer -----------------------------------------------------------------
def _one(address: str) -> Question:
    def ask(side: Side) -> Asked:
        person = side.anybody()
        path = f"{address}/{person.id}"
        if address == ADMIN:
            path = f"{address}{person.id}/change/"
        return Asked(path, _PAGE, (side.census.bank, person.id), person.public_id)

    return ask


def _created() -> Question:
    """Somebody new each time."""
    numbers = count(1)

    def ask(side: Side) -> Asked:
        number, model = side.census.count + next(numbers), side.anybody()
        body = {
            "customer_type": "INDIVIDUAL",
            "entity_type": "individual",
            "name": " ".join(parts_of(number)),
            "email": f"new.{number}@mail.example",
            "phone": f"+23355{number % 10**7:07d}",
            "details": {"id_number": f"GHA-{number:09d}-N"},
            "terms_version": CURRENT_TERMS,
        }
        values = (f"B{number}", f"bare.{number}@mail.example", side.census.bank)
        sql = _INSERT
        return Asked(API, sql, (*values, model.public_id), "public_id", body)

    return ask


def all_questions() -> dict[str, Question]:
    person = {"customer_type": "INDIVIDUAL"}
    filters = {
        "usual": {"status": "active", **person},
        "rare": {"status": "suspended", "customer_type": "PRIVATE_COMPANY"},
        "gone": {"status": "archived", **person},  # of them none is among the newest
    }
    found: dict[str, Question] = {"api_thousandth_page": _deep_page()}
    for word, address in {"api": API, "admin": ADMIN}.items():
        found[f"{word}_list"] = _listed(address, {})
        for name, by in filters.items():
            found[f"{word}_filter_{name}"] = _listed(address, by)
        found |= _searches(word)
        found[f"{word}_one"] = _one(address)
    return found | _lookups() | {"api_create": _created()}
