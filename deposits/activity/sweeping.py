"""The nightly activity sweep: by the clock of each institution, or when asked for."""

import logging
from datetime import date

from django.utils import timezone

from common.errors import DomainError
from deposits.activity.batches import sweep_span
from deposits.activity.finding import BATCH, Span, spans
from deposits.activity.rule import Rule, is_hour_of_sweep
from deposits.activity.runs import Held, take_run
from deposits.models import SweepRun
from events.sweeps import sweep
from tenants.models import Tenant

log = logging.getLogger(__name__)


def sweep_tenant(
    tenant: Tenant, counted_on: date | None = None, *, batch: int = BATCH
) -> SweepRun:
    """Bring every customer to the activity that the day demands, accounts with them.

    A run that was killed is finished first, by the rule it began with. Harmless to run
    twice: the second finds nothing to do. Raises DomainError while one is running.
    """
    rule = Rule.of(tenant, counted_on)
    held = _work(take_run(tenant, rule), batch)
    if held.rule != rule:
        held = _work(take_run(tenant, rule), batch)
    return held.run


def _work(held: Held, batch: int) -> Held:
    run, rule = held.run, held.rule
    for span in spans(rule, Span(run.tenant_id, run.cursor), batch):
        sweep_span(held, rule, span)
    held.finish()
    log.info("%s: %s customers, %s accounts, %s errors", run, held.report.changed,
             held.report.accounts_changed, held.report.error_count)  # fmt: skip
    return held


def sweep_activity() -> int:
    """Run where it is past 02:00 and today's run is not done; how many were run.

    Hourly, so that each institution's night is met and a killed run is taken up.
    """
    now, ran = timezone.now(), 0
    for tenant in Tenant.objects.order_by("pk"):
        if not is_hour_of_sweep(tenant, now) or _is_done(tenant):
            continue
        try:
            sweep_tenant(tenant)
            ran += 1
        except DomainError as refusal:
            log.info("%s", refusal)
        except Exception:  # the next institution's night must not depend on this one's
            log.exception("The activity sweep of %s failed", tenant.pk)
    return ran


sweep("activity", every=3600)(sweep_activity)


def _is_done(tenant: Tenant) -> bool:
    runs = SweepRun.objects.for_tenant(tenant.pk)
    return runs.filter(status=SweepRun.Status.DONE, counted_on=tenant.today).exists()
