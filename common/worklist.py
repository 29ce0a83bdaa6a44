"""What waits for whom: apps register their queues here, the home page asks.

A queue is a read-only question, asked per user: how many, how old the oldest, how
many past their day. Apps register in their `admin.py`:

    @worklist.queue("Quarantined callbacks", permission="kyc.view_callback", desk="kyc")
    def quarantined(user: User) -> QueueCount: ...
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from common.face import Label, Tone, age, moment, term

# The user is a row of an app above; this registry only hands it through.
Staff = Any


@dataclass(frozen=True)
class QueueCount:
    """The answer of a queue. `due_at` is the earliest deadline among its rows."""

    count: int
    url: str
    oldest_at: datetime | None = None
    overdue: int = 0
    due_at: datetime | None = None
    since_at: datetime | None = None  # deadlines: when the earliest one began


@dataclass(frozen=True)
class Queue:
    name: str
    permission: str
    count: Callable[[Staff], QueueCount]
    order: int
    desk: str
    stale_after: timedelta

    def age_label(
        self, counted: QueueCount, *, now: datetime | None = None
    ) -> Label | None:
        """Say how urgent: overdue (red), a deadline, or the age of the oldest."""
        now = now or timezone.now()
        if counted.overdue:
            return Label(_overdue(counted, now), "stop")
        if counted.due_at:
            return _term(counted, counted.due_at, now)
        if counted.oldest_at:
            waited = now - counted.oldest_at
            tone: Tone = "warn" if waited >= self.stale_after else "wait"
            return Label(f"oldest {age(waited)}", tone, moment(counted.oldest_at))
        return None


def _term(counted: QueueCount, due_at: datetime, now: datetime) -> Label:
    label = term(due_at, starts_at=counted.since_at, now=now)
    if not counted.since_at:
        return label
    whole = age(due_at - counted.since_at)
    return Label(f"{label.word} of {whole}", label.tone, label.title)


def _overdue(counted: QueueCount, now: datetime) -> str:
    if counted.due_at and counted.due_at < now:
        return f"{counted.overdue} overdue by {age(now - counted.due_at)}"
    return f"{counted.overdue} overdue"


@dataclass(frozen=True)
class TaskRow:
    title: str
    url: str
    customer_name: str
    public_id: str
    due: Label | None
    opened_by: str
    opened_at: datetime
    is_mine: bool = False


@dataclass(frozen=True)
class TaskList:
    """The most urgent open tasks of a user, how many there are, and all of them."""

    rows: list[TaskRow] = field(default_factory=list)
    total: int = 0
    url: str = ""


_queues: dict[str, Queue] = {}
_tasks: list[Callable[[Staff], TaskList]] = []
_health: list[tuple[str, Callable[[Staff], list[Label]]]] = []


def queue(
    name: str,
    *,
    permission: str,
    order: int = 100,
    desk: str = "",
    stale_after: timedelta = timedelta(days=1),
) -> Callable[[Callable[[Staff], QueueCount]], Callable[[Staff], QueueCount]]:
    """Register a queue. `desk` adds its count to that item of the sidebar."""

    def register(count: Callable[[Staff], QueueCount]) -> Callable[[Staff], QueueCount]:
        _queues[name] = Queue(name, permission, count, order, desk, stale_after)
        return count

    return register


def tasks(provider: Callable[[Staff], TaskList]) -> Callable[[Staff], TaskList]:
    """Register where the home page finds a user's open tasks."""
    if provider not in _tasks:
        _tasks.append(provider)
    return provider


def health(
    permission: str,
) -> Callable[[Callable[[Staff], list[Label]]], Callable[[Staff], list[Label]]]:
    """Register a part of the health line, shown to holders of `permission`."""

    def register(
        provider: Callable[[Staff], list[Label]],
    ) -> Callable[[Staff], list[Label]]:
        _health.append((permission, provider))
        return provider

    return register


def counted_for(user: Staff) -> list[tuple[Queue, QueueCount]]:
    """Count every queue the user may see, in the order registered."""
    ordered = sorted(_queues.values(), key=lambda queue: queue.order)
    return [
        (queue, queue.count(user))
        for queue in ordered
        if user.has_perm(queue.permission)
    ]


def tasks_for(user: Staff) -> TaskList | None:
    return _tasks[0](user) if _tasks else None


def health_for(user: Staff) -> list[Label]:
    return [
        label
        for permission, provider in _health
        if user.has_perm(permission)
        for label in provider(user)
    ]
