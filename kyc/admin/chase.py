"""For the front line: whose link lies unused, and from whom Sumsub wants more."""

from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from common.dialogs import require
from common.face import age
from customers.registry.models import LIVING
from kyc.admin.start import verb_for
from kyc.admin.tables import waiting_table
from kyc.labels import attempt_label, attempt_words
from kyc.models import Applicant
from kyc.panels import start_url
from tenants.models import User

ROWS = 50  # the rest come up as these are done


def unused_links(user: User) -> QuerySet[Applicant]:
    """Attempts whose link ran out before anything was submitted."""
    return _open(user).filter(
        status=Applicant.Status.STARTED, link_expires_at__lt=timezone.now()
    )


def needing_customer(user: User) -> QuerySet[Applicant]:
    """Attempts in which Sumsub waits for the customer."""
    return _open(user).filter(
        status__in=(Applicant.Status.NEEDS_USER, Applicant.Status.RESUBMIT)
    )


def _open(user: User) -> QuerySet[Applicant]:
    rows: QuerySet[Applicant] = Applicant.objects.for_user(user)
    return rows.filter(customer__status__in=LIVING)


def chase_page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    require(request, "kyc.start_kyc")
    panels = [
        _panel("KYC links unused", unused_links(request.user), "link_expires_at"),  # type: ignore[arg-type]
        _panel("KYC needs the customer", needing_customer(request.user), "fetched_at"),  # type: ignore[arg-type]
    ]
    context = {
        **site.each_context(request),
        "title": "KYC to chase",
        "panels": [panel for panel in panels if panel["html"]],
        "empty_fact": "Nobody needs to be chased.",
        "empty_advice": "Unused links and requests of Sumsub appear here.",
    }
    return TemplateResponse(request, "face/desk.html", context)


def _panel(title: str, found: QuerySet[Applicant], since: str) -> dict[str, Any]:
    total = found.count()
    rows = found.select_related("customer").order_by(since)[:ROWS]
    shown = [_row(attempt, since) for attempt in rows]
    return {
        "title": title,
        "note": f"oldest {ROWS} of {total}" if total > ROWS else str(total),
        **waiting_table(shown, heads=("What", "State", "Since")),
    }


def _row(attempt: Applicant, since: str) -> dict[str, Any]:
    customer = attempt.customer
    said = attempt.moderation_comment
    waited_since = getattr(attempt, since) or attempt.started_at
    return {
        "title": customer.name,
        "url": reverse("admin:registry_customer_change", args=[customer.pk]),
        "meta": customer.public_id,
        "what": said or attempt_words(attempt),
        "label": attempt_label(attempt),
        "note": age(timezone.now() - waited_since),
        "verb": verb_for(attempt),
        "verb_url": start_url(customer),
    }
