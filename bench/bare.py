"""The least that could be done in place of each nightly job: one statement."""

from time import perf_counter

from django.db import connection, transaction

from tenants.models import Tenant

# No version, no fact, no lock, no window. What a statement cannot do, as reading what
# is encrypted, is missing: then the job is held against less than its work.
STATEMENTS: dict[str, tuple[str, str]] = {
    "tiers": (
        "one UPDATE from evidence",
        """
        UPDATE registry_customer c SET tier = d.tier FROM (
            SELECT c.id, CASE
                WHEN NOT bool_or(e.kind = 'kyc_verified')
                    OR NOT bool_or(e.kind = 'id_document')
                    OR NOT bool_or(e.kind = 'address_document') THEN 1
                WHEN bool_or(e.kind = 'income_proof') THEN 3 ELSE 2 END AS tier
            FROM registry_customer c JOIN tiers_evidence e ON e.customer_id = c.id
            WHERE c.tenant_id = %s AND e.withdrawn_at IS NULL
                AND (e.valid_until IS NULL OR e.valid_until >= current_date)
            GROUP BY c.id) d
        WHERE c.id = d.id AND c.tier <> d.tier
        """,
    ),
    "segments": (
        "one INSERT from the sums of products, where there is none yet",
        """
        INSERT INTO risk_engagement (id, tenant_id, customer_id, score, segment,
            components, computed_on)
        SELECT gen_random_uuid(), c.tenant_id, c.id, 1, 'basic', jsonb_build_object(
            'products', count(h.id), 'balance', sum((h.figures->>'balance')::numeric)),
            current_date
        FROM registry_customer c LEFT JOIN risk_holding h ON h.customer_id = c.id
        WHERE c.tenant_id = %s AND c.kyc_status = 'verified' GROUP BY c.id
        ON CONFLICT (customer_id) DO NOTHING
        """,
    ),
    "data_quality": (
        "one SELECT of the same rows; it cannot read what is encrypted",
        """
        SELECT count(*) FILTER (WHERE c.kyc_expires_on <= current_date),
            count(*) FILTER (WHERE p.employment = ''), sum(length(c.details::text)),
            count(*) FILTER (WHERE f.number ~ '(\\d)\\1{5}'), count(e.id)
        FROM registry_customer c
        LEFT JOIN registry_profile p ON p.customer_id = c.id
        LEFT JOIN contacts_phone f ON f.customer_id = c.id
        LEFT JOIN contacts_email e ON e.customer_id = c.id WHERE c.tenant_id = %s
        """,
    ),
}


def seconds_of(name: str, tenant: Tenant) -> float | None:
    """How long the statement takes; what it wrote is undone. None: there is none."""
    if name not in STATEMENTS:
        return None
    _, statement = STATEMENTS[name]
    with transaction.atomic(), connection.cursor() as cursor:
        begun = perf_counter()
        cursor.execute(statement, [tenant.pk])
        seconds = perf_counter() - begun
        transaction.set_rollback(True)
    return seconds
