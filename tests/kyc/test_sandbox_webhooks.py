"""The stand-in's webhooks: signed, in order, sent again, and wrong on demand."""

import json
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from kyc.sandbox import sender, services
from kyc.sandbox.details import PersonDetails
from kyc.sandbox.models import SandboxApplicant, SandboxDelivery, SandboxSwitches
from kyc.sumsub.webhook import parse_callback, verify_digest
from tests.kyc.sumsub_server import Answer, Seen, Server, running_server

pytestmark = pytest.mark.django_db(transaction=True)

SECRETS = ["newest", "older"]
ZOE = PersonDetails("Zoë", "Beispiel", birth_date=date(1990, 1, 1))


@pytest.fixture
def bank(settings: Settings) -> Iterator[Server]:
    """The bank's end of the wire."""
    settings.SUMSUB_SANDBOX = True
    settings.SUMSUB_WEBHOOK_SECRETS = SECRETS
    settings.SUMSUB_WEBHOOK_ALGORITHM = "HMAC_SHA512_HEX"
    settings.SANDBOX_SYNC_WEBHOOKS = True
    settings.SANDBOX_RESEND_SECONDS = [2, 5]
    with running_server() as running:
        settings.SANDBOX_WEBHOOK_URL = running.url
        yield running


def switch(**faults: Any) -> None:
    SandboxSwitches.objects.update_or_create(pk=1, defaults=faults)


def make() -> SandboxApplicant:
    return services.create_applicant(external_user_id="cust-1", level_name="basic")


def is_genuine(seen: Seen, algorithm: str = "HMAC_SHA512_HEX") -> bool:
    return verify_digest(
        seen.body,
        digest=seen.headers["X-Payload-Digest"],
        algorithm=seen.headers["X-Payload-Digest-Alg"],
        secrets=SECRETS,
        expected_algorithm=algorithm,
    )


def types(bank: Server) -> list[str]:
    return [parse_callback(seen.body).type for seen in bank.seen]


def test_a_story_is_told_in_order(bank: Server) -> None:
    applicant = make()
    services.submit(applicant.pk, ZOE)
    services.hold(applicant.pk)
    services.review(
        applicant.pk,
        "RED",
        "RETRY",
        ["INCOMPLETE_DOCUMENT"],
        moderation_comment="Bitte die ganze Seite, Zoë.",
    )
    services.change_details(applicant.pk, ZOE)
    services.reset(applicant.pk)
    services.deactivate(applicant.pk)
    services.activate(applicant.pk)
    services.delete(applicant.pk)
    assert types(bank) == [
        "applicantCreated",
        "applicantPending",
        "applicantOnHold",
        "applicantReviewed",
        "applicantPersonalInfoChanged",
        "applicantReset",
        "applicantDeactivated",
        "applicantActivated",
        "applicantDeleted",
    ]
    assert all(is_genuine(seen) for seen in bank.seen)
    states = SandboxDelivery.objects.values_list("state", "status_code", "tries")
    assert set(states) == {("delivered", 200, 1)}


def test_body_is_laid_out_as_the_provider_does(bank: Server) -> None:
    applicant = make()
    services.review(applicant.pk, "RED", "FINAL", client_comment="Zoë")
    body = bank.seen[1].body
    assert b'"reviewAnswer" : "RED"' in body
    assert b"\n" in body
    assert "Zoë".encode() in body
    notice = parse_callback(body)
    assert notice.applicant_id == applicant.pk
    assert notice.external_user_id == "cust-1"
    assert (notice.review_status, notice.review_answer) == ("completed", "RED")
    assert notice.reject_type == "FINAL"
    assert notice.is_sandbox is True
    assert notice.created_at is not None
    assert abs(timezone.now() - notice.created_at) < timedelta(seconds=10)
    first_name = ZOE.first_name
    assert not any(first_name.encode() in seen.body for seen in bank.seen[:1])


def test_reset_still_carries_the_old_verdict(bank: Server) -> None:
    applicant = make()
    services.review(applicant.pk, "GREEN")
    services.reset(applicant.pk)
    notice = parse_callback(bank.seen[-1].body)
    assert notice.type == "applicantReset"
    assert (notice.review_status, notice.review_answer) == ("init", "GREEN")
    assert SandboxApplicant.objects.get(pk=applicant.pk).review_result is None


def test_failed_webhook_is_sent_again_byte_for_byte(bank: Server) -> None:
    bank.answers[:] = [
        Answer(500, b""),
        Answer(302, b"", {"Location": f"{bank.url}/else"}),
    ]
    make()
    delivery = SandboxDelivery.objects.get()
    assert (delivery.state, delivery.status_code) == ("waiting", 500)
    assert delivery.due_at > timezone.now() + timedelta(seconds=1)
    assert sender.send_due() == 0
    soon = timezone.now() + timedelta(seconds=60)
    assert sender.send_due(soon) == 1
    assert sender.send_due(soon) == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries) == ("delivered", 3)
    assert len({seen.body for seen in bank.seen}) == 1
    assert len(bank.seen) == 3


def test_webhook_is_given_up_after_the_last_resend(bank: Server) -> None:
    bank.answers[:] = [Answer(500, b"") for _ in range(5)]
    make()
    soon = timezone.now() + timedelta(seconds=60)
    assert [sender.send_due(soon) for _ in range(3)] == [1, 1, 0]
    assert SandboxDelivery.objects.get().state == "given_up"


def test_nobody_listening_is_noted(bank: Server, settings: Settings) -> None:
    settings.SANDBOX_WEBHOOK_URL = "http://127.0.0.1:9/"
    make()
    delivery = SandboxDelivery.objects.get()
    assert (delivery.status_code, delivery.error) == (None, "ConnectionError")


def test_duplicates(bank: Server) -> None:
    switch(duplicates=True)
    make()
    first, second = bank.seen
    assert first.body == second.body


def test_reversed_order(bank: Server) -> None:
    switch(reversed_order=True)
    applicant = make()
    assert bank.seen == []
    services.submit(applicant.pk, ZOE)
    assert types(bank) == ["applicantPending", "applicantCreated"]


def test_held_webhook_goes_out_alone_in_the_end(bank: Server) -> None:
    switch(reversed_order=True)
    make()
    assert sender.send_due(timezone.now() + timedelta(seconds=6)) == 1


def test_late_resend_keeps_the_old_time(bank: Server) -> None:
    switch(late_resend=True)
    applicant = make()
    services.submit(applicant.pk, ZOE)
    assert types(bank) == ["applicantCreated", "applicantPending", "applicantCreated"]
    assert bank.seen[2].body == bank.seen[0].body


def test_same_correlation_id_on_two_types(bank: Server) -> None:
    switch(same_correlation=True)
    applicant = make()
    services.submit(applicant.pk, ZOE)
    first, second = (parse_callback(seen.body) for seen in bank.seen)
    assert first.type != second.type
    assert first.correlation_id == second.correlation_id


def test_odd_bodies(bank: Server) -> None:
    switch(sandbox_flag_as_text=True, null_result=True, unknown_type=True)
    make()
    assert types(bank) == ["applicantCreated", "applicantSomethingNew"]
    body = json.loads(bank.seen[0].body)
    assert body["sandboxMode"] == "false"
    assert body["reviewResult"] is None
    switch(
        sandbox_flag_as_text=False,
        null_result=False,
        unknown_type=False,
        missing_fields=True,
    )
    services.hold(body["applicantId"])
    notice = parse_callback(bank.seen[-1].body)
    assert notice.applicant_id == body["applicantId"]
    assert notice.external_user_id == notice.applicant_type == ""
    assert notice.is_sandbox is None
    assert notice.created_at is not None


def test_wrong_digests(bank: Server) -> None:
    switch(bad_digest=True)
    applicant = make()
    assert not is_genuine(bank.seen[0])
    switch(bad_digest=False, sha1_digest=True)
    services.hold(applicant.pk)
    assert not is_genuine(bank.seen[1])
    assert is_genuine(bank.seen[1], "HMAC_SHA1_HEX")


def test_webhooks_wait_for_the_commit(bank: Server) -> None:
    with transaction.atomic():
        make()
        assert bank.seen == []
    assert types(bank) == ["applicantCreated"]


def test_nothing_is_sent_for_a_change_that_is_rolled_back(bank: Server) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        make()
        raise ZeroDivisionError
    assert bank.seen == []
    assert not SandboxDelivery.objects.exists()


def test_background_thread_sends_in_order_and_ends(
    bank: Server, settings: Settings
) -> None:
    settings.SANDBOX_SYNC_WEBHOOKS = False
    settings.SANDBOX_RESEND_SECONDS = [0.1]
    bank.answers[:] = [Answer(500, b"")]
    applicant = make()
    services.submit(applicant.pk, ZOE)
    for thread in threading.enumerate():
        if thread.name == "sandbox-webhooks":
            thread.join(timeout=10)
            assert not thread.is_alive()
    assert sorted(types(bank)) == [
        "applicantCreated",
        "applicantCreated",
        "applicantPending",
    ]
    assert not SandboxDelivery.objects.exclude(state="delivered").exists()
