"""Who may go to the addresses of subscribers, by §1; rows of tests/routes.py."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from subscribers.models import Message, Stand, Subscriber
from subscribers.services import pause_subscriber
from tenants.services import get_machine

ADMINISTRATOR, COMPLIANCE = {"administrator"}, {"compliance_officer"}
SEE = ADMINISTRATOR | COMPLIANCE


def _why(_: dict[str, Any]) -> dict[str, Any]:
    return {"reason": "Asked for"}


def _nothing(_: dict[str, Any]) -> dict[str, Any]:
    return {}


def _subscriber(_: dict[str, Any]) -> dict[str, Any]:
    # A public address in figures: nobody has to be asked for a name.
    return {"name": "Screening", "url": "https://1.1.1.1/events", **_why({})}


def _since(_: dict[str, Any]) -> dict[str, Any]:
    return {"since": "2020-01-31 08:00", **_why({})}


def _overlap(_: dict[str, Any]) -> dict[str, Any]:
    ends = timezone.now().date() + timedelta(days=9)
    return {"old_ends_on": ends.isoformat(), **_why({})}


_S, _M = "subscribers_subscriber", "subscribers_message"
_ONE = {"row": "subscriber"}
SUBSCRIBERS: tuple[dict[str, Any], ...] = (
    {"name": f"{_S}_changelist", "may": SEE},
    {"name": f"{_S}_change", "may": SEE, **_ONE},
    {"name": f"{_S}_add", "may": ADMINISTRATOR, "body": _subscriber},
    {"name": f"{_S}_edit", "may": ADMINISTRATOR, "body": _subscriber, **_ONE},
    {"name": f"{_S}_rotate", "may": ADMINISTRATOR, "body": _overlap, **_ONE},
    # Whoever made none is led back.
    {"name": f"{_S}_secret", "may": ADMINISTRATOR, "code": 302, **_ONE},
    {"name": f"{_S}_test", "may": ADMINISTRATOR, "body": _nothing, **_ONE},
    {"name": f"{_S}_pause", "may": ADMINISTRATOR, "body": _why, **_ONE},
    {
        "name": f"{_S}_resume", "may": ADMINISTRATOR, "body": _why,
        "row": "paused_subscriber",
    },
    {"name": f"{_S}_replay", "may": ADMINISTRATOR, "body": _since, **_ONE},
    {
        "name": f"{_S}_allow", "may": COMPLIANCE, "body": _why,
        "row": "paused_subscriber",
    },
    {"name": f"{_S}_forbid", "may": COMPLIANCE, "body": _why, **_ONE},
    {"name": f"{_M}_changelist", "may": ADMINISTRATOR},
    {"name": f"{_M}_change", "may": ADMINISTRATOR, "row": "outgoing"},
    {
        "name": f"{_M}_again", "may": ADMINISTRATOR, "row": "outgoing", "body": _why,
    },
)  # fmt: skip
VERSIONS = {_S: ("subscriber", SEE)}
UNVERSIONED = {_M: "outgoing"}


def subscriber_rows(one: Callable[..., Any]) -> dict[str, Any]:
    """One sends, a second is paused and gets nothing restricted."""
    known = one(Subscriber)
    setup = get_machine("setup")
    paused = Subscriber(
        tenant=known.tenant, name="Paused", url=known.url, created_by=setup
    )
    paused.save_as(setup, "For the test")
    Stand.objects.create(subscriber=paused)
    pause_subscriber(paused.pk, by=setup, reason="For the test")
    return {
        "subscriber": known,
        "paused_subscriber": Subscriber.objects.get(pk=paused.pk),
        "outgoing": one(Message),
    }
