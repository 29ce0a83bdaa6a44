"""Which claims run: who is at what, and the first of a line that one may have."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils import timezone

from common.face import age
from customers.registry.claims.commands import claim
from customers.registry.models import Claim, ClaimKind
from customers.registry.models.claim import ClaimQuerySet
from tenants.models import User

Row = TypeVar("Row")


@dataclass(frozen=True)
class AtIt:
    """Who is at it now: nobody, the reader, or a colleague in words."""

    is_mine: bool = False
    colleague: str = ""
    who: str = ""  # short, for a column: "You, 5 min"
    holder_id: UUID | None = None


def at_it(kind: ClaimKind, user: User, *, of: str = "pk") -> Exists:
    """Whether `user` themselves is at the row whose subject the column `of` names."""
    return Exists(_running(kind, user).filter(by=user, subject_id=OuterRef(of)))


def colleague_at_it(kind: ClaimKind, user: User, *, of: str = "pk") -> Exists:
    """Whether somebody else is at the row whose subject the column `of` names."""
    others = _running(kind, user).exclude(by=user)
    return Exists(others.filter(subject_id=OuterRef(of)))


def all_at(
    kind: ClaimKind, subject_ids: Iterable[UUID], user: User
) -> dict[UUID, AtIt]:
    """Who is at which, in one query; nobody's are absent."""
    held = _running(kind, user).filter(subject_id__in=list(subject_ids))
    return {one.subject_id: _said(one, user) for one in held.select_related("by")}


def who_is_at(kind: ClaimKind, subject_id: UUID, user: User) -> AtIt:
    """Say who is at it, and since when."""
    return all_at(kind, [subject_id], user).get(subject_id, AtIt())


def first_claimed(
    kind: ClaimKind, rows: Iterable[Row], user: User, subject: Callable[[Row], UUID]
) -> Row | None:
    """Claim one after the other until one is theirs; two at once get two."""
    for row in rows:
        if claim(kind, subject(row), by=user).by_id == user.pk:
            return row
    return None


def _running(kind: ClaimKind, user: User) -> ClaimQuerySet:
    return Claim.objects.for_user(user).running(kind, timezone.now())


def _said(held: Claim, user: User) -> AtIt:
    since = age(timezone.now() - held.since)
    if held.by_id == user.pk:
        return AtIt(is_mine=True, who=f"You, {since}", holder_id=held.by_id)
    return AtIt(
        colleague=f"{held.by} is at it since {since}.",
        who=f"{held.by}, {since}",
        holder_id=held.by_id,
    )
