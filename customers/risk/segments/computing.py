"""Each night: the engagement and the segment of every verified customer."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from customers.registry.choices import LIVING, KycStatus
from customers.registry.models import Customer
from customers.risk.choices import Segment
from customers.risk.events import SegmentChanged
from customers.risk.models import Engagement, SegmentRule
from customers.risk.segments.counts import Customers, usage_of
from customers.risk.segments.facts import publish_all
from customers.risk.segments.rule import Standing
from customers.risk.segments.rules import rules_of
from events.nightly import Night, Window, nightly
from tenants.models import Tenant

COUNTED = Q(status__in=LIVING, kyc_status=KycStatus.VERIFIED)
Rules = list[SegmentRule]


@nightly("segments", hour=3)
def compute_segments(night: Night) -> None:
    """Window by window; what comes out as it stands already is not written."""
    tenant, rules = night.tenant, list(rules_of(night.tenant).values())
    customers = Customer.objects.for_tenant(tenant.pk)
    for window in night.windows(customers):
        with transaction.atomic():
            night.record(window, **_settle(window, tenant, rules, night.counted_on))


def _settle(window: Window, tenant: Tenant, rules: Rules, on: date) -> dict[str, int]:
    """Bring the rows of a window to what is so; how many were written and moved."""
    everybody = Customer.objects.for_tenant(tenant.pk)
    counted: Customers = window.of(everybody.filter(COUNTED))
    engaged = Engagement.objects.for_tenant(tenant.pk)
    rows = window.of(engaged, key="customer_id")
    stored = {row.customer_id: row for row in rows}
    usage = usage_of(counted, tenant, on=on)
    standings = {key: Standing.of(used, rules, on=on) for key, used in usage.items()}
    gone = [row for key, row in stored.items() if key not in standings]
    changed = {
        key: standing
        for key, standing in standings.items()
        if key not in stored or _differs(stored[key], standing)
    }
    moves = _moves(stored, changed) + [_left(row) for row in gone]
    _write(tenant, changed, on)
    Engagement.objects.filter(pk__in=[row.pk for row in gone]).delete()
    publish_all(moves, tenant)
    return {"customers": len(usage), "written": len(changed), "moved": len(moves)}


def _differs(row: Engagement, standing: Standing) -> bool:
    return any(getattr(row, name) != value for name, value in standing.kept().items())


def _moves(
    stored: dict[UUID, Engagement], changed: dict[UUID, Standing]
) -> list[SegmentChanged]:
    """Who changed segment; whoever comes in at the bottom has moved nowhere."""
    moves = []
    for key, standing in changed.items():
        before = stored[key].segment if key in stored else ""
        if standing.segment != (before or Segment.BASIC):
            moves.append(
                SegmentChanged(
                    customer_id=str(key), before=before, segment=standing.segment.value
                )
            )
    return moves


def _left(row: Engagement) -> SegmentChanged:
    """The relationship ended, so the customer has no segment any more."""
    return SegmentChanged(
        customer_id=str(row.customer_id), before=row.segment, segment=""
    )


def _write(tenant: Tenant, changed: dict[UUID, Standing], on: date) -> None:
    rows = [
        Engagement(tenant=tenant, customer_id=key, computed_on=on, **standing.kept())
        for key, standing in changed.items()
    ]
    Engagement.objects.bulk_create(
        rows,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["customer"],
        update_fields=["score", "segment", "components", "computed_on"],
    )
