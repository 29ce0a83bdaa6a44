"""The line of documents that wait for review, oldest first, and who is at which."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from common import worklist
from common.face import age
from common.worklist import QueueCount
from customers.registry.models import Claim, ClaimKind
from customers.registry.services import claim
from documents.models import Document, DocumentQuerySet
from tenants.models import User

MOST_TRIED = 20  # claims that colleagues won in the same moment, before giving up


@dataclass(frozen=True)
class AtIt:
    """Who reviews a document now: nobody, the reader, or a colleague in words."""

    is_mine: bool = False
    colleague: str = ""


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
        at_it = Claim.objects.running(ClaimKind.DOCUMENT_REVIEW, timezone.now())
        others = at_it.for_user(user).exclude(by=user)
        return self.rows.exclude(Exists(others.filter(subject_id=OuterRef("pk"))))

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
    """Claim one after the other until one is theirs."""
    for document in rows[:MOST_TRIED]:
        held = claim(ClaimKind.DOCUMENT_REVIEW, document.pk, by=user)
        if held.by_id == user.pk:
            found: Document = document
            return found
    return None


def who_is_at(document: Document, user: User) -> AtIt:
    """Say who reviews it, and since when."""
    now = timezone.now()
    running = Claim.objects.for_user(user).running(ClaimKind.DOCUMENT_REVIEW, now)
    held: Claim | None = (
        running.filter(subject_id=document.pk).select_related("by").first()
    )
    if held is None:
        return AtIt()
    if held.by_id == user.pk:
        return AtIt(is_mine=True)
    return AtIt(colleague=f"{held.by} is at it since {age(now - held.since)}.")


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
