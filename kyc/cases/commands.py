"""Take a case, give it back, take it over; all of it ends by itself."""

from collections.abc import Iterator
from itertools import islice
from uuid import UUID

from django.db import transaction

from common.errors import DomainError, NotForYouError
from customers.registry.claims.commands import release_claim, take_over
from customers.registry.claims.running import AtIt, all_at, first_claimed
from customers.registry.models import Task, TaskKind
from customers.registry.services import claim, end_claim
from events.services import publish
from kyc.cases.line import CLAIMED, Case, CaseLine, why_not_theirs
from kyc.cases.sources import CaseKind
from kyc.events import CaseTakenOver
from tenants.models import User

MOST_TRIED = 20  # claims that colleagues won in the same moment, before giving up
GONE = "This does not wait any more."


def take_next_case(
    *, by: User, kind: CaseKind | None = None, behind: Case | None = None
) -> Case | None:
    """Claim the oldest that no colleague is at and that `by` may decide on.

    With `behind`, the next one after that case, at the end the oldest left. Two who
    ask at once get two cases; None when nothing is left for them.
    """
    line = CaseLine.of(by, kind)
    rows = islice(line.takeable(behind), MOST_TRIED)
    return first_claimed(CLAIMED, _still(line, rows), by, lambda case: case.subject_id)


def _still(line: CaseLine, rows: Iterator[Case]) -> Iterator[Case]:
    """Leave out what was decided since the line was read."""
    return (case for case in rows if line.find(case.subject_id))


def take_case(subject_id: UUID, *, by: User, kind: CaseKind | None = None) -> AtIt:
    """Begin with it; returns who is at it, which may be a colleague.

    Raises DomainError when it does not wait any more, NotForYouError when another
    person must decide.
    """
    case = _theirs(subject_id, by, kind)
    holder = all_held([case], by).get(case)
    if holder is not None and not holder.is_mine:
        return holder
    claim(CLAIMED, subject_id, by=by)
    return all_at(CLAIMED, [subject_id], by)[subject_id]


def release_case(subject_id: UUID, *, by: User) -> bool:
    """Give one's own back to all; releasing twice is no error."""
    return release_claim(CLAIMED, subject_id, by=by)


@transaction.atomic
def take_over_case(
    subject_id: UUID, *, by: User, held_by: UUID, kind: CaseKind | None = None
) -> User | None:
    """Have what `held_by` is at; recorded, once. None when nobody had to give way.

    Raises DomainError as `take_case` does, when it is another's by now, and when a
    colleague took it as a task: that is handed over, not taken over.
    """
    case = _theirs(subject_id, by, kind)
    _refuse_taken(case, by)
    loser = take_over(CLAIMED, subject_id, by=by, held_by=held_by)
    if loser is None:
        return None
    event = CaseTakenOver(
        customer_id=str(case.customer_id or ""),
        case_id=str(subject_id),
        taken_from=str(loser.pk),
    )
    publish(event, by=by, tenant_id=by.tenant_id)
    return loser


def finish_case(subject_id: UUID, *, by: User) -> None:
    """Let go of what one has decided; of all hold on it when nothing waits there."""
    if CaseLine(by, tuple(CaseKind)).find(subject_id):
        release_claim(CLAIMED, subject_id, by=by)
    else:
        end_claim(CLAIMED, subject_id, by=by)


def all_held(cases: list[Case], user: User) -> dict[Case, AtIt]:
    """Who is at which: by a claim, or by the task that was taken; nobody's absent."""
    claimed = all_at(CLAIMED, {case.subject_id for case in cases}, user)
    tasks = _taken([case for case in cases if case.kind == CaseKind.DECIDE], user)
    held = {}
    for case in cases:
        on_desk = claimed.get(case.subject_id)
        as_task = tasks.get(case.subject_id) if case.kind == CaseKind.DECIDE else None
        if as_task and (on_desk is None or on_desk.is_mine):
            # A claim lapses, a task does not: the colleague who took it comes first.
            held[case] = as_task if not as_task.is_mine else on_desk or as_task
        elif on_desk:
            held[case] = on_desk
    return held


def _taken(cases: list[Case], user: User) -> dict[UUID, AtIt]:
    ids = [case.customer_id for case in cases]
    rows = Task.objects.for_user(user).open().filter(kind=TaskKind.KYC_DECISION)
    found: dict[UUID, AtIt] = {}
    for task in rows.filter(customer_id__in=ids).select_related("assignee"):
        if task.holder is not None and task.customer_id not in found:
            is_mine = task.holder == user
            found[task.customer_id] = AtIt(
                is_mine=is_mine,
                colleague="" if is_mine else f"{task.holder} took the task.",
                who=f"{'You' if is_mine else task.holder}, as a task",
            )
    return found


def _refuse_taken(case: Case, by: User) -> None:
    """A claim ends with its lease, a task stays with who took it."""
    if case.kind != CaseKind.DECIDE:
        return
    held = _taken([case], by).get(case.subject_id)
    if held is not None and not held.is_mine:
        raise DomainError(f"{held.colleague} Have it handed over to you first.")


def _theirs(subject_id: UUID, by: User, kind: CaseKind | None) -> Case:
    """What waits there and `by` may end; raises when that is nothing."""
    case = CaseLine.of(by, kind).for_decision().find(subject_id)
    if case is None:
        raise DomainError(GONE)
    if done := why_not_theirs(case, by):
        raise NotForYouError(f"You {done}, so somebody else must decide.")
    return case
