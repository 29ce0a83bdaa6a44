"""Serve one subscriber for a turn: claim what is due, post it, record what came."""

import json
import logging
import time
from collections import defaultdict, deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event, Lock
from uuid import UUID

from django.db import DatabaseError, connection
from django.utils import timezone

from common.errors import DomainError
from subscribers.feed.envelope import envelope_of, test_envelope
from subscribers.models import Attempt, Message, Subscriber
from subscribers.sending.addresses import RefusedAddressError
from subscribers.sending.answers import outcome_of, words_of
from subscribers.sending.leases import (
    BREAKS_AFTER,
    RENEWED_EVERY,
    Served,
    give_back,
    renew,
    take,
)
from subscribers.sending.lines import LINES, Line
from subscribers.sending.posting import Answer
from subscribers.sending.queue import BATCH, claim
from subscribers.sending.recording import Outcome, record
from subscribers.sending.signing import headers_for
from subscribers.services import note_gone

log = logging.getLogger(__name__)

THREADS = 8  # of one subscriber
# Who answers at once is served sooner by few: more would wait for each other.
FEW_THREADS = 2
SERVED_FOR = 20.0  # seconds; then others have their turn
# Seconds after the lease was renewed in which a post may begin: with the time that it
# may take itself it ends well within the lease.
BEGUN_WITHIN = 35.0
RECORDED_EVERY = 0.1  # seconds; what is not recorded yet is sent twice after a kill
_LOOK_AGAIN = 0.5  # seconds, while posts are under way and nothing else is due
_compact = json.JSONEncoder(separators=(",", ":")).encode


def serve(subscriber_id: UUID) -> int:
    """Send until nothing is due, or the turn is over; how many were taken."""
    served = take(subscriber_id)
    if served is None:
        return 0
    try:
        with ThreadPoolExecutor(THREADS, thread_name_prefix="subscriber") as threads:
            return Turn(served, threads).run()
    finally:
        give_back(served)


class Turn:
    """One thread asks the database, some others post; neither waits for the other."""

    def __init__(self, served: Served, threads: ThreadPoolExecutor) -> None:
        self._served, self._threads = served, threads
        self._sender = Sender(served.subscriber)
        self._active: list[Future[None]] = []
        self._taken, self._most = 0, FEW_THREADS
        self._ends_at = time.monotonic() + SERVED_FOR
        self._renewed_at = time.monotonic()

    def run(self) -> int:
        try:
            while self._go_on():
                pass
        except DatabaseError:
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()  # the next use opens another
            raise
        finally:
            self._stop()
            self._record_at_last()
        if self._sender.brake.is_gone:
            known = self._served.subscriber
            note_gone(known.pk, known.url)
        return self._taken

    def _stop(self) -> None:
        self._sender.brake.pull()
        for active in self._active:
            active.result()
        self._sender.give_up()

    def _record_at_last(self) -> None:
        """Write down what came of posts, also where the database failed us before.

        Where it fails again they are sent once more, under the same ids.
        """
        try:
            self._record()
        except DatabaseError:
            known = self._served.subscriber.pk
            log.exception("What subscriber %s answered could not be recorded.", known)

    def _go_on(self) -> bool:
        """Look at the database once; False when the turn is over."""
        sender = self._sender
        sender.is_hungry.clear()
        if not self._renew() or not self._record() or sender.brake.is_on():
            return False
        if time.monotonic() > self._ends_at or (claimed := claim(self._served)) is None:
            return False
        sender.add(claimed.messages)
        self._start()
        if self._served.is_probed:
            wait(self._active)
            return claimed.has_read and not claimed.messages
        if claimed.messages or claimed.has_read:
            if sender.has_enough():
                self._wait(RECORDED_EVERY)
            return True
        if sender.pending:
            # What comes of them may let others of their customers go on.
            self._wait(RECORDED_EVERY if sender.chains else _LOOK_AGAIN)
        return bool(sender.pending)

    def _wait(self, seconds: float) -> None:
        """Until there is room for more; who keeps us waiting gets more threads."""
        if not self._sender.is_hungry.wait(seconds):
            self._most = min(self._most * 2, THREADS)

    def _renew(self) -> bool:
        """By the clock: most looks at the database need none."""
        now = time.monotonic()
        if now - self._renewed_at < RENEWED_EVERY:
            return True
        if not renew(self._served):
            return False
        self._renewed_at = now
        self._sender.brake.may_begin_until = now + BEGUN_WITHIN
        return True

    def _record(self) -> bool:
        outcomes = self._sender.outcomes[:]
        if outcomes and not record(self._served, outcomes):
            return False
        self._sender.forget(len(outcomes))
        self._taken += sum(outcome.is_taken for outcome in outcomes)
        return True

    def _start(self) -> None:
        """Let as many threads post as there may be."""
        self._active = [each for each in self._active if not each.done()]
        more = min(self._most - len(self._active), len(self._sender.chains))
        try:
            for _ in range(more):
                self._active.append(self._threads.submit(self._sender.work))
        except RuntimeError:  # the process ends, and takes no new work
            self._sender.brake.pull()


class Sender:
    """What is to be posted, what came of it, and the threads' way from one to other."""

    def __init__(self, subscriber: Subscriber) -> None:
        self._subscriber = subscriber
        self._secrets: list[str] = []
        self.brake = Brake()
        # Messages of a customer are one chain, posted one after the other.
        self.chains: deque[list[Message]] = deque()
        self.outcomes: list[Outcome] = []
        self.pending = 0  # claimed and not written down
        self.is_hungry = Event()
        self._line: Line | None = None
        self._refusal: DomainError | None = None
        try:
            self._line = LINES.line_to(subscriber)
        except RefusedAddressError as error:  # the rules changed since it was saved
            self._refusal = error

    def add(self, messages: Sequence[Message]) -> None:
        if not messages:
            return
        now = timezone.now()
        self._secrets = [s.secret for s in self._subscriber.secrets.alive(now)]
        chains: dict[str, list[Message]] = defaultdict(list)
        for message in messages:
            chains[message.customer_key or str(message.pk)].append(message)
        self.pending += len(messages)
        self.chains.extend(chains.values())

    def has_enough(self) -> bool:
        return self.pending - len(self.outcomes) > BATCH // 2

    def forget(self, count: int) -> None:
        """The first so many are written down."""
        del self.outcomes[:count]  # others may have come meanwhile
        self.pending -= count

    def give_up(self) -> None:
        """What no thread has begun is due again."""
        self.outcomes += [Outcome(m) for chain in self.chains for m in chain]
        self.chains.clear()

    def work(self) -> None:
        """Post chain after chain, until there is none."""
        while not self.brake.is_on():
            try:
                chain = self.chains.popleft()
            except IndexError:
                break
            self._send_chain(chain)
            if not self.has_enough():
                self.is_hungry.set()
        self.is_hungry.set()

    def _send_chain(self, chain: list[Message]) -> None:
        is_held = False
        for message in chain:
            if is_held or self.brake.is_on():
                self.outcomes.append(Outcome(message))
                continue
            outcome = self._send(message)
            self.brake.note(outcome)
            is_held = not outcome.is_taken
            self.outcomes.append(outcome)

    def _send(self, message: Message) -> Outcome:
        begun = time.monotonic()
        attempt = Attempt(message=message, at=timezone.now())
        try:
            outcome = outcome_of(message, attempt, self._post(message, attempt))
        # Any: one that stayed without an outcome would be held, and its customer's
        # others behind it, until the lease ends, and then again. It counts as a failed
        # try; what is not expected is logged by `words_of`.
        except Exception as error:
            attempt.error = words_of(error)
            outcome = Outcome(message, attempt)
        attempt.milliseconds = round((time.monotonic() - begun) * 1000)
        return outcome

    def _post(self, message: Message, attempt: Attempt) -> Answer:
        if self._line is None:
            raise self._refusal or DomainError("This address is refused.")
        body = body_of(message)
        headers = headers_for(message.webhook_id, attempt.at, body, self._secrets)
        headers |= {
            "Content-Type": "application/cloudevents+json",
            "User-Agent": "Vestibule-Webhooks/1",
        }
        return self._line.post(body, headers)


class Brake:
    """Stops a turn that goes wrong, or whose lease might end."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._failures = 0
        self._must_stop = self.is_gone = False
        self.may_begin_until = time.monotonic() + BEGUN_WITHIN

    def note(self, outcome: Outcome) -> None:
        with self._lock:
            self._failures = 0 if outcome.is_taken else self._failures + 1
            self.is_gone |= outcome.is_gone
            asks = outcome.is_gone or outcome.retry_after is not None
            self._must_stop |= asks or self._failures >= BREAKS_AFTER

    def pull(self) -> None:
        self._must_stop = True

    def is_on(self) -> bool:
        return self._must_stop or time.monotonic() > self.may_begin_until


def body_of(message: Message) -> bytes:
    """The same bytes at every try."""
    if message.event is None:
        envelope = test_envelope(message.pk, message.tenant_id, message.created_at)
    else:
        envelope = envelope_of(message.event)
    return _compact(envelope).encode()


def due_subscribers() -> list[UUID]:
    return list(Subscriber.objects.waiting(timezone.now()).values_list("pk", flat=True))
