"""A file's way in: once, whole, and not lost when the store is away."""

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from common.errors import DomainError
from common.keys import new_id
from customers.registry.choices import DeclineReason
from customers.registry.models import Customer
from customers.registry.services import decline_customer
from documents.choices import IdType, Kind, Source, Status
from documents.expiry import INTERRUPTED_AFTER, sweep_documents
from documents.models import Document, HeldChunk
from documents.services import Paper, Received, receive_document, record_stored
from documents.uploads import INTERRUPTED, digest_of, store_held, upload_document
from events.delivery import run
from events.models import Delivery, RecordedEvent
from tenants.models import User
from tests.conftest import Deliver, MakeCustomer, race
from tests.documents.conftest import SendDocument, stored_bytes
from tests.documents.files import pdf, picture, upload

BreakStore = Callable[[], Callable[[], None]]


def test_what_was_sent_is_what_is_stored(send: SendDocument, clerk: User) -> None:
    content = pdf("Ama Mensah")
    document = send(
        content, "My Passport (new).pdf", id_type=IdType.PASSPORT,
        issued_on=date(2024, 1, 2), expires_on=date(2034, 1, 2),
    )  # fmt: skip
    document.refresh_from_db()
    assert document.status == Status.ACTIVE
    assert stored_bytes(document) == content
    assert document.sha256 == hashlib.sha256(content).hexdigest()
    assert (document.size, document.content_type) == (len(content), "application/pdf")
    assert document.original_name == "My Passport (new).pdf"
    assert document.name == "My-Passport-new-pdf"
    assert document.key == f"documents/customer_document/{document.pk}.pdf"
    assert (document.uploaded_by, document.source) == (clerk, Source.STAFF)
    events = RecordedEvent.objects.filter(subject_id=str(document.customer_id))
    types = list(events.order_by("created_at", "id").values_list("type", flat=True))
    assert types[-2:] == ["DocumentReceived", "DocumentStored"]
    reasons = document.history.order_by("history_id").values_list(
        "history_change_reason", flat=True
    )
    assert list(reasons) == ["Uploaded by staff", "Stored"]


def test_pictures_have_no_extension_in_the_store(send: SendDocument) -> None:
    document = send(picture("JPEG"), "face.jpg")
    assert document.key == f"documents/customer_document/{document.pk}"
    assert document.content_type == "image/jpeg"


def test_the_same_id_again_adds_nothing(send: SendDocument) -> None:
    asked = new_id()
    first = send(id=asked)
    again = send(pdf("Something else"), id=asked)
    assert again == first
    assert Document.objects.count() == 1
    assert stored_bytes(first) == pdf()


def test_an_id_of_another_customer_is_refused(
    send: SendDocument, make_customer: MakeCustomer, customer: Customer
) -> None:
    first = send()
    other = make_customer(tenant=customer.tenant)
    with pytest.raises(DomainError, match="begin anew"):
        send(customer=other, id=first.pk)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_with_one_id_are_one(customer: Customer, clerk: User) -> None:
    asked = new_id()

    def send_one() -> None:
        upload_document(customer.pk, Paper(kind=Kind.ID, id=asked), upload(), by=clerk)

    race(*[send_one] * 4)
    assert Document.objects.get().status == Status.ACTIVE


def test_the_providers_image_is_filed_once(send: SendDocument) -> None:
    first = send(source=Source.APPLICANT, provider_id="image-1")
    assert send(source=Source.APPLICANT, provider_id="image-1") == first


def test_the_same_file_twice_is_kept_and_flagged(
    send: SendDocument, make_customer: MakeCustomer, customer: Customer
) -> None:
    first = send()
    second = send(customer=make_customer(tenant=customer.tenant))
    assert list(Document.objects.same_file_as(second)) == [first]
    assert not Document.objects.same_file_as(send(pdf("Another"))).exists()


@pytest.mark.parametrize(
    ("paper", "sentence"),
    [
        ({"kind": "selfie"}, "no such kind"),
        ({"kind": "other", "id_type": "passport"}, "Only identity documents"),
        ({"id_type": "library_card"}, "no such type of ID"),
        ({"issued_on": date(2999, 1, 1)}, "in the future"),
        (
            {"issued_on": date(2024, 1, 2), "expires_on": date(2024, 1, 2)},
            "expire before it was issued",
        ),
    ],
)
def test_papers_that_contradict_themselves(
    send: SendDocument, paper: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(DomainError, match=sentence):
        send(**paper)
    assert not Document.objects.exists()
    assert not default_storage.exists("documents")


def test_a_customer_who_was_turned_away(
    send: SendDocument, customer: Customer, officer: User
) -> None:
    decline_customer(customer.pk, reason=DeclineReason.DUPLICATE, by=officer)
    with pytest.raises(DomainError, match="is archived"):
        send()


# --- the store is away ------------------------------------------------------------


def held_column() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM documents_heldchunk ORDER BY number")
        return str(cursor.fetchone()[0])


def test_a_store_that_is_away_loses_nothing(
    send: SendDocument, break_store: BreakStore, deliver: Deliver
) -> None:
    mend = break_store()
    content = pdf("Kofi", size=3_500_000)
    document = send(content)
    document.refresh_from_db()
    assert document.status == Status.FAILED
    assert "does not answer" in document.error
    assert HeldChunk.objects.filter(document=document).count() == 4
    assert "Kofi" not in held_column(), "what is held is encrypted"
    deliver()
    document.refresh_from_db()
    assert document.status == Status.FAILED, "the store is still away"
    mend()
    deliver(hurry=True)
    document.refresh_from_db()
    assert (document.status, document.error) == (Status.ACTIVE, "")
    assert stored_bytes(document) == content
    assert not HeldChunk.objects.exists()


def test_staff_try_again(
    send: SendDocument, break_store: BreakStore, officer: User
) -> None:
    mend = break_store()
    document = send()
    mend()
    assert store_held(document.pk, by=officer)
    document.refresh_from_db()
    assert document.status == Status.ACTIVE
    assert document.history.first().history_user == officer
    assert store_held(document.pk, by=officer), "asking twice is no error"


def test_a_store_that_fails_for_days_ends_on_staffs_list(
    send: SendDocument, break_store: BreakStore
) -> None:
    break_store()
    document = send()
    waiting = Delivery.objects.filter(handler="documents.store_again")
    for _ in range(16):
        waiting.update(due_at=timezone.now())
        run(waiting.get().pk)
    assert waiting.get().status == Delivery.Status.FAILED
    assert HeldChunk.objects.filter(document=document).exists()


# --- whoever stored it died -------------------------------------------------------


def received(customer: Customer, by: User, content: bytes) -> Document:
    """Do what a web process does until it is killed."""
    digest = hashlib.sha256(content).hexdigest()
    file = Received(
        name="a.pdf", size=len(content), sha256=digest, content_type="application/pdf"
    )
    document, _ = receive_document(customer.pk, Paper(kind=Kind.ID), file, by=by)
    old = timezone.now() - INTERRUPTED_AFTER - timedelta(seconds=1)
    Document.objects.filter(pk=document.pk).update(uploaded_at=old)
    return document


def test_an_upload_that_broke_off_is_said_to_be(
    customer: Customer, clerk: User, officer: User
) -> None:
    document = received(customer, clerk, pdf())
    assert sweep_documents() == (0, 1)
    document.refresh_from_db()
    assert (document.status, document.error) == (Status.FAILED, INTERRUPTED)
    with pytest.raises(DomainError, match="send the file again"):
        store_held(document.pk, by=officer)
    assert sweep_documents() == (0, 0)


def test_killed_after_the_store_had_it_all(
    customer: Customer, clerk: User, deliver: Deliver, files_folder: Path
) -> None:
    content = pdf()
    document = received(customer, clerk, content)
    place = files_folder / document.key
    place.parent.mkdir(parents=True)
    place.write_bytes(content)
    sweep_documents()
    deliver()
    document.refresh_from_db()
    assert document.status == Status.ACTIVE


def test_killed_when_the_store_had_half_of_it(
    customer: Customer, clerk: User, deliver: Deliver, files_folder: Path
) -> None:
    content = pdf()
    document = received(customer, clerk, content)
    place = files_folder / document.key
    place.parent.mkdir(parents=True)
    place.write_bytes(content[: len(content) // 2])
    sweep_documents()
    deliver()
    document.refresh_from_db()
    assert document.status == Status.FAILED


def test_one_that_is_just_being_stored_is_left_alone(
    customer: Customer, clerk: User
) -> None:
    document = received(customer, clerk, pdf())
    Document.objects.filter(pk=document.pk).update(uploaded_at=timezone.now())
    assert sweep_documents() == (0, 0)
    assert record_stored(document.pk, by=clerk)


def test_the_digest_is_that_of_the_whole_file(tmp_path: Path) -> None:
    place = tmp_path / "a"
    place.write_bytes(b"ab" * 1_500_000)
    with place.open("rb") as file:
        file.read(10)
        assert digest_of(file) == hashlib.sha256(place.read_bytes()).hexdigest()
        assert file.tell() == 0
