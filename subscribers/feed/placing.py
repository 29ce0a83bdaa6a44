"""Give committed events their places in the feed, one process at a time."""

from collections import Counter
from uuid import UUID

from django.db import transaction

from subscribers.models import Feed, FeedEntry, Unplaced

AT_ONCE = 1000
_FACTS = (
    "event__tenant_id", "event__type", "event__subject_id", "event__is_restricted",
)  # fmt: skip


def place_events(limit: int = AT_ONCE) -> int:
    """Place what has committed since; how many were. Harmless to run side by side.

    Whoever comes second waits for the rows of the first: a later event of a customer
    never gets the earlier place.
    """
    with transaction.atomic():
        rows = Unplaced.objects.select_for_update(of=("self",)).order_by("id")
        # Plain tuples: what an event says besides is of no matter here.
        waiting = list(rows.values_list("id", "event_id", *_FACTS)[:limit])
        if not waiting:
            return 0
        last = _reserve(Counter(tenant_id for _, _, tenant_id, *_ in waiting))
        entries = []
        for _, event_id, tenant_id, kind, subject_id, is_restricted in waiting:
            last[tenant_id] += 1
            entries.append(
                FeedEntry(
                    tenant_id=tenant_id,
                    position=last[tenant_id],
                    event_id=event_id,
                    type=kind,
                    subject_id=subject_id,
                    is_restricted=is_restricted,
                )
            )
        FeedEntry.objects.bulk_create(entries)
        Unplaced.objects.filter(pk__in=[row[0] for row in waiting]).delete()
    return len(waiting)


def _reserve(wanted: dict[UUID, int]) -> dict[UUID, int]:
    """Move the ends of the feeds; where each ended before."""
    Feed.objects.bulk_create(
        [Feed(tenant_id=tenant_id) for tenant_id in wanted], ignore_conflicts=True
    )
    # In one order, so that two never wait for each other.
    rows = Feed.objects.select_for_update().filter(tenant_id__in=wanted)
    feeds = list(rows.order_by("tenant_id"))
    before = {feed.tenant_id: feed.last_position for feed in feeds}
    for feed in feeds:
        feed.last_position += wanted[feed.tenant_id]
    Feed.objects.bulk_update(feeds, ["last_position"])
    return before


def end_of(tenant_id: UUID) -> int:
    """The last place of an institution's feed, 0 before the first."""
    feed = Feed.objects.for_tenant(tenant_id).first()
    return feed.last_position if feed else 0
