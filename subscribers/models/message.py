"""One event to one subscriber, sent until it is taken; and every attempt."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q

from common.keys import KeyField
from events.models import RecordedEvent
from subscribers.models.subscriber import Subscriber
from tenants.models import Tenant, TenantQuerySet


class OutgoingQuerySet(TenantQuerySet):
    def open(self) -> Self:
        return self.filter(status__in=(Message.Status.DUE, Message.Status.RUNNING))

    def wanted(self, subscriber: Subscriber) -> Self:
        """About events that are for the subscriber, as `Subscriber.wants` says."""
        found = self.filter(event__isnull=False)
        if not subscriber.is_restricted:
            found = found.filter(event__is_restricted=False)
        if subscriber.event_types:
            found = found.filter(event__type__in=subscriber.event_types)
        return found

    def unwanted(self, subscriber: Subscriber) -> Self:
        """Not taken, given up too, and not what the subscriber chose and may have."""
        refused = Q()
        if not subscriber.is_restricted:
            refused |= Q(event__is_restricted=True)
        if subscriber.event_types:  # a test is about no event, and stays
            is_other = ~Q(event__type__in=subscriber.event_types)
            refused |= Q(event__isnull=False) & is_other
        # Apart, not as a list: so PostgreSQL takes the index of each.
        unsettled = Q(status="due") | Q(status="running") | Q(status="failed")
        return self.filter(unsettled, refused) if refused else self.none()

    def sendable(self, subscriber: Subscriber, now: datetime) -> Self:
        """Due ones of a subscriber, in their order.

        None of a customer with one on its way, or one that waits for its next try:
        what comes of that is not known yet. Whatever puts an earlier one before again
        lets that wait no longer (`hasten`).
        """
        own = self.filter(subscriber=subscriber)
        # Asked once each, not for every row: the database may know nothing of either.
        ordered = Message.objects.filter(subscriber=subscriber).exclude(customer_key="")
        on_their_way = ordered.filter(status=Message.Status.RUNNING)
        waiting = ordered.filter(status=Message.Status.DUE, due_at__gt=now)
        due = own.filter(status=Message.Status.DUE, due_at__lte=now)
        return (
            due.exclude(customer_key__in=on_their_way.values("customer_key"))
            .exclude(customer_key__in=waiting.values("customer_key"))
            .order_by("position", "id")
        )

    def hasten(self, now: datetime) -> int:
        """Let what waits for its next try wait no longer."""
        late = self.filter(status=Message.Status.DUE, due_at__gt=now)
        return late.update(due_at=now)

    def put_before_again(self, now: datetime) -> int:
        """Let them be sent as if they had never been; how many are."""
        return self.update(
            status=Message.Status.DUE, due_at=now, attempts_made=0, first_tried_at=None,
            done_at=None,
        )  # fmt: skip

    def begin_anew(self, now: datetime) -> None:
        """Let what waits be tried at once, as if for the first time.

        The tries of what is under way stay counted: one that is not made after all is
        taken off.
        """
        self.filter(status=Message.Status.RUNNING).update(first_tried_at=None)
        tried = Q(attempts_made__gt=0) | Q(due_at__gt=now)
        self.filter(tried, status=Message.Status.DUE).update(
            due_at=now, attempts_made=0, first_tried_at=None
        )


class Message(models.Model):
    """What a subscriber is sent; its id is the webhook-id at every try."""

    class Status(models.TextChoices):
        DUE = "due", "Due"
        RUNNING = "running", "Being sent"
        DONE = "done", "Taken"
        FAILED = "failed", "Given up"
        WITHDRAWN = "withdrawn", "Withdrawn"

    id = KeyField(primary_key=True)
    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, related_name="+", editable=False
    )
    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.PROTECT, related_name="messages"
    )
    # None: a test, which is about nothing that happened.
    event = models.ForeignKey(
        RecordedEvent, on_delete=models.PROTECT, related_name="+", null=True
    )
    # Messages of one customer keep their order; "" keeps none.
    customer_key = models.CharField("customer", max_length=36, blank=True)
    position = models.BigIntegerField()
    status = models.CharField(max_length=10, choices=Status, default=Status.DUE)
    attempts_made = models.PositiveIntegerField("attempts", default=0)
    due_at = models.DateTimeField()
    first_tried_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    objects = OutgoingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "event"], name="message_once")
        ]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="message_list"),
            models.Index(fields=["subscriber", "-id"], name="message_of_subscriber"),
            # Only open rows: the indexes stay as small as the work that waits.
            models.Index(
                fields=["subscriber", "position"],
                condition=Q(status="due"), name="message_due",
            ),
            models.Index(
                fields=["subscriber", "customer_key", "position"],
                condition=Q(status="due"), name="message_due_of_customer",
            ),
            models.Index(
                fields=["subscriber"],
                condition=Q(status="running"), name="message_running",
            ),
            models.Index(
                fields=["subscriber"],
                condition=Q(status="failed"), name="message_failed",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.event.type if self.event else 'Test'} to {self.subscriber}"

    @property
    def webhook_id(self) -> str:
        return f"msg_{self.pk.hex}"


class AttemptQuerySet(models.QuerySet[Any]):
    def of(self, subscriber: Subscriber) -> Self:
        rows = self.filter(message__subscriber=subscriber)
        return rows.select_related("message", "message__event").order_by("-id")


class Attempt(models.Model):
    """One try to send one message, and what came of it; never changed."""

    id = KeyField(primary_key=True)
    message = models.ForeignKey(
        Message, on_delete=models.PROTECT, related_name="attempts"
    )
    at = models.DateTimeField()
    status_code = models.PositiveSmallIntegerField(null=True)
    milliseconds = models.PositiveIntegerField()
    error = models.CharField(max_length=200, blank=True)
    answer = models.CharField(max_length=500, blank=True)  # its beginning, masked

    objects = AttemptQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["message", "-at"], name="attempt_of_message")]

    def __str__(self) -> str:
        return f"{self.status_code or self.error}"
