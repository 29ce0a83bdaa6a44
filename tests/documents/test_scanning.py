"""Nothing is read before it is clean; a scanner that is away is waited for."""

import pytest
from django.conf import LazySettings

from common.errors import DomainError
from documents import services
from documents.choices import RejectReason, Review, Scan
from documents.downloads import readable_document
from documents.models import Document
from events.models import Delivery, RecordedEvent
from tenants.models import User
from tests.conftest import Deliver
from tests.documents.clamd import fake_clamd, says
from tests.documents.conftest import SendDocument

CLEAN, EVIL = says(b"stream: OK\0"), says(b"stream: Eicar-Test FOUND\0")
NOBODY = "127.0.0.1:1"


@pytest.fixture(autouse=True)
def scanner(settings: LazySettings) -> None:
    settings.CLAMAV_ADDRESS = NOBODY


def test_not_before_it_is_clean(
    send: SendDocument, officer: User, deliver: Deliver, settings: LazySettings
) -> None:
    document = send()
    assert document.scan == Scan.WAITING
    with pytest.raises(DomainError, match="waits for the malware scanner"):
        readable_document(officer, document.pk)
    with pytest.raises(DomainError, match="waits for the scanner"):
        services.accept_document(document.pk, by=officer)
    assert not Document.objects.awaiting_review().exists()
    with fake_clamd(CLEAN) as heard:
        settings.CLAMAV_ADDRESS = heard.address
        deliver()
    assert heard.digest == document.sha256, "all of it, and nothing else"
    assert readable_document(officer, document.pk).scan == Scan.CLEAN
    assert list(Document.objects.awaiting_review()) == [document]


def test_a_scanner_that_is_away_is_waited_for(
    send: SendDocument, deliver: Deliver, settings: LazySettings
) -> None:
    document = send()
    deliver()
    waiting = Delivery.objects.get(handler="documents.scan_document")
    assert (waiting.status, waiting.attempts) == (Delivery.Status.DUE, 1)
    document.refresh_from_db()
    assert document.scan == Scan.WAITING
    with fake_clamd(CLEAN) as heard:
        settings.CLAMAV_ADDRESS = heard.address
        deliver(hurry=True)
    document.refresh_from_db()
    assert document.scan == Scan.CLEAN


def test_malware_is_never_handed_out(
    send: SendDocument, officer: User, deliver: Deliver, settings: LazySettings
) -> None:
    document = send()
    with fake_clamd(EVIL) as heard:
        settings.CLAMAV_ADDRESS = heard.address
        deliver()
    document.refresh_from_db()
    assert (document.scan, document.scan_note) == (Scan.INFECTED, "Eicar-Test")
    assert document.review_reason == RejectReason.MALWARE
    with pytest.raises(DomainError, match="nobody can open it"):
        readable_document(officer, document.pk)
    with pytest.raises(DomainError, match="cannot be read"):
        services.open_stored(document)
    assert RecordedEvent.objects.filter(type="DocumentInfected").count() == 1
    assert not services.record_scan(document.pk, signature="", by=officer)


def test_a_scanner_that_was_taken_away_ends_on_staffs_list(
    send: SendDocument, deliver: Deliver, settings: LazySettings
) -> None:
    send()
    settings.CLAMAV_ADDRESS = ""
    deliver()
    waiting = Delivery.objects.get(handler="documents.scan_document")
    assert waiting.status == Delivery.Status.FAILED
    assert "No scanner is configured" in waiting.last_error


def test_without_a_scanner_nothing_waits(
    send: SendDocument, deliver: Deliver, settings: LazySettings, officer: User
) -> None:
    settings.CLAMAV_ADDRESS = ""
    document = send()
    deliver()
    assert readable_document(officer, document.pk).scan == Scan.OFF
    assert document.review == Review.PENDING
