"""The board of rules: what a rule is, what it looks at, and what it finds.

Rules about single files, one after the other, are in files.py; these look at many
customers at once, by the database.

@rule("kyc_expired", title="KYC has expired", says="…", severity=Severity.HIGH)
def kyc_expired(scope: Scope) -> Iterator[Hit]:
    for pk in scope.customers.filter(…).values_list("pk", flat=True):
        yield Hit(pk)
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from customers.quality.choices import Severity
from customers.registry.models import Customer
from events.nightly import Window
from tenants.models import Tenant

SALT = "customers.quality.hit"


@dataclass
class Scope:
    """The living customers of a window, or some of them by key, on one day."""

    tenant: Tenant
    on: date
    window: Window | None = None
    ids: Collection[UUID] = ()

    def of(self, rows: QuerySet[Any], key: str = "customer_id") -> QuerySet[Any]:
        """Those of `rows` whose customer is looked at."""
        if self.window is None:
            return rows.filter(**{f"{key}__in": list(self.ids)})
        return self.window.of(rows, key)

    @property
    def customers(self) -> QuerySet[Any]:
        return self.of(Customer.objects.for_tenant(self.tenant.pk).living(), "pk")

    def midnight(self, days_ago: int) -> datetime:
        """The beginning of a day at the institution, so many days before `on`."""
        day = self.on - timedelta(days=days_ago)
        zone = ZoneInfo(self.tenant.time_zone)
        return datetime(day.year, day.month, day.day, tzinfo=zone)


@dataclass(frozen=True)
class Hit:
    """`detail` is said to staff and kept: a code, never personal data.

    `subject` tells apart what one rule finds twice about a customer. `value` is what
    the rule looked at; only a keyed hash of it is ever kept, as in `kept_mark`.
    """

    customer_id: UUID
    detail: str = ""
    subject: str = ""
    value: str = ""
    kept_mark: str = ""

    @property
    def mark(self) -> str:
        """A keyed hash that changes when the data does."""
        if self.kept_mark:
            return self.kept_mark
        seen = f"{self.customer_id}|{self.subject}|{self.detail}|{self.value}"
        return salted_hmac(SALT, seen, algorithm="sha256").hexdigest()


Check = Callable[[Scope], Iterable[Hit]]


@dataclass(frozen=True)
class Rule:
    """`says` explains it in one sentence, `advice` says what to do.

    `page` is where staff mend it: the last part of a page of the customer, or "".
    `words` says what a detail means.
    """

    key: str
    title: str
    says: str
    advice: str
    severity: Severity
    page: str = ""
    words: Callable[[str], str] = str


RULES: dict[str, Rule] = {}
CHECKS: dict[str, Check] = {}


def rule(
    key: str, *, title: str, says: str, advice: str, severity: Severity,
    page: str = "", words: Callable[[str], str] = str,
) -> Callable[[Check], Check]:  # fmt: skip
    """Put a rule on the board. Its key is stored: renaming one needs a migration."""

    def register(check: Check) -> Check:
        put(key, title, says, advice, severity, page, words)
        CHECKS[key] = check
        return check

    return register


def put(key: str, *said: Any) -> None:
    if key in RULES:
        raise TypeError(f"Two rules are named {key}.")
    RULES[key] = Rule(key, *said)


def spaced(detail: str) -> str:
    """Say a detail that is a code, or several with commas: "birth date, address"."""
    return detail.replace("_", " ").replace(",", ", ")
