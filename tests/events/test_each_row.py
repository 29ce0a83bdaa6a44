"""Sweeps over rows: one that fails is undone, logged and counted, no more."""

from collections.abc import Callable

import pytest
from django.db import OperationalError, connection, transaction

from common.observing.measures import SWEEP_FAILURES
from events import tasks as tasks  # adds the worker's errors
from events.each_row import ENDING, each_row, going_on
from tenants.models import Tenant
from tests.conftest import MakeCustomer

pytestmark = pytest.mark.django_db
SECRET = "Ama Mensah, +233244123456"


def failures() -> float:
    value: float = SWEEP_FAILURES.labels("tests")._value.get()
    return value


def renames(tenant: Tenant) -> Callable[[int], int]:
    """Rename the institution, and then fail where the key is two."""

    def act(key: int) -> int:
        Tenant.objects.filter(pk=tenant.pk).update(name=f"Bank {key}")
        if key == 2:
            raise ValueError(SECRET)
        return key

    return act


def test_one_bad_row_is_undone_and_stops_no_other(demo_bank: Tenant) -> None:
    before = failures()
    assert each_row("tests", [1, 2, 3], renames(demo_bank)) == 4
    assert failures() == before + 1
    assert each_row("tests", [1, 2], renames(demo_bank)) == 1
    demo_bank.refresh_from_db()
    assert demo_bank.name == "Bank 1"


def test_what_is_logged_says_which_and_nothing_of_whom(
    demo_bank: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    each_row("tests", [2], renames(demo_bank))
    (line,) = caplog.records
    assert line.levelname == "ERROR"
    assert line.getMessage().startswith("tests: row 2 failed: ValueError")
    assert "in act" in line.getMessage()
    assert SECRET not in caplog.text
    assert "Mensah" not in caplog.text


def test_one_bad_institution_stops_no_other(demo_bank: Tenant) -> None:
    done = 0
    for key in (1, 2, 3):
        with going_on("tests", f"institution {key}"):
            done += renames(demo_bank)(key)
    assert done == 4


def test_a_row_that_broke_its_transaction_leaves_ours_good(
    make_customer: MakeCustomer,
) -> None:
    customer = make_customer()

    def twice(_: int) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nothing FROM nowhere")
        return 1

    with transaction.atomic():
        assert each_row("tests", [1, 2], twice) == 0
        customer.refresh_from_db()


def test_the_end_of_the_worker_s_time_ends_the_sweep() -> None:
    assert [error.__name__ for error in ENDING] == ["SoftTimeLimitExceeded"]

    def late(_: int) -> int:
        raise ENDING[0]

    with pytest.raises(ENDING[0]):
        each_row("tests", [1, 2], late)


def test_without_a_database_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_: int) -> int:
        raise OperationalError

    monkeypatch.setattr(connection, "is_usable", lambda: False)
    with pytest.raises(OperationalError):
        each_row("tests", [1, 2], gone)
