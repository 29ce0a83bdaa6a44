"""Who would be over if limits or terms were others; nothing is saved."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection

from customers.registry.models import LIVING, Customer
from customers.tiers.balances import BALANCES, DIGITS, TRANSACTIONS, Source
from customers.tiers.deadlines import late_under
from customers.tiers.models import ChannelRule
from customers.tiers.services import channel_rules_of, tiers_of
from tenants.models import Tenant

WORST = 20
Limits = Mapping[int, Decimal | None]  # by tier; None is no limit


@dataclass(frozen=True)
class Limit:
    """A limit of tiers: its column, what is held against it, and how it adds up."""

    column: str
    sources: list[Source]
    total: str

    def of(self, tenant: Tenant) -> dict[int, Decimal | None]:
        """What holds now."""
        tiers = tiers_of(tenant)
        return {number: getattr(tier, self.column) for number, tier in tiers.items()}


BALANCE = Limit("max_balance", BALANCES, "SUM")
TRANSACTION = Limit("max_transaction", TRANSACTIONS, "MAX")


@dataclass(frozen=True)
class Over:
    """How many of a tier are over, and would be, and by how much together."""

    now: int = 0
    then: int = 0
    excess: Decimal = Decimal()


@dataclass(frozen=True)
class Worst:
    """A customer who would be over by the most."""

    customer_id: UUID
    tier: int
    amount: Decimal
    excess: Decimal


def over(tenant: Tenant, limit: Limit, then: Limits) -> dict[int, Over]:
    """By tier; a tier of which nobody is known to hold anything is left out."""
    rows = _asked(
        tenant, limit, then,
        "SELECT tier, COUNT(*) FILTER (WHERE amount > now),"
        " COUNT(*) FILTER (WHERE amount > later),"
        " SUM(amount - later) FILTER (WHERE amount > later)"
        " FROM judged GROUP BY tier",
    )  # fmt: skip
    return {
        tier: Over(now, later, _decimal(excess)) for tier, now, later, excess in rows
    }


def worst(tenant: Tenant, limit: Limit, then: Limits) -> list[Worst]:
    """Those who would be over by the most, at most WORST of them."""
    rows = _asked(
        tenant, limit, then,
        "SELECT id, tier, amount, amount - later FROM judged WHERE amount > later"  # noqa: S608 - a number of ours
        f" ORDER BY amount - later DESC, id LIMIT {WORST}",
    )  # fmt: skip
    return [
        Worst(UUID(str(key)), tier, _decimal(amount), _decimal(excess))
        for key, tier, amount, excess in rows
    ]


def _asked(
    tenant: Tenant, limit: Limit, then: Limits, question: str
) -> list[tuple[Any, ...]]:
    """Ask about `judged`: living customers, what they have, both limits of theirs."""
    parts, values = _parts(tenant, limit)
    if not parts:
        return []
    now, now_values = _by_tier(limit.of(tenant))
    later, later_values = _by_tier(then)
    marks = ", ".join(["%s"] * len(LIVING))
    owner = Customer._meta.get_field("tenant").get_db_prep_value(tenant.pk, connection)  # noqa: SLF001 - Django's documented API
    # Rounded to the digits of a limit: SQLite adds up in binary fractions.
    statement = (
        "WITH held AS (SELECT customer_id,"  # noqa: S608 - pieces of ours, values apart
        f" ROUND(CAST({limit.total}(amount) AS NUMERIC), {DIGITS}) AS amount"
        f" FROM ({parts}) AS parts GROUP BY customer_id),"
        f" judged AS (SELECT c.id, c.tier, h.amount, {now} AS now, {later} AS later"
        " FROM held AS h JOIN registry_customer AS c ON c.id = h.customer_id"
        f" WHERE c.tenant_id = %s AND c.status IN ({marks})) {question}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, *now_values, *later_values, owner, *LIVING])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _parts(tenant: Tenant, limit: Limit) -> tuple[str, list[Any]]:
    texts: list[str] = []
    values: list[Any] = []
    for source in limit.sources:
        try:
            text, filled = source(tenant).query.sql_with_params()
        except EmptyResultSet:  # Django knows that it has no rows
            continue
        texts.append(f"SELECT customer_id, amount FROM ({text}) AS source")  # noqa: S608 - as above
        values.extend(filled)
    return " UNION ALL ".join(texts), values


def _by_tier(limits: Limits) -> tuple[str, list[Any]]:
    whens, values = "", []
    for number, most in limits.items():
        whens += " WHEN %s THEN CAST(%s AS NUMERIC)"
        values += [number, None if most is None else str(most)]
    return f"CASE c.tier{whens} END", values


def _decimal(value: Any) -> Decimal:
    """SQLite answers with floats; the sum of nothing is None."""
    return round(Decimal(str(value or 0)), DIGITS)


def late(tenant: Tenant, days: Mapping[str, int]) -> Iterator[tuple[str, int, int]]:
    """Channel, how many the next sweep suspends, and how many with other terms."""
    for channel, rule in channel_rules_of(tenant).items():
        now = _late_of(tenant, channel, rule.kyc_within_days)
        is_same = days[channel] == rule.kyc_within_days
        yield channel, now, now if is_same else _late_of(tenant, channel, days[channel])


def _late_of(tenant: Tenant, channel: str, days: int) -> int:
    if not tenant.kyc_required:
        return 0
    rule = ChannelRule(tenant=tenant, channel=channel, kyc_within_days=days)
    return late_under(tenant, rule).count()
