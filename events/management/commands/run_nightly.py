"""Run one of the nightly jobs now."""

from argparse import ArgumentParser
from datetime import date
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.errors import DomainError
from events.nightly import NIGHTLIES, LostNightError, run_nightly
from tenants.models import Tenant


class Command(BaseCommand):
    help = "Run a nightly job now; one that was killed is finished first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the job, as in data_quality")
        parser.add_argument("--tenant", metavar="SLUG", help="one institution; all")
        parser.add_argument(
            "--on", type=date.fromisoformat, metavar="DATE",
            help="the day to count for, as in 2026-11-21; the institution’s today",
        )  # fmt: skip

    def handle(self, *_: Any, **options: Any) -> None:
        name = options["name"]
        if name not in NIGHTLIES:
            known = ", ".join(sorted(NIGHTLIES))
            raise CommandError(f"There is no nightly job “{name}”; there are: {known}.")
        problems = []
        for tenant in _asked(options["tenant"]):
            try:
                self._run(name, tenant, options["on"])
            except (DomainError, LostNightError) as refusal:
                problems.append(str(refusal))
        if problems:
            raise CommandError("\n".join(problems))

    def _run(self, name: str, tenant: Tenant, on: date | None) -> None:
        begun = perf_counter()
        run = run_nightly(name, tenant, counted_on=on)
        took = perf_counter() - begun
        figures = ", ".join(f"{key} {count}" for key, count in run.figures.items())
        self.stdout.write(
            f"{tenant}, {run.counted_on.isoformat()}: {figures or 'nothing to do'}"
            f" ({took:.1f} s)"
        )


def _asked(slug: str | None) -> list[Tenant]:
    tenants = Tenant.objects.order_by("slug")
    if slug is None:
        return list(tenants)
    if not (known := list(tenants.filter(slug=slug))):
        raise CommandError(f"There is no institution “{slug}”.")
    return known
