"""Recorded events, their deliveries, and the heartbeat of the workers."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from common.keys import KeyField
from common.observing.request_id import RequestIdField
from events.events import EVENT_TYPES, SUBSCRIPTIONS, Event
from tenants.models import Tenant, TenantQuerySet


class RecordedEvent(models.Model):
    """A fact as it was published; never changed."""

    id = KeyField(primary_key=True)
    # None until we know whose it is: a callback arrives before its customer is found.
    tenant = models.ForeignKey(
        Tenant, null=True, on_delete=models.PROTECT, related_name="+"
    )
    type = models.CharField(max_length=60)
    payload = models.JSONField()
    subject_id = models.CharField(max_length=36, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField(blank=True)
    is_restricted = models.BooleanField(default=False)
    # Of the request, or the sweep, that caused it; None: nobody asked.
    request_id = RequestIdField()
    created_at = models.DateTimeField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        verbose_name = "event"
        indexes = [
            models.Index(fields=["subject_id", "-created_at"], name="event_subject"),
            models.Index(fields=["tenant", "-created_at"], name="event_tenant_time"),
        ]

    def __str__(self) -> str:
        return self.type

    def as_event(self) -> Event | None:
        """The typed fact; None when no release of ours knows the type any more."""
        known = EVENT_TYPES.get(self.type)
        return known.from_payload(self.payload) if known else None


class DeliveryQuerySet(models.QuerySet[Any]):
    def for_user(self, user: Any) -> Self:
        """Those of the institution, and callbacks whose institution nobody knows yet.

        The latter carry no customer, and somebody has to see them when they stick.
        """
        tenant_id = getattr(user, "tenant_id", None)
        if not tenant_id:
            return self.none()
        own = Q(event__tenant_id=tenant_id) | Q(event__tenant_id=None)
        return self.filter(own)

    def claimable(self, now: datetime) -> Self:
        """Due ones, and those whose worker died holding the lease."""
        due = Q(status=Delivery.Status.DUE, due_at__lte=now)
        dropped = Q(status=Delivery.Status.RUNNING, leased_until__lt=now)
        return self.filter(due | dropped)

    def open(self) -> Self:
        return self.exclude(status=Delivery.Status.DONE)

    def stuck(self) -> Self:
        return self.filter(status=Delivery.Status.FAILED)

    def troubled(self) -> Self:
        """Given up, or failed at least once and still trying."""
        return self.open().exclude(last_error="")


class Delivery(models.Model):
    """One event to one handler, retried until done."""

    class Status(models.TextChoices):
        DUE = "due"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed", "given up"

    id = KeyField(primary_key=True)
    event = models.ForeignKey(
        RecordedEvent, on_delete=models.PROTECT, related_name="deliveries"
    )
    handler = models.CharField(max_length=120)
    status = models.CharField(max_length=10, choices=Status, default=Status.DUE)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        permissions = [("retry_delivery", "Can try a delivery again")]
        constraints = [
            models.UniqueConstraint(fields=["event", "handler"], name="delivery_once")
        ]
        indexes = [
            # Only open rows: the index stays as small as the work that waits.
            models.Index(
                fields=["due_at"],
                condition=Q(status="due"),
                name="delivery_due",
            ),
            models.Index(
                fields=["leased_until"],
                condition=Q(status="running"),
                name="delivery_leased",
            ),
            models.Index(
                fields=["created_at"],
                condition=Q(status="failed"),
                name="delivery_failed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event.type} to {self.title}"

    @property
    def title(self) -> str:
        known = SUBSCRIPTIONS.get(self.handler)
        return known.title if known else self.handler


class Heartbeat(models.Model):
    """When a kind of process last showed that it lives."""

    name = models.CharField(max_length=40, primary_key=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class NightlyRunQuerySet(TenantQuerySet):
    def of(self, tenant: Tenant, name: str) -> Self:
        return self.for_tenant(tenant.pk).filter(name=name)

    def dropped(self, now: datetime) -> Self:
        """Those whose process died, or was outlived by its lease."""
        return self.filter(status=NightlyRun.Status.RUNNING, leased_until__lt=now)


class NightlyRun(models.Model):
    """One night's run of a set-based job for one institution; a record, no versions."""

    class Status(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"

    id = KeyField(primary_key=True)
    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, related_name="+", editable=False
    )
    name = models.CharField(max_length=40)
    counted_on = models.DateField("day")
    status = models.CharField(max_length=10, choices=Status, default=Status.RUNNING)
    # The last key that was dealt with, in the job's own order of stages and keys.
    stage = models.PositiveSmallIntegerField(default=0)
    cursor = models.UUIDField(null=True)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    # More than 1: it was killed or failed, and taken up so many times less one.
    starts = models.PositiveIntegerField(default=1)
    last_error = models.TextField(blank=True)
    # {"rows": 5000, …}: whole numbers that the job adds to.
    figures = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    objects = NightlyRunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "name"],
                condition=Q(status="running"),
                name="nightly_run_one_at_a_time",
            )
        ]
        indexes = [
            models.Index(
                fields=["tenant", "-started_at", "-id"], name="nightly_run_list"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name.replace('_', ' ').capitalize()} of {self.counted_on}"
