"""Nightly runs as staff see them, and the line on the home page."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from common.worklist import health_for
from events.models import NightlyRun
from tenants.models import Tenant
from tests.conftest import ClientAs, MakeStaff

pytestmark = pytest.mark.django_db


def a_run(tenant: Tenant, **columns: Any) -> NightlyRun:
    now = timezone.now()
    usual: dict[str, Any] = {
        "name": "data_quality", "counted_on": tenant.today, "status": "done",
        "started_at": now - timedelta(minutes=5), "finished_at": now,
        "figures": {"customers": 5000, "opened": 12},
    }  # fmt: skip
    run: NightlyRun = NightlyRun.objects.create(tenant=tenant, **{**usual, **columns})
    return run


def failed(tenant: Tenant, **columns: Any) -> NightlyRun:
    past = timezone.now() - timedelta(minutes=1)
    usual = {"status": "running", "finished_at": None, "leased_until": past}
    said = {"last_error": "IntegrityError: Ama Mensah", "starts": 3}
    return a_run(tenant, **{**usual, **said, **columns})


def test_the_list_says_what_each_run_did(
    demo_bank: Tenant, client_as: ClientAs, make_staff: MakeStaff
) -> None:
    run = a_run(demo_bank)
    client = client_as(make_staff("compliance_officer"))
    url = reverse("admin:events_nightlyrun_changelist")
    html = client.get(url).content.decode()
    assert "Data quality" in html
    assert "customers 5,000, opened 12" in html
    assert "5 min" in html
    page = client.get(reverse("admin:events_nightlyrun_change", args=[run.pk]))
    assert "Done" in page.content.decode()
    for query in ("?state=failed", "?job=data_quality&state=running"):
        assert "5,000" not in client.get(url + query).content.decode()


def test_a_failure_is_on_the_home_page_and_names_nobody_to_administrators(
    demo_bank: Tenant, second_bank: Tenant, client_as: ClientAs, make_staff: MakeStaff
) -> None:
    run = failed(demo_bank)
    officer, administrator = (
        make_staff("compliance_officer"), make_staff("administrator")
    )  # fmt: skip
    line = "Nightly run failed: data quality"
    assert line in [label.word for label in health_for(officer)]
    theirs = make_staff("auditor", tenant=second_bank)
    assert line not in [label.word for label in health_for(theirs)]
    url = reverse("admin:events_nightlyrun_change", args=[run.pk])
    html = client_as(officer).get(url).content.decode()
    assert "IntegrityError: Ama Mensah" in html
    assert "2 times, and taken up again" in html
    html = client_as(administrator).get(url).content.decode()
    assert "IntegrityError. The rest is not shown" in html
    assert "Ama Mensah" not in html
    assert client_as(make_staff("teller")).get(url).status_code == 403


@pytest.mark.parametrize(
    ("columns", "word", "is_told"),
    [
        ({}, "Failed", True),
        ({"last_error": ""}, "Broken off", False),
        ({"last_error": "", "leased_until": timedelta(hours=-3)}, "Broken off", True),
        ({"leased_until": timedelta(minutes=2)}, "Running", False),
        ({"status": "done", "leased_until": None, "last_error": ""}, "Done", False),
    ],
)
def test_how_a_run_stands(
    columns: dict[str, Any], word: str, *, is_told: bool, demo_bank: Tenant,
    client_as: ClientAs, make_staff: MakeStaff,
) -> None:  # fmt: skip
    if isinstance(columns.get("leased_until"), timedelta):
        columns = {**columns, "leased_until": timezone.now() + columns["leased_until"]}
    run = failed(demo_bank, **columns)
    officer = make_staff("senior_manager")
    url = reverse("admin:events_nightlyrun_change", args=[run.pk])
    assert word in client_as(officer).get(url).content.decode()
    told = [label.word for label in health_for(officer)]
    assert ("Nightly run failed: data quality" in told) is is_told
