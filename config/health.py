"""Probes: is the process alive, and can the house do its work?"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from kombu import Connection
from kombu.exceptions import OperationalError

from events.models import Delivery, Heartbeat

WORKER_SILENT_AFTER = 60  # seconds; the sweep beats every five
DELIVERY_LATE_AFTER = 300  # seconds that a due delivery may wait
BROKER_TIMEOUT = 1  # second


@require_safe
def live(_: HttpRequest) -> JsonResponse:
    """Answer 200 as long as the process serves."""
    return JsonResponse({"status": "ok"})


@require_safe
def ready(_: HttpRequest) -> JsonResponse:
    """Answer 200 when database, broker, worker and outbox are well, else 503."""
    parts = {"database": _database(), "broker": _broker()}
    if parts["database"]["ok"]:
        now = timezone.now()
        parts |= {"worker": _worker(now), "deliveries": _deliveries(now)}
    is_well = all(part["ok"] for part in parts.values())
    answer = JsonResponse(
        {"status": "ok" if is_well else "unavailable", **parts},
        status=200 if is_well else 503,
    )
    # The probe says it every few seconds; an error in the log for each says no more.
    answer._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
    return answer


def _database() -> dict[str, Any]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return {"ok": False}
    return {"ok": True}


def _broker() -> dict[str, Any]:
    try:
        with Connection(
            settings.CELERY_BROKER_URL,
            connect_timeout=BROKER_TIMEOUT,
            transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS,
        ) as broker:
            broker.ensure_connection(max_retries=1, timeout=BROKER_TIMEOUT)
    # Nobody there; or an address that Celery cannot read: its parts, kind or library.
    except (OperationalError, OSError, ValueError, LookupError, ImportError):
        return {"ok": False}
    return {"ok": True}


def _worker(now: datetime) -> dict[str, Any]:
    beat = Heartbeat.objects.filter(name="worker").first()
    if beat is None:
        return {"ok": False, "seen_seconds_ago": None}
    seconds = (now - beat.seen_at).total_seconds()
    return {"ok": seconds < WORKER_SILENT_AFTER, "seen_seconds_ago": round(seconds, 1)}


def _deliveries(now: datetime) -> dict[str, Any]:
    oldest = Delivery.objects.claimable(now).order_by("due_at").first()
    seconds = (now - oldest.due_at).total_seconds() if oldest else 0.0
    return {
        "ok": seconds < DELIVERY_LATE_AFTER,
        "oldest_due_seconds": round(seconds, 1),
        "given_up": Delivery.objects.stuck().count(),
    }
