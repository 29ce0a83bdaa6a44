"""Exports that somebody asked for, and when each was downloaded."""

from datetime import datetime
from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q

from common.encryption import EncryptedTextField
from common.keys import KeyField
from common.lifecycle import transition
from documents.making.models import MadeFile, MadeFileQuerySet
from exports.events import (
    ExportCancelled,
    ExportEvent,
    ExportExpired,
    ExportFailed,
    ExportReady,
)

SEE_ALL = "exports.view_every_export"


class ExportQuerySet(MadeFileQuerySet):
    def for_reader(self, user: Any) -> Self:
        """One's own; all of the institution for who may see every one."""
        rows = self.for_user(user)
        return rows if user.has_perm(SEE_ALL) else rows.filter(requested_by=user)


class Export(MadeFile):
    """One list as somebody saw it, in one CSV file, for a day."""

    class Status(models.TextChoices):
        QUEUED = "queued", "Asked for"
        BUILDING = "building", "Being made"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"
        EXPIRED = "expired", "Expired"

    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    # Which list, by its model: `registry.customer`.
    list_key = models.CharField("list", max_length=80)
    # Search and filters of its address; what was searched for is personal.
    querystring = EncryptedTextField(blank=True, default="")
    columns = models.JSONField(default=list)  # names of the list's columns
    has_mark = models.BooleanField(default=True)  # UTF-8's mark, which Excel needs
    rows_done = models.PositiveIntegerField("rows", default=0)
    rows_total = models.PositiveIntegerField(default=0)

    objects = ExportQuerySet.as_manager()

    class Meta(MadeFile.Meta):
        abstract = False
        permissions = [
            ("request_export", "Can export lists"),
            ("view_every_export", "Can see the exports of others"),
        ]
        constraints = [
            models.CheckConstraint(
                name="export_ready_is_whole",
                condition=~Q(status="ready")
                | Q(expires_at__isnull=False) & ~Q(key="") & ~Q(sha256=""),
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-requested_at", "-id"], name="export_list"),
            models.Index(
                fields=["tenant", "requested_by", "-requested_at"], name="export_mine"
            ),
            models.Index(
                fields=["expires_at"], condition=Q(status="ready"), name="export_ready"
            ),
        ]

    def __str__(self) -> str:
        return f"export of {self.list_name}"

    @property
    def list_name(self) -> str:
        """What the list is of, in the bank's words."""
        options = apps.get_model(self.list_key)._meta  # noqa: SLF001 - public
        return str(options.verbose_name_plural)

    @property
    def place(self) -> str:
        """Where the store is asked to put it."""
        return f"exports/{self.pk}.csv"

    def fact(self, status: str) -> ExportEvent:
        """The event that says so."""
        known: dict[str, type[ExportEvent]] = {
            "ready": ExportReady,
            "failed": ExportFailed,
            "cancelled": ExportCancelled,
            "expired": ExportExpired,
        }
        return known[status](export_id=str(self.pk), list_key=self.list_key)

    @transition(Status.QUEUED, Status.BUILDING, to=Status.CANCELLED)
    def cancel(self) -> ExportEvent:
        """Stop it; the worker notices at its next step."""
        self.build = self.building_until = None
        self.key = self.place  # bytes may lie there
        return self.fact("cancelled")

    @transition(Status.FAILED, to=Status.QUEUED)
    def ask_again(self, at: datetime) -> bool:
        """Have it made anew."""
        self.requested_at = at
        self.progress = self.rows_done = self.rows_total = 0
        self.step = self.error = self.key = ""
        return True


class ExportDownload(models.Model):
    """Who took a list out of the house, and how much of it; never changed."""

    id = KeyField(primary_key=True)
    export = models.ForeignKey(
        Export, on_delete=models.PROTECT, related_name="downloads"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()
    rows = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["export", "-at"], name="export_downloads")]

    def __str__(self) -> str:
        return f"{self.by} on {self.at:%Y-%m-%d}"
