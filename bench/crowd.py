"""A crowd of verified customers with an account each, copied by the database from one
whom the real commands made."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from bench.people import applicants
from customers.registry.choices import KycLevel
from customers.registry.models import Customer
from customers.registry.services import activate_customer, verify_customer
from deposits.models import Account
from deposits.services import open_account
from events.models import Delivery, NightlyRun, RecordedEvent
from tenants.models import Tenant
from tenants.services import get_machine

_LONG_AGO = timedelta(days=400)
# A key as we make them: it sorts by time, so neighbours in time are neighbours on disk.
KEY = "(lpad(to_hex({base} + n), 12, '0') || '70008' || left(md5('{salt}' || n), 15))"
_CUSTOMER_KEY = f"{KEY.format(base=1_700_000_000_000, salt='c')}::uuid"
_ACCOUNT_KEY = f"{KEY.format(base=1_750_000_000_000, salt='a')}::uuid"


def make_customers(bank: Tenant, count: int) -> None:
    """The one who was copied leaves again, so that there are `count` of them."""
    setup = get_machine("setup")
    (first,) = applicants(1, bank, "bench.example")
    verify_customer(first.pk, level=KycLevel.BASIC, by=setup, reason="Bench")
    activate_customer(first.pk, by=setup, reason="Bench")
    account = open_account(first.pk, by=setup)
    number = "to_char(n, 'FM0000000000')"
    own = {"id": _CUSTOMER_KEY, "public_id": number, "phone": number, "email": number}
    _copy(Customer, first, count, own)
    own = {"id": _ACCOUNT_KEY, "public_id": number, "customer_id": _CUSTOMER_KEY}
    _copy(Account, account, count, own)
    _run("UPDATE registry_customer SET kyc_status = 'pending' WHERE id = %s", first.pk)


def grow_old(bank: Tenant, changing: int) -> None:
    """Make all active again but for so many, who are spread evenly and long gone.

    What was written of earlier changes goes; the tables are left tidy.
    """
    now, count = timezone.now(), _count(bank)
    tables: tuple[Any, ...] = (
        Customer.history.model, Account.history.model, Delivery, RecordedEvent,
        NightlyRun,
    )  # fmt: skip
    # Reports of runs and messages to subscribers hang on them.
    _run(f"TRUNCATE {', '.join(map(place_of, tables))} CASCADE")
    _run("UPDATE deposits_account SET status = 'active' WHERE status <> 'active'")
    is_chosen = f"mod(phone::bigint * {changing}, {count}) < {changing}"
    _run(  # the numbers in it are ours
        "UPDATE registry_customer SET activity = 'active', last_activity_at ="  # noqa: S608
        f" CASE WHEN {is_chosen} THEN %s ELSE %s END WHERE kyc_status = 'verified'"
        f" AND (activity <> 'active' OR {is_chosen} OR last_activity_at < %s)",
        now - _LONG_AGO, now, now - _LONG_AGO / 2,
    )  # fmt: skip
    for table in (Customer, Account, *tables):
        _run(f"VACUUM ANALYZE {place_of(table)}")


def _count(bank: Tenant) -> int:
    verified = Customer.objects.for_tenant(bank.pk).filter(kyc_status="verified")
    return int(verified.count())


def _copy(table: Any, row: Any, count: int, own: dict[str, str]) -> None:
    names = columns_of(table)
    read = ", ".join(own.get(name, f"r.{name}") for name in names)
    place = place_of(table)
    _run(
        f"INSERT INTO {place} ({', '.join(names)}) SELECT {read}"  # noqa: S608 - as above
        f" FROM generate_series(0, {count - 1}) AS n, {place} r WHERE r.id = %s",
        row.pk,
    )


def place_of(table: Any) -> str:
    return str(table._meta.db_table)  # noqa: SLF001 - Django's documented API


def columns_of(table: Any) -> list[str]:
    return [field.column for field in table._meta.concrete_fields]  # noqa: SLF001


def _run(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
