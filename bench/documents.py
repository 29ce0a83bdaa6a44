"""How fast files go through the application into the bucket, beside boto3 alone, and
what memory an upload of 25 MB costs the process that takes it."""

from argparse import Namespace
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import boto3
from botocore.client import Config
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection

from bench import machine
from bench.figures import spread
from bench.lab import HOST, WEB_THREADS, WEB_WORKERS, Lab, say
from bench.paper import pdf_of
from bench.people import applicants, found_bank
from bench.sessions import TOKEN, cookie_of
from common.keys import new_id
from customers.registry.models import Customer
from documents.models import Document
from tenants.services import get_machine, register_staff

MB = 1024**2
GOAL_RATIO = 0.7  # of boto3 alone
GOAL_MEMORY_MB = 20.0  # above idle
BOUNDARY = "bench-boundary"


def measure(lab: Lab, asked: Namespace) -> dict[str, Any]:
    stand = _Stand(lab, asked)
    before = machine.load_average()
    stand.warm_up()
    memory = stand.memory()
    rounds = [stand.round(number) for number in range(1, asked.rounds + 1)]
    check = stand.check()
    ratios = [through / alone for through, alone in rounds]
    return {
        "machine": machine.facts(),
        "load_average": {"before": before, "after": machine.load_average()},
        "web": {"workers": WEB_WORKERS, "threads": WEB_THREADS, "class": "gthread"},
        "asked": vars(asked),
        "megabytes_per_second": {
            "through_the_app": spread([through for through, _ in rounds]),
            "boto3_alone": spread([alone for _, alone in rounds]),
        },
        "ratio": spread(ratios, 2),
        "memory_mb": memory,
        "goals": {
            "ratio": {
                "goal": f">= {GOAL_RATIO}",
                "is_met": median(ratios) >= GOAL_RATIO,
            },
            "memory_mb_above_idle": {
                "goal": f"< {GOAL_MEMORY_MB:.0f}",
                "is_met": memory["above_idle"] < GOAL_MEMORY_MB,
            },
        },
        "check": check,
        "log_lines": lab.log_lines(),
    }


class _Stand:
    def __init__(self, lab: Lab, asked: Namespace) -> None:
        self.web, self.port = lab.start_web()
        self.asked = asked
        tenant = found_bank()
        self.customer: Customer = applicants(1, tenant, "bench.example")[0]
        clerk = register_staff(
            tenant=tenant, email="clerk@bench.example", name="Clerk",
            roles=["client_facing"], by=get_machine("setup"),
        )  # fmt: skip
        self.cookie = cookie_of(clerk)
        self.content = pdf_of(asked.megabytes * MB)
        self.sent = 0
        self.keys: list[str] = []

    def warm_up(self) -> None:
        """Let every thread of every worker make its connections."""
        small = pdf_of(MB)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: self.upload(small), range(16)))
        self.put(small)

    def round(self, number: int) -> tuple[float, float]:
        """MB a second through the application, and by boto3 alone."""
        through = self.pace(lambda: self.upload(self.content))
        alone = self.pace(lambda: self.put(self.content))
        say(f"round {number}: through the app {through:.0f} MB/s, alone {alone:.0f}")
        return through, alone

    def pace(self, deed: Callable[[], None]) -> float:
        files: int = self.asked.files
        started = perf_counter()
        with ThreadPoolExecutor(self.asked.connections) as pool:
            list(pool.map(lambda _: deed(), range(files)))
        return files * len(self.content) / MB / (perf_counter() - started)

    def upload(self, content: bytes) -> None:
        """Send one file as a browser does; raises when it was not taken."""
        head = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="kind"\r\n\r\nid\r\n'
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; '
            f'filename="passport.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
        ).encode()
        tail = f"\r\n--{BOUNDARY}--\r\n".encode()
        line = HTTPConnection(HOST, self.port, timeout=120)
        line.putrequest("POST", f"/api/v1/customer/{self.customer.pk}/documents")
        for name, value in {
            "Cookie": self.cookie,
            "X-CSRFToken": TOKEN,
            "X-Forwarded-Proto": "https",
            "Referer": f"{settings.PUBLIC_URL}/",
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Content-Length": str(len(head) + len(content) + len(tail)),
        }.items():
            line.putheader(name, value)
        line.endheaders()
        for part in (head, content, tail):
            line.sock.sendall(part)
        answer = line.getresponse()
        said = answer.read()
        line.close()
        if answer.status != 201:
            raise RuntimeError(f"{answer.status}: {said[:300]!r}")
        self.sent += 1

    def put(self, content: bytes) -> None:
        """Send the same bytes with boto3 and nothing else."""
        key = f"bench/{new_id()}"
        self.keys.append(key)
        _client().put_object(
            Bucket=settings.AWS_STORAGE_BUCKET_NAME, Key=key, Body=BytesIO(content)
        )

    def memory(self) -> dict[str, float]:
        """The most that any worker held while it took files, one after the other."""
        workers = machine.children_of(self.web)
        for pid in workers:
            Path("/proc", str(pid), "clear_refs").write_text("5")  # forget the peak
        idle = {pid: _status(pid, "VmRSS") for pid in workers}
        for _ in range(6):
            self.upload(self.content)
        grown = {pid: _status(pid, "VmHWM") - idle[pid] for pid in workers}
        most = max(grown, key=lambda pid: grown[pid])
        return {
            "idle": round(idle[most], 1),
            "peak": round(idle[most] + grown[most], 1),
            "above_idle": round(grown[most], 1),
        }

    def check(self) -> dict[str, Any]:
        """Count what was kept, and look into the bucket; then take it away again."""
        documents = Document.objects.filter(customer=self.customer)
        stored = documents.filter(status="active").count()
        sizes = {d.key: d.size for d in documents}
        there = sum(default_storage.size(key) == size for key, size in sizes.items())
        for key in [*sizes, *self.keys]:
            default_storage.delete(key)
        connection.close()
        counted = {"sent": self.sent, "stored": stored, "in_the_bucket": there}
        return counted | {"is_true": len({*counted.values()}) == 1}


def _client() -> Any:
    return boto3.client(
        "s3",
        endpoint_url=settings.AWS_S3_ENDPOINT_URL,
        aws_access_key_id=settings.AWS_ACCESS_KEY_ID,
        aws_secret_access_key=settings.AWS_SECRET_ACCESS_KEY,
        region_name="us-east-1",
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )


def _status(pid: int, name: str) -> float:
    """A figure of /proc/PID/status, in MB."""
    for line in Path("/proc", str(pid), "status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return 0.0
