"""Run the nightly activity sweep now, or show what it would do."""

from argparse import ArgumentParser
from datetime import date, timedelta
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.errors import DomainError
from deposits.activity.finding import foresee
from deposits.activity.report import Report
from deposits.activity.rule import Rule
from deposits.activity.sweeping import ACTIVITY, sweep_tenant
from events.nightly import NIGHTLIES, LostNightError, is_done
from tenants.models import Tenant


class Command(BaseCommand):
    help = "Bring customers and accounts to the activity that the day demands."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="show the report, write nothing"
        )
        parser.add_argument(
            "--on", type=date.fromisoformat, metavar="DATE",
            help="the day to count for, as in 2026-11-21; the institution’s today",
        )  # fmt: skip
        parser.add_argument("--tenant", metavar="SLUG", help="one institution; all")

    def handle(self, *_: Any, **options: Any) -> None:
        problems = []
        for tenant in _asked(options["tenant"]):
            try:
                self._sweep(tenant, options["on"], is_dry=options["dry_run"])
            except (DomainError, LostNightError) as refusal:
                problems.append(str(refusal))
        if problems:
            raise CommandError("\n".join(problems))

    def _night(self, tenant: Tenant, is_dry: bool) -> date:
        """The day to count for: who looks ahead after tonight's run means the next."""
        is_over = is_dry and is_done(NIGHTLIES[ACTIVITY], tenant)
        return tenant.today + timedelta(days=is_over)

    def _sweep(self, tenant: Tenant, on: date | None, *, is_dry: bool) -> None:
        if on and on > tenant.today and not is_dry:
            message = f"{tenant}: {on} is yet to come; only --dry-run may look ahead."
            raise DomainError(message)
        rule, begun = Rule.of(tenant, on or self._night(tenant, is_dry)), perf_counter()
        if is_dry:
            report = foresee(rule, tenant.pk)
        else:
            report = Report.of(sweep_tenant(tenant, on))
        note = " (dry run: nothing was written)" if is_dry else ""
        self.stdout.write(f"{tenant}, {rule.counted_on.isoformat()}{note}")
        for line in _lines(report):
            self.stdout.write(f"  {line}")
        self.stdout.write(f"  Took {perf_counter() - begun:.1f} s.")
        if report.error_count:
            raise DomainError(f"{tenant}: {report.error_count} could not be changed.")


def _asked(slug: str | None) -> list[Tenant]:
    tenants = Tenant.objects.order_by("slug")
    if slug is None:
        return list(tenants)
    if not (known := list(tenants.filter(slug=slug))):
        raise CommandError(f"There is no institution “{slug}”.")
    return known


def _lines(report: Report) -> list[str]:
    changes = [
        f"{change.replace(' ', ' → ')}: {count}"
        for change, count in sorted(report.changes.items())
    ]
    examples = [
        f"e.g. {row['customer']} {row['from']} → {row['to']},"
        f" last activity {row['last_on']}"
        for row in report.examples
    ]
    errors = [f"error: {row['customer']}: {row['error']}" for row in report.errors]
    accounts = [f"accounts that follow: {report.accounts_changed}"]
    return [*(changes or ["Nothing changes."]), *accounts, *examples, *errors]
