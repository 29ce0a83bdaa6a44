"""Where Sumsub posts its callbacks: check, store once, answer."""

import hashlib

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from common.observing.measures import WEBHOOKS
from kyc.models import CallbackRefusal
from kyc.services import store_callback
from kyc.sumsub.webhook import verify_digest

MAX_BODY_BYTES = 64 * 1024


@csrf_exempt
@require_POST
def receive_callback(request: HttpRequest) -> HttpResponse:
    """Store what Sumsub sent and answer; nothing is asked of anybody here.

    200 also for a repeat and for what we cannot use: any other answer makes Sumsub
    send again and in the end give up on us. 401 wrong digest, 413 too large, 503 when
    no secret is configured.
    """
    if not settings.SUMSUB_WEBHOOK_SECRETS:
        return _answer(503, "No webhook secret is configured.", "no_secret")
    body = _body(request)
    if body is None:
        said = f"The body is larger than {MAX_BODY_BYTES} bytes."
        return _answer(413, said, "too_large")
    is_genuine = verify_digest(
        body,
        digest=request.headers.get("X-Payload-Digest"),
        algorithm=request.headers.get("X-Payload-Digest-Alg"),
        secrets=settings.SUMSUB_WEBHOOK_SECRETS,
        expected_algorithm=settings.SUMSUB_WEBHOOK_ALGORITHM,
    )
    if not is_genuine:
        CallbackRefusal.count_one(timezone.now().date())
        return _answer(401, "The digest is missing or wrong.", "wrong_digest")
    is_new = store_callback(body, sha256=hashlib.sha256(body).hexdigest())
    if is_new:
        return _answer(200, "Stored.", "stored")
    return _answer(200, "Known already.", "repeated")


def _body(request: HttpRequest) -> bytes | None:
    """The raw bytes, or None when there are too many; never reads beyond the cap."""
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY_BYTES:
            return None
        body = request.read(MAX_BODY_BYTES + 1)
    except (ValueError, RequestDataTooBig, UnreadablePostError):
        return b""
    return body if len(body) <= MAX_BODY_BYTES else None


def _answer(status: int, message: str, outcome: str) -> JsonResponse:
    WEBHOOKS.labels(outcome).inc()
    return JsonResponse({"message": message}, status=status)
