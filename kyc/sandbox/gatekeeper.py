"""Who may call the stand-in's API: token, clock, signature; then the chosen faults."""

import functools
import hmac
import re
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from kyc.sandbox.apps import is_enabled
from kyc.sandbox.models import SandboxSwitches
from kyc.sandbox.refusals import RefusalError, unauthorized
from kyc.sumsub.signing import signature

CLOCK_WINDOW_SECONDS = 60
_LONGEST_PAUSE_SECONDS = 60  # a mistyped switch must not hang the server for hours
_TOKEN = re.compile(r"(sbx|prd):\S+")
_MATRIX = re.compile(r"(.*/-;externalUserId=)(.*)(/one)")
_KEPT_IN_PATH = "/;=:@&+$,-_.!~*'()"

View = Callable[..., HttpResponse]


def signed(view: View) -> View:
    """Let only rightly signed calls reach the view; refusals become JSON."""

    @csrf_exempt  # the signature is the proof, there is no session
    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_enabled():
            raise Http404
        try:
            check_credentials(request)
            show_faults()
            return view(request, *args, **kwargs)
        except RefusalError as refusal:
            return refusal.as_response()

    return guarded


def check_credentials(request: HttpRequest) -> None:
    """Refuse a wrong token, an old time or a wrong signature."""
    token = request.headers.get("X-App-Token", "")
    stamp = request.headers.get("X-App-Access-Ts", "")
    proof = request.headers.get("X-App-Access-Sig", "")
    if not _TOKEN.fullmatch(token):
        raise unauthorized(4000, "app-token-invalid-format", "Invalid app token")
    known: str = settings.SUMSUB_APP_TOKEN
    if token != known:
        if token.split(".")[0] == known.split(".", maxsplit=1)[0]:
            name = "app-token-private-part-mismatch"
            raise unauthorized(4002, name, "App token private part mismatch")
        raise unauthorized(4001, "app-token-not-found", "App token not found")
    if not _is_fresh(stamp):
        raise unauthorized(4004, "app-token-request-expired", "Request expired")
    if not any(
        hmac.compare_digest(proof.encode(), expected.encode())
        for expected in _signatures(request, stamp)
    ):
        name = "app-token-signature mismatch"
        raise unauthorized(4003, name, "Request signature mismatch")


def _is_fresh(stamp: str) -> bool:
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) < 12):
        return False
    return abs(time.time() - int(stamp)) <= CLOCK_WINDOW_SECONDS


def _signatures(request: HttpRequest, stamp: str) -> Iterator[str]:
    for target in _targets(request):
        yield signature(
            settings.SUMSUB_SECRET_KEY,
            timestamp=stamp,
            method=request.method or "",
            target=target,
            body=request.body,
        )


def _targets(request: HttpRequest) -> Iterator[str]:
    """Yield the request target as the wire may have carried it.

    WSGI hands the path over decoded; gunicorn alone keeps the raw target.
    """
    raw = request.META.get("RAW_URI")
    if raw:
        yield raw
    query = request.META.get("QUERY_STRING", "")
    tail = f"?{query}" if query else ""
    if match := _MATRIX.fullmatch(request.path):
        yield (
            quote(match[1], safe=_KEPT_IN_PATH) + quote(match[2], safe="") + match[3]
        ) + tail
    yield quote(request.path, safe=_KEPT_IN_PATH) + tail


def show_faults() -> None:
    """Answer with the next fault that is switched on, once per count."""
    switches = SandboxSwitches.load()
    wait = switches.retry_after_seconds
    if _takes_one(switches, "answer_slowly"):
        time.sleep(min(switches.slow_seconds, _LONGEST_PAUSE_SECONDS))
    if _takes_one(switches, "answer_503"):
        raise RefusalError("Service unavailable", status=503)
    if _takes_one(switches, "answer_429"):
        raise RefusalError("Too many requests", status=429, retry_after=wait)
    if _takes_one(switches, "answer_409"):
        raise RefusalError("Applicant is being processed", retry_after=wait)


def _takes_one(switches: SandboxSwitches, counter: str) -> bool:
    """Count one down; two callers never take the same one."""
    if not getattr(switches, counter):
        return False
    return bool(
        SandboxSwitches.objects.filter(pk=switches.pk, **{f"{counter}__gt": 0}).update(
            **{counter: F(counter) - 1}
        )
    )
