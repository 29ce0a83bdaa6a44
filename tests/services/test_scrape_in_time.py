"""A scrape does not wait behind a database that is at its limit."""

import time
from typing import Any

import pytest
from django.db import connection

from events.models import Delivery
from tests.config.test_metrics import ask
from tests.config.test_metrics import is_on as is_on
from tests.services.conftest import require

pytestmark = [pytest.mark.service, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def locked() -> Any:
    """Somebody who holds the outbox for themselves."""
    require("PostgreSQL (TEST_DATABASE_URL)", connection.vendor == "postgresql")
    other = connection.copy()
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute(f'LOCK TABLE "{Delivery._meta.db_table}"')
    yield
    other.rollback()
    other.close()


@pytest.mark.usefixtures("locked")
def test_a_locked_table_costs_two_seconds_and_the_figures() -> None:
    began = time.monotonic()
    answer = ask()
    assert time.monotonic() - began < 10
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "vestibule_database_up 0.0" in page
    assert "vestibule_deliveries_due" not in page
    assert "# TYPE vestibule_http_requests_total counter" in page
