"""The home page "What waits for me", and the counts beside the sidebar's items."""

from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest

from common import worklist
from common.face import Label
from tenants.roles import Role

COUNTS_SECONDS = 20  # the sidebar is on every page; a count may be this old
MAX_CELLS = 8  # four by two
_URGENCY = {"stop": 0, "warn": 1, "wait": 2}


@dataclass(frozen=True)
class Cell:
    """One queue on the home page."""

    name: str
    count: int
    url: str
    age_label: Label | None

    @property
    def urgency(self) -> int:
        return _URGENCY.get(self.age_label.tone, 3) if self.age_label else 3


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Fill the home page; Unfold calls this for `admin:index`."""
    counted = worklist.counted_for(request.user)
    _remember(request, counted)
    cells = [
        Cell(queue.name, found.count, found.url, queue.age_label(found))
        for queue, found in counted
    ]
    waiting = sorted((cell for cell in cells if cell.count), key=lambda c: c.urgency)
    tasks = worklist.tasks_for(request.user)
    context.update(
        title="What waits for me",
        queues=waiting[:MAX_CELLS],
        more_queues=waiting[MAX_CELLS:],
        empty_queues=[cell for cell in cells if not cell.count],
        tasks=tasks.rows if tasks else [],
        tasks_total=tasks.total if tasks else 0,
        tasks_url=tasks.url if tasks else "",
        health=worklist.health_for(request.user),
        role_name=role_name(request),
    )
    return context


def role_name(request: HttpRequest) -> str:
    """Name the roles of whoever is here: "Compliance officer"."""
    known = {role.value: role.label for role in Role}
    held = request.user.groups.values_list("name", flat=True)
    names = [known[name] for name in held if name in known]
    if not names and request.user.is_superuser:
        return "Superuser"
    return ", ".join(sorted(names))


def desk_counts(request: HttpRequest) -> dict[str, int]:
    """Return how much waits at each desk; at most `COUNTS_SECONDS` old."""
    known: dict[str, int] | None = cache.get(_cache_key(request))
    if known is None:
        known = _remember(request, worklist.counted_for(request.user))
    return known


def _remember(
    request: HttpRequest,
    counted: list[tuple[worklist.Queue, worklist.QueueCount]],
) -> dict[str, int]:
    counts: dict[str, int] = {}
    for queue, found in counted:
        if queue.desk:
            counts[queue.desk] = counts.get(queue.desk, 0) + found.count
    cache.set(_cache_key(request), counts, COUNTS_SECONDS)
    return counts


def _cache_key(request: HttpRequest) -> str:
    tenant_id = getattr(request.user, "tenant_id", None)
    return f"desk-counts:{tenant_id}:{request.user.pk}"
