"""Worker and broker processes of test_kill.py: started, killed, never left behind."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest
import redis
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 40  # seconds; a worker starts in three on an idle machine


class Worker:
    """A celery worker with a process group of its own."""

    def __init__(self, house: "House", arguments: list[str]) -> None:
        self.log = house.folder / f"worker-{time.time_ns()}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "config", "worker", *arguments],
                cwd=ROOT,
                env=house.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """Do what a power cut does: worker, children and beat are gone at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=10)


class House:
    """A folder, an environment, and the processes started in it."""

    def __init__(self, folder: Path, broker: str) -> None:
        self.folder = folder
        self.tries = folder / "tries"
        self.tries.mkdir()
        self.workers: list[Worker] = []
        self.environment = {
            **os.environ,  # noqa: TID251 - passed on, but for what follows
            "DJANGO_SETTINGS_MODULE": "tests.kill_settings",
            "PYTHONPATH": str(ROOT),
            "KILL_FOLDER": str(folder),
            "DATABASE_URL": database_url(),
            "CELERY_BROKER_URL": broker,
        }

    def start_worker(self, *, pool: str = "solo", beat: bool = True) -> Worker:
        arguments = ["--pool", pool, "--concurrency", "1", "--loglevel", "INFO"]
        # Nothing that needs the broker besides: these talk to other workers.
        arguments += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        if beat:
            # Each its own: two beats on one file break it for each other.
            schedule = self.folder / f"beat-schedule-{len(self.workers)}"
            arguments += ["--beat", "--schedule", str(schedule)]
        worker = Worker(self, arguments)
        self.workers.append(worker)
        return worker

    def throw(self, key: str, dies: str = "") -> float:
        """Publish from a process of its own; seconds that the commit took."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.killapp.throw", key, dies, str(self.tries)],
            cwd=ROOT,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        return float(json.loads(done.stdout)["seconds"])

    def pids(self) -> list[int]:
        """Return the process id of each try, the first one first."""
        return [int(path.read_text()) for path in sorted(self.tries.glob("try-*"))]

    def wait_for(self, what: str, is_so: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if is_so():
                return
            time.sleep(0.05)
        logs = "\n".join(w.log.read_text()[-3000:] for w in self.workers)
        pytest.fail(f"Waited {PATIENCE} s: {what}.\n{logs}")


def database_url() -> str:
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    login = f"{quote(settings['USER'])}:{quote(settings['PASSWORD'])}"
    place = f"{settings['HOST']}:{settings['PORT']}"
    return f"postgres://{login}@{place}/{settings['NAME']}"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Redis:
    """A redis-server of our own, which may be stopped without asking anybody."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        arguments = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        arguments += ["--appendonly", "no", "--dir", str(self.folder)]
        self.process = subprocess.Popen(
            [str(shutil.which("redis-server")), *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + 10
        while time.monotonic() < end:
            try:
                redis.Redis(port=self.port).ping()
            except redis.ConnectionError:
                time.sleep(0.05)
            else:
                return
        pytest.fail("redis-server did not start.")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(timeout=10)
            self.process = None
