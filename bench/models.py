"""The one table that the comparisons write; made and dropped with the database."""

from typing import ClassVar

from django.db import connection, models

from common.keys import KeyField


class BareRow(models.Model):
    """As wide as a stored callback, without its indexes, constraints and outbox."""

    id = KeyField(primary_key=True)
    body = models.TextField()
    body_sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    type = models.CharField(max_length=64)
    applicant_id = models.CharField(max_length=64)
    external_user_id = models.CharField(max_length=255)
    correlation_id = models.CharField(max_length=64)
    level_name = models.CharField(max_length=255)
    review_status = models.CharField(max_length=64)
    review_answer = models.CharField(max_length=64)
    sent_at = models.DateTimeField(null=True)
    sent_at_text = models.CharField(max_length=64)
    is_sandbox = models.BooleanField(null=True)
    status = models.CharField(max_length=12, default="received")
    done_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["BareRow"]] = models.Manager()

    class Meta:
        app_label = "bench"

    def __str__(self) -> str:
        return str(self.pk)


def create_table() -> None:
    """No migration: the product never sees this table."""
    with connection.schema_editor() as editor:
        editor.create_model(BareRow)
