"""Keep what a night's sweep found, beside the run that holds it."""

from dataclasses import dataclass

from deposits.activity.report import Report
from deposits.activity.rule import Rule
from deposits.models import SweepRun
from events.nightly import Night, Window


@dataclass
class Sweep:
    """A run in our hands, and what is kept of it so far."""

    night: Night
    kept: SweepRun
    report: Report

    @classmethod
    def of(cls, night: Night) -> "Sweep":
        """Go on by the policy that the run began with, if it did."""
        rule = Rule.of(night.tenant, night.counted_on)
        kept, _ = SweepRun.objects.select_related("run").get_or_create(
            run=night.run,
            defaults={
                "tenant": night.tenant,
                "time_zone": rule.time_zone,
                "inactive_after_days": rule.inactive_after_days,
                "suspended_after_days": rule.suspended_after_days,
            },
        )
        return cls(night, kept, Report.of(kept))

    @property
    def rule(self) -> Rule:
        return rule_of(self.kept)

    def record(self, window: Window, done: Report) -> None:
        """Keep what was done in the window, in its transaction.

        Raises LostNightError, which undoes the window, when the run is another's.
        """
        self.night.record(
            window, changed=done.changed, accounts=done.accounts_changed,
            errors=done.error_count,
        )  # fmt: skip
        report = self.report.plus(done)
        SweepRun.objects.filter(pk=self.kept.pk).update(**report.columns())
        self.report = report

    def forget_undone(self) -> None:
        """A window that failed counts for nothing, also when only its commit did."""
        self.night.reread()
        self.kept.refresh_from_db()
        self.report = Report.of(self.kept)


def rule_of(kept: SweepRun) -> Rule:
    return Rule(
        counted_on=kept.counted_on,
        time_zone=kept.time_zone,
        inactive_after_days=kept.inactive_after_days,
        suspended_after_days=kept.suspended_after_days,
    )
