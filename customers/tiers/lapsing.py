"""Evidence runs out: the tier is computed again at the institution's midnight."""

import logging

from customers.tiers.models import Evidence
from customers.tiers.services import lapse_evidence
from customers.tiers.sets import in_sets
from events.sweeps import sweep
from tenants.models import Tenant
from tenants.services import get_machine

log = logging.getLogger(__name__)


def sweep_lapsed_evidence() -> int:
    """Withdraw what ran out; returns how many.

    Hourly, so that each institution's midnight is met; what was done is not repeated.
    """
    by = get_machine("sweep")
    count = 0
    for tenant in Tenant.objects.all():
        lapsed = Evidence.objects.for_tenant(tenant.pk).lapsed(tenant.today)
        count += sum(lapse_evidence(key, by=by) for key in in_sets(lapsed))
    log.info("Evidence: %s lapsed", count)
    return count


sweep("evidence_lapse", every=3600)(sweep_lapsed_evidence)
