"""What a process that opens somebody's file may use; it gives up the rest itself."""

import resource
import sys
from collections.abc import Callable

# A page of 2400 pixels and a decoded picture fit; a bomb does not.
MEMORY_BYTES = 1024**3
CPU_SECONDS = 10
FILE_BYTES = 50 * 1024**2
OPEN_FILES = 64
# The way out of a process that needed more memory (BSD's sysexits end at 78).
TOO_MUCH = 79


def confine() -> None:
    """Lower the limits of this very process, for good."""
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_NPROC, 0),  # no children (root is exempt)
        (resource.RLIMIT_CORE, 0),  # nobody's passport in a core dump
    ):
        _, hard = resource.getrlimit(limit)
        ceiling = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (ceiling, ceiling))


def run_within_limits(task: Callable[[], None]) -> None:
    """Confine this process, then do what it is for."""
    confine()
    try:
        task()
    except MemoryError:
        sys.exit(TOO_MUCH)
