"""Which customers a list, a download or a lookup is about."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from common.errors import DomainError
from common.reading.email_addresses import clean_email
from customers.registry.models import Customer
from customers.registry.search.id_numbers import indexes_of
from customers.registry.search.reading import read
from deposits.models import Account
from tenants.models import User

TEXTS = ("search", "name", "email", "phone")
COLUMNS = {
    "status": "status", "kyc_status": "kyc_status", "type": "customer_type",
    "activity": "activity", "tier": "tier", "registered_since": "registered_at__gte",
}  # fmt: skip
MOST_ALIKE = 20  # customers of one exact key


def filtered(rows: Any, asked: Mapping[str, Any], by: User) -> QuerySet[Customer]:
    """Those of `rows` that fit, the newest first."""
    for name in TEXTS:
        if text := asked.get(name):
            rows = rows.filter(pk__in=_found(rows, text, by))
    if "id" in asked:
        rows = rows.filter(**_by_id(asked["id"]))
    rows = rows.filter(
        **{column: asked[name] for name, column in COLUMNS.items() if name in asked}
    )
    if since := asked.get("updated_since"):
        versions: Any = Customer.history
        saved = versions.filter(history_date__gte=since)
        rows = rows.filter(pk__in=saved.values("id"))
    ordered: QuerySet[Customer] = rows.order_by("-registered_at", "-id")
    return ordered


def _found(rows: Any, text: str, by: User) -> Any:
    """Whom the registry's one search finds, in no order."""
    return rows.found_by(text, by=by).order_by().values("pk")


def _by_id(said: str) -> dict[str, Any]:
    try:
        return {"pk": UUID(said)}
    except ValueError:
        # What is neither finds nobody.
        return {"public_id": read(said).number or "-"}


def looked_up(rows: Any, key: str, text: str, by: User) -> list[Customer]:
    """Customers by one exact key, the living ones first. Raises DomainError."""
    reading = read(text)
    match key:
        case "phone":
            wanted: dict[str, Any] = {"phone__in": reading.phones}
            _refuse_unread(reading.phones, key, "INVALID_PHONE")
        case "email":
            wanted = {"email": clean_email(text)}
        case "id_number":
            _refuse_unread(reading.code, key)
            wanted = {"id_number_index__in": indexes_of(reading.code)}
        case "public_id":
            _refuse_unread(reading.number, key)
            wanted = {"public_id": reading.number}
        case _:
            _refuse_unread(reading.number, key)
            # Scoped by itself: the index of the numbers begins with the institution.
            held = Account.objects.for_user(by).filter(public_id=reading.number)
            wanted = {"pk__in": held.values("customer_id")}
    # "active" stands before the other statuses in the alphabet too.
    found = rows.filter(**wanted).defer("details", "telegram_id")
    return sorted(
        found.order_by("-registered_at", "-id")[:MOST_ALIKE],
        key=lambda row: row.status not in ("active", "suspended"),
    )


def _refuse_unread(
    reading: Any, key: str, code: str = "DATA_VALIDATION_FAILED"
) -> None:
    if not reading:
        noun = key.replace("_", " ").replace("id", "ID")
        raise DomainError(f"This is no {noun}.", code=code, field=key)
