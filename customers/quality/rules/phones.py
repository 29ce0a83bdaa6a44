"""Phones that cannot be a customer's own."""

import re
from collections.abc import Iterator

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery

from customers.contacts.models import Phone
from customers.quality.choices import Severity
from customers.quality.rules.board import Hit, Scope, rule
from customers.registry.models import LIVING

# A couple shares a phone, and so do two firms of one owner; three are an agent's.
MANY = 3
# Six equal digits in a row, or eight that count: operators sell few such numbers.
_TYPED = re.compile(r"(\d)\1{5}|12345678|23456789|98765432|87654321")


@rule(
    "phone_of_many",
    title="One phone, many customers",
    says=f"{MANY} or more living customers have the same phone.",
    advice="Ask whose it is; codes sent to it prove nothing about the others.",
    severity=Severity.HIGH,
)
def phone_of_many(scope: Scope) -> Iterator[Hit]:
    holders = _living(scope).filter(number=OuterRef("number")).order_by()
    counted = holders.values("number").annotate(n=Count("customer", distinct=True))
    rows = scope.of(_living(scope)).annotate(
        holders=Subquery(counted.values("n"), output_field=IntegerField())
    )
    shared = rows.filter(holders__gte=MANY)
    for pk, customer, number in shared.values_list("pk", "customer_id", "number"):
        yield Hit(customer, subject=str(pk), value=number)


@rule(
    "phone_improbable",
    title="Phone is improbable",
    says="It repeats one digit six times or counts up, as people type to get past"
    " a form.",
    advice="Ask for the phone again.",
    severity=Severity.MEDIUM,
)
def phone_improbable(scope: Scope) -> Iterator[Hit]:
    rows = scope.of(_living(scope))
    for pk, customer, number in rows.values_list("pk", "customer_id", "number"):
        if _TYPED.search(number):
            yield Hit(customer, subject=str(pk), value=number)


def _living(scope: Scope) -> QuerySet[Phone]:
    rows = Phone.objects.for_tenant(scope.tenant.pk).living()
    return rows.filter(customer__status__in=LIVING)
