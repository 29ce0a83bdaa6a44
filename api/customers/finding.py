"""Which customers a list, a download or a lookup is about."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Case, Q, QuerySet, Value, When

from api.customers.changed import changed_since
from common.errors import DomainError
from common.reading.email_addresses import clean_email
from customers.contacts.models import Email, Phone
from customers.registry.choices import LIVING
from customers.registry.models import Customer
from customers.registry.search.finding import has_words
from customers.registry.search.id_numbers import indexes_of
from customers.registry.search.reading import read, read_name
from deposits.models import Account
from tenants.models import User

COLUMNS = {
    "status": "status", "kyc_status": "kyc_status", "type": "customer_type",
    "activity": "activity", "tier": "tier", "registered_since": "registered_at__gte",
}  # fmt: skip
NEWEST = ("-registered_at", "-id")
MOST_ALIKE = 20  # customers of one exact key
MOST_CONTACTS = 200  # of one phone or e-mail; more have it at no bank


def filtered(rows: Any, asked: Mapping[str, Any], by: User) -> QuerySet[Customer]:
    """Those of `rows` that fit, the newest first; of a search the exact hits first."""
    found = rows.order_by(*NEWEST)
    if text := asked.get("search"):
        found = rows.found_by(text, by=by)
    if text := asked.get("name"):
        found = found.filter(pk__in=_named(rows, text))
    for name in ("phone", "email"):
        if text := asked.get(name):
            found = found.filter(_by_key(name, text, by))
    if "id" in asked:
        found = found.filter(**_by_id(asked["id"]))
    found = found.filter(
        **{column: asked[name] for name, column in COLUMNS.items() if name in asked}
    )
    if since := asked.get("updated_since"):
        found = found.filter(changed_since(since, by))
    narrowed: QuerySet[Customer] = found
    return narrowed


def _named(rows: Any, text: str) -> Any:
    """Names with every word of the text, as they are written; in no order."""
    reading = read_name(text)
    return rows.filter(has_words(reading)).values("pk") if reading.words else ()


def _by_id(said: str) -> dict[str, Any]:
    try:
        return {"pk": UUID(said)}
    except ValueError:
        # What is neither finds nobody.
        return {"public_id": read(said).number or "-"}


def looked_up(rows: Any, key: str, text: str, by: User) -> list[Customer]:
    """Customers by one exact key, the living ones first. Raises DomainError."""
    is_ended = Case(When(status__in=LIVING, then=Value(0)), default=Value(1))
    found = rows.filter(_by_key(key, text, by)).defer("details", "telegram_id")
    return list(found.order_by(is_ended, *NEWEST)[:MOST_ALIKE])


def _by_key(key: str, text: str, by: User) -> Q:
    """The condition of one exact key. Raises DomainError for what is no such key."""
    reading = read(text)
    match key:
        case "phone":
            _refuse_unread(reading.phones, key, "INVALID_PHONE")
            further = _owners(Phone, by, number__in=reading.phones)
            return Q(phone__in=reading.phones) | Q(pk__in=further)
        case "email":
            email = clean_email(text)
            return Q(email=email) | Q(pk__in=_owners(Email, by, email=email))
        case "id_number":
            _refuse_unread(reading.code, key)
            return Q(id_number_index__in=indexes_of(reading.code))
        case "public_id":
            _refuse_unread(reading.number, key)
            return Q(public_id=reading.number)
    _refuse_unread(reading.number, key)
    # Scoped by itself: the index of the numbers begins with the institution.
    held = Account.objects.for_user(by).filter(public_id=reading.number)
    return Q(pk__in=held.values("customer_id"))


def _owners(kind: Any, by: User, **wanted: Any) -> list[UUID]:
    """Whose further contact it is; as keys, since an OR with a query has no index."""
    rows = kind.objects.for_user(by).living().filter(**wanted)
    return list(rows.values_list("customer_id", flat=True)[:MOST_CONTACTS])


def _refuse_unread(
    reading: Any, key: str, code: str = "DATA_VALIDATION_FAILED"
) -> None:
    if not reading:
        noun = key.replace("_", " ").replace("id", "ID")
        raise DomainError(f"This is no {noun}.", code=code, field=key)
