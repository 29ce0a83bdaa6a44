"""A customer's file: all that rules about answers may look at, and nothing else.

@file_rule("missing_answers", title="…", says="…", advice="…", severity=Severity.LOW)
def missing_answers(file: CustomerFile) -> Iterator[Hit]:
    if not file.answers.get("birth_date"):
        yield Hit(file.customer_id, "birth_date")

What such a rule says follows from the file and from the days it asks to be reached. So
it holds as long as both are the same, and need not be worked out again each night.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils import timezone

from customers.contacts.models import Address
from customers.quality.choices import Severity
from customers.quality.rules.board import Hit, Scope, put
from customers.registry.choices import CustomerType
from customers.registry.models import Customer
from tenants.packs.loader import load_packs


class Sealed(NamedTuple):
    """A file as it is stored: who has two that are equal has one file twice."""

    customer_id: UUID
    token: str  # the answers, encrypted; each writing makes another
    is_individual: bool
    registered_on: date
    tier: int
    employment: str
    source_of_funds: str
    countries: tuple[str, ...]  # of the living addresses, sorted; "" where none is said
    asked: tuple[tuple[str, bool], ...]  # questions of the pack, and which it requires


class CustomerFile:
    """A file that is open: its answers in the clear, on one day.

    `until` is the first day on which something that was asked has another answer; None
    where there is none.
    """

    def __init__(self, sealed: Sealed, on: date) -> None:
        self.sealed = sealed
        self.customer_id = sealed.customer_id
        self.until: date | None = None
        self._on = on

    @cached_property
    def answers(self) -> dict[str, Any]:
        field: Any = Customer._meta.get_field("details")  # noqa: SLF001 - documented
        read: dict[str, Any] = field.from_db_value(self.sealed.token)
        return read

    @property
    def asked(self) -> list[str]:
        return [key for key, _ in self.sealed.asked]

    def reached(self, day: date) -> bool:
        """Whether it is that day, or later; the only way to ask which day it is."""
        if day <= self._on:
            return True
        self.until = min(self.until or day, day)
        return False


FileCheck = Callable[[CustomerFile], Iterable[Hit]]
FILE_CHECKS: dict[str, FileCheck] = {}


def file_rule(
    key: str, *, title: str, says: str, advice: str, severity: Severity,
    page: str = "", words: Callable[[str], str] = str,
) -> Callable[[FileCheck], FileCheck]:  # fmt: skip
    """Put a rule about single files on the board, as `rule` does with others."""

    def register(check: FileCheck) -> FileCheck:
        put(key, title, says, advice, severity, page, words)
        FILE_CHECKS[key] = check
        return check

    return register


def hits_of_file(file: CustomerFile) -> list[tuple[str, Hit]]:
    return [(key, hit) for key, check in FILE_CHECKS.items() for hit in check(file)]


def sealed_files(scope: Scope) -> Iterator[Sealed]:
    """The files of the scope; nothing is decrypted."""
    zone, forms = ZoneInfo(scope.tenant.time_zone), _forms(scope)
    countries = _countries(scope)
    rows = scope.customers.values_list(
        "pk", Cast("details", TextField()), "customer_type", "registered_at", "tier",
        "profile__employment", "profile__source_of_funds", "entity_type",
    )  # fmt: skip
    for pk, token, type_, registered_at, tier, employment, funds, form in rows:
        yield Sealed(
            customer_id=pk,
            token=token,
            is_individual=type_ == CustomerType.INDIVIDUAL,
            registered_on=timezone.localdate(registered_at, zone),
            tier=tier,
            employment=employment or "",
            source_of_funds=funds or "",
            countries=tuple(sorted(countries.get(pk, ()))),
            asked=forms[form],
        )


def _forms(scope: Scope) -> dict[str, tuple[tuple[str, bool], ...]]:
    forms = load_packs()[scope.tenant.pack].entity_types
    return {
        key: tuple((field.key, field.required) for field in form.fields)
        for key, form in forms.items()
    }


def _countries(scope: Scope) -> dict[UUID, set[str]]:
    rows = scope.of(Address.objects.for_tenant(scope.tenant.pk).living())
    found: dict[UUID, set[str]] = {}
    for customer_id, country in rows.values_list("customer_id", "country"):
        found.setdefault(customer_id, set()).add(country)
    return found
