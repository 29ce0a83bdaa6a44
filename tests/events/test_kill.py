"""Real workers, really killed: the effect comes once, when the lease has ended.

The processes use this test session's database, SQLite or PostgreSQL.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection

from events.models import Delivery, RecordedEvent
from tests.killapp.processes import PATIENCE, ROOT, House, Redis, free_port

LEASE = 2  # seconds, see tests/kill_settings.py

pytestmark = pytest.mark.django_db(transaction=True)


def effects() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM kill_effect ORDER BY key")
        return [row[0] for row in cursor.fetchall()]


def the_delivery() -> Delivery:
    delivery: Delivery = Delivery.objects.get()
    return delivery


def is_done() -> bool:
    return the_delivery().status == Delivery.Status.DONE


@pytest.fixture
def effect_table(transactional_db: None) -> Iterator[None]:
    """Keep a table of natural keys as long as the test lasts."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kill_effect (key varchar(40) PRIMARY KEY)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE kill_effect")


@pytest.fixture
def build_house(tmp_path: Path, effect_table: None) -> Iterator[Callable[[str], House]]:
    houses: list[House] = []

    def build(broker: str) -> House:
        houses.append(House(tmp_path, broker))
        return houses[-1]

    yield build
    for worker in [worker for house in houses for worker in house.workers]:
        worker.kill()


@pytest.fixture
def house(build_house: Callable[[str], House]) -> House:
    """Build a house whose broker is a folder of files."""
    return build_house("filesystem://")


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[Redis]:
    if shutil.which("redis-server") is None:
        if os.environ.get("REQUIRE_SERVICES") == "1":  # noqa: TID251 - asked by make
            pytest.fail("redis-server is not installed.")
        pytest.skip("redis-server is not installed.")
    server = Redis(tmp_path)
    server.start()
    yield server
    server.stop()


def test_a_killed_worker_is_replaced_by_the_next(house: House) -> None:
    """It dies when the deed is done and only the record of it is missing."""
    first = house.start_worker(beat=False)
    house.throw("stone", "after")
    house.wait_for("the first try, told by the nudge alone", house.pids)
    first.kill()
    assert the_delivery().status == Delivery.Status.RUNNING
    assert effects() == ["stone"]
    house.start_worker()
    house.wait_for("the delivery is done", is_done)
    assert effects() == ["stone"]
    assert the_delivery().attempts == len(house.pids()) == 2


def test_a_colleague_takes_over_when_the_lease_ends(house: House) -> None:
    """Two workers sweep side by side; the one that has the delivery is killed."""
    workers = {w.process.pid: w for w in (house.start_worker(), house.start_worker())}
    house.throw("stone", "before")
    house.wait_for("the first try", house.pids)
    workers[house.pids()[0]].kill()
    house.wait_for("the delivery is done", is_done)
    delivery = the_delivery()
    assert effects() == ["stone"]
    assert delivery.attempts == len(house.pids()) == 2
    assert delivery.done_at is not None
    waited = (delivery.done_at - delivery.created_at).total_seconds()
    assert waited > LEASE, "nobody may take a delivery over while its lease lasts"


def test_a_killed_child_is_replaced_by_its_own_worker(house: House) -> None:
    """Out of memory: the kernel kills the child of a prefork worker, not the parent."""
    house.start_worker(pool="prefork")
    house.throw("stone", "before")
    house.wait_for("the first try", house.pids)
    os.kill(house.pids()[0], signal.SIGKILL)
    house.wait_for("the delivery is done", is_done)
    assert effects() == ["stone"]
    first, second = house.pids()
    assert first != second


def test_a_broker_that_is_down_costs_nothing(
    build_house: Callable[[str], House],
) -> None:
    house = build_house(f"redis://127.0.0.1:{free_port()}/0")
    seconds = house.throw("stone")
    assert seconds < 3, "whoever asked must not wait for the broker"
    assert RecordedEvent.objects.count() == 1
    assert the_delivery().status == Delivery.Status.DUE
    assert effects() == []
    # As `make run` does it: a worker without any broker.
    subprocess.run(
        [sys.executable, "manage.py", "deliver_events"],
        cwd=ROOT,
        env=house.environment,
        check=True,
        capture_output=True,
        timeout=PATIENCE,
    )
    assert is_done()
    assert effects() == ["stone"]


def test_a_broker_that_answers_nobody_costs_nothing(
    build_house: Callable[[str], House],
) -> None:
    """It accepts the connection and then says nothing: worse than being down."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(8)
        house = build_house(f"redis://127.0.0.1:{deaf.getsockname()[1]}/0")
        assert house.throw("stone") < 1
    assert the_delivery().status == Delivery.Status.DUE


@pytest.mark.service
def test_redis_comes_back_and_the_sweep_delivers(
    build_house: Callable[[str], House], own_redis: Redis
) -> None:
    house = build_house(own_redis.url)
    house.start_worker()
    house.throw("first")
    house.wait_for("the worker delivers", is_done)
    own_redis.stop()
    assert house.throw("second") < 3
    assert Delivery.objects.filter(status=Delivery.Status.DUE).count() == 1
    own_redis.start()
    house.wait_for(
        "the sweep delivers what nobody was told of",
        lambda: not Delivery.objects.open().exists(),
    )
    assert effects() == ["first", "second"]


@pytest.mark.service
def test_a_worker_killed_with_redis_is_replaced(
    build_house: Callable[[str], House], own_redis: Redis
) -> None:
    house = build_house(own_redis.url)
    first = house.start_worker(pool="prefork", beat=False)
    house.throw("stone", "before")
    house.wait_for("the first try", house.pids)
    first.kill()
    house.start_worker(pool="prefork")
    house.wait_for("the delivery is done", is_done)
    assert effects() == ["stone"]
    assert the_delivery().attempts == 2
