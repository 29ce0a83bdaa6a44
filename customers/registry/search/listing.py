"""Lists of rows about customers, searched by whom they are about."""

from typing import Any

from django.db.models import QuerySet

from common.text import clean
from customers.registry.models import Customer

LONGEST_SEARCH = 200  # characters, as long as a name; more is no search


def about_found(rows: QuerySet[Any], text: str, by: Any) -> QuerySet[Any]:
    """Those of `rows` whose customer `by` finds by the text; all without a text."""
    text = clean(text)[:LONGEST_SEARCH]
    if not text:
        return rows
    found = Customer.objects.for_user(by).found_by(text, by=by)
    return rows.filter(customer__in=found.order_by().values("pk"))
