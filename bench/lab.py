"""Where a measurement takes place: its processes, their logs, and their end."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn
from urllib.request import urlopen

from bench.environment import ROOT, UnfitError

HOST = "127.0.0.1"
WEB_WORKERS, WEB_THREADS = 2, 4
_START_WITHIN = 60.0  # seconds, on two busy cores
_STOP_WITHIN = 15.0  # seconds from TERM to KILL


def say(text: str) -> None:
    """Progress goes to stderr: stdout is for the result alone."""
    print(text, file=sys.stderr, flush=True)


def wait_until(
    is_done: Callable[[], bool], *, limit: float, every: float = 0.2
) -> bool:
    """Tell whether it was done within `limit` seconds."""
    ends_at = time.monotonic() + limit
    while not is_done():
        if time.monotonic() > ends_at:
            return False
        time.sleep(every)
    return True


class Lab:
    """Starts processes by id, each with a log file, and ends every one of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keeps_logs = True  # until a measurement came out well
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *command: str, **environment: str) -> int:
        """Start `python -m command…`; returns the process id."""
        # The kernel ends the process should we be killed before we can.
        guard = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
        with (self.folder / f"{name}.log").open("wb") as log:
            # Never a pipe: a full one would stop what is being measured.
            self._running[name] = subprocess.Popen(
                [*guard, sys.executable, "-m", *command],
                cwd=ROOT,
                env=os.environ | environment,  # noqa: TID251 - to hand it on
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return self._running[name].pid

    def start_web(self, name: str = "web", **environment: str) -> tuple[int, int]:
        """Start gunicorn on a free port; return its id and port once it answers."""
        port = free_port()
        pid = self.start(
            name, "gunicorn", "config.wsgi",
            "--bind", f"{HOST}:{port}", "--worker-class", "gthread",
            "--workers", str(WEB_WORKERS), "--threads", str(WEB_THREADS),
            "--keep-alive", "60", "--graceful-timeout", "5", "--log-level", "warning",
            **environment,
        )  # fmt: skip
        self.wait_for(name, lambda: _answers(port))
        return pid, port

    def wait_for(self, name: str, is_up: Callable[[], bool]) -> None:
        """Raise UnfitError when the process ended or is not up in time."""
        process = self._running[name]
        wait_until(lambda: is_up() or process.poll() is not None, limit=_START_WITHIN)
        if process.poll() is not None or not is_up():
            raise UnfitError(f"{name} did not start. Its log ends:\n{self.tail(name)}")

    def has_ended(self, name: str) -> bool:
        return self._running[name].poll() is not None

    def tail(self, name: str) -> str:
        lines = (self.folder / f"{name}.log").read_text(errors="replace").splitlines()
        return "\n".join(lines[-15:])

    def stop(self, name: str) -> None:
        process = self._running.pop(name)
        process.terminate()
        try:
            process.wait(_STOP_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def stop_all(self) -> None:
        for name in reversed(list(self._running)):
            self.stop(name)

    def log_lines(self) -> Mapping[str, int]:
        """How much each process had to say; in health that is next to nothing."""
        logs = sorted(self.folder.glob("*.log"))
        return {p.stem: len(p.read_bytes().splitlines()) for p in logs}


@contextmanager
def open_lab(name: str) -> Iterator[Lab]:
    """Give a lab; its logs stay only when something went wrong."""
    signal.signal(signal.SIGTERM, _leave)
    folder = ROOT / "var" / "bench" / f"{name}-{os.getpid()}"
    folder.mkdir(parents=True, exist_ok=True)
    lab = Lab(folder)
    try:
        yield lab
    finally:
        lab.stop_all()
        if lab.keeps_logs:
            say(f"The logs are in {folder.relative_to(ROOT)}.")
        else:
            shutil.rmtree(folder)


def _leave(*_: object) -> NoReturn:
    raise SystemExit(143)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://{HOST}:{port}/health/live", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
