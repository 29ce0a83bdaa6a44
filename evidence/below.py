"""The chapters of apps that stand below and cannot know of evidence packs."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, QuerySet

from customers.checks.models import OutsideCheck
from customers.quality.models import Finding
from customers.registry.models import Customer
from customers.risk.models import Engagement, Holding
from events.models import RecordedEvent
from evidence.chapters import Entry, chapter, columns_of, in_pages, person

# What the library keeps beside the columns of a version.
_ABOUT_VERSION = frozenset(
    ["history_id", "history_date", "history_change_reason", "history_type",
     "history_user"]
)  # fmt: skip
_KINDS = {"+": "created", "~": "changed", "-": "deleted"}


@chapter("customer", "Customer record", order=10)
def customer_record(customer: Customer) -> Iterator[Entry]:
    """The record as it stands now, ID and tax numbers in the clear."""
    columns = columns_of(customer, without=customer.unversioned)
    yield Entry(
        path="record.json",
        rows=[{**columns, "institution": customer.tenant.name}],
        share=1,
        summary=(
            ("Relationship", customer.get_status_display()),
            ("KYC", customer.get_kyc_status_display()),
        ),
    )


@chapter("versions", "Versions of every record", order=20)
def versions(customer: Customer) -> Iterator[Entry]:
    """Who saved what and why, from whatever app has versions about a customer."""
    known = versioned_models()
    for place, model in enumerate(known, start=1):
        yield Entry(
            path=f"{model._meta.label_lower}.json",  # noqa: SLF001 - Django's way to names
            rows=_versions(
                versions_about(model, customer),
                without=_ABOUT_VERSION | getattr(model, "withheld", frozenset()),
            ),
            share=place / len(known),
        )


def versioned_models() -> list[type[Model]]:
    """Customer, and every versioned model with a `customer`, in order of names."""
    found = [model for model in apps.get_models() if _is_about_customers(model)]
    return sorted(found, key=lambda model: model._meta.label_lower)  # noqa: SLF001


def _is_about_customers(model: type[Model]) -> bool:
    if not hasattr(model._meta, "simple_history_manager_attribute"):  # noqa: SLF001
        return False
    if model is Customer:
        return True
    try:
        field = model._meta.get_field("customer")  # noqa: SLF001
    except FieldDoesNotExist:
        return False
    return field.related_model is Customer


def versions_about(model: type[Model], customer: Customer) -> QuerySet[Any]:
    """Versions of rows, also of those that are gone."""
    history: QuerySet[Any] = model.history.model.objects.all()  # type: ignore[attr-defined]
    key = "id" if model is Customer else "customer_id"
    about = history.filter(**{key: customer.pk, "tenant_id": customer.tenant_id})
    return about.select_related("history_user")


def _versions(
    rows: QuerySet[Any], *, without: frozenset[str]
) -> Iterator[dict[str, Any]]:
    for row in in_pages(rows):
        yield {
            "version": row.history_id,
            "at": row.history_date,
            "what": _KINDS.get(row.history_type, row.history_type),
            "actor": person(row.history_user),
            "reason": row.history_change_reason,
            "fields": columns_of(row, without=without),
        }


@chapter("timeline", "Timeline", order=30)
def timeline(customer: Customer) -> Iterator[Entry]:
    """Every fact about the customer, restricted ones too, and what came of each."""
    rows = RecordedEvent.objects.filter(
        subject_id=str(customer.pk), tenant_id=customer.tenant_id
    )
    related = rows.select_related("actor").prefetch_related("deliveries")
    yield Entry(path="events.json", rows=map(_fact, in_pages(related)), share=1)


def _fact(record: RecordedEvent) -> dict[str, Any]:
    title, detail = _words(record)
    deliveries = sorted(record.deliveries.all(), key=lambda each: each.handler)
    return {
        "id": record.pk,
        "at": record.created_at,
        "type": record.type,
        "title": title,
        "detail": detail,
        "facts": record.payload,
        "actor": person(record.actor),
        "reason": record.reason,
        "is_restricted": record.is_restricted,
        "deliveries": [
            {
                "handler": each.handler,
                "status": each.get_status_display(),
                "attempts": each.attempts,
                "done_at": each.done_at,
                "last_error": each.last_error,
            }
            for each in deliveries
        ],
    }


def _words(record: RecordedEvent) -> tuple[str, str]:
    try:
        known = record.as_event()
        return known.words() if known else (record.type, "")
    except (TypeError, ValueError, LookupError):
        return record.type, ""  # written by a release with other fields


@chapter("products", "Products", order=36)
def products(customer: Customer) -> Iterator[Entry]:
    """What the bank's other systems reported; their versions are with the others."""
    rows = Holding.objects.filter(customer=customer, tenant_id=customer.tenant_id)
    yield Entry(path="holdings.json", rows=map(columns_of, in_pages(rows)), share=1)


@chapter("engagement", "Engagement", order=38)
def engagement(customer: Customer) -> Iterator[Entry]:
    """The score, what it was counted from, and the segment."""
    rows = Engagement.objects.filter(customer=customer, tenant_id=customer.tenant_id)
    yield Entry(path="engagement.json", rows=map(columns_of, in_pages(rows)), share=1)


@chapter("quality", "Data quality", order=37)
def quality(customer: Customer) -> Iterator[Entry]:
    """What the rules found about the data, since when, and what was accepted."""
    rows = Finding.objects.filter(customer=customer, tenant_id=customer.tenant_id)
    yield Entry(path="findings.json", rows=map(columns_of, in_pages(rows)), share=1)


@chapter("outside-checks", "Outside checks", order=39)
def outside_checks(customer: Customer) -> Iterator[Entry]:
    """What was asked of credit bureaus and about addresses, and the answers."""
    rows = OutsideCheck.objects.filter(customer=customer, tenant_id=customer.tenant_id)
    related = in_pages(rows.select_related("asked_by", "answered_by"))
    yield Entry(path="checks.json", rows=map(_outside_check, related), share=1)


def _outside_check(row: OutsideCheck) -> dict[str, Any]:
    people = {name: person(getattr(row, name)) for name in ("asked_by", "answered_by")}
    return {**columns_of(row), **people}
