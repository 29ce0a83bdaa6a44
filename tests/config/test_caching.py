"""Where paces are counted, and that nobody is locked out while that place is away."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache, caches
from django.test import Client
from django.urls import reverse

from common.observing.measures import CACHE_FALLS
from common.observing.paces import Pace
from config.caching.settings import ALONE
from config.caching.settings import caches as caches_of
from config.caching.shared import Json, _Either
from config.settings import env
from tests.conftest import ClientAs, MakeStaff

NOBODY = "redis://:secret-word@127.0.0.1:1/0"
ROUTE = "/api/v1/me"


@pytest.fixture
def away(settings: Any) -> Iterator[None]:
    """A Redis that nobody reaches."""
    settings.CACHES = caches_of(env, NOBODY)
    cache.clear()
    _Either.away_until = 0.0
    yield
    cache.clear()
    _Either.away_until = 0.0


@pytest.mark.parametrize(
    ("broker", "place"),
    [
        ("redis://:word@r.example:6379/0", "redis://:word@r.example:6379/0"),
        ("rediss://r.example/0?ssl_cert_reqs=required",
         "rediss://r.example/0?ssl_cert_reqs=required"),
        ("rediss://r.example/0?ssl_cert_reqs=CERT_REQUIRED",
         "rediss://r.example/0?ssl_cert_reqs=required"),
        ("redis://a.example/0;redis://b.example/0", "redis://a.example/0"),
        ("sentinel://a.example/0", None),
        ("filesystem://", None),
        ("memory://", None),
    ],
)  # fmt: skip
def test_the_brokers_redis_serves_where_no_other_is_named(
    broker: str, place: str | None
) -> None:
    found = caches_of(env, broker)["default"]
    assert found.get("LOCATION") == place
    assert (found["BACKEND"] == ALONE) == (place is None)


def test_one_that_is_named_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CACHE_URL", "redis://other.example/3")
    found = caches_of(env, "redis://broker.example/0")["default"]
    assert found["LOCATION"] == "redis://other.example/3"


def test_what_is_kept_is_no_code() -> None:
    kept = {"desk": 3, "times": [1.5, 2.25], "none": None}
    assert Json().loads(Json().dumps(kept)) == kept
    with pytest.raises(TypeError):
        Json().dumps(object())


@pytest.mark.usefixtures("away")
def test_each_process_goes_on_by_itself(caplog: pytest.LogCaptureFixture) -> None:
    assert cache.add("a", 0, timeout=60)
    assert cache.incr("a") == 1
    cache.set("b", [1.5], 60)
    assert cache.get_many(["a", "b"]) == {"a": 1, "b": [1.5]}
    assert cache.get("c", "none") == "none"
    cache.delete("a")
    assert not cache.has_key("a")
    with pytest.raises(ValueError, match="not found"):
        cache.incr("a")
    said = [r.getMessage() for r in caplog.records if "Redis" in r.getMessage()]
    assert len(said) == 1, "once, not for each question"
    assert "secret-word" not in caplog.text


@pytest.mark.usefixtures("away")
def test_a_redis_that_is_away_is_left_alone_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cache.set("a", 1, 60)
    asked: list[str] = []

    def note(self: object, *_: object) -> None:
        asked.append(type(self).__name__)

    monkeypatch.setattr("config.caching.shared._Redis.get", note)
    cache.get("a")
    assert not asked
    # Also in another thread, for which Django makes a cache of its own.
    another = caches.create_connection("default")
    another.get("a")
    assert not asked
    _Either.away_until = time.monotonic() - 0.1
    cache.get("a")
    assert asked == ["_Redis"]


@pytest.mark.usefixtures("away")
def test_that_a_process_is_alone_is_counted() -> None:
    def falls() -> float:
        (figure,) = CACHE_FALLS.collect()
        return sum(s.value for s in figure.samples if s.name.endswith("_total"))

    before = falls()
    cache.get("a")
    cache.get("b")
    assert falls() == before + 1, "once for each fall, not for each question"


@pytest.mark.parametrize("broker", [NOBODY, "memory://"])
def test_other_keys_do_not_open_an_exhausted_pace(settings: Any, broker: str) -> None:
    settings.CACHES = caches_of(env, broker)
    _Either.away_until = time.monotonic() + 60 * (broker == NOBODY)
    cache.clear()
    try:
        desk = Pace("tests", 1, 3600)
        assert desk.take("Ama") == 0
        for number in range(1000):
            desk.take(number)
        assert desk.take("Ama") > 0
    finally:
        cache.clear()
        _Either.away_until = 0.0


@pytest.mark.django_db
@pytest.mark.usefixtures("away")
def test_the_api_answers_and_still_keeps_pace(
    settings: Any, make_staff: MakeStaff, client_as: ClientAs
) -> None:
    settings.API_RATE = "2/min"
    client = client_as(make_staff("compliance_officer"))
    answers = [client.get(ROUTE).status_code for _ in range(3)]
    assert answers == [200, 200, 429]
    search = reverse("admin:registry_customer_find")
    assert client.post(search, {"q": "Ama"}).status_code == 200
    assert client.get(reverse("admin:index")).status_code == 200


@pytest.mark.django_db
@pytest.mark.usefixtures("away")
def test_whoever_guesses_passwords_is_locked_out_all_the_same(
    make_staff: MakeStaff,
) -> None:
    staff = make_staff("teller", password="right-and-long-enough-1")
    client, url = Client(), reverse("admin:login")
    for _ in range(5):
        client.post(url, {"username": staff.email, "password": "wrong"})
    cache.clear()
    right = {"username": staff.email, "password": "right-and-long-enough-1"}
    assert client.post(url, right).status_code == 429
