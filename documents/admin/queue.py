"""The line of documents that wait for review, oldest first."""

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from common import worklist
from common.worklist import QueueCount
from documents.models import Document, DocumentQuerySet
from tenants.models import User


@dataclass(frozen=True)
class Line:
    """Who waits at one institution, and who stands before and behind whom."""

    rows: DocumentQuerySet

    @classmethod
    def of(cls, user: User) -> "Line":
        return cls(Document.objects.for_user(user).awaiting_review())

    def first(self) -> Document | None:
        found: Document | None = self.rows.select_related("customer").first()
        return found

    def before(self, document: Document) -> Document | None:
        found: Document | None = self.rows.filter(_older(document)).last()
        return found

    def behind(self, document: Document) -> Document | None:
        found: Document | None = (
            self.rows.filter(_younger(document)).select_related("customer").first()
        )
        return found

    def after(self, document: Document) -> Document | None:
        """Who comes when this one is done: the next, at the end the oldest left."""
        if found := self.behind(document):
            return found
        others = self.rows.exclude(pk=document.pk).select_related("customer")
        oldest: Document | None = others.first()
        return oldest

    def place(self, document: Document) -> int:
        """Where it stands, counted from 1."""
        return self.rows.filter(_older(document)).count() + 1


def _older(document: Document) -> Q:
    at = document.uploaded_at
    return Q(uploaded_at__lt=at) | Q(uploaded_at=at, id__lt=document.pk)


def _younger(document: Document) -> Q:
    at = document.uploaded_at
    return Q(uploaded_at__gt=at) | Q(uploaded_at=at, id__gt=document.pk)


@worklist.queue(
    "Documents to review", permission="documents.review_document", order=20,
    desk="documents",
)  # fmt: skip
def documents_to_review(user: User) -> QueueCount:
    rows = Line.of(user).rows
    oldest = rows.values_list("uploaded_at", flat=True).first()
    return QueueCount(
        count=rows.count(), url=reverse("admin:documents_review"), oldest_at=oldest
    )
