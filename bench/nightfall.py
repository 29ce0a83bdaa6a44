"""What the night finds: customers with evidence, products and phones, some of it wrong.

Two institutions, one with a tenth as many customers as the other; all is made by the
database out of one customer whom the real commands made.
"""

from typing import Any

from django.db import connection

from bench import crowd
from customers.contacts.models import Phone
from customers.registry.models import Customer, Profile
from customers.risk.models import Holding
from customers.tiers.models import Evidence
from deposits.models import Account
from tenants.models import Tenant

PART = 11  # of so many customers one is of the small institution
# Of a hundred customers so many stop at tier 1, and so many at 2; the rest reach 3.
BASIC, STANDARD = 40, 80
# Of a hundred customers, those of these numbers are in disorder.
WRONG_TIER = (7, 57)  # one above what the evidence gives
EXPIRED = (13, 33, 63)  # verified, and the term is over
UNEXPLAINED = (60,)  # no profile
SHARED_PHONE = (61,)  # four and four of them with one phone

_G = "mod(c.n, 100)"
_TIER = f"CASE WHEN {_G} < {BASIC} THEN 1 WHEN {_G} < {STANDARD} THEN 2 ELSE 3 END"
# Each number once, and spread, so that few look as if somebody had typed them.
_NUMBER = "lpad(mod(c.n * 7919, 1000000000)::text, 9, '0')"


def make_night(bank: Tenant, tenth: Tenant, count: int) -> None:
    """Give `bank` so many customers and `tenth` a tenth of that."""
    crowd.make_customers(bank, count + count // (PART - 1))
    _run("CREATE TEMPORARY TABLE numbered AS SELECT id, phone::bigint AS n,"
         " CASE WHEN mod(phone::bigint, %s) = 0 THEN %s ELSE tenant_id END AS tenant_id"
         " FROM registry_customer WHERE kyc_status = 'verified'",
         PART, tenth.pk)  # fmt: skip
    _run("CREATE INDEX ON numbered (id)")
    _run("ANALYZE numbered")
    _spread_customers()
    _make_evidence()
    _make_holdings()
    explained = {"employment": "'employed'", "source_of_funds": "'salary'"}
    _fill(Profile, "profile", explained, f"{_G} NOT IN {_among(UNEXPLAINED)}")
    shared = "'+2335' || lpad((c.n / 400)::text, 8, '0')"
    _fill(Phone, "phone", {
        "is_primary": "true", "verified_at": "now()",
        "number": f"CASE WHEN {_G} IN {_among(SHARED_PHONE)} THEN {shared}"
                  f" ELSE '+233' || {_NUMBER} END",
    })  # fmt: skip
    for table in (Customer, Account, Evidence, Holding, Profile, Phone):
        _run(f"VACUUM ANALYZE {crowd.place_of(table)}")


def wrong_tiers(tenant: Tenant) -> int:
    """How many are one tier above their evidence."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM numbered c WHERE tenant_id = %s"  # noqa: S608 - numbers of ours
            f" AND {_G} IN {_among(WRONG_TIER)}",
            [tenant.pk],
        )
        return int(cursor.fetchone()[0])


def _spread_customers() -> None:
    wrong = f"CASE WHEN {_G} IN {_among(WRONG_TIER)} THEN 1 ELSE 0 END"
    _run(
        "UPDATE registry_customer r SET tenant_id = c.tenant_id,"  # noqa: S608 - as above
        f" phone = '+233' || {_NUMBER}, email = 'c' || c.n || '@bench.example',"
        f" tier = {_TIER} + {wrong},"
        " registered_at = r.registered_at - interval '400 days',"
        " verified_at = r.verified_at - interval '400 days',"
        " last_activity_at = now() - mod(c.n * 7919, 400) * interval '1 day',"
        f" kyc_expires_on = CASE WHEN {_G} IN {_among(EXPIRED)}"
        " THEN current_date - 9 ELSE current_date + 900 END"
        " FROM numbered c WHERE c.id = r.id"
    )
    _run("UPDATE deposits_account a SET tenant_id = c.tenant_id FROM numbered c"
         " WHERE c.id = a.customer_id AND a.tenant_id <> c.tenant_id")  # fmt: skip


def _make_evidence() -> None:
    kinds = {
        "phone_verified": "true", "kyc_verified": "true",
        "id_document": f"{_G} >= {BASIC}", "address_document": f"{_G} >= {BASIC}",
        "income_proof": f"{_G} >= {STANDARD - 1}",  # the first of them ran out
    }  # fmt: skip
    for kind, where in kinds.items():
        is_over = f"'{kind}' = 'income_proof' AND {_G} < {STANDARD}"
        own = {
            "kind": f"'{kind}'", "source": "'bench'", "recorded_at": "now()",
            "valid_until": f"CASE WHEN {is_over} THEN current_date - 1 END",
        }  # fmt: skip
        _fill(Evidence, kind, own, where)


def _make_holdings() -> None:
    figures = {
        "wallet": "jsonb_build_object('balance', mod(c.n * 7919, 20000)::text,"
                  " 'currency', 'USD', 'transactions_90d', mod(c.n, 40))",
        "card": "jsonb_build_object('limit', '500', 'currency', 'USD')",
    }  # fmt: skip
    wheres = {"wallet": f"{_G} < 60", "card": f"{_G} BETWEEN 50 AND 74"}
    for kind, where in wheres.items():
        own = {
            "kind": f"'{kind}'", "reference": "c.n::text", "status": "'open'",
            "opened_on": "current_date - 200", "figures": figures[kind],
            "reported_at": "now()",
        }  # fmt: skip
        _fill(Holding, kind, own, where)


def _fill(table: Any, salt: str, own: dict[str, str], where: str = "true") -> None:
    """Insert a row about each customer; columns not named have their default."""
    key = crowd.KEY.format(base=1_760_000_000_000, salt=salt)
    own = {
        "id": f"{key}::uuid", "tenant_id": "c.tenant_id", "customer_id": "c.id", **own,
    }  # fmt: skip
    read, values = [], []
    for field in table._meta.concrete_fields:  # noqa: SLF001 - Django's documented API
        read.append(own.get(field.column, "%s"))
        if field.column not in own:
            values.append(field.get_db_prep_save(field.get_default(), connection))
    _run(
        f"INSERT INTO {crowd.place_of(table)} ({', '.join(crowd.columns_of(table))})"  # noqa: S608 - as above
        f" SELECT {', '.join(read)} FROM numbered c WHERE {where}",
        *values,
    )


def _among(numbers: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, numbers))})"


def _run(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
