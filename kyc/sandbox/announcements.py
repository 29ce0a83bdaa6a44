"""Write the webhooks of a change, with the faults that are switched on."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from kyc.sandbox import sender
from kyc.sandbox.bodies import callback_json
from kyc.sandbox.models import SandboxApplicant, SandboxDelivery, SandboxSwitches
from kyc.sumsub.webhook import digest_of

UNKNOWN_TYPE = "applicantSomethingNew"
HOLD_BACK = timedelta(seconds=5)  # how long a webhook waits for one to overtake it
_OPTIONAL = (
    "applicantType",
    "externalUserId",
    "createdAt",
    "clientId",
    "sandboxMode",
)


def announce(applicant: SandboxApplicant, event_type: str, **changed: Any) -> None:
    """Queue the webhook of a change made in this transaction; sent after commit.

    ``changed`` overrides fields of the body, such as ``previousLevelName``.
    """
    switches = SandboxSwitches.load()
    earlier = SandboxDelivery.objects.filter(applicant_id=applicant.pk).first()
    correlation = uuid4().hex
    if switches.same_correlation and earlier:
        correlation = earlier.correlation_id
    body = callback_json(applicant, event_type, correlation) | changed
    _spoil(body, switches)
    news = [_delivery(body, switches)]
    if switches.duplicates:
        news.append(_delivery(body, switches, note="sent twice"))
    if switches.unknown_type:
        news.append(_delivery(body | {"type": UNKNOWN_TYPE}, switches))
    if switches.late_resend and earlier:
        news.append(_again(earlier))
    if switches.reversed_order:
        _reverse(applicant, news)
    for delivery in news:
        delivery.save()
    transaction.on_commit(sender.wake)


def _spoil(body: dict[str, Any], switches: SandboxSwitches) -> None:
    if switches.sandbox_flag_as_text:
        body["sandboxMode"] = "false"
    if switches.null_result:
        body["reviewResult"] = None
    if switches.missing_fields:
        for name in _OPTIONAL:
            body.pop(name, None)


def _delivery(
    body: dict[str, Any], switches: SandboxSwitches, note: str = ""
) -> SandboxDelivery:
    """Lay the body out the way the provider does, and sign those bytes."""
    written = json.dumps(body, indent=2, separators=(",", " : "), ensure_ascii=False)
    algorithm = settings.SUMSUB_WEBHOOK_ALGORITHM
    if switches.sha1_digest:
        algorithm = "HMAC_SHA1_HEX"
    secret = next(iter(settings.SUMSUB_WEBHOOK_SECRETS), "")
    digest = digest_of(written.encode(), secret=secret, algorithm=algorithm)
    if switches.bad_digest:
        digest = digest[::-1]
    return SandboxDelivery(
        applicant_id=body["applicantId"],
        event_type=body["type"],
        correlation_id=body["correlationId"],
        note=note,
        body=written,
        digest=digest,
        algorithm=algorithm,
    )


def _again(earlier: SandboxDelivery) -> SandboxDelivery:
    """Copy an earlier webhook, old time and all."""
    return SandboxDelivery(
        applicant_id=earlier.applicant_id,
        event_type=earlier.event_type,
        correlation_id=earlier.correlation_id,
        note="late resend",
        body=earlier.body,
        digest=earlier.digest,
        algorithm=earlier.algorithm,
    )


def _reverse(applicant: SandboxApplicant, news: list[SandboxDelivery]) -> None:
    """Let the new webhooks overtake the held one, or hold them for the next."""
    held = SandboxDelivery.objects.waiting().filter(applicant_id=applicant.pk, tries=0)
    now = timezone.now()
    overtaken = held.update(due_at=now, note="sent out of order")
    for delivery in news:
        delivery.due_at = now + (timedelta(milliseconds=-1) if overtaken else HOLD_BACK)
