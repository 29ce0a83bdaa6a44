"""`Idempotency-Key`: a POST that is sent again is answered again, not done again.

The key's row is written in the transaction of the deed, so that both are there or
neither. A deed that speaks to the outside cannot stand in one transaction: it holds
its key for a while instead, and its tries share the id of what they make.

Kept are the answers of what was done (2xx). A refusal (4xx) did nothing and frees the
key: what is mended may be sent under it again. A fault (5xx) undoes everything.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection, transaction
from django.http import Http404, HttpResponse
from django.utils import timezone
from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from api.answers.fingerprint import fingerprint_of
from api.models import KeptAnswer
from common.api import Asked, Refused
from common.errors import DomainError
from events.sweeps import sweep

KEY = re.compile(r"[\x21-\x7e]{1,255}")
REPLAYED = "Idempotency-Replayed"
WAIT_SECONDS = 2  # for another try that is at it; then we say so
# Longer than any request may take, so that nobody takes a key from a live one.
HELD_FOR = timedelta(seconds=150)
SWEPT_AT_ONCE = 1000  # rows; a lock on more would be felt


def answer_once(asked: Asked) -> HttpResponse:
    """Act, or answer as it was answered before."""
    key = asked.request.headers.get("Idempotency-Key")
    user: Any = asked.request.user
    tenant_id = getattr(user, "tenant_id", None)
    if key is None or tenant_id is None:
        return asked.act()
    if not KEY.fullmatch(key):
        message = "An Idempotency-Key has 1 to 255 visible characters."
        raise Refused(400, "BAD_REQUEST", message)
    now = timezone.now()
    row = KeptAnswer(
        tenant_id=tenant_id, user_id=user.pk, key=key,
        asked=fingerprint_of(asked.request), created_at=now,
        held_until=now + HELD_FOR,
    )  # fmt: skip
    _same_key(row).over(now).delete()
    if known := _same_key(row).first():
        return _answered(known, row) or _act_holding(asked, known)
    return _act_inside(asked, row) if asked.is_inside else _act_holding(asked, row)


def _same_key(row: KeptAnswer) -> Any:
    return KeptAnswer.objects.filter(user_id=row.user_id, key=row.key)


def _answered(known: KeptAnswer, row: KeptAnswer) -> HttpResponse | None:
    """The stored answer; None where a try died and another may follow it."""
    if known.asked != row.asked:
        message = "This Idempotency-Key was used for another request."
        raise Refused(409, "IDEMPOTENCY_KEY_REUSED", message)
    if known.is_held(timezone.now()):
        raise _in_progress()
    if not known.status:
        return None
    answer = HttpResponse(
        known.content, status=known.status, content_type="application/json"
    )
    answer[REPLAYED] = "true"
    for name, held in (("Location", known.location), ("ETag", known.etag)):
        if held:
            answer[name] = held
    return answer


def _in_progress() -> Refused:
    message = "The same request is being worked on; ask again in a moment."
    return Refused(409, "IDEMPOTENCY_IN_PROGRESS", message, wait=1)


# --- inside one transaction -------------------------------------------------------
def _act_inside(asked: Asked, row: KeptAnswer) -> HttpResponse:
    refusal: Exception | None = None
    with _patient_transaction() as begin:
        mine = begin(row)
        if mine.pk != row.pk:
            return _answered(mine, row) or _raise(_in_progress())
        asked.request.once_id = row.pk  # type: ignore[attr-defined]
        try:
            answer = asked.act()
        except Exception as error:
            if not _is_refusal(error):
                raise
            refusal = error
        if refusal or answer.status_code >= 400:
            row.delete()
        else:
            _keep(row, answer)
    if refusal:
        raise refusal
    return answer


def _raise(error: Exception) -> Any:
    raise error


@contextmanager
def _patient_transaction() -> Iterator[Any]:
    """One transaction that waits a moment, not for ever, for another with the key."""
    has_begun = False

    def begin(row: KeptAnswer) -> KeptAnswer:
        nonlocal has_begun
        with _short_wait():
            KeptAnswer.objects.bulk_create([row], ignore_conflicts=True)
        has_begun = True
        # Gone again: the other one was refused meanwhile.
        found: KeptAnswer = _same_key(row).first() or _raise(_in_progress())
        return found

    try:
        with transaction.atomic():
            yield begin
    except OperationalError as error:
        # SQLite waits for its one writer, PostgreSQL for the row of this key.
        if has_begun:
            raise
        raise _in_progress() from error


@contextmanager
def _short_wait() -> Iterator[None]:
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'")
        yield
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")


def _is_refusal(error: Exception) -> bool:
    """Whether it is an answer (4xx) rather than a fault."""
    if isinstance(error, APIException):
        return error.status_code < 500
    return isinstance(error, DomainError | Http404 | PermissionDenied)


# --- with the key held -------------------------------------------------------------
def _act_holding(asked: Asked, row: KeptAnswer) -> HttpResponse:
    row = _hold(row)
    asked.request.once_id = row.pk  # type: ignore[attr-defined]
    try:
        answer = asked.act()
    except Exception as error:
        if _is_refusal(error):
            _mine(row).delete()
        else:  # something may be done already: the next try goes on under this id
            _mine(row).update(held_until=timezone.now())
        raise
    if answer.status_code >= 400:
        _mine(row).delete()
    else:
        _keep(row, answer)
    return answer


def _hold(row: KeptAnswer) -> KeptAnswer:
    """Take the key for this try, or say that another has it."""
    until = timezone.now() + HELD_FOR
    seen = row.held_until
    if row._state.adding:  # noqa: SLF001 - whether it is in the database
        KeptAnswer.objects.bulk_create([row], ignore_conflicts=True)
        held = _same_key(row).first()
        if held is None or held.pk != row.pk:
            raise _in_progress()
        return held  # type: ignore[no-any-return]
    taken = KeptAnswer.objects.filter(pk=row.pk, status=0, held_until=seen)
    if not taken.update(held_until=until):
        raise _in_progress()
    row.held_until = until
    return row


def _mine(row: KeptAnswer) -> Any:
    """This try's row, unless another took the key over."""
    return KeptAnswer.objects.filter(pk=row.pk, status=0, held_until=row.held_until)


def _keep(row: KeptAnswer, answer: Response) -> None:
    _mine(row).update(
        status=answer.status_code,
        content=JSONRenderer().render(answer.data),
        location=answer.headers.get("Location", ""),
        etag=answer.headers.get("ETag", ""),
    )


# --- the end ---------------------------------------------------------------------
@sweep("api.kept_answers", every=3600)
def forget_answers(now: datetime | None = None) -> int:
    """Remove what nobody may ask for any more; harmless to run side by side."""
    removed = 0
    while True:
        over = KeptAnswer.objects.over(now or timezone.now())
        ids = list(over.values_list("pk", flat=True)[:SWEPT_AT_ONCE])
        if not ids:
            return removed
        removed += KeptAnswer.objects.filter(pk__in=ids).delete()[0]
