"""Say that one is at something, and that one is done; a lease ends by itself."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from common.errors import StaleVersionError
from customers.registry.models import Claim, ClaimKind
from tenants.models import User

# Long enough for one document or a call to the customer, short enough for a lunch.
LEASE = timedelta(minutes=30)
# What nobody gave back is dropped after this.
FORGOTTEN_AFTER = timedelta(days=1)


@transaction.atomic
def claim(kind: ClaimKind, subject_id: UUID, *, by: User) -> Claim:
    """Begin or prolong; returns whose claim runs, which may be a colleague's."""
    now = timezone.now()
    until = now + LEASE
    begun = {"by": by, "since": now, "until": until}
    of_bank = Claim.objects.filter(tenant_id=by.tenant_id)
    of_bank.filter(until__lt=now - FORGOTTEN_AFTER).delete()
    # Locked without a join: who has it is read after the wait for the lock.
    held: Claim = of_bank.select_for_update().get_or_create(
        tenant_id=by.tenant_id, kind=kind, subject_id=subject_id, defaults=begun
    )[0]
    if held.by_id == by.pk or not held.is_running(now):
        held.give(by, now=now, until=until)
        held.save()
    return held


@transaction.atomic
def take_over(
    kind: ClaimKind, subject_id: UUID, *, by: User, held_by: UUID
) -> User | None:
    """Let `by` have what `held_by` is at; returns who lost it, None when nobody did.

    Raises StaleVersionError when another colleague has it by now: they were not asked
    about. Harmless to run twice.
    """
    held = claim(kind, subject_id, by=by)
    if held.by_id == by.pk:
        return None
    loser = held.by
    if loser.pk != held_by:
        raise StaleVersionError(f"{loser} is at it by now; ask again.")
    now = timezone.now()
    held.give(by, now=now, until=now + LEASE)
    held.save()
    return loser


@transaction.atomic
def release_claim(kind: ClaimKind, subject_id: UUID, *, by: User) -> bool:
    """Give one's own back; a colleague's stays. Harmless to run twice."""
    own = Claim.objects.for_user(by).filter(kind=kind, subject_id=subject_id, by=by)
    return bool(own.delete()[0])


@transaction.atomic
def end_claim(kind: ClaimKind, subject_id: UUID, *, by: User) -> None:
    """Let it go, whoever has it: what was claimed is done. Harmless to run twice."""
    Claim.objects.for_user(by).filter(kind=kind, subject_id=subject_id).delete()
