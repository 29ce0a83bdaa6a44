"""Documents run out: ask for a fresh one in time. Uploads break off: say so."""

import logging
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from customers.contacts.reaching import Notice, reach
from customers.registry.choices import LIVING
from documents.checklist import ASK_AGAIN_DAYS
from documents.models import Document
from documents.services import ask_again, record_failed
from documents.uploads import INTERRUPTED
from events.sweeps import sweep
from tenants.models import Tenant
from tenants.services import get_machine

log = logging.getLogger(__name__)

# Longer than any upload takes, the slowest store's time limits included.
INTERRUPTED_AFTER = timedelta(minutes=15)


def sweep_documents() -> tuple[int, int]:
    """Ask for what expires soon, note what was interrupted; returns both counts.

    Hourly, so that each institution's midnight is met; what was done is not repeated.
    """
    by = get_machine("sweep")
    asked = 0
    for tenant in Tenant.objects.all():
        soon = tenant.today + timedelta(days=ASK_AGAIN_DAYS)
        ending = Document.objects.for_tenant(tenant.pk).expiring_by(soon)
        living = ending.filter(customer__status__in=LIVING)
        for document in living.order_by("pk").iterator(chunk_size=500):
            asked += ask_again(document.pk, by=by)
    old = timezone.now() - INTERRUPTED_AFTER
    interrupted = sum(
        record_failed(document.pk, error=INTERRUPTED, chunks=(), by=by)
        for document in Document.objects.interrupted_before(old)
    )
    log.info("Documents: %s asked for again, %s interrupted", asked, interrupted)
    return asked, interrupted


sweep("documents", every=3600)(sweep_documents)


def mail_request(document_id: UUID | str) -> None:
    """Ask the customer for a fresh document, by the way they want, once.

    Raises RetryLaterError while that way does not take it.
    """
    found = Document.objects.select_related("customer__tenant")
    document = found.get(pk=document_id)
    customer = document.customer
    if document.expires_on is None or document.is_expired(customer.tenant.today):
        return
    if customer.status not in LIVING:
        return
    paper = document.id_type or document.kind  # the letter names it in its language
    notice = Notice(
        "documents/ask_again",
        about=f"document:{document.pk}:{document.expires_on}",
        facts={"paper": paper, "expires_on": document.expires_on},
    )
    reach(customer, notice, by=get_machine("documents"))
