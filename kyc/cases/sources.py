"""Where cases come from: five questions, each with its subject, customer and time."""

from collections.abc import Callable
from typing import Any

from django.db.models import DateTimeField, Exists, F, OuterRef, Subquery, TextChoices
from django.db.models.functions import Coalesce

from customers.registry.models import LIVING, Task, TaskKind
from documents.choices import Review
from documents.models import Document
from kyc.models import Applicant, Callback, Difference
from tenants.models import User

Status = Applicant.Status
# Sets of five models, told apart by nothing but their annotations.
Rows = Any


class CaseKind(TextChoices):
    """What waits; the words are the tabs of the desk."""

    QUARANTINED = "quarantined", "Quarantined"
    DIFFERENCES = "differences", "Differences"
    DECIDE = "decide", "To decide by hand"
    CAME = "came", "Documents came"
    HELD = "held", "On hold"


# All of these end with one decision by hand about the customer.
BY_HAND = (CaseKind.DECIDE, CaseKind.CAME, CaseKind.HELD)
# Who may see them, and who may do what ends them.
SEES = {
    CaseKind.QUARANTINED: "kyc.view_callback",
    CaseKind.DIFFERENCES: "kyc.view_difference",
    **dict.fromkeys(BY_HAND, "registry.view_task"),
}
ENDS = {
    CaseKind.QUARANTINED: "kyc.resolve_callback",
    CaseKind.DIFFERENCES: "kyc.resolve_difference",
    **dict.fromkeys(BY_HAND, "kyc.decide_kyc"),
}


def _quarantined(user: User) -> Rows:
    """One case each; many name no customer of ours."""
    rows = Callback.objects.for_user(user).quarantined()
    return rows.annotate(subject=F("id"), at=F("received_at"))


def _differing(user: User) -> Rows:
    rows = Difference.objects.for_user(user).open()
    return rows.annotate(subject=F("customer_id"), at=F("found_at"))


def _asked_for(user: User) -> Rows:
    rows = Task.objects.for_user(user).open().filter(kind=TaskKind.KYC_DECISION)
    return rows.annotate(subject=F("customer_id"), at=F("opened_at"))


def _came(user: User) -> Rows:
    """Asked for documents again by hand, and a newer one was accepted since."""
    rows = _attempts(user).filter(
        provider=Applicant.Provider.MANUAL, status=Status.RESUBMIT
    )
    versions = Applicant.history.model.objects.filter(
        id=OuterRef("pk"), status=Status.RESUBMIT
    )
    asked = versions.order_by("-history_date").values("history_date")[:1]
    rows = rows.annotate(asked_at=Subquery(asked, output_field=DateTimeField()))
    newer = Document.objects.filter(
        customer_id=OuterRef("customer_id"),
        review=Review.ACCEPTED,
        uploaded_at__gt=OuterRef("asked_at"),
    )
    came = newer.order_by("reviewed_at").values("reviewed_at")[:1]
    at = Subquery(came, output_field=DateTimeField())
    return rows.annotate(subject=F("customer_id"), at=at).filter(at__isnull=False)


def _held(user: User) -> Rows:
    """Held at Sumsub, or approved there and held back by a rule of ours."""
    rows = _attempts(user).filter(
        provider=Applicant.Provider.SUMSUB, status=Status.ON_HOLD
    )
    at = Coalesce("last_state_at", "fetched_at", "started_at")
    return rows.annotate(subject=F("customer_id"), at=at)


def _attempts(user: User) -> Rows:
    """Those about which no decision was asked for already: that is the same case."""
    rows = Applicant.objects.for_user(user).filter(customer__status__in=LIVING)
    asked_for = Task.objects.open().filter(
        kind=TaskKind.KYC_DECISION, customer_id=OuterRef("customer_id")
    )
    return rows.exclude(Exists(asked_for))


SOURCES: dict[CaseKind, Callable[[User], Rows]] = {
    CaseKind.QUARANTINED: _quarantined,
    CaseKind.DIFFERENCES: _differing,
    CaseKind.DECIDE: _asked_for,
    CaseKind.CAME: _came,
    CaseKind.HELD: _held,
}
