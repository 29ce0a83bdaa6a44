"""Callbacks: store once, settle, replay."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from common.errors import DomainError
from customers.registry.models import Customer
from events.services import publish, publish_new
from kyc.events import CallbackQuarantined, CallbackReceived, CallbackReplayed
from kyc.models import Applicant, Callback, QuarantineReason
from kyc.sumsub.errors import UnreadableCallback
from kyc.sumsub.webhook import parse_callback
from tenants.models import User
from tenants.services import get_machine

# One question for both files: it is asked of every callback, while Sumsub waits.
_OWNER = f"""
    SELECT customer_id, tenant_id FROM (
        SELECT customer_id, tenant_id, 0 AS place, started_at
        FROM {Applicant._meta.db_table} WHERE applicant_id = %s AND applicant_id <> ''
        UNION ALL
        SELECT id, tenant_id, 1, NULL FROM {Customer._meta.db_table} WHERE id = %s
    ) AS owner ORDER BY place, started_at DESC LIMIT 1
"""  # noqa: S608, SLF001 - table names of ours, no values


def store_callback(body: bytes, *, sha256: str) -> bool:
    """Keep the bytes once and let a worker apply them; False for a repeat."""
    now = timezone.now()
    callback = Callback(body=body, body_sha256=sha256, received_at=now)
    try:
        _note_hint(callback, body)
        _note_owner(callback)
    except UnreadableCallback as error:
        callback.status = Callback.Status.QUARANTINED
        callback.reason = QuarantineReason.UNREADABLE
        callback.note = str(error)
    sumsub, event = get_machine("sumsub"), _first_event(callback)
    try:
        publish_new(event, rows=[callback], by=sumsub, tenant_id=callback.tenant_id)
    except IntegrityError:
        if _is_known(callback):
            return False
        raise
    return True


def _first_event(callback: Callback) -> CallbackReceived | CallbackQuarantined:
    if callback.status == Callback.Status.QUARANTINED:
        return CallbackQuarantined(callback_id=str(callback.pk), reason=callback.reason)
    return CallbackReceived(callback_id=str(callback.pk))


def _note_hint(callback: Callback, body: bytes) -> None:
    hint = parse_callback(body)
    callback.type = hint.type
    callback.applicant_id = hint.applicant_id
    callback.external_user_id = hint.external_user_id
    callback.correlation_id = hint.correlation_id
    callback.level_name = hint.level_name
    callback.review_status = hint.review_status
    callback.review_answer = hint.review_answer
    callback.sent_at = hint.created_at
    callback.sent_at_text = hint.created_at_text
    callback.is_sandbox = hint.is_sandbox
    callback.is_test = hint.is_test


def _note_owner(callback: Callback) -> None:
    """Let the institution it is about, and no other, see it while it waits.

    Whose applicant it is by our own file comes before whom the callback names. Only
    keys are read: at the door nobody's papers need to be decrypted.
    """
    named = _uuid_or_none(callback.external_user_id)
    database = transaction.get_connection()
    key = Applicant.customer.field.get_db_prep_value(named, database)
    with database.cursor() as cursor:
        cursor.execute(_OWNER, [callback.applicant_id, key])
        owner = cursor.fetchone()
    if owner is not None:
        callback.customer_id, callback.tenant_id = (UUID(str(key)) for key in owner)


def owner_of(applicant_id: str, external_user_id: str) -> Customer | str:
    """The customer a callback speaks about, or why there is none."""
    known = _attempts(applicant_id).first() if applicant_id else None
    named = _customer_named(external_user_id)
    if known and named and known.customer_id != named.pk:
        return QuarantineReason.OTHER_APPLICANT
    if known:
        return known.customer
    return named or QuarantineReason.UNKNOWN_APPLICANT


def holder_of(callback: Callback) -> Customer | None:
    """Whose applicant it is by our own file, whomever the callback names."""
    attempt = _attempts(callback.applicant_id).first()
    return attempt.customer if attempt and callback.applicant_id else None


def _attempts(applicant_id: str) -> QuerySet[Applicant]:
    rows = Applicant.objects.filter(applicant_id=applicant_id)
    return rows.select_related("customer").order_by("-started_at", "-id")


def _customer_named(external_user_id: str) -> Customer | None:
    customer_id = _uuid_or_none(external_user_id)
    return Customer.objects.filter(pk=customer_id).first() if customer_id else None


def _uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _is_known(callback: Callback) -> bool:
    if Callback.objects.filter(body_sha256=callback.body_sha256).exists():
        return True
    return Callback.objects.filter(
        applicant_id=callback.applicant_id,
        type=callback.type,
        sent_at_text=callback.sent_at_text,
        correlation_id=callback.correlation_id,
        review_status=callback.review_status,
    ).exists()


@transaction.atomic
def settle_callback(
    callback_id: UUID, *, status: str, by: User, reason: str = "", note: str = "",
    customer: Customer | None = None,
) -> None:  # fmt: skip
    """Write down what came of a callback; a settled one stays as it is."""
    callback = Callback.objects.select_for_update().get(pk=callback_id)
    if callback.status != Callback.Status.RECEIVED:
        return
    callback.status, callback.reason, callback.note = status, reason, note
    callback.settled_at = timezone.now()
    if customer is not None:
        callback.customer, callback.tenant_id = customer, customer.tenant_id
    callback.save()
    if status == Callback.Status.QUARANTINED:
        event = CallbackQuarantined(
            callback_id=str(callback_id), reason=reason, customer_id=_subject(callback)
        )
        publish(event, by=by, tenant_id=callback.tenant_id)


def _subject(callback: Callback) -> str:
    return str(callback.customer_id or "")


def _waiting(callback_id: UUID) -> Callback:
    callback: Callback = Callback.objects.select_for_update().get(pk=callback_id)
    if callback.status != Callback.Status.QUARANTINED:
        raise DomainError("This callback does not wait any more.")
    return callback


@transaction.atomic
def replay_callback(callback_id: UUID, *, by: User) -> None:
    """Let a quarantined callback be applied again from its stored bytes.

    Raises DomainError when it does not wait, or still cannot be read.
    """
    callback = _waiting(callback_id)
    try:
        _note_hint(callback, callback.body)
    except UnreadableCallback as error:
        raise DomainError(f"It still cannot be read: {error}") from error
    callback.status, callback.reason, callback.note = Callback.Status.RECEIVED, "", ""
    callback.settled_at = None
    try:
        with transaction.atomic():
            callback.save()
    except IntegrityError as error:
        raise DomainError("The same event came in another callback too.") from error
    publish(_deed(callback, "replayed"), by=by, tenant_id=callback.tenant_id)
    event = CallbackReceived(callback_id=str(callback_id))
    publish(event, by=by, tenant_id=callback.tenant_id)


@transaction.atomic
def settle_refetched(
    callback_id: UUID, *, customer: Customer, by: User, reason: str = "", note: str = ""
) -> None:
    """Write down what Sumsub's present answer made of a quarantined callback.

    With a `reason` it goes on waiting, now on the desk of the customer's institution.
    """
    callback = _waiting(callback_id)
    callback.customer, callback.tenant_id = customer, customer.tenant_id
    callback.reason, callback.note = reason, note
    if not reason:
        callback.status = Callback.Status.APPLIED
        callback.settled_at = timezone.now()
    callback.save()
    publish(_deed(callback, "re-fetched"), by=by, tenant_id=callback.tenant_id)


def _deed(callback: Callback, deed: str) -> CallbackReplayed:
    return CallbackReplayed(
        callback_id=str(callback.pk), deed=deed, customer_id=_subject(callback)
    )


def quarantine(callback: Callback, reason: str, **extra: Any) -> None:
    """Put a callback on staff's desk."""
    settle_callback(
        callback.pk, status=Callback.Status.QUARANTINED, reason=reason,
        by=get_machine("sumsub"), **extra,
    )  # fmt: skip


def is_from_sandbox(callback: Callback) -> bool:
    """Whether a test account posts to our live one; a missing flag must not block."""
    is_live = not settings.SUMSUB_APP_TOKEN.startswith("sbx:")
    return callback.is_sandbox is True and is_live
