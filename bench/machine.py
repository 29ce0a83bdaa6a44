"""What the figures depend on: the machine, its load, and who used the processors."""

import os
import platform
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.db import connection

_TICK = os.sysconf("SC_CLK_TCK")
_PACKAGES = ("Django", "gunicorn", "celery", "kombu", "psycopg", "redis")


def facts() -> dict[str, Any]:
    """Cores, versions, and how durable a commit is."""
    broker = redis.Redis.from_url(settings.CELERY_BROKER_URL)
    info: Any = broker.info("server")
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "memory_gib": round(
            os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1
        ),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "postgresql": _shown("server_version").partition(" ")[0],
        "redis_server": info["redis_version"],
        "commit": {
            name: _shown(name)
            for name in ("fsync", "synchronous_commit", "full_page_writes")
        },
        "packages": {name: version(name) for name in _PACKAGES},
    }


def load_average() -> list[float]:
    """Over 1, 5 and 15 minutes."""
    return [round(value, 2) for value in os.getloadavg()]


def _shown(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        return str(cursor.fetchone()[0])


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


@dataclass(frozen=True)
class Usage:
    """Processor seconds used so far."""

    at: float
    processes: dict[int, float]
    database: dict[int, float]
    ourselves: float
    everybody: float

    def since(self, before: "Usage") -> dict[str, float]:
        """Seconds used since then.

        `others_share` is what is left for everybody else, as a part of all cores;
        Redis, the stand-in and the kernel on our behalf are among them.
        """
        used = {
            "processes": _grown(before.processes, self.processes),
            "database": _grown(before.database, self.database),
            "generator": self.ourselves - before.ourselves,
        }
        wall = (self.at - before.at) * (os.cpu_count() or 1)
        rest = self.everybody - before.everybody - sum(used.values())
        return used | {"others_share": max(0.0, rest / wall)}


def _grown(before: dict[int, float], after: dict[int, float]) -> float:
    """By process, because connections and their processes come and go."""
    return sum(used - before.get(pid, 0.0) for pid, used in after.items())


def usage(pids: list[int]) -> Usage:
    """What these processes with their children, our database and we have used."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        )
        backends = [pid for (pid,) in cursor.fetchall()]
    return Usage(
        at=time.perf_counter(),
        processes={pid: _used_by(pid) for pid in [*pids, *children_of(*pids)]},
        database={pid: _used_by(pid) for pid in backends},
        ourselves=time.process_time(),
        everybody=_used_by_everybody(),
    )


def children_of(*pids: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        fields = _stat(path)
        if len(fields) > 1 and int(fields[1]) in pids:
            found.append(int(path.name))
    return found


def _used_by(pid: int) -> float:
    fields = _stat(Path("/proc", str(pid)))
    return (int(fields[11]) + int(fields[12])) / _TICK if fields else 0.0


def _stat(folder: Path) -> list[str]:
    """The fields after the name, as proc(5) counts them from the third."""
    try:
        return (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _used_by_everybody() -> float:
    first = Path("/proc/stat").read_text().partition("\n")[0].split()[1:]
    user, nice, system, _idle, _wait, irq, soft, steal = (int(v) for v in first[:8])
    return (user + nice + system + irq + soft + steal) / _TICK
