"""What PostgreSQL must know so that lists of a million stay quick; no clock needed."""

import json
from typing import Any

import pytest
from django.db import connection

from customers.registry.models import Customer
from tenants.models import Tenant

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="SQLite knows neither."
    ),
]


def _nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    below = [node for each in plan.get("Plans", []) for node in _nodes(each)]
    return [plan, *below]


@pytest.mark.parametrize(
    "by",
    [
        {"status": "suspended", "customer_type": "PRIVATE_COMPANY"},
        {"status": "suspended", "channel": "branch"},
        {"kyc_status": "pending", "entity_type": "individual"},
        {"customer_type": "INDIVIDUAL", "kyc_status": "rejected"},
    ],
    ids=" and ".join,
)
def test_counting_what_two_filters_leave_reads_no_customer(
    demo_bank: Tenant, by: dict[str, str]
) -> None:
    rows = Customer.objects.for_tenant(demo_bank.pk).filter(**by)
    listed = rows.order_by("-registered_at", "-id").values("pk")[:10_001]
    with connection.cursor() as cursor:
        # So few rows as a test has are read faster than any index.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        said = listed.explain(format="json")
    plan = json.loads(said)[0]["Plan"]
    kinds = {node["Node Type"] for node in _nodes(plan)}
    assert "Index Only Scan" in kinds, said
    assert not kinds & {"Seq Scan", "Index Scan", "Bitmap Heap Scan"}, said


def test_enough_names_are_known_to_tell_a_common_one() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attstattarget FROM pg_attribute WHERE attname = 'name_normalized'"
            " AND attrelid = 'registry_customer'::regclass"
        )
        assert cursor.fetchall() == [(300,)]
