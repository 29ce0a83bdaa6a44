"""The line of cases at one desk: the oldest first, whose each is, who may have it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import chain, takewhile
from typing import Any
from uuid import UUID

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    Min,
    OuterRef,
    Q,
)

from customers.registry.claims.running import at_it, colleague_at_it
from customers.registry.models import LIVING, ClaimKind, Customer, Task, TaskKind
from documents.models import Document
from kyc.cases.sources import BY_HAND, ENDS, SEES, SOURCES, CaseKind, Rows
from kyc.manual import why_not_you
from tenants.models import User

CLAIMED = ClaimKind.KYC_CASE
MINE, FREE = "mine", "unassigned"
WHOSE = (FREE, MINE)
CHUNK = 50  # cases of a kind that are read and judged at once


@dataclass(frozen=True, order=True)
class Case:
    """One thing that waits. Whoever is at the subject is at all that waits about it."""

    since: datetime
    subject_id: UUID
    kind: CaseKind
    customer_id: UUID | None


@dataclass(frozen=True)
class Counted:
    """How many, how old the oldest is, and how many are one's own or nobody's."""

    all: int = 0
    mine: int = 0
    free: int = 0
    oldest_at: datetime | None = None

    def __add__(self, other: "Counted") -> "Counted":
        oldest = [at for at in (self.oldest_at, other.oldest_at) if at]
        return Counted(
            self.all + other.all, self.mine + other.mine, self.free + other.free,
            min(oldest, default=None),
        )  # fmt: skip


@dataclass(frozen=True)
class CaseLine:
    """What waits of some kinds, as one person sees it."""

    user: User
    kinds: tuple[CaseKind, ...]

    @classmethod
    def of(cls, user: User, kind: CaseKind | None = None) -> "CaseLine":
        """All kinds that the user may see, or the one."""
        asked = [kind] if kind else list(CaseKind)
        return cls(user, tuple(k for k in asked if user.has_perm(SEES[k])))

    def for_decision(self) -> "CaseLine":
        """Only what the user's role may end."""
        may = tuple(kind for kind in self.kinds if self.user.has_perm(ENDS[kind]))
        return CaseLine(self.user, may)

    def count(self, kind: CaseKind) -> Counted:
        if kind not in self.kinds:
            return Counted()
        is_mine, is_others = self._whose(kind)
        # Worked out per row first: within an aggregate, Django compares the subject
        # of a claim with the wrong column.
        rows = SOURCES[kind](self.user).annotate(
            is_mine=ExpressionWrapper(is_mine, BooleanField()),
            is_free=ExpressionWrapper(~is_mine & ~is_others, BooleanField()),
        )
        found = rows.aggregate(
            all=Count("subject", distinct=True),
            mine=Count("subject", distinct=True, filter=Q(is_mine=True)),
            free=Count("subject", distinct=True, filter=Q(is_free=True)),
            oldest_at=Min("at"),
        )
        return Counted(**found)

    def cases(self, whose: str = "", *, most: int) -> list[Case]:
        """The oldest of all its kinds."""
        found = [
            case
            for kind in self.kinds
            for case in _grouped(kind, self._of(kind, whose), most)
        ]
        return sorted(found)[:most]

    def find(self, subject_id: UUID) -> Case | None:
        """The oldest that waits about this subject."""
        found = [
            case
            for kind in self.kinds
            for case in _grouped(
                kind, SOURCES[kind](self.user).filter(subject=subject_id), 1
            )
        ]
        return min(found, default=None)

    def takeable(self, behind: Case | None = None) -> Iterator[Case]:
        """What this person may decide on and no colleague is at.

        With `behind`, those after that case first, at the end the oldest.
        """
        found = self._theirs(behind)
        if behind is None:
            yield from found
            return
        older = takewhile(lambda case: case < behind, self._theirs())
        for case in chain(found, older):
            if case.subject_id != behind.subject_id:
                yield case

    def _theirs(self, behind: Case | None = None) -> Iterator[Case]:
        """Of all kinds, oldest first, read as far as somebody asks."""
        kinds = self.for_decision().kinds
        return merge(*(self._theirs_of(kind, behind) for kind in kinds))

    def _theirs_of(self, kind: CaseKind, behind: Case | None) -> Iterator[Case]:
        """Go on to the end: somebody may have had a hand in very many."""
        last, rows = behind, self._for_them(kind)
        while chunk := list(_grouped(kind, rows, CHUNK, behind=last)):
            others = all_not_theirs(chunk, self.user)
            yield from (case for case in chunk if case not in others)
            last = chunk[-1]

    def _of(self, kind: CaseKind, whose: str) -> Rows:
        rows = SOURCES[kind](self.user)
        is_mine, is_others = self._whose(kind)
        if whose == MINE:
            return rows.filter(is_mine)
        return rows.filter(~is_mine & ~is_others) if whose == FREE else rows

    def _for_them(self, kind: CaseKind) -> Rows:
        """Less what they registered, which the database knows quickest."""
        _is_mine, is_others = self._whose(kind)
        rows = SOURCES[kind](self.user).exclude(is_others)
        if kind not in BY_HAND:
            return rows
        rows = rows.filter(customer__status__in=LIVING)
        return rows if _is_alone(self.user) else rows.exclude(_registered(self.user))

    def _whose(self, kind: CaseKind) -> tuple[Q, Q]:
        """Whether it is one's own, and whether a colleague is at it.

        A decision that was taken as a task is its holder's until it is handed over.
        """
        is_mine = Q(at_it(CLAIMED, self.user, of="subject"))
        is_others = Q(colleague_at_it(CLAIMED, self.user, of="subject"))
        if kind == CaseKind.DECIDE:
            is_taken = Q(_taken_by_colleague(self.user))
            is_mine = Q(assignee=self.user) | (is_mine & ~is_taken)
            is_others |= is_taken & ~Q(assignee=self.user)
        return is_mine, is_others


def why_not_theirs(case: Case, user: User) -> str:
    """What `user` did that makes it another's decision, or ""; after “you …”."""
    return all_not_theirs([case], user).get(case, "")


def all_not_theirs(cases: Iterable[Case], user: User) -> dict[Case, str]:
    """The same of many; only whoever had a hand in it is looked at closely."""
    by_hand = [case for case in cases if case.kind in BY_HAND]
    if not by_hand or _is_alone(user):
        return {}
    # The subject of a decision is the customer.
    ids = {case.subject_id for case in by_hand}
    versions = Customer.history.filter(id__in=ids, history_type="+", history_user=user)
    uploads = Document.objects.filter(customer_id__in=ids, uploaded_by=user)
    touched = {*versions.values_list("id", flat=True)}
    touched |= {*uploads.values_list("customer_id", flat=True)}
    customers = Customer.objects.select_related("tenant").in_bulk(touched)
    done = {pk: why_not_you(customer, user) for pk, customer in customers.items()}
    return {case: why for case in by_hand if (why := done.get(case.subject_id, ""))}


def _taken_by_colleague(user: User) -> Exists:
    """Whether a colleague who still works here took a task about the customer."""
    tasks = Task.objects.open().filter(
        kind=TaskKind.KYC_DECISION,
        customer_id=OuterRef("customer_id"),
        assignee__is_active=True,
    )
    return Exists(tasks.exclude(assignee=user))


def _registered(user: User) -> Exists:
    versions = Customer.history.model.objects.filter(
        id=OuterRef("customer_id"), history_type="+", history_user=user
    )
    return Exists(versions)


def _is_alone(user: User) -> bool:
    return user.tenant is None or user.tenant.is_single_employee


def _grouped(
    kind: CaseKind, rows: Any, most: int, *, behind: Case | None = None
) -> Iterator[Case]:
    """One case per subject, however many rows say so; those after `behind`."""
    found = rows.order_by().values("subject", "customer_id").annotate(since=Min("at"))
    if behind is not None:
        same = Q(since=behind.since, subject__gt=behind.subject_id)
        found = found.filter(Q(since__gt=behind.since) | same)
    for row in found.order_by("since", "subject")[:most]:
        yield Case(row["since"], row["subject"], kind, row["customer_id"])
