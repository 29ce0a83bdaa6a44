"""Accounts are products too: how many each of many customers has open."""

from collections.abc import Mapping
from uuid import UUID

from django.db.models import Count, QuerySet

from customers.registry.models import Customer
from customers.risk.segments.counts import PRODUCT_COUNTS
from deposits.models import Account


def count_accounts(customers: QuerySet[Customer]) -> Mapping[UUID, int]:
    """Every account that is not closed, in one statement for all of them."""
    rows = Account.objects.filter(customer__in=customers.values("pk"))
    living = rows.exclude(status=Account.Status.CLOSED).order_by()
    return dict(living.values_list("customer_id").annotate(Count("pk")))


PRODUCT_COUNTS.append(count_accounts)
