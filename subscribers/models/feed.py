"""The order in which events became visible: what readers of the feed rely on.

An event's key is made before its transaction commits, so a reader at the tip could
pass by a slower one. Its place in the feed is given afterwards, by one at a time.
"""

from typing import Any

from django.db import models

from events.models import RecordedEvent
from tenants.models import Tenant, TenantQuerySet


class Unplaced(models.Model):
    """An event without a place yet; a trigger writes it in the event's transaction."""

    # Counted when the event is written: two of one customer are in their own order.
    id = models.BigAutoField(primary_key=True)
    event = models.OneToOneField(
        RecordedEvent, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )

    def __str__(self) -> str:
        return str(self.event_id)


class Feed(models.Model):
    """How far an institution's feed reaches; locked while places are given."""

    tenant = models.OneToOneField(Tenant, on_delete=models.PROTECT, related_name="+")
    last_position = models.BigIntegerField(default=0)

    objects = TenantQuerySet.as_manager()

    def __str__(self) -> str:
        return f"feed to {self.last_position}"


class FeedEntryQuerySet(TenantQuerySet):
    def facts(self) -> Any:
        """What decides who is sent it, as plain tuples: these are read by thousands."""
        return self.values_list(
            "position", "event_id", "type", "subject_id", "is_restricted", named=True
        )


class FeedEntry(models.Model):
    """One event at its place; never changed."""

    id = models.BigAutoField(primary_key=True)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+")
    position = models.BigIntegerField()
    event = models.OneToOneField(
        RecordedEvent, on_delete=models.PROTECT, related_name="+"
    )
    # As in the event, so that a reader of one customer or type reads no other rows.
    type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=36, blank=True)
    is_restricted = models.BooleanField()

    objects = FeedEntryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "position"], name="feed_place_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["tenant", "subject_id", "position"], name="feed_of_customer"
            ),
            models.Index(fields=["tenant", "type", "position"], name="feed_of_type"),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.type}"
