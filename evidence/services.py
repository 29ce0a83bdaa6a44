"""What may be asked of evidence packs: ask for one, make it, fetch it, let it end."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from common.errors import DomainError
from common.text import clean
from customers.registry.models import Customer
from documents.making.building import make_file
from documents.making.expiry import expire_files
from events.services import publish
from evidence.building import write_pack
from evidence.events import EvidenceDownloaded, EvidenceRequested
from evidence.models import EvidenceDownload, EvidencePack
from tenants.models import User

LONGEST_REASON = 200  # characters, as long as the column


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
    """Make the pack and put it into the store; see `make_file`."""
    make_file(EvidencePack, pack_id, write_pack)


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
    """End what is over and remove its bytes; how many were ended."""
    return expire_files(EvidencePack)
