"""Systems that we send events to, the secrets that sign them, and where each stands."""

from datetime import datetime
from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from common.encryption import EncryptedTextField
from common.keys import KeyField
from common.lifecycle import transition
from subscribers.models.feed import Feed
from tenants.models import TenantOwned, TenantQuerySet

HIDDEN = "?…"  # in no address: those are ASCII


def masked(url: str) -> str:
    """Hide what stands behind the “?”: it may be a key."""
    place, mark, query = url.partition("?")
    return f"{place}{HIDDEN}" if mark and query else url


class SubscriberQuerySet(TenantQuerySet):
    def waiting(self, now: datetime) -> Self:
        """Active ones that have something to be sent, and whom nobody serves."""
        message: Any = apps.get_model("subscribers", "Message")
        due = message.objects.filter(
            subscriber=OuterRef("pk"), status="due", due_at__lte=now
        )
        # Of one whose worker died: it may be served anew.
        dropped = message.objects.filter(subscriber=OuterRef("pk"), status="running")
        behind = Feed.objects.filter(
            tenant=OuterRef("tenant"), last_position__gt=OuterRef("stand__position")
        )
        is_free = Q(stand__lease=None) | Q(stand__leased_until__lt=now)
        may_try = Q(stand__next_try_at=None) | Q(stand__next_try_at__lte=now)
        return self.filter(
            is_free, may_try, Exists(due) | Exists(dropped) | Exists(behind),
            status=Subscriber.Status.ACTIVE,
        )  # fmt: skip

    def troubled(self) -> Self:
        """Those that do not take messages, and those that miss one for good."""
        message: Any = apps.get_model("subscribers", "Message")
        failed = message.objects.filter(subscriber=OuterRef("pk"), status="failed")
        return self.filter(Q(stand__troubled_since__isnull=False) | Exists(failed))


class Subscriber(TenantOwned):
    """Another system of the bank, and which events it is sent."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused"

    name = models.CharField(max_length=80)
    url = models.CharField("address", max_length=400)
    # Names of events; none: all.
    event_types = models.JSONField("events", default=list, blank=True)
    is_restricted = models.BooleanField("gets restricted events", default=False)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip

    objects = SubscriberQuerySet.as_manager()

    class Meta(TenantOwned.Meta):
        abstract = False
        permissions = [
            ("manage_subscriber", "Can add, change, pause subscribers and send again"),
            ("allow_restricted", "Can let a subscriber have restricted events"),
            ("read_events", "Can read the feed of events"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "name"], name="subscriber_name_once"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def shown_url(self) -> str:
        """The address as pages show it."""
        return masked(self.url)

    def wants(self, event: Any) -> bool:
        """Whether an event, or its entry in the feed, is for it."""
        if event.is_restricted and not self.is_restricted:
            return False
        return not self.event_types or event.type in self.event_types

    @transition(Status.ACTIVE, to=Status.PAUSED)
    def pause(self) -> bool:
        """Send nothing until it is resumed; nothing is lost."""
        return True

    @transition(Status.PAUSED, to=Status.ACTIVE)
    def resume(self) -> bool:
        """Send on from where it stopped."""
        return True


class SecretQuerySet(models.QuerySet[Any]):
    def alive(self, now: datetime) -> Self:
        """Those that sign, the newest first."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=now)).order_by("-id")


class Secret(models.Model):
    """What signs messages; kept encrypted, shown once, in no version."""

    id = KeyField(primary_key=True)
    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.PROTECT, related_name="secrets"
    )
    secret = EncryptedTextField(editable=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    ends_at = models.DateTimeField(null=True)

    objects = SecretQuerySet.as_manager()

    def __str__(self) -> str:
        return f"secret of {self.created_at:%Y-%m-%d}"


class StandQuerySet(models.QuerySet[Any]):
    def free(self, now: datetime) -> Self:
        return self.filter(Q(lease=None) | Q(leased_until__lt=now))


class Stand(models.Model):
    """How far a subscriber has been served, and how it fares; changed at each batch."""

    subscriber = models.OneToOneField(
        Subscriber, on_delete=models.PROTECT, related_name="stand", primary_key=True
    )
    # Of the feed: what lies before is in the subscriber's messages, or is not for it.
    position = models.BigIntegerField(default=0)
    # One worker at a time serves a subscriber: so the order of each customer is kept.
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField("failures in a row", default=0)
    next_try_at = models.DateTimeField(null=True)
    troubled_since = models.DateTimeField(null=True)

    objects = StandQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="stand_lease_ends",
                condition=Q(lease__isnull=True) | Q(leased_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"served to {self.position}"
