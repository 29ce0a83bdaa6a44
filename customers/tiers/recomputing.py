"""Each night the tier on every row is compared with the evidence in force."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, Max, Q, QuerySet, SmallIntegerField, Value, When
from django.utils import timezone

from customers.registry.choices import CustomerType, KycStatus
from customers.registry.events import TierChanged
from customers.registry.models import Customer
from customers.tiers.choices import EvidenceKind
from customers.tiers.ladder import LOWEST, ORGANISATIONS, PERSONS
from customers.tiers.models import in_force
from customers.tiers.services import OWNER_RULES, current_tier, forms_without_owners
from events.in_bulk import Deed, Kind, Move, move_rows
from events.nightly import Night, nightly
from tenants.models import Tenant
from tenants.services import get_machine

REASON = "Computed again from the evidence in force"
# The tier is worked out, not edited: an open form is not out of date by it, so the
# counter of saves stays (customers/registry/derived.py).
TIERS = Kind(Customer, "tier", TierChanged, {"customer_id": "id", "tier": "tier"}, "id")
_RUNGS = [
    (is_individual, number, kinds)
    for is_individual, rungs in ((True, PERSONS), (False, ORGANISATIONS))
    for number, kinds in sorted(rungs.items(), reverse=True)
    if number != LOWEST  # nobody stands below it, whatever is proven
]
_COUNTING = sorted({kind for _, _, kinds in _RUNGS for kind in kinds})


@nightly("tiers", hour=2)
def recompute_tiers(night: Night) -> None:
    """Repair what commands missed: a rule that changed, a row mended by hand."""
    everybody = Customer.objects.for_tenant(night.tenant.pk)
    for window in night.windows(everybody):
        rows = window.of(everybody.living())
        with transaction.atomic():
            looked_at = rows.count()
            repaired = repair_tiers(night.tenant, rows)
            night.record(window, looked_at=looked_at, repaired=repaired)


def repair_tiers(tenant: Tenant, rows: QuerySet[Any]) -> int:
    """Bring these customers to the tier of their evidence; how many were not there.

    Whoever is being changed at this moment is left out: that command computes the tier
    itself, and the next night looks again.
    """
    found = _suspects(tenant, rows)
    if not found:
        return 0
    locked = rows.filter(pk__in=found).order_by("pk")
    locked = locked.select_for_update(of=("self",), no_key=True, skip_locked=True)
    held = list(locked.values_list("pk", flat=True))
    moves = _moves(tenant, Customer.objects.filter(pk__in=held))
    deed = Deed(get_machine("tiers"), tenant.pk, REASON, timezone.now())
    move_rows(TIERS, moves, deed)
    return sum(len(move.keys) for move in moves)


def _suspects(tenant: Tenant, rows: QuerySet[Any]) -> list[UUID]:
    """Whose tier differs, and who the rules about owners may hold back."""
    wanted = ~Q(tier=F("demanded"))
    if OWNER_RULES:
        wanted |= _stands_on_owners()
    keys = demanding(tenant, rows).filter(wanted).order_by("pk")
    return list(keys.values_list("pk", flat=True))


def _moves(tenant: Tenant, rows: QuerySet[Any]) -> list[Move]:
    """What the locked rows demand, by the tier before and the tier to come."""
    moves: defaultdict[tuple[int, int], list[UUID]] = defaultdict(list)
    rows = demanding(tenant, rows)
    if OWNER_RULES:
        # They are functions of one customer, so those they may hold back are asked
        # one at a time: organisations that would stand on their owners.
        for key in rows.filter(_stands_on_owners()).values_list("pk", flat=True):
            customer = Customer.objects.select_related("tenant").get(pk=key)
            if customer.tier != (tier := current_tier(customer)):
                moves[customer.tier, tier].append(key)
        rows = rows.exclude(_stands_on_owners())
    differing = rows.exclude(tier=F("demanded")).order_by("pk")
    for key, before, tier in differing.values_list("pk", "tier", "demanded"):
        moves[before, tier].append(key)
    return [
        Move(tier, keys, {"before": before}) for (before, tier), keys in moves.items()
    ]


def _stands_on_owners() -> Q:
    owners = [n for n, kinds in ORGANISATIONS.items()
              if EvidenceKind.OWNERS_VERIFIED in kinds]  # fmt: skip
    return Q(demanded__in=owners) & ~_is_individual()


def demanding(tenant: Tenant, rows: QuerySet[Any]) -> QuerySet[Any]:
    """`tier_of` the evidence in force, for the database to compute as `demanded`.

    Where the pack asks for no owners they count as verified, as in `kinds_in_force`;
    only rules about owners are left out of it.
    """
    ownerless = forms_without_owners(tenant)
    lasting = in_force(tenant.today, "evidence__")
    held = {
        f"has_{kind}": Max(
            Case(
                When(_proves(kind, lasting, ownerless), then=Value(1)),
                default=Value(0),
                output_field=SmallIntegerField(),
            )
        )
        for kind in _COUNTING
    }
    columns = ("pk", "tier", "customer_type", "entity_type", "kyc_status")
    proven = rows.order_by().values(*columns).annotate(**held)
    found: QuerySet[Any] = proven.annotate(demanded=_demanded())
    return found


def _proves(kind: EvidenceKind, lasting: Q, ownerless: list[str]) -> Q:
    proven = _counts(kind) & lasting
    if kind == EvidenceKind.OWNERS_VERIFIED:
        return proven | Q(entity_type__in=ownerless)
    return proven


def _counts(kind: EvidenceKind) -> Q:
    """Until KYC, evidence of it proves nothing."""
    is_kind = Q(evidence__kind=kind)
    if kind == EvidenceKind.KYC_VERIFIED:
        return is_kind & Q(kyc_status=KycStatus.VERIFIED)
    return is_kind


def _is_individual() -> Q:
    return Q(customer_type=CustomerType.INDIVIDUAL)


def _demanded() -> Case:
    rungs = []
    for is_individual, number, kinds in _RUNGS:
        who = _is_individual() if is_individual else ~_is_individual()
        proven = Q(**{f"has_{kind}": 1 for kind in kinds})
        rungs.append(When(who & proven, then=Value(number)))
    return Case(*rungs, default=Value(LOWEST), output_field=SmallIntegerField())
