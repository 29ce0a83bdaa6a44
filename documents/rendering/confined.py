"""Run one of our modules on somebody's file, in a process that can be lost."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from threading import BoundedSemaphore
from typing import IO

from documents.rendering.limits import FILE_BYTES, TOO_MUCH

ROOT = Path(__file__).resolve().parents[2]
WALL_SECONDS = 15
PIECE = 256 * 1024
# Each may take a gigabyte: no more than so many at once in one of our processes. Who
# comes later waits, for each ends within WALL_SECONDS.
_places = BoundedSemaphore(2)
# How a process ends at a limit; pdfium aborts itself when memory is refused.
LIMIT_SIGNALS = {
    -number
    for number in (signal.SIGKILL, signal.SIGXCPU, signal.SIGXFSZ, signal.SIGABRT)
}


class Failed(Exception):  # noqa: N818 - what happened, no mistake of ours
    """The process gave no answer: the file is broken, or broke it."""


class Exhausted(Failed):
    """The process needed more than it may have."""


def run_confined(
    module: str, *arguments: str, file: str | os.PathLike[str] | IO[bytes]
) -> bytes:
    """Run `python -m module arguments` with the file as its input; return its output.

    The module confines itself (`limits.py`). It gets no environment, so no secret of
    ours, and cannot write to the file. The network is not closed to it. Raises Failed,
    Exhausted.
    """
    with _as_input(file) as source, TemporaryFile() as answer, _places:
        code = _wait_for(_command(module, *arguments), source, answer)
        if code == TOO_MUCH or code in LIMIT_SIGNALS:
            raise Exhausted
        if code != 0:
            raise Failed
        answer.seek(0)
        return answer.read(FILE_BYTES)


def _command(module: str, *arguments: str) -> list[str]:
    # -s, -E and -B: nothing of the home folder, of the environment, no bytecode.
    return [sys.executable, "-s", "-E", "-B", "-m", module, *arguments]


def _wait_for(command: list[str], source: IO[bytes], answer: IO[bytes]) -> int:
    try:
        process = subprocess.Popen(  # noqa: S603 - our own module and arguments
            command,
            stdin=source,
            stdout=answer,  # a file, not a pipe: the kernel caps its size
            stderr=subprocess.DEVNULL,  # may quote the file
            cwd=ROOT,
            env={},
            start_new_session=True,
        )
    except OSError as error:
        raise Exhausted from error
    try:
        return process.wait(WALL_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise Exhausted from error
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        # Not reaped yet, so the number is still its own; it leads its own group.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def _as_input(file: str | os.PathLike[str] | IO[bytes]) -> Iterator[IO[bytes]]:
    """Give a file that is open for reading alone, or a copy."""
    if isinstance(file, str | os.PathLike):
        with Path(file).open("rb") as source:
            yield source
        return
    with TemporaryFile() as copy:
        file.seek(0)
        while piece := file.read(PIECE):
            copy.write(piece)
        copy.seek(0)
        yield copy
