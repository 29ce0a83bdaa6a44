"""The line of documents that wait for review, oldest first, and who is at which."""

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from common import worklist
from common.worklist import QueueCount
from customers.registry.claims.running import AtIt, colleague_at_it, first_claimed
from customers.registry.claims.running import who_is_at as claimed_by
from customers.registry.models import ClaimKind
from documents.models import Document, DocumentQuerySet
from tenants.models import User

MOST_TRIED = 20  # claims that colleagues won in the same moment, before giving up


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

    def free_for(self, user: User) -> DocumentQuerySet:
        """Those that no colleague is at."""
        return self.rows.exclude(colleague_at_it(ClaimKind.DOCUMENT_REVIEW, user))

    def take_next(self, user: User, behind: Document | None = None) -> Document | None:
        """Claim the oldest that nobody is at and that `user` may decide on.

        With `behind`, the next one after that document, at the end the oldest left.
        Two who ask at once get two documents; None when nothing is left.
        """
        rows = self._for_decision_of(user)
        if behind is None:
            return _first_claimed(rows, user)
        younger = rows.filter(_younger(behind))
        others = rows.exclude(pk=behind.pk)
        return _first_claimed(younger, user) or _first_claimed(others, user)

    def following(self, document: Document, user: User) -> Document | None:
        """What opens next, unless a colleague is faster."""
        rows = self._for_decision_of(user)
        found: Document | None = rows.filter(_younger(document)).first()
        return found or rows.exclude(pk=document.pk).first() or self.after(document)

    def _for_decision_of(self, user: User) -> DocumentQuerySet:
        rows = self.free_for(user).select_related("customer")
        if user.tenant is None or user.tenant.is_single_employee:
            return rows
        return rows.exclude(uploaded_by=user)

    def place(self, document: Document) -> int:
        """Where it stands, counted from 1."""
        return self.rows.filter(_older(document)).count() + 1


def _first_claimed(rows: DocumentQuerySet, user: User) -> Document | None:
    return first_claimed(
        ClaimKind.DOCUMENT_REVIEW, rows[:MOST_TRIED], user, lambda row: row.pk
    )


def who_is_at(document: Document, user: User) -> AtIt:
    """Say who reviews it, and since when."""
    return claimed_by(ClaimKind.DOCUMENT_REVIEW, document.pk, user)


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
