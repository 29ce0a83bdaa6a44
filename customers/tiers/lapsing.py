"""Evidence runs out: the tier is computed again at the institution's midnight."""

import logging
from functools import partial

from customers.tiers.models import Evidence
from customers.tiers.services import lapse_evidence
from customers.tiers.sets import in_sets
from events.each_row import each_row, going_on
from events.sweeps import sweep
from tenants.models import Tenant
from tenants.services import get_machine

SWEEP = "evidence_lapse"
log = logging.getLogger(__name__)


def sweep_lapsed_evidence() -> int:
    """Withdraw what ran out; returns how many.

    Hourly, so that each institution's midnight is met; what was done is not repeated.
    What fails, or whose institution fails, is logged, and the rest goes on.
    """
    lapse = partial(lapse_evidence, by=get_machine("sweep"))
    count = 0
    for tenant in Tenant.objects.all():
        with going_on(SWEEP, f"institution {tenant.pk}"):
            lapsed = Evidence.objects.for_tenant(tenant.pk).lapsed(tenant.today)
            count += each_row(SWEEP, in_sets(lapsed), lapse)
    log.info("Evidence: %s lapsed", count)
    return count


sweep(SWEEP, every=3600)(sweep_lapsed_evidence)
