"""What was right once and has run out."""

from collections.abc import Iterator

from django.db.models import Q

from customers.quality.choices import Severity
from customers.quality.rules.board import Hit, Scope, rule
from customers.registry.models import KycStatus
from events.models import RecordedEvent

# As long as a tenant's KYC is valid unless told otherwise (`kyc_valid_days`).
STALE = 1095  # days
# Facts by which somebody confirmed or changed what we know of a customer.
CONFIRMING = (
    "CustomerRegistered", "CustomerUpdated", "CustomerVerified", "KycRenewed",
    "ProfileChanged", "ContactAdded", "ContactChanged", "PhoneVerified",
    "EmailVerified",
)  # fmt: skip


@rule(
    "kyc_expired",
    title="KYC has expired",
    says="The term of the verification is over and the relationship goes on.",
    advice="Start KYC again.",
    severity=Severity.HIGH,
)
def kyc_expired(scope: Scope) -> Iterator[Hit]:
    rows = scope.customers.filter(
        kyc_status=KycStatus.VERIFIED, kyc_expires_on__lte=scope.on
    )
    for pk, end in rows.values_list("pk", "kyc_expires_on"):
        yield Hit(pk, value=str(end))


@rule(
    "record_stale",
    title="Nothing confirmed for years",
    says=f"Nobody has changed or confirmed anything about the customer for"
    f" {STALE // 365} years.",
    advice="Ask the customer whether address, contacts and work are still right.",
    severity=Severity.LOW,
    page="edit",
)
def record_stale(scope: Scope) -> Iterator[Hit]:
    since = scope.midnight(STALE)
    old = scope.customers.filter(registered_at__lt=since).filter(
        Q(verified_at=None) | Q(verified_at__lt=since)
    )
    ids = {str(pk): pk for pk in old.values_list("pk", flat=True)}
    # Ids of subjects are text in every database, so this is no join.
    lately = RecordedEvent.objects.filter(
        subject_id__in=list(ids), created_at__gte=since, type__in=CONFIRMING
    )
    confirmed = set(lately.values_list("subject_id", flat=True).distinct())
    for text, pk in ids.items():
        if text not in confirmed:
            yield Hit(pk)
