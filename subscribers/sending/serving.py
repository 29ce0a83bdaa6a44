"""Serve one subscriber: read the feed on, send what is due, record what came of it."""

import http.client
import json
import logging
import re
import ssl
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Lock
from uuid import UUID

from django.utils import timezone

from common.errors import DomainError
from common.text import clean
from subscribers.feed.envelope import envelope_of, test_envelope
from subscribers.models import Attempt, Message, Subscriber
from subscribers.sending.addresses import RefusedAddressError
from subscribers.sending.posting import Answer, Poster
from subscribers.sending.queue import (
    BREAKS_AFTER,
    Outcome,
    Served,
    claim,
    fan_out,
    give_back,
    record,
    renew,
    take,
)
from subscribers.sending.signing import headers_for
from subscribers.services import note_gone

log = logging.getLogger(__name__)

THREADS = 8  # of one subscriber
SERVED_FOR = 20.0  # seconds; then others have their turn
# Of a batch no post begins later, so that all end well within the lease.
BEGUN_WITHIN = 20.0
# Addresses, numbers: whatever a careless system repeats of what it knows of a customer.
_PERSONAL = re.compile(r"\S+@\S+|\+?\d(?:[\s\d().-]{4,}\d)")


def serve(subscriber_id: UUID) -> int:
    """Send until nothing is due, or the turn is over; how many were taken."""
    served = take(subscriber_id)
    if served is None:
        return 0
    try:
        return _serve(served)
    finally:
        give_back(served)


def _serve(served: Served) -> int:
    taken, ends_at = 0, time.monotonic() + SERVED_FOR
    batch = None
    try:
        while time.monotonic() < ends_at and renew(served):
            has_read = fan_out(served)
            messages = claim(served)
            if not messages and not has_read:
                break
            if not messages:
                continue
            batch = batch or Batch(served)
            outcomes = batch.send(messages)
            if not record(served, outcomes):
                break
            taken += sum(outcome.is_taken for outcome in outcomes)
            if _must_stop(served, outcomes):
                break
    finally:
        if batch:
            batch.close()
    return taken


def _must_stop(served: Served, outcomes: Sequence[Outcome]) -> bool:
    """After trouble the next turn looks at the subscriber anew."""
    if any(outcome.is_gone for outcome in outcomes):
        note_gone(served.subscriber.pk)
        return True
    has_waits = any(outcome.retry_after is not None for outcome in outcomes)
    return served.is_probed or has_waits or any(o.attempt is None for o in outcomes)


class Batch:
    """Threads and connections of one turn."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._poster: Poster | None = None
        self._refusal: DomainError | None = None
        try:
            self._poster = Poster(served.subscriber.url)
        except (
            RefusedAddressError
        ) as error:  # the rules have changed since it was saved
            self._refusal = error
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="subscriber")

    def close(self) -> None:
        self._threads.shutdown()
        if self._poster:
            self._poster.close()

    def send(self, messages: Sequence[Message]) -> list[Outcome]:
        """Each customer's in their order, the customers side by side."""
        now = timezone.now()
        living = [s.secret for s in self._served.subscriber.secrets.alive(now)]
        chains: dict[str, list[Message]] = defaultdict(list)
        for message in messages:
            chains[message.customer_key or str(message.pk)].append(message)
        brake = Brake()

        def send_chain(chain: list[Message]) -> list[Outcome]:
            return self._send_chain(chain, living, brake)

        found = self._threads.map(send_chain, chains.values())
        return [outcome for outcomes in found for outcome in outcomes]

    def _send_chain(
        self, chain: list[Message], living: list[str], brake: "Brake"
    ) -> list[Outcome]:
        outcomes: list[Outcome] = []
        is_held = False
        for message in chain:
            if is_held or brake.is_on():
                outcomes.append(Outcome(message))
                continue
            outcome = self._send(message, living)
            brake.note(outcome)
            is_held = not outcome.is_taken
            outcomes.append(outcome)
        return outcomes

    def _send(self, message: Message, living: list[str]) -> Outcome:
        at, begun = timezone.now(), time.monotonic()
        try:
            answer = self._post(message, at, living)
        except Exception as error:
            attempt = _attempt(message, at, begun, error=words_of(error))
            return Outcome(message, attempt)
        refusal = _refusal_of(answer)
        attempt = _attempt(message, at, begun, error=refusal)
        attempt.status_code = answer.status
        attempt.answer = masked(answer.content)
        wait = answer.retry_after if answer.status in (429, 503) else None
        is_gone = answer.status == http.client.GONE
        return Outcome(message, attempt, not refusal, is_gone, wait)

    def _post(self, message: Message, at: datetime, living: list[str]) -> Answer:
        if self._poster is None:
            raise self._refusal or DomainError("This address is refused.")
        body = body_of(message)
        headers = headers_for(message.webhook_id, at, body, living)
        headers |= {
            "Content-Type": "application/cloudevents+json",
            "User-Agent": "Vestibule-Webhooks/1",
        }
        return self._poster.post(body, headers)


class Brake:
    """Stops a batch that goes wrong, or would outlive its lease."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._failures = 0
        self._must_stop = False
        self._ends_at = time.monotonic() + BEGUN_WITHIN

    def note(self, outcome: Outcome) -> None:
        with self._lock:
            self._failures = 0 if outcome.is_taken else self._failures + 1
            asks = outcome.is_gone or outcome.retry_after is not None
            self._must_stop |= asks or self._failures >= BREAKS_AFTER

    def is_on(self) -> bool:
        return self._must_stop or time.monotonic() > self._ends_at


def body_of(message: Message) -> bytes:
    """The same bytes at every try."""
    if message.event is None:
        envelope = test_envelope(message.pk, message.tenant_id, message.created_at)
    else:
        envelope = envelope_of(message.event)
    return json.dumps(envelope, separators=(",", ":")).encode()


def _attempt(message: Message, at: datetime, begun: float, *, error: str) -> Attempt:
    milliseconds = round((time.monotonic() - begun) * 1000)
    return Attempt(message=message, at=at, milliseconds=milliseconds, error=error)


def _refusal_of(answer: Answer) -> str:
    """Why it was not taken; "" when it was."""
    if 200 <= answer.status < 300:
        return ""
    if 300 <= answer.status < 400:
        return f"Answered {answer.status}; redirects are not followed."
    return f"Answered {answer.status}."


def words_of(error: Exception) -> str:
    """What staff read; libraries quote what they were sent."""
    match error:
        case DomainError():
            return error.message
        case TimeoutError():
            return "No answer in time."
        case ssl.SSLCertVerificationError():
            return "The certificate is not to be trusted."
        case ConnectionRefusedError():
            return "Nobody listens at the address."
        case http.client.HTTPException():
            return "The answer is no HTTP, or was cut off."
        case OSError():
            return f"Not reached: {type(error).__name__}."
    log.error("A message could not be sent: %s", type(error).__name__)
    return f"Could not be sent: {type(error).__name__}."


def masked(content: bytes) -> str:
    """The beginning of an answer, without what could be somebody's."""
    text = clean(content.decode(errors="replace"))
    return _PERSONAL.sub("…", text)[:500]


def due_subscribers() -> list[UUID]:
    return list(Subscriber.objects.waiting(timezone.now()).values_list("pk", flat=True))
