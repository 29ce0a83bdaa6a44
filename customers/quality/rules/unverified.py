"""What nobody has proven for long."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef

from customers.contacts.models import Email, Phone
from customers.quality.choices import Severity
from customers.quality.rules.board import Hit, Scope, rule
from customers.registry.models import LIVING, KycStatus

# A quarter: whoever wanted to answer a code, a link or a reminder has done so.
LONG = 90  # days


@rule(
    "contact_unverified",
    title="Main contact never proven",
    says=f"The main phone or e-mail has not been proven, nor changed, for {LONG} days.",
    advice="Send a code or a link, or ask for another one.",
    severity=Severity.MEDIUM,
    words=lambda detail: detail.replace("email", "e-mail"),
)
def contact_unverified(scope: Scope) -> Iterator[Hit]:
    since = scope.midnight(LONG)
    for model in (Phone, Email):
        rows = model.objects.for_tenant(scope.tenant.pk).living()
        open_ones = rows.filter(
            is_primary=True, verified_at=None, customer__status__in=LIVING
        )
        # Whatever was done to it lately gives it another term.
        recent = model.history.filter(id=OuterRef("pk"), history_date__gte=since)
        found = scope.of(open_ones).exclude(Exists(recent))
        for pk, customer in found.values_list("pk", "customer_id"):
            yield Hit(customer, str(model.kind), subject=str(pk))


@rule(
    "kyc_pending_long",
    title="KYC pending for long",
    says=f"The customer registered more than {LONG} days ago and nobody knows yet"
    " who they are.",
    advice="Start KYC, or decline the applicant.",
    severity=Severity.MEDIUM,
)
def kyc_pending_long(scope: Scope) -> Iterator[Hit]:
    waiting = scope.customers.filter(
        kyc_status=KycStatus.PENDING, registered_at__lt=scope.midnight(LONG)
    )
    for pk in waiting.values_list("pk", flat=True):
        yield Hit(pk)
