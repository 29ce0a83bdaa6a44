"""A real Prometheus on loopback that reads one metrics page, for as long as a test."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import yaml

from tests.browser.processes import free_port
from tests.services.conftest import ROOT, require

ALERTS = ROOT / "ops/prometheus/alerts.yml"
# Where scripts/services/prometheus.sh unpacks it; one that is installed goes first.
UNPACKED = ROOT / "var/services/prometheus/unpacked/usr/bin"
PATIENCE = 60  # seconds, of a busy machine
GAP = 15
JOB = "vestibule"


def program(name: str) -> str:
    """Return where Debian's `prometheus` or `promtool` is."""
    places = os.pathsep.join((os.environ["PATH"], str(UNPACKED)))  # noqa: TID251 - where programs are
    found = shutil.which(name, path=places)
    require(name, found is not None)
    return str(found)


def promtool(*words: str, said: str = "") -> subprocess.CompletedProcess[str]:
    """Run promtool with `said` on its input."""
    return subprocess.run(
        [program("promtool"), *words], input=said, capture_output=True, text=True,
        check=False, timeout=PATIENCE,
    )  # fmt: skip


@dataclass(frozen=True)
class Prometheus:
    """What its HTTP API answers."""

    url: str

    def ask(self, path: str, **query: str) -> Any:
        answer = requests.get(f"{self.url}/api/v1/{path}", query, timeout=PATIENCE)
        said = answer.json()
        assert said["status"] == "success", said
        return said["data"]

    def query(self, expression: str) -> list[dict[str, Any]]:
        found = self.ask("query", query=expression)["result"]
        assert isinstance(found, list), f"{expression} is no vector"
        return found

    def await_answer(self, expression: str) -> list[dict[str, Any]]:
        """As `query`; one scrape that came too late leaves a gap until the next."""
        give_up = time.monotonic() + GAP
        while not (found := self.query(expression)) and time.monotonic() < give_up:
            time.sleep(0.5)
        return found

    def scrapes(self) -> int:
        """How many times the page was read, without a fault."""
        up = self.query(f'sum_over_time(up{{job="{JOB}"}}[1h])')
        return int(float(up[0]["value"][1])) if up else 0

    def await_scrapes(self, more: int) -> None:
        enough = self.scrapes() + more
        wait_until(lambda: self.scrapes() >= enough)


def wait_until(is_so: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < give_up, "Prometheus did not get that far."
        time.sleep(0.2)


@contextmanager
def reading(page: str, token: str, folder: Path) -> Iterator[Prometheus]:
    """Start it on `page`, an address, and end it by its id."""
    place = f"127.0.0.1:{free_port()}"
    plan = folder / "prometheus.yml"
    plan.write_text(yaml.safe_dump(_plan(page, token)), encoding="utf-8")
    words = [
        program("prometheus"), f"--config.file={plan}",
        f"--storage.tsdb.path={folder / 'series'}", f"--web.listen-address={place}",
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log, cwd=folder)
    try:
        wait_until(lambda: _is_ready(place, process))
        yield Prometheus(f"http://{place}")
    finally:
        process.kill()
        process.wait()


def _is_ready(place: str, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "Prometheus ended by itself."
    try:
        return requests.get(f"http://{place}/-/ready", timeout=PATIENCE).ok
    except requests.ConnectionError:
        return False


def _plan(page: str, token: str) -> dict[str, Any]:
    at = urlsplit(page)
    return {
        "global": {"scrape_interval": "2s", "evaluation_interval": "1s"},
        "rule_files": [str(ALERTS)],
        "scrape_configs": [
            {
                "job_name": JOB,
                "metrics_path": at.path,
                "authorization": {"credentials": token},
                "static_configs": [{"targets": [at.netloc]}],
            }
        ],
    }
