"""The activity sweep: a job of the night, or when asked for."""

from datetime import date

from deposits.activity.batches import sweep_window
from deposits.activity.finding import concerned
from deposits.activity.keeping import Sweep, rule_of
from deposits.activity.rule import Rule
from deposits.models import SweepRun
from events.nightly import Night, nightly, run_nightly
from tenants.models import Tenant

ACTIVITY = "activity"
# Changing customers in one transaction: its locks are short, its commits are few.
BATCH = 5000


@nightly(ACTIVITY, hour=2)
def sweep_activity(night: Night) -> None:
    """Bring customers to the activity that the day demands, accounts with them.

    It ends nobody’s dormancy: compliance is told who would not be dormant now.
    """
    sweep = Sweep.of(night)
    rows = concerned(sweep.rule, night.tenant.pk)
    for window in night.windows(rows, size=BATCH):
        sweep_window(sweep, window)


def sweep_tenant(tenant: Tenant, counted_on: date | None = None) -> SweepRun:
    """Sweep now, by the policy as it stands; what the run found.

    A run that was killed is finished first, by the rule it began with. Harmless to run
    twice: the second finds nothing to do. Raises DomainError while one is running.
    """
    rule = Rule.of(tenant, counted_on)
    kept = _swept(tenant, rule.counted_on)
    return kept if rule_of(kept) == rule else _swept(tenant, rule.counted_on)


def _swept(tenant: Tenant, day: date) -> SweepRun:
    run = run_nightly(ACTIVITY, tenant, counted_on=day)
    kept: SweepRun = SweepRun.objects.select_related("run").get(run=run)
    return kept
