"""What may be asked of evidence packs: ask for one, make it, fetch it, let it end."""

import logging
from tempfile import TemporaryFile
from typing import IO
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from common.errors import DomainError
from common.text import clean
from customers.registry.models import Customer
from documents import storage
from events.events import RetryLaterError
from events.services import publish
from evidence.building import (
    LAST_PERCENT,
    LEASE,
    STORE_LEASE,
    SavedProgress,
    SupersededError,
    measure,
    write_pack,
)
from evidence.events import EvidenceDownloaded, EvidenceRequested
from evidence.models import PATIENCE, EvidenceDownload, EvidencePack
from tenants.models import User
from tenants.services import get_machine

log = logging.getLogger(__name__)

LONGEST_REASON = 200  # characters, as long as the column
TAKING_LONG = f"It was not finished within {PATIENCE.seconds // 3600} hours."
REMOVED_AT_ONCE = 100  # packs of one sweep


@transaction.atomic
def request_pack(
    customer_id: UUID | str, *, pack_id: UUID, reason: str, by: User
) -> EvidencePack:
    """Ask for a pack; the same form sent twice asks once.

    Raises DomainError while the same person waits for another of this customer.
    """
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    if known := EvidencePack.objects.filter(pk=pack_id).first():
        return _same_request(known, customer, by)
    why = " ".join(clean(reason).split())
    if not why or len(why) > LONGEST_REASON:
        message = f"Say why in 1 to {LONGEST_REASON} characters."
        raise DomainError(message, field="reason")
    mine = EvidencePack.objects.open().filter(customer=customer, requested_by=by)
    if mine.exists():
        raise DomainError(f"You wait for a pack of {customer} already.")
    pack = EvidencePack(
        id=pack_id,
        tenant_id=customer.tenant_id,
        customer=customer,
        reason=why,
        requested_at=timezone.now(),
        requested_by=by,
    )
    pack.save_as(by, why, force_insert=True)
    event = EvidenceRequested(customer_id=str(customer.pk), pack_id=str(pack.pk))
    publish(event, by=by, tenant_id=pack.tenant_id, reason=why)
    return pack


def _same_request(known: EvidencePack, customer: Customer, by: User) -> EvidencePack:
    if known.customer_id != customer.pk or known.requested_by_id != by.pk:
        raise DomainError("This form has asked for a pack already; begin anew.")
    return known


def build_pack(pack_id: UUID | str) -> None:
    """Make the pack and put it into the store; harmless to run twice.

    Whatever a killed worker left is thrown away and made anew. Raises
    RetryLaterError while another worker is at it, and what the reading or the store
    raises until PATIENCE is over; then the pack has failed.
    """
    pack = _begin(UUID(str(pack_id)))
    if pack is None:
        return
    try:
        with TemporaryFile() as file:
            _make(pack, file)
    except SupersededError as error:
        # Had it failed meanwhile, what we may have stored is removed by the sweep.
        given_up = EvidencePack.objects.filter(pk=pack.pk, status="failed")
        given_up.update(key=pack.place)
        raise RetryLaterError(str(error)) from error
    except Exception as error:
        if not _note_failure(pack, error):
            raise
        log.exception("Evidence pack %s has failed", pack.pk)


def _make(pack: EvidencePack, file: IO[bytes]) -> None:
    progress = SavedProgress(pack)
    write_pack(file, pack, progress)
    size, sha256 = measure(file, tell=lambda: progress.tell(LAST_PERCENT, "Hash"))
    progress.save(LAST_PERCENT, "Putting it into the store", lease=STORE_LEASE)
    # A worker that died here left half of one, and no store replaces a file.
    storage.erase(pack.place)
    storage.put(pack.place, file)
    _finish(pack, size=size, sha256=sha256)


@transaction.atomic
def _begin(pack_id: UUID) -> EvidencePack | None:
    """Take the pack for one build; None when there is nothing left to make."""
    pack: EvidencePack = EvidencePack.objects.select_for_update().get(pk=pack_id)
    now = timezone.now()
    if not pack.is_open:
        return None
    if pack.building_until and pack.building_until > now:
        seconds = (pack.building_until - now).total_seconds()
        raise RetryLaterError("Another worker makes this pack now.", seconds=seconds)
    pack.begin()
    pack.build, pack.building_until = uuid4(), now + LEASE
    # The worker acts for whoever asked.
    pack.save_as(pack.requested_by, "Begun")
    return pack


@transaction.atomic
def _finish(begun: EvidencePack, *, size: int, sha256: str) -> None:
    pack: EvidencePack = EvidencePack.objects.select_for_update().get(pk=begun.pk)
    if pack.build != begun.build or not pack.is_open:
        raise SupersededError("Another worker makes this pack now.")
    now = timezone.now()
    event = pack.finish(key=pack.place, size=size, sha256=sha256, at=now)
    pack.build = pack.building_until = None
    pack.save_as(pack.requested_by, "Ready")
    if event:
        publish(event, by=pack.requested_by, tenant_id=pack.tenant_id)


def _note_failure(begun: EvidencePack, error: Exception) -> bool:
    """Say what went wrong and give the pack free; True when it is not tried again."""
    # What a library says may quote the customer; a gateway's own words do not.
    said = str(error) if hasattr(error, "retry_after") else type(error).__name__
    if timezone.now() - begun.requested_at > PATIENCE:
        return _give_up(begun.pk, f"{TAKING_LONG} {said}", build=begun.build)
    EvidencePack.objects.filter(pk=begun.pk, build=begun.build).update(
        building_until=None, error=said[:200], step="Waits for another try"
    )
    return False


@transaction.atomic
def _give_up(pack_id: UUID, error: str, *, build: UUID | None) -> bool:
    pack: EvidencePack = EvidencePack.objects.select_for_update().get(pk=pack_id)
    if pack.build != build or not pack.is_open:
        return False
    event = pack.fail(error)
    pack.build = pack.building_until = None
    machine = get_machine("sweep")
    pack.save_as(machine, pack.error)
    if event:
        publish(event, by=machine, tenant_id=pack.tenant_id, reason=pack.error)
    return True


@transaction.atomic
def record_download(pack_id: UUID | str, *, by: User) -> EvidencePack:
    """Log that somebody takes the pack, before a byte of it leaves.

    Raises DomainError when there is none to take.
    """
    pack: EvidencePack = EvidencePack.objects.select_for_update().get(pk=pack_id)
    refuse_download(pack)
    now = timezone.now()
    EvidenceDownload.objects.create(pack=pack, by=by, at=now)
    event = EvidenceDownloaded(customer_id=str(pack.customer_id), pack_id=str(pack.pk))
    publish(event, by=by, tenant_id=pack.tenant_id, reason=pack.reason)
    return pack


def refuse_download(pack: EvidencePack) -> None:
    """Raise DomainError when there is nothing to take."""
    if pack.is_open:
        raise DomainError("This evidence pack is still being made.")
    if pack.status == EvidencePack.Status.FAILED:
        raise DomainError("This evidence pack was not made; ask for another.")
    if not pack.is_downloadable(timezone.now()):
        raise DomainError("This evidence pack has expired; ask for another.")


def expire_packs() -> int:
    """End what is over and remove its bytes; how many were ended.

    The rows stay. A store that is down is asked again by the next sweep.
    """
    now = timezone.now()
    for pack in EvidencePack.objects.abandoned_by(now)[:REMOVED_AT_ONCE]:
        _give_up(pack.pk, TAKING_LONG, build=pack.build)
    ended = list(EvidencePack.objects.ended_by(now)[:REMOVED_AT_ONCE])
    for pack in ended:
        _expire(pack.pk)
    for pack in EvidencePack.objects.to_be_removed()[:REMOVED_AT_ONCE]:
        _remove(pack)
    return len(ended)


@transaction.atomic
def _expire(pack_id: UUID) -> None:
    pack: EvidencePack = EvidencePack.objects.select_for_update().get(pk=pack_id)
    machine = get_machine("sweep")
    if event := pack.expire():
        pack.save_as(machine, "A day is over")
        publish(event, by=machine, tenant_id=pack.tenant_id)


def _remove(pack: EvidencePack) -> None:
    try:
        storage.erase(pack.key)
    except storage.StoreUnavailableError:
        log.exception("Evidence pack %s is not removed yet", pack.pk)
        return
    # Only now is it known to be gone: the key says that bytes may be there.
    EvidencePack.objects.filter(pk=pack.pk).update(key="")
