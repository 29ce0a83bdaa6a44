"""`make run` itself, without the installing: starts, says where, ends as a whole."""

import os
import queue
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser

from tests.browser.processes import (
    PASSWORD,
    ROOT,
    STOP_SECONDS,
    RunningHouse,
    environment,
    family_of,
    free_port,
    living,
    stop,
)
from tests.browser.visitors import Visitors

pytestmark = pytest.mark.browser

FIRST_SECONDS = 150.0  # migrate, make the demo, start; an idle machine needs 25
AGAIN_SECONDS = 60.0  # an idle machine needs 10
PROCESSES = 4  # honcho, and at least web, worker and beat


class Run:
    """`scripts/run` in the foreground of nobody, with all that it says."""

    def __init__(self, folder: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.lines: list[str] = []
        self._new: queue.Queue[str] = queue.Queue()
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            ["scripts/run"], cwd=ROOT, env=environment(folder, port),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._new.put(line.decode())

    @property
    def said(self) -> str:
        while not self._new.empty():
            self.lines.append(self._new.get_nowait())
        return "".join(self.lines)

    def wait_until_ready(self, seconds: float) -> float:
        """Return how many seconds it took."""
        while time.monotonic() - self.began < seconds and self.process.poll() is None:
            try:
                answer = requests.get(f"{self.url}/health/ready", timeout=2)
                if answer.status_code == 200:
                    return time.monotonic() - self.began
            except requests.RequestException:
                pass
            time.sleep(0.2)
        raise AssertionError(f"Not ready within {seconds} s. It said:\n{self.said}")

    def interrupt(self) -> tuple[float, set[int]]:
        """Press Ctrl-C; return the seconds until all had ended, and who had not."""
        family = family_of(self.process.pid)
        assert len(family) >= PROCESSES
        began = time.monotonic()
        os.killpg(self.process.pid, signal.SIGINT)
        while living(family) and time.monotonic() - began < STOP_SECONDS:
            self.process.poll()
            time.sleep(0.1)
        return time.monotonic() - began, living(family)


@contextmanager
def running(folder: Path, port: int) -> Iterator[Run]:
    run = Run(folder, port)
    try:
        yield run
    finally:
        stop(run.process)


def customers(folder: Path) -> int:
    house = RunningHouse("", folder)
    ((count,),) = house.rows("SELECT COUNT(*) FROM registry_customer")
    return int(count)


def test_run_starts_says_where_ends_and_starts_again(
    chromium: Browser, tmp_path: Path
) -> None:
    port = free_port()
    with running(tmp_path, port) as first:
        first.wait_until_ready(FIRST_SECONDS)
        said = first.said
        assert f"{first.url}/" in said
        assert re.search(rf"Password of all of them: {PASSWORD}\b", said)
        for bank in ("demo", "second"):
            assert f"compliance_officer@{bank}.example" in said
        visitors = Visitors(chromium, RunningHouse(first.url, tmp_path))
        visitors.enter("administrator")  # signs in with the chosen password
        visitors.leave()
        assert not visitors.faults
        _, left = first.interrupt()
        assert not left, first.said
    assert (tmp_path / "queue").is_dir()
    made = customers(tmp_path)
    assert made > 10

    with running(tmp_path, port) as second:
        second.wait_until_ready(AGAIN_SECONDS)
        assert customers(tmp_path) == made
        visitors = Visitors(chromium, RunningHouse(second.url, tmp_path))
        visitors.enter("teller", bank="second")  # of the other bank, as before
        visitors.leave()
        _, left = second.interrupt()
        assert not left, second.said
