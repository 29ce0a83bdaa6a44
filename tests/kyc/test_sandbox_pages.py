"""The stand-in's pages, driven as applicant and reviewer do."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from kyc.sandbox import services
from kyc.sandbox.models import (
    SandboxApplicant,
    SandboxDelivery,
    SandboxLink,
    SandboxSwitches,
)

pytestmark = pytest.mark.django_db

BANNER = "This stands in for Sumsub. Nothing here is real."
TYPED = {
    "first_name": "Ada",
    "last_name": "Sample",
    "birth_date": "1990-02-28",
    "nationality": "KEN",
    "address": "Moi Avenue 1, Nairobi",
    "document_type": "PASSPORT",
    "document_number": "C01X00T47",
}


@pytest.fixture(autouse=True)
def _sandbox(settings: Settings) -> None:
    settings.SUMSUB_SANDBOX = True
    settings.SUMSUB_APP_TOKEN = "sbx:local"
    settings.SUMSUB_KYB_LEVEL = "company-level"
    settings.SANDBOX_SYNC_WEBHOOKS = True


def link(level: str = "basic", ttl_seconds: int = 60) -> str:
    made = services.create_link(
        external_user_id="cust-1", level_name=level, ttl_seconds=ttl_seconds
    )
    return f"/sandbox/sumsub/websdk/p/{made.token}"


def the_applicant() -> SandboxApplicant:
    return SandboxApplicant.objects.get()


def press(client: Client, action: str, **typed: Any) -> Any:
    page = f"/sandbox/sumsub/review/{the_applicant().pk}"
    return client.post(page, {"action": action, **typed}, follow=True)


def event_types() -> list[str]:
    return list(
        SandboxDelivery.objects.order_by("pk").values_list("event_type", flat=True)
    )


def test_applicant_opens_fills_in_and_submits(client: Client) -> None:
    url = link()
    page = client.get(url)
    assert BANNER in page.text
    assert "Submit" in page.text
    assert event_types() == ["applicantCreated"]
    assert client.post(url, TYPED, follow=True).status_code == 200
    applicant = the_applicant()
    assert (applicant.review_status, applicant.attempt_count) == ("pending", 1)
    assert applicant.found["idDocs"][0]["number"] == "C01X00T47"
    assert event_types() == ["applicantCreated", "applicantPending"]
    thanks = client.get(url).text
    assert "being checked" in thanks
    assert "Submit" not in thanks


def test_errors_are_shown_beside_the_fields(client: Client) -> None:
    wrong = TYPED | {"nationality": "Kenya", "birth_date": "2999-01-01", "address": ""}
    page = client.post(link(), wrong)
    assert "Give the country in three capital letters" in page.text
    assert "Give a birth date in the past." in page.text
    assert "Address is missing." in page.text
    assert the_applicant().review_status == "init"


def test_company_fills_in_its_own_form(client: Client) -> None:
    typed = {
        "name": "Acme Ltd",
        "registration_number": "HRB 1",
        "country": "KEN",
        "address": "Moi Avenue 2, Nairobi",
    }
    url = link("company-level")
    assert "Company name" in client.get(url).text
    client.post(url, typed)
    applicant = the_applicant()
    assert applicant.is_company
    assert applicant.company["companyName"] == "Acme Ltd"


def test_expired_link_says_so_and_creates_nobody(client: Client) -> None:
    url = link()
    SandboxLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    for answer in (client.get(url), client.post(url, TYPED)):
        assert answer.status_code == 410
        assert "This link has expired." in answer.text
    assert client.get("/sandbox/sumsub/websdk/p/unknown").status_code == 404
    assert not SandboxApplicant.objects.exists()


def test_link_finds_the_applicant_again(client: Client) -> None:
    client.get(link())
    client.get(link())
    assert the_applicant().level_name == "basic"
    client.get(link("next"))
    assert the_applicant().level_name == "next"
    assert event_types() == ["applicantCreated", "applicantLevelChanged"]


@pytest.mark.parametrize(
    ("action", "status", "verdict", "event_type"),
    [
        ("approve", "completed", ("GREEN", None), "applicantReviewed"),
        ("retry", "completed", ("RED", "RETRY"), "applicantReviewed"),
        ("reject", "completed", ("RED", "FINAL"), "applicantReviewed"),
        ("hold", "onHold", (None, None), "applicantOnHold"),
    ],
)
def test_reviewer_answers(
    client: Client,
    action: str,
    status: str,
    verdict: tuple[str | None, str | None],
    event_type: str,
) -> None:
    client.post(link(), TYPED)
    press(client, action, labels=["FORGERY"], moderation_comment="Look again.")
    applicant = the_applicant()
    result = applicant.review_result or {}
    assert applicant.review_status == status
    assert (result.get("reviewAnswer"), result.get("reviewRejectType")) == verdict
    assert event_types()[-1] == event_type
    if verdict[0] == "RED":
        assert result["rejectLabels"] == ["FORGERY"]
        assert result["moderationComment"] == "Look again."


def test_asked_again_the_applicant_sees_why_and_submits(client: Client) -> None:
    url = link()
    client.post(url, TYPED)
    press(client, "retry", moderation_comment="Photograph the whole page.")
    page = client.get(url).text
    assert "Photograph the whole page." in page
    assert 'value="Sample"' in page
    client.post(url, TYPED)
    assert the_applicant().attempt_count == 2


def test_late_red_after_approval(client: Client) -> None:
    url = link()
    client.post(url, TYPED)
    approved = press(client, "approve")
    assert "Send a late RED" in approved.text
    assert "complete" in client.get(url).text
    press(client, "reject", labels=["SANCTIONS"])
    assert the_applicant().is_finally_rejected
    assert "declined" in client.get(url).text


def test_other_deeds_of_the_reviewer(client: Client) -> None:
    client.post(link(), TYPED)
    refused = press(client, "reset")
    assert "Not possible from status pending." in refused.text
    press(client, "approve")
    press(client, "correct", **(TYPED | {"last_name": "Changed"}))
    press(client, "reset")
    press(client, "deactivate")
    press(client, "activate")
    press(client, "delete")
    assert event_types()[3:] == [
        "applicantPersonalInfoChanged",
        "applicantReset",
        "applicantDeactivated",
        "applicantActivated",
        "applicantDeleted",
    ]
    assert "not known here" in press(client, "dance").text


def test_wrong_corrections_change_nothing(client: Client) -> None:
    client.post(link(), TYPED)
    page = press(client, "correct", **(TYPED | {"nationality": "?"}))
    assert "Give the country in three capital letters" in page.text
    assert event_types() == ["applicantCreated", "applicantPending"]


def test_lists_and_switches(client: Client) -> None:
    assert "No applicants yet." in client.get("/sandbox/sumsub/review").text
    assert "No webhooks yet." in client.get("/sandbox/sumsub/").text
    client.post(link(), TYPED)
    listed = client.get("/sandbox/sumsub/review").text
    assert "Ada Sample" in listed
    assert "Waits for the reviewer" in listed
    counts = {"answer_429": "3", "answer_409": "0", "answer_503": "0"}
    more = {"answer_slowly": "0", "slow_seconds": "15", "retry_after_seconds": "2"}
    client.post("/sandbox/sumsub/", {"duplicates": "on", **counts, **more})
    switches = SandboxSwitches.load()
    assert (switches.duplicates, switches.answer_429) == (True, 3)
    wrong = client.post("/sandbox/sumsub/", {**counts, **more, "answer_429": "-1"})
    assert "greater than or equal to 0" in wrong.text
    assert SandboxSwitches.load().answer_429 == 3


def test_forms_are_protected_against_forgery() -> None:
    strict = Client(enforce_csrf_checks=True)
    url = link()
    assert strict.post(url, TYPED).status_code == 403
    assert strict.post("/sandbox/sumsub/", {"send": "1"}).status_code == 403
    page = strict.get(url).text
    assert re.search(r'name="csrfmiddlewaretoken"', page)
    review = f"/sandbox/sumsub/review/{the_applicant().pk}"
    assert strict.post(review, {"action": "approve"}).status_code == 403


def test_what_applicants_type_is_escaped(client: Client) -> None:
    client.post(link(), TYPED | {"first_name": "<script>alert(1)</script>"})
    for path in ("review", f"review/{the_applicant().pk}"):
        page = client.get(f"/sandbox/sumsub/{path}").text
        assert "<script>" not in page
        assert "&lt;script&gt;" in page
