"""Every verb from every status, who may decide, and what is written down."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from common.errors import DomainError, IllegalTransitionError, NotForYouError
from documents import services
from documents.choices import Deed, Kind, RejectReason, Review, Scan, Status
from documents.models import Document, DocumentAccess
from events.models import RecordedEvent
from tenants.models import Tenant, User
from tenants.services import change_policy
from tests.conftest import Deliver, MakeStaff, race
from tests.documents.conftest import SendDocument

NOW = timezone.now()
# verb, field, what it takes, and where from each status it leads.
VERBS: list[tuple[str, str, tuple[Any, ...], dict[str, str]]] = [
    ("store", "status", (), {"new": "active", "failed": "active", "active": "active"}),
    ("fail", "status", ("Away.",), {"new": "failed", "failed": "failed"}),
    ("archive", "status", (), {"active": "archived", "archived": "archived"}),
    ("remove", "status", (), {
        "active": "deleted", "archived": "deleted", "failed": "deleted",
        "deleted": "deleted",
    }),
    ("clear", "scan", (), {"waiting": "clean", "clean": "clean"}),
    ("condemn", "scan", ("Eicar",), {"waiting": "infected", "infected": "infected"}),
    ("accept", "review", (NOW,), {"pending": "accepted", "accepted": "accepted"}),
    ("reject", "review", (RejectReason.UNREADABLE, NOW), {
        "pending": "rejected", "rejected": "rejected",
    }),
]  # fmt: skip
STATUSES = {"status": Status.values, "scan": Scan.values, "review": Review.values}


@pytest.mark.parametrize(
    ("verb", "field", "takes", "ways", "start"),
    [
        (verb, field, takes, ways, start)
        for verb, field, takes, ways in VERBS
        for start in STATUSES[field]
    ],
)
def test_every_verb_from_every_status(
    verb: str, field: str, takes: tuple[Any, ...], ways: dict[str, str], start: str
) -> None:
    document = Document(kind=Kind.ID, **{field: start})
    if start not in ways:
        with pytest.raises(IllegalTransitionError):
            getattr(document, verb)(*takes)
        assert getattr(document, field) == start
        return
    event = getattr(document, verb)(*takes)
    assert getattr(document, field) == ways[start]
    assert (event is None) == (ways[start] == start)


def test_accepted_is_written_down(send: SendDocument, officer: User) -> None:
    document = send()
    assert services.accept_document(document.pk, by=officer)
    document.refresh_from_db()
    assert (document.review, document.reviewed_by) == (Review.ACCEPTED, officer)
    assert document.reviewed_at is not None
    event = RecordedEvent.objects.get(type="DocumentAccepted")
    assert event.payload["kind"] == Kind.ID
    assert not services.accept_document(document.pk, by=officer)
    with pytest.raises(IllegalTransitionError):
        services.reject_document(
            document.pk, reason=RejectReason.UNREADABLE, by=officer
        )


def test_rejected_with_a_reason_of_the_list(send: SendDocument, officer: User) -> None:
    document = send()
    for reason in ("", "ugly", RejectReason.MALWARE):
        with pytest.raises(DomainError, match="Choose a reason"):
            services.reject_document(document.pk, reason=reason, by=officer)  # type: ignore[arg-type]
    reason = RejectReason.LOOKS_ALTERED
    assert services.reject_document(document.pk, reason=reason, by=officer)
    document.refresh_from_db()
    assert document.review_reason == reason
    assert document.history.first().history_change_reason == "Rejected: Looks altered"


def test_nobody_reviews_their_own_upload(
    send: SendDocument, officer: User, demo_bank: Tenant, make_staff: MakeStaff
) -> None:
    document = send(by=officer)
    with pytest.raises(NotForYouError, match="somebody else"):
        services.accept_document(document.pk, by=officer)
    with pytest.raises(NotForYouError):
        services.reject_document(
            document.pk, reason=RejectReason.UNREADABLE, by=officer
        )
    administrator = make_staff("administrator", tenant=demo_bank)
    change_policy(
        demo_bank.pk, by=administrator, reason="One of us", is_single_employee=True
    )
    assert services.accept_document(document.pk, by=officer)
    assert "single-employee" in document.history.first().history_change_reason


def test_an_expired_document_is_no_evidence(
    send: SendDocument, officer: User, demo_bank: Tenant
) -> None:
    document = send(expires_on=demo_bank.today - timedelta(days=1))
    with pytest.raises(DomainError, match="it expired on"):
        services.accept_document(document.pk, by=officer)
    last_day = send(expires_on=demo_bank.today, id=None)
    assert services.accept_document(last_day.pk, by=officer)


def test_evidence_ends_with_its_day(
    send: SendDocument, officer: User, demo_bank: Tenant
) -> None:
    today = demo_bank.today
    document = send(expires_on=today)
    services.accept_document(document.pk, by=officer)
    assert list(Document.objects.evidence(today)) == [document]
    assert not Document.objects.evidence(today + timedelta(days=1)).exists()
    services.archive_document(document.pk, reason="Replaced", by=officer)
    assert not Document.objects.evidence(today).exists()


def test_deleted_means_the_bytes_are_gone(
    send: SendDocument, officer: User, deliver: Deliver, files_folder: Any
) -> None:
    document = send()
    place = files_folder / document.key
    assert place.exists()
    assert services.delete_document(document.pk, reason="Wrong person", by=officer)
    deliver()
    assert not place.exists()
    document.refresh_from_db()
    assert document.status == Status.DELETED
    assert document.sha256, "the row says for ever what it was"
    assert document.history.first().history_change_reason == "Wrong person"
    assert not services.delete_document(document.pk, reason="Again", by=officer)
    with pytest.raises(DomainError, match="cannot be read"):
        services.open_stored(document)


def test_the_queue_is_oldest_first_and_of_clean_ones(send: SendDocument) -> None:
    first, second, third = send(), send(), send()
    Document.objects.filter(pk=second.pk).update(uploaded_at=NOW - timedelta(days=1))
    Document.objects.filter(pk=third.pk).update(scan=Scan.WAITING)
    assert list(Document.objects.awaiting_review()) == [second, first]


def test_a_look_is_logged(send: SendDocument, officer: User) -> None:
    document = send()
    services.record_access(document, Deed.PREVIEW, by=officer)
    access = DocumentAccess.objects.get()
    assert (access.document, access.reader) == (document, officer)


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_at_once_decide_once(
    send: SendDocument, make_staff: MakeStaff, demo_bank: Tenant
) -> None:
    document = send()
    one, two = (make_staff("compliance_officer", tenant=demo_bank) for _ in range(2))
    outcomes: list[str] = []

    def accept() -> None:
        try:
            services.accept_document(document.pk, by=one)
            outcomes.append("accepted")
        except DomainError:
            outcomes.append("refused")

    def reject() -> None:
        try:
            services.reject_document(
                document.pk, reason=RejectReason.UNREADABLE, by=two
            )
            outcomes.append("rejected")
        except DomainError:
            outcomes.append("refused")

    race(accept, reject)
    document.refresh_from_db()
    assert sorted(outcomes) == sorted(["refused", document.review])
    decided = ("DocumentAccepted", "DocumentRejected")
    assert RecordedEvent.objects.filter(type__in=decided).count() == 1
