"""Paces of several processes, counted together in the real Redis."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.core.cache import cache

from common.keys import new_id
from config.caching.settings import caches
from config.caching.shared import _Either
from config.settings import env
from tests.browser.processes import environment
from tests.services.conftest import EXAMPLE, PATIENCE, ROOT, is_listening, require

pytestmark = pytest.mark.service
FAIL = """
import sys, django; django.setup()
from rest_framework.exceptions import Throttled
from rest_framework.test import APIRequestFactory
from api.callers.throttling import count_failure
request = APIRequestFactory().get("/", REMOTE_ADDR=sys.argv[1])
for _ in range(3):
    try:
        count_failure(request)
    except Throttled:
        print("refused")
    else:
        print("heard")
"""
RACE = """
import sys, django; django.setup()
from common.observing.paces import Pace
pace = Pace("race", 250, 3600)
print([pace.take(sys.argv[1]) for _ in range(200)].count(0))
"""


@pytest.fixture
def place() -> str:
    url = EXAMPLE.str("CELERY_BROKER_URL")
    require("Redis", is_listening(url))
    return str(url)


@pytest.fixture
def shared(settings: Any, place: str) -> Iterator[None]:
    settings.CACHES = caches(env, place)
    _Either.away_until = 0.0
    yield
    _Either.away_until = 0.0


def start(script: str, word: str, **more: str) -> subprocess.Popen[str]:
    """A process of the house, which takes the broker's Redis for its cache."""
    folder = ROOT / "var"
    env = environment(folder, 8000, DJANGO_SETTINGS_MODULE="config.settings", **more)
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", script, word], cwd=ROOT, env=env,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def said(process: subprocess.Popen[str]) -> list[str]:
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return out.split()


def test_one_who_guesses_meets_one_limit_for_all_processes(place: str) -> None:
    address = f"failing-{new_id()}"
    found = {"CELERY_BROKER_URL": place, "CACHE_URL": "", "API_FAILURE_RATE": "4/hour"}
    first = said(start(FAIL, address, **found))
    second = said(start(FAIL, address, **found))
    assert first == ["heard", "heard", "heard"]
    assert second == ["heard", "refused", "refused"]


def test_two_processes_at_once_lose_no_count(place: str) -> None:
    key = new_id()
    found = {"CELERY_BROKER_URL": "memory://", "CACHE_URL": place}
    both = [start(RACE, str(key), **found) for _ in range(2)]
    assert sum(int(said(one)[0]) for one in both) == 250


@pytest.mark.usefixtures("shared")
def test_emptying_the_cache_leaves_the_brokers_messages(place: str) -> None:
    key = f"vestibule-test-of-the-broker:{new_id()}"
    with redis.Redis.from_url(place, socket_timeout=PATIENCE) as client:
        client.set(key, "a message", ex=60)
        cache.set("of-the-cache", [1, 2.5, "x"], 60)
        assert cache.get("of-the-cache") == [1, 2.5, "x"]
        assert client.get("vestibule:1:of-the-cache") == b'[1, 2.5, "x"]'
        assert 0 < client.ttl("vestibule:1:of-the-cache") <= 60
        cache.clear()
        assert cache.get("of-the-cache") is None
        assert client.get(key) == b"a message"
        client.delete(key)


@pytest.mark.usefixtures("shared")
def test_a_redis_that_refuses_us_is_as_one_that_is_away(
    settings: Any, place: str
) -> None:
    settings.CACHES["default"]["LOCATION"] = place.replace("development-only", "wrong")
    settings.CACHES = dict(settings.CACHES)
    cache.set("a", 1, 60)
    assert cache.get("a") == 1
    assert _Either.away_until
    cache.clear()
