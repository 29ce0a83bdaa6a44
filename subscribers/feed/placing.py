"""Give committed events their places in the feed, one process at a time."""

from collections import Counter
from uuid import UUID

from django.db import transaction

from subscribers.models import Feed, FeedEntry, Unplaced

AT_ONCE = 1000


def place_events(limit: int = AT_ONCE) -> int:
    """Place what has committed since; how many were. Harmless to run side by side.

    Whoever comes second waits for the rows of the first: a later event of a customer
    never gets the earlier place.
    """
    with transaction.atomic():
        rows = Unplaced.objects.select_for_update(of=("self",)).order_by("id")
        waiting = list(rows.select_related("event")[:limit])
        if not waiting:
            return 0
        last = _reserve(Counter(row.event.tenant_id for row in waiting))
        entries = []
        for row in waiting:
            event = row.event
            last[event.tenant_id] += 1
            entries.append(
                FeedEntry(
                    tenant_id=event.tenant_id,
                    position=last[event.tenant_id],
                    event=event,
                    type=event.type,
                    subject_id=event.subject_id,
                    is_restricted=event.is_restricted,
                )
            )
        FeedEntry.objects.bulk_create(entries)
        Unplaced.objects.filter(pk__in=[row.pk for row in waiting]).delete()
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
