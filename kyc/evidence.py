"""The KYC chapter of evidence packs: attempts, differences, callbacks as they came."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet

from customers.registry.models import Customer
from evidence.chapters import Entry, chapter, columns_of, in_pages, person, safe_name
from kyc.models import Applicant, Callback, Difference, ExpiryReminder

# Columns of a callback that the list repeats neither: the bytes lie beside it.
_BODY = ("body",)


@chapter("kyc", "KYC", order=50)
def kyc(customer: Customer) -> Iterator[Entry]:
    """What was tried, what differed, and every callback byte for byte."""
    attempts = Applicant.objects.filter(customer=customer)
    yield Entry(path="attempts.json", rows=_rows(attempts, "started_by"))
    differences = Difference.objects.filter(customer=customer)
    yield Entry(path="differences.json", rows=_rows(differences, "decided_by"))
    reminders = ExpiryReminder.objects.filter(customer=customer)
    yield Entry(path="reminders.json", rows=_rows(reminders), share=0.1)
    callbacks = callbacks_about(customer)
    total = callbacks.count() or 1
    listed: list[dict[str, Any]] = []
    for number, callback in enumerate(in_pages(callbacks, size=20), start=1):
        path = f"callbacks/{number:05}-{safe_name(callback.type)}".rstrip("-") + ".json"
        listed.append(_came(number, callback, path))
        share = 0.1 + 0.9 * number / total
        yield Entry(path=path, content=[bytes(callback.body)], share=share)
    yield Entry(path="callbacks.json", rows=listed, share=1)


def _rows(rows: QuerySet[Any], who: str = "") -> Iterator[dict[str, Any]]:
    """Yield every column, and in words who did it."""
    if not who:
        yield from map(columns_of, in_pages(rows))
        return
    for row in in_pages(rows.select_related(who)):
        yield {**columns_of(row), who: person(getattr(row, who))}


def callbacks_about(customer: Customer) -> QuerySet[Any]:
    """Those settled as theirs, and those that name them and nobody has looked at."""
    known = Applicant.objects.filter(customer=customer).exclude(applicant_id="")
    ids = list(known.values_list("applicant_id", flat=True))
    named = Q(external_user_id=str(customer.pk)) | Q(applicant_id__in=ids)
    unowned = Q(tenant=None) | Q(tenant_id=customer.tenant_id)
    return Callback.objects.filter(
        Q(customer=customer) | Q(customer=None) & unowned & named
    )


def _came(number: int, callback: Callback, path: str) -> dict[str, Any]:
    """Say when it came and what came of it."""
    return {
        "number": number,
        "file": path,
        **columns_of(callback, without=_BODY),
        "outcome": callback.get_status_display(),
        "why": callback.get_reason_display(),
    }
