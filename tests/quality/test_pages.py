"""The page of the rules, the list, a finding, its acceptance, and the panel."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from common.errors import DomainError
from customers.quality.models import DailyCount, Finding
from customers.quality.services import (
    accept_finding,
    check_customer,
    withdraw_acceptance,
)
from customers.quality.trend import Trend
from customers.registry.models import Customer
from events.models import NightlyRun, RecordedEvent
from tenants.models import Tenant, User
from tests.conftest import ClientAs, Deliver, MakeStaff
from tests.quality.conftest import found, run, spoil

pytestmark = pytest.mark.django_db
NEW_YEAR = {"birth_date": "1960-01-01"}


@pytest.fixture
def officer(make_staff: MakeStaff) -> User:
    return make_staff("compliance_officer")


@pytest.fixture
def desk(client_as: ClientAs, officer: User) -> Client:
    return client_as(officer)


@pytest.fixture
def finding(clean: Customer, demo_bank: Tenant) -> Finding:
    """Somebody who says to be born on 1 January."""
    spoil(clean, details=NEW_YEAR)
    run(demo_bank)
    return Finding.objects.get()


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:{name}", args=args)


def html_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return str(answer.content.decode())


# --- the page of the rules --------------------------------------------------------
def test_before_the_first_run_the_page_says_so(desk: Client) -> None:
    html = html_of(desk, page("quality_overview"))
    assert "Nobody has looked yet." in html
    assert "Not run yet" in html
    assert "after two nights" in html


def test_each_rule_has_its_count_trend_and_list(
    finding: Finding, desk: Client, demo_bank: Tenant
) -> None:
    for days, count in ((10, 4), (3, 2)):
        day = demo_bank.today - timedelta(days=days)
        DailyCount.objects.create(
            tenant=demo_bank, rule=finding.rule, day=day, open=count
        )
    html = html_of(desk, page("quality_overview"))
    row = html.partition("Born on 1 January")[2].partition("</tr>")[0]
    assert "3 fewer" in row
    assert 'role="img" aria-label="From 4 on' in row
    assert ", at most 4" in row
    assert f"{page('quality_finding_changelist')}?rule=birth_date_new_year" in html
    assert html.index("Born on 1 January") < html.index("Name is improbable")
    assert "Findings opened" in html


def test_a_trend_says_and_draws_what_was_counted() -> None:
    today = timezone.localdate()
    days = [(today - timedelta(days=n), n) for n in (29, 7, 0)]
    trend = Trend(days, today, 5)
    assert trend.change_words == "2 fewer"
    assert trend.points.startswith("3.0,3.0 ")
    assert trend.points.endswith("117.0,25.0")
    assert Trend(days[2:], today, 5).change_words == ""
    assert Trend(days[2:], today, 5).points == ""
    assert Trend(days, today, 7).change_words == "no change"
    assert Trend(days, today, 9).change_words == "2 more"


def test_check_now_is_done_by_a_worker_and_watched(
    clean: Customer, desk: Client, deliver: Deliver
) -> None:
    spoil(clean, details=NEW_YEAR)
    answer = desk.post(page("quality_check"), {"_form_submitted": "on"})
    assert answer.status_code == 302
    html = html_of(desk, page("quality_progress"))
    assert "Waits for a worker" in html
    assert 'hx-trigger="every 2s"' in html
    again = desk.post(page("quality_check"), {"_form_submitted": "on"})
    assert "A check is running already" in again.content.decode()
    deliver()
    assert found(clean)
    html = html_of(desk, page("quality_progress"))
    assert "Done" in html
    assert "hx-get" not in html


def test_a_run_under_way_shows_its_figures(desk: Client, demo_bank: Tenant) -> None:
    now = timezone.now()
    running = NightlyRun.objects.create(
        tenant=demo_bank, name="data_quality", counted_on=demo_bank.today,
        started_at=now, leased_until=now + timedelta(minutes=1),
        figures={"customers": 12000},
    )  # fmt: skip
    html = html_of(desk, page("quality_progress"))
    assert "Running" in html
    assert "12,000" in html
    running.leased_until = now - timedelta(minutes=1)
    running.save()
    html = html_of(desk, page("quality_progress"))
    assert "Broken off, tried again within the hour" in html
    assert "hx-get" not in html


# --- the list and a finding -------------------------------------------------------
def test_the_list_narrows_and_leads_to_the_field(
    finding: Finding, desk: Client, clean: Customer
) -> None:
    url = page("quality_finding_changelist")
    edit = f"{page('registry_customer_edit', clean.pk)}#id_birth_date"
    for query in ("", "?rule=birth_date_new_year", "?severity=low", "?q=mensah"):
        html = html_of(desk, url + query)
        assert clean.public_id in html, query
        assert edit in html
    for query in ("?severity=high", "?older=7", "?state=closed", "?q=somebody"):
        assert clean.public_id not in html_of(desk, url + query), query
    Finding.objects.update(opened_on=clean.tenant.today - timedelta(days=8))
    assert clean.public_id in html_of(desk, f"{url}?older=7")
    assert clean.public_id not in html_of(desk, f"{url}?older=30")


def test_the_front_line_corrects_and_auditors_look(
    finding: Finding, clean: Customer, client_as: ClientAs, make_staff: MakeStaff
) -> None:
    edit = page("registry_customer_edit", clean.pk)
    url = page("quality_finding_change", finding.pk)
    front = html_of(client_as(make_staff("client_facing")), url)
    assert edit in front
    assert page("quality_finding_accept", finding.pk) not in front
    assert edit not in html_of(client_as(make_staff("auditor")), url)
    teller = client_as(make_staff("teller")).get(url)
    assert teller.status_code == 403


def test_the_customer_page_has_a_panel_only_with_findings(
    finding: Finding, clean: Customer, desk: Client, demo_bank: Tenant
) -> None:
    url = page("registry_customer_change", clean.pk)
    html = html_of(desk, url)
    assert "1 finding" in html
    assert "Born on 1 January" in html
    spoil(clean, details={"birth_date": "1990-05-17"})
    run(demo_bank)
    assert "Born on 1 January" not in html_of(desk, url)


def test_the_list_asks_no_more_for_more_rows(
    finding: Finding, clean: Customer, desk: Client, django_assert_max_num_queries: Any
) -> None:
    rows = [
        Finding(
            tenant=clean.tenant, customer=clean, rule="phone_improbable",
            subject=str(n), opened_on=finding.opened_on,
            last_seen_on=finding.opened_on,
        )
        for n in range(30)
    ]  # fmt: skip
    url = page("quality_finding_changelist")
    desk.get(url)
    Finding.objects.bulk_create(rows)
    with django_assert_max_num_queries(16):
        desk.get(url)


# --- accepted ---------------------------------------------------------------------
def test_accepted_it_does_not_count_until_the_data_changes(
    finding: Finding, clean: Customer, desk: Client, officer: User, demo_bank: Tenant
) -> None:
    url = page("quality_finding_accept", finding.pk)
    body = {"reason": "The passport says so", "_form_submitted": "on"}
    assert desk.post(url, body).status_code == 302
    row = Finding.objects.get()
    assert (row.accepted_by, row.is_counting) == (officer, False)
    event = RecordedEvent.objects.get(type="FindingAccepted")
    assert (event.reason, event.is_restricted) == ("The passport says so", True)
    run(demo_bank)
    assert not Finding.objects.get().is_counting
    assert DailyCount.objects.get(rule=row.rule).accepted == 1
    spoil(clean, details={"birth_date": "1970-02-02"})
    spoil(clean, details={"birth_date": "1961-01-01"})
    check_customer(clean.pk)
    row = Finding.objects.get()
    assert row.is_counting
    assert row.accepted_reason == row.accepted_mark == ""


def test_reasons_are_not_for_the_front_line(
    finding: Finding, officer: User, client_as: ClientAs, make_staff: MakeStaff,
    desk: Client,
) -> None:  # fmt: skip
    accept_finding(finding.pk, reason="Seen the passport", by=officer)
    url = page("quality_finding_change", finding.pk)
    assert "Seen the passport" in html_of(desk, url)
    front = html_of(client_as(make_staff("client_facing")), url)
    assert "Seen the passport" not in front
    assert "Accepted" in front


def test_what_cannot_be_accepted_says_why(
    finding: Finding, clean: Customer, officer: User
) -> None:
    with pytest.raises(DomainError, match="Say why"):
        accept_finding(finding.pk, reason=" ", by=officer)
    with pytest.raises(DomainError, match="at most 300"):
        accept_finding(finding.pk, reason="x" * 301, by=officer)
    with pytest.raises(DomainError, match="not accepted"):
        withdraw_acceptance(finding.pk, by=officer)
    spoil(clean, details={"birth_date": "1990-05-17"})
    with pytest.raises(DomainError, match="changed meanwhile"):
        accept_finding(finding.pk, reason="Seen", by=officer)
    check_customer(clean.pk)
    with pytest.raises(DomainError, match="closed already"):
        accept_finding(finding.pk, reason="Seen", by=officer)


def test_a_mistaken_acceptance_is_taken_back(
    finding: Finding, desk: Client, officer: User
) -> None:
    accept_finding(finding.pk, reason="Seen", by=officer)
    with pytest.raises(DomainError, match="accepted already"):
        accept_finding(finding.pk, reason="Seen", by=officer)
    url = page("quality_finding_withdraw", finding.pk)
    assert desk.post(url, {"_form_submitted": "on"}).status_code == 302
    assert Finding.objects.get().is_counting


def test_a_finding_of_a_rule_no_release_knows_is_still_shown(
    finding: Finding, desk: Client
) -> None:
    Finding.objects.update(rule="older_rule")
    assert "Older rule" in html_of(desk, page("quality_finding_changelist"))
    html = html_of(desk, page("quality_finding_change", finding.pk))
    assert "No rule of this release finds it." in html


def test_nothing_personal_is_kept(
    finding: Finding, officer: User, clean: Customer
) -> None:
    accept_finding(finding.pk, reason="Seen", by=officer)
    said = str(Finding.objects.values().get()) + str(
        list(RecordedEvent.objects.values())
    )
    assert NEW_YEAR["birth_date"] not in said
