"""Post the queued webhooks, one after the other, outside any transaction."""

import logging
import threading
import time
from datetime import datetime, timedelta

import requests
from django.conf import settings
from django.db import connections
from django.db.models import F
from django.utils import timezone

from kyc.sandbox.models import SandboxDelivery

logger = logging.getLogger(__name__)

# The provider waits 5 min, 1 h, 5 h and 18 h; a demonstration cannot.
RESEND_SECONDS = (2, 5, 10, 30)
_TIMEOUT = (1.0, 10.0)  # seconds to connect and to answer, as the provider has it
_CLAIM_LASTS = timedelta(seconds=60)  # after that the process sending it has died
_NAP_SECONDS = 0.2

_lock = threading.Lock()
_thread: threading.Thread | None = None


def wake() -> None:
    """See to it that waiting webhooks go out; returns at once unless synchronous."""
    if getattr(settings, "SANDBOX_SYNC_WEBHOOKS", False):
        send_due()
        return
    global _thread  # noqa: PLW0603 - one sender per process, guarded by the lock
    with _lock:
        if _thread is None or not _thread.is_alive():
            _thread = threading.Thread(
                target=_send_all, name="sandbox-webhooks", daemon=True
            )
            _thread.start()


def _send_all() -> None:
    """Send until nothing waits, resends included; then the thread ends."""
    global _thread  # noqa: PLW0603
    try:
        while True:
            send_due()
            with _lock:
                if not SandboxDelivery.objects.waiting().exists():
                    _thread = None
                    return
            time.sleep(_NAP_SECONDS)
    except Exception:
        # Nobody waits for this thread: whatever ends it must stand in our log, which
        # leaves out values, and not on standard error. The next webhook starts another.
        logger.exception("The sandbox stopped sending webhooks.")
    finally:
        connections.close_all()


def send_due(now: datetime | None = None) -> int:
    """Send what is due at ``now``; return how many webhooks were tried."""
    moment = now or timezone.now()
    lost = SandboxDelivery.objects.filter(
        state=SandboxDelivery.State.SENDING, sent_at__lt=timezone.now() - _CLAIM_LASTS
    )
    if lost.exists():  # asked first, for an update locks the whole of SQLite
        lost.update(state=SandboxDelivery.State.WAITING)
    tried = 0
    due = SandboxDelivery.objects.in_turn().filter(due_at__lte=moment)
    for delivery in list(due):
        if _claim(delivery):
            _send(delivery)
            tried += 1
    return tried


def _claim(delivery: SandboxDelivery) -> bool:
    """Take the webhook in hand; false where another process has it."""
    return bool(
        SandboxDelivery.objects.waiting()
        .filter(pk=delivery.pk, tries=delivery.tries)
        .update(
            state=SandboxDelivery.State.SENDING,
            tries=F("tries") + 1,
            sent_at=timezone.now(),
        )
    )


def _send(delivery: SandboxDelivery) -> None:
    delivery.refresh_from_db()
    delivery.status_code, delivery.error = _post(delivery)
    if delivery.status_code and 200 <= delivery.status_code < 300:
        delivery.state = SandboxDelivery.State.DELIVERED
    else:
        _plan_resend(delivery)
    delivery.save(update_fields=["status_code", "error", "state", "due_at"])


def _post(delivery: SandboxDelivery) -> tuple[int | None, str]:
    url = getattr(settings, "SANDBOX_WEBHOOK_URL", "")
    try:
        response = requests.post(
            url or f"{settings.PUBLIC_URL}/webhooks/sumsub",
            data=delivery.body.encode(),
            headers={
                "Content-Type": "application/json",
                "X-Payload-Digest": delivery.digest,
                "X-Payload-Digest-Alg": delivery.algorithm,
            },
            timeout=_TIMEOUT,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        return None, type(error).__name__
    return response.status_code, ""


def _plan_resend(delivery: SandboxDelivery) -> None:
    plan = getattr(settings, "SANDBOX_RESEND_SECONDS", RESEND_SECONDS)
    if delivery.tries > len(plan):
        delivery.state = SandboxDelivery.State.GIVEN_UP
        return
    wait = timedelta(seconds=plan[delivery.tries - 1])
    delivery.state = SandboxDelivery.State.WAITING
    delivery.due_at = timezone.now() + wait
