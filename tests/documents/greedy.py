"""A confined process that asks for more than it may have; `test_rendering` runs it."""

import os
import resource
import subprocess
import sys
import time

from documents.rendering.limits import run_within_limits


def memory() -> None:
    bytearray(2 * 1024**3)


def disk() -> None:
    while True:
        sys.stdout.buffer.write(bytes(1024**2))


def sleep() -> None:
    time.sleep(60)


def files() -> None:
    for _ in range(100):
        os.dup(0)


def children() -> None:
    if os.getuid() == 0:
        os.setuid(65534)  # nobody; the kernel lets root have children all the same
    try:
        subprocess.run(["true"], check=True)
    except BlockingIOError:
        sys.stdout.write("refused")


def input_file() -> None:
    os.write(0, b"overwritten")


def environment() -> None:
    names = sorted(os.environ)  # noqa: TID251 - to see that it is empty
    sys.stdout.write(",".join(names))


def core() -> None:
    sys.stdout.write(str(resource.getrlimit(resource.RLIMIT_CORE)))


def nothing() -> None:
    sys.stdout.write("done")


if __name__ == "__main__":
    wish = globals()[sys.argv[1]]
    run_within_limits(wish)
