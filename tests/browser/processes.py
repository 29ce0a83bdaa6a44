"""A running house of web, worker and beat, on data and a port of its own."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, StorageState

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a-demo-password-of-the-tests"
READY_SECONDS = 90  # a slow machine; two cores need about five
STOP_SECONDS = 15
# What a developer's .env may name and these houses do without.
EMPTY = (
    "EMAIL_URL", "KEYCLOAK_SERVER_URL", "STAFF_OIDC_ISSUER", "SUMSUB_APP_TOKEN",
    "SUMSUB_SECRET_KEY", "SUMSUB_WEBHOOK_SECRETS", "AWS_STORAGE_BUCKET_NAME",
    "ALLOWED_HOSTS", "CACHE_URL", "CLAMAV_ADDRESS", "SMS_URL",
)  # fmt: skip


@dataclass
class RunningHouse:
    """Web, worker and beat as `make run` starts them."""

    url: str
    folder: Path
    cookies: dict[str, StorageState] = field(default_factory=dict)

    def sign_in(self, page: Page, role: str, bank: str = "demo") -> None:
        """Fill in the log-in form, as anybody would."""
        page.goto(f"{self.url}/admin/login/")
        page.get_by_label("E-mail").fill(f"{role}@{bank}.example")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(f"{self.url}/admin/")

    def rows(self, question: str, *values: object) -> list[Any]:
        """Read the database behind the processes' back; SELECT only."""
        place = f"file:{self.folder / 'house.sqlite3'}?mode=ro"
        connection = sqlite3.connect(place, uri=True, timeout=20)
        try:
            return connection.execute(question, values).fetchall()
        finally:
            connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(folder: Path, port: int, **more: str) -> dict[str, str]:
    """What the processes read; nothing of the tests' own environment leaks in."""
    return {
        "PATH": os.environ["PATH"],  # noqa: TID251 - chromium and bash are found there
        "HOME": str(folder),
        "PORT": str(port),
        "DEBUG": "true",
        "SECRET_KEY": "browser-tests-" + "b" * 50,
        "FIELD_ENCRYPTION_KEYS": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        "DEMO_PASSWORD": PASSWORD,
        "DATABASE_URL": f"sqlite:///{folder / 'house.sqlite3'}",
        "CELERY_BROKER_URL": "filesystem://",
        "QUEUE_FOLDER": str(folder / "queue"),
        "MAIL_FOLDER": str(folder / "mail"),
        "FILES_FOLDER": str(folder / "files"),
        "SMS_FOLDER": str(folder / "sms"),
        **dict.fromkeys(EMPTY, ""),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SUMSUB_BASE_URL": f"http://127.0.0.1:{port}/sandbox/sumsub",
        **more,
    }


def manage(env: dict[str, str], *words: str, seconds: float = 180) -> str:
    """Run `manage.py`; a failure shows what it said."""
    done = subprocess.run(
        [sys.executable, "manage.py", *words], cwd=ROOT, env=env, text=True,
        capture_output=True, timeout=seconds, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.fail(
            f"manage.py {words[0]} failed.\n{(done.stdout + done.stderr)[-3000:]}"
        )
    return done.stdout


def make_demo(folder: Path) -> Path:
    """Make the demo bank once; every house of the session starts from a copy."""
    env = environment(folder, free_port())
    manage(env, "migrate", "--verbosity", "0")
    manage(env, "load_demo")
    return folder


def copy_demo(demo: Path, folder: Path) -> None:
    """Copy the database as SQLite does it, with whatever its log still holds."""
    source = sqlite3.connect(demo / "house.sqlite3")
    target = sqlite3.connect(folder / "house.sqlite3")
    with source, target:
        source.backup(target)
    source.close()
    target.close()
    for kept in ("mail", "files"):
        if (demo / kept).is_dir():
            shutil.copytree(demo / kept, folder / kept, dirs_exist_ok=True)


@contextmanager
def running_house(demo: Path, folder: Path, **more: str) -> Iterator[RunningHouse]:
    """Start the three processes on a copy of the demo bank; end them all after."""
    copy_demo(demo, folder)
    port = free_port()
    log = folder / "house.log"
    with log.open("wb") as out:
        honcho: subprocess.Popen[bytes] = subprocess.Popen(
            [sys.executable, "-m", "honcho", "--env", "/dev/null", "start"],
            cwd=ROOT, env=environment(folder, port, **more), stdout=out, stderr=out,
            stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    house = RunningHouse(f"http://127.0.0.1:{port}", folder)
    try:
        wait_until_ready(house.url, honcho, log)
        yield house
    finally:
        stop(honcho)


def wait_until_ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait for /health/ready; on failure say what the processes said."""
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if requests.get(f"{url}/health/ready", timeout=2).status_code == 200:
                return
        except requests.RequestException:
            pass
        time.sleep(0.2)
    pytest.fail("The house did not get ready.\n" + log.read_text()[-3000:])


def family_of(pid: int) -> set[int]:
    """Return a process and all that descend from it, those already ended left out."""
    listed = subprocess.run(
        ["ps", "-e", "-o", "pid=,ppid=,stat="], capture_output=True, text=True,
        check=True, timeout=10,
    )  # fmt: skip
    lines = [line.split() for line in listed.stdout.splitlines()]
    living = {int(one): int(parent) for one, parent, state in lines if state[0] != "Z"}
    found = {pid} & living.keys()
    while more := {one for one, parent in living.items() if parent in found} - found:
        found |= more
    return found


def living(pids: set[int]) -> set[int]:
    return {pid for pid in pids if family_of(pid)}


def stop(process: "subprocess.Popen[bytes]") -> set[int]:
    """Interrupt like Ctrl-C; return those who had to be killed by their ids."""
    family = family_of(process.pid)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
    end = time.monotonic() + STOP_SECONDS
    while time.monotonic() < end:
        process.poll()  # else it stays a zombie
        if not living(family):
            return set()
        time.sleep(0.1)
    left = living(family)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    process.wait(timeout=5)
    return left
