"""What applicants showed to Sumsub becomes documents of ours, once and for all."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from customers.registry.choices import DeclineReason
from customers.registry.models import Customer
from documents.choices import Kind, Review, Scan, Source, Status
from documents.models import Document
from documents.receiving import MAX_FILE_BYTES
from documents.services import Paper, Received, receive_document, record_scan
from events.delivery import run
from events.events import GiveUpError
from events.models import Delivery, RecordedEvent
from kyc.filing import file_images, kind_of
from kyc.manual import decide_by_hand
from kyc.models import Applicant, ManualReason, ManualVerdict
from kyc.sandbox.models import SandboxApplicant, SandboxImage, image_number
from kyc.sumsub.errors import SumsubUnavailable
from kyc.sumsub.types import ApplicantImage
from tenants.models import User
from tenants.services import get_machine
from tests.conftest import race
from tests.documents.conftest import (  # noqa: F401 - fixtures
    break_store,
    files_folder,
    stored_bytes,
)
from tests.documents.files import pdf, picture
from tests.documents.papers import PROGRAM
from tests.house import PERSON, Story, attempt_of
from tests.kyc.sumsub_server import Answer, running_server

pytestmark = pytest.mark.django_db(transaction=True)


def show(
    story: Story, document_type: str, side: str = "", content: bytes = b"", **more: Any
) -> SandboxImage:
    """Let the applicant have shown one more image."""
    content = content or pdf(f"{document_type} {side}")
    fields = {"file_type": "pdf", "file_name": "IMG_0042 Ama Mensah.pdf", **more}
    shown: SandboxImage = SandboxImage.objects.create(
        image_id=image_number(),
        applicant=SandboxApplicant.objects.get(pk=story.applicant_id),
        document_type=document_type,
        side=side,
        file_size=len(content),
        content=content,
        **fields,
    )
    return shown


def filed() -> dict[str, Document]:
    return {row.provider_id: row for row in Document.objects.all()}


def filing() -> Delivery:
    """The newest delivery that files."""
    rows = Delivery.objects.filter(handler="kyc.file_documents")
    about = rows.filter(event__payload__status="approved")
    newest: Delivery = about.latest("created_at")
    return newest


def notes() -> list[tuple[str, str]]:
    rows = RecordedEvent.objects.filter(type="ImageNotFiled").order_by("created_at")
    assert all(row.is_restricted for row in rows)
    return [(row.payload["image_id"], row.payload["why"]) for row in rows]


# --- the main road ------------------------------------------------------------------
def test_the_passport_is_filed_and_accepted(story: Story) -> None:
    story.approved()
    image, document = SandboxImage.objects.get(), Document.objects.get()
    assert document.provider_id == image.image_id
    assert (document.kind, document.id_type) == ("id", "passport")
    assert (document.source, document.status) == (Source.APPLICANT, Status.ACTIVE)
    assert (document.original_name, document.name) == ("passport.png", "passport-png")
    assert stored_bytes(document) == bytes(image.content)
    assert document.sha256 == hashlib.sha256(image.content).hexdigest()
    assert (document.review, document.reviewed_by) == (
        Review.ACCEPTED, get_machine("sumsub"),
    )  # fmt: skip
    assert filing().status == Delivery.Status.DONE


def test_sides_kinds_names_and_dates(story: Story) -> None:
    until = (timezone.now() + timedelta(days=900)).date()
    story.submitted({**PERSON, "document_valid_until": until.isoformat()})
    front = show(story, "ID_CARD", "FRONT_SIDE", picture("JPEG"), file_type="jpeg")
    show(story, "UTILITY_BILL")
    show(story, "SELFIE", content=picture("PNG", "red"), file_type="png")
    story.decided("approve")
    names = {d.original_name: (d.kind, d.id_type) for d in filed().values()}
    assert names == {
        "passport.png": ("id", "passport"),
        "id-card-front.jpg": ("id", "national_id"),
        "utility-bill.pdf": ("address_proof", ""),
        "selfie.png": ("other", ""),
    }
    passport = Document.objects.get(id_type="passport")
    assert passport.expires_on == until
    assert filed()[front.image_id].expires_on is None  # Sumsub read no such document
    assert set(Document.objects.values_list("review", flat=True)) == {"accepted"}


@pytest.mark.parametrize(
    ("document_type", "side", "kind", "id_type"),
    [
        ("PASSPORT", "", "id", "passport"),
        ("ID_CARD", "BACK_SIDE", "id", "national_id"),
        ("DRIVERS", "FRONT_SIDE", "id", "drivers_license"),
        ("RESIDENCE_PERMIT", "", "id", ""),
        ("UTILITY_BILL", "", "address_proof", ""),
        ("INCOME_SOURCE", "", "income_proof", ""),
        ("COMPANY_DOC", "STATE_REGISTRY", "business_registration", ""),
        ("COMPANY_DOC", "INCORPORATION_CERT", "business_registration", ""),
        ("COMPANY_DOC", "TRUST_AGREEMENT", "trust_deed", ""),
        ("COMPANY_DOC", "PROOF_OF_ADDRESS", "address_proof", ""),
        ("COMPANY_DOC", "SHAREHOLDER_REGISTRY", "other", ""),
        ("COMPANY_DOC", "PASSPORT_OF_NOBODY", "other", ""),
        ("A_LATER_WORD", "STATE_REGISTRY", "other", ""),
        ("", "", "other", ""),
    ],
)
def test_what_it_is_in_our_words(
    document_type: str, side: str, kind: str, id_type: str
) -> None:
    image = ApplicantImage(image_id="1", document_type=document_type, side=side)
    assert kind_of(image) == (kind, id_type)


def test_what_sumsub_refused_or_put_away_is_not_filed(story: Story) -> None:
    story.submitted()
    Applicant.objects.update(status="approved")
    SandboxImage.objects.update(is_deactivated=True)
    show(story, "PASSPORT", answer="RED")
    undecided = show(story, "UTILITY_BILL")
    file_images(attempt_of(story.customer).pk)
    assert set(filed()) == {undecided.image_id}
    assert filed()[undecided.image_id].review == Review.PENDING
    assert notes() == []


# --- again, at once, half-way ---------------------------------------------------------
def test_again_files_nothing_anew(story: Story) -> None:
    story.approved()
    before = list(Document.objects.values())
    SandboxImage.objects.update(content=b"")  # whoever asks for it again would notice
    for _ in range(2):
        file_images(attempt_of(story.customer).pk)
    assert list(Document.objects.values()) == before
    assert notes() == []


def test_twice_at_once_files_once(story: Story) -> None:
    story.submitted()
    show(story, "UTILITY_BILL", answer="GREEN")
    Applicant.objects.update(status="approved")
    SandboxImage.objects.update(answer="GREEN")
    attempt = attempt_of(story.customer)
    found = race(*[lambda: file_images(attempt.pk)] * 3)
    assert [error for error in found if error is not None] == []
    assert Document.objects.count() == 2
    assert RecordedEvent.objects.filter(type="DocumentAccepted").count() == 2


def test_a_renewal_files_what_is_new(story: Story, officer: User) -> None:
    story.approved()
    old = set(filed())
    until = story.customer.tenant.today + timedelta(days=5)
    Customer.objects.update(kyc_expires_on=until)
    story.customer.refresh_from_db()
    link = story.house.start_kyc(story.customer, officer)
    story.house.open_and_submit(link)
    story.deliver()
    story.decided("approve")
    assert RecordedEvent.objects.filter(type="KycRenewed").count() == 1
    assert old < set(filed())
    assert Document.objects.count() == 2


def test_a_worker_that_died_half_way(story: Story) -> None:
    """The row was written, and nobody lived to store the bytes."""
    story.submitted()
    image = SandboxImage.objects.get()
    size, sha256 = image.file_size, hashlib.sha256(image.content).hexdigest()
    half, _ = receive_document(
        story.customer.pk,
        Paper(kind=Kind.ID, provider_id=image.image_id, source=Source.APPLICANT),
        Received(name="a.png", size=size, sha256=sha256, content_type="image/png"),
        by=get_machine("documents"),
    )
    story.decided("approve")
    half.refresh_from_db()
    assert (half.status, half.review) == (Status.ACTIVE, Review.ACCEPTED)
    assert stored_bytes(half) == bytes(image.content)
    assert Document.objects.count() == 1


def test_sumsub_down_is_waited_for(story: Story) -> None:
    story.submitted()
    story.house.review(story.applicant_id, "approve")
    applying = Delivery.objects.filter(handler="kyc.apply_callback", status="due").get()
    assert run(applying.pk)
    story.house.set_faults(answer_503=3)  # the three quick tries
    assert not run(filing().pk)
    assert filing().status == Delivery.Status.DUE
    assert "Sumsub" in filing().last_error
    assert not Document.objects.exists()
    story.deliver(hurry=True)
    assert Document.objects.get().review == Review.ACCEPTED


def answers(story: Story, *images: SandboxImage) -> list[Answer]:
    """What Sumsub says of the applicant and of their images, before any bytes."""
    listed = [
        {"id": image.image_id, "idDocDef": {"idDocType": image.document_type},
         "reviewResult": {"reviewAnswer": "GREEN"}}
        for image in images
    ]  # fmt: skip
    applicant = {
        "id": story.applicant_id, "inspectionId": "i1", "type": "individual",
        "externalUserId": str(story.customer.pk),
    }  # fmt: skip
    return [Answer(content=applicant), Answer(content={"items": listed})]


def bytes_of(image: SandboxImage) -> Answer:
    return Answer(
        content=bytes(image.content), headers={"Content-Type": "application/pdf"}
    )


def test_what_sumsub_withholds_ends_on_staffs_list(story: Story, settings: Any) -> None:
    """It may be a right that our token lacks, so nothing is written off."""
    story.approved()
    withheld, given = show(story, "UTILITY_BILL"), show(story, "INCOME_SOURCE")
    attempt = attempt_of(story.customer)
    with running_server() as sumsub, settings_at(settings, sumsub.url):
        sumsub.answers[:] = [
            *answers(story, withheld, given), Answer(404, {}), bytes_of(given),
        ]  # fmt: skip
        with pytest.raises(GiveUpError, match="did not hand out 1 of the images"):
            file_images(attempt.pk)
    assert filed()[given.image_id].review == Review.ACCEPTED
    assert (Document.objects.count(), notes()) == (2, [])
    file_images(attempt.pk)  # as *Try again* does
    assert withheld.image_id in filed()


def test_sumsub_breaks_off_in_between(story: Story, settings: Any) -> None:
    story.approved()
    first, second = show(story, "UTILITY_BILL"), show(story, "INCOME_SOURCE")
    attempt = attempt_of(story.customer)
    with running_server() as sumsub, settings_at(settings, sumsub.url):
        sumsub.answers[:] = [
            *answers(story, first, second), bytes_of(first),
            *[Answer(503, {})] * 3,
        ]  # fmt: skip
        with pytest.raises(SumsubUnavailable):
            file_images(attempt.pk)
        assert second.image_id not in filed()
        sumsub.seen.clear()
        sumsub.answers[:] = [*answers(story, first, second), bytes_of(second)]
        file_images(attempt.pk)
        assert len(sumsub.seen) == 3  # the first was not fetched again
    assert {d.review for d in filed().values()} == {Review.ACCEPTED}
    assert Document.objects.count() == 3


@contextmanager
def settings_at(settings: Any, url: str) -> Iterator[None]:
    """Let Sumsub be elsewhere for a while."""
    before = settings.SUMSUB_BASE_URL
    settings.SUMSUB_BASE_URL = url
    yield
    settings.SUMSUB_BASE_URL = before


# --- hostile and odd ----------------------------------------------------------------
def test_one_hostile_image_does_not_keep_the_others_out(
    story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    story.submitted()
    lie = show(story, "UTILITY_BILL", content=PROGRAM, file_type="png")
    last = show(story, "INCOME_SOURCE")
    story.decided("approve")
    assert last.image_id in filed()
    assert Document.objects.count() == 2
    assert notes() == [(lie.image_id, "FILE_REFUSED")]
    assert filing().status == Delivery.Status.DONE
    said = f"{caplog.text} {list(RecordedEvent.objects.values('payload', 'reason'))}"
    assert lie.image_id in caplog.text
    assert "Mensah" not in said
    # Not asked for again, and said once.
    SandboxImage.objects.filter(pk=lie.pk).update(content=pdf())
    file_images(attempt_of(story.customer).pk)
    assert lie.image_id not in filed()
    assert len(notes()) == 1


def test_beyond_the_cap(story: Story) -> None:
    story.submitted()
    huge = show(story, "UTILITY_BILL", content=pdf(size=MAX_FILE_BYTES + 1024))
    story.decided("approve")
    assert notes() == [(huge.image_id, "FILE_TOO_LARGE")]
    assert Document.objects.count() == 1


def test_who_is_archived_gets_no_more_papers(story: Story, officer: User) -> None:
    story.submitted()
    Applicant.objects.update(status="approved")
    Customer.objects.update(status="archived", status_reason=DeclineReason.DUPLICATE)
    file_images(attempt_of(story.customer).pk)
    assert not Document.objects.exists()
    assert notes() == []


def test_what_is_no_more_approved_is_left(story: Story) -> None:
    story.submitted()
    file_images(attempt_of(story.customer).pk)
    assert not Document.objects.exists()


def test_an_applicant_that_is_gone_ends_on_staffs_list(story: Story) -> None:
    story.submitted()
    story.house.review(story.applicant_id, "approve")
    applying = Delivery.objects.filter(handler="kyc.apply_callback", status="due").get()
    assert run(applying.pk)
    SandboxApplicant.objects.all().delete()
    story.deliver()
    assert filing().status == Delivery.Status.FAILED


def test_a_decision_by_hand_asks_sumsub_for_nothing(
    story: Story, officer: User, settings: Any
) -> None:
    settings.SUMSUB_BASE_URL = "http://127.0.0.1:9"
    decide_by_hand(
        story.customer.pk, verdict=ManualVerdict.ASK_AGAIN, note="", by=officer,
        reasons=[ManualReason.DOCUMENT_MISSING],
    )  # fmt: skip
    Applicant.objects.update(status="approved")
    RecordedEvent.objects.filter(type="AttemptMoved").update(
        payload={
            "customer_id": str(story.customer.pk), "status": "approved",
            "attempt_id": str(attempt_of(story.customer).pk), "is_by_us": True,
        }
    )  # fmt: skip
    story.deliver()
    assert filing().status == Delivery.Status.DONE
    with pytest.raises(SumsubUnavailable):  # it would have asked
        Applicant.objects.update(applicant_id="66aa00000000000000000001")
        file_images(attempt_of(story.customer).pk)


# --- the store and the scanner ------------------------------------------------------
def test_a_store_that_is_down(story: Story, break_store: Any) -> None:  # noqa: F811
    story.submitted()
    mend = break_store()
    story.decided("approve")
    document = Document.objects.get()
    assert (document.status, document.review) == (Status.FAILED, Review.PENDING)
    assert "waits for the store" in filing().last_error
    SandboxImage.objects.update(content=b"")  # the bytes are held, none are fetched
    mend()
    story.deliver(hurry=True)
    story.deliver(hurry=True)
    document.refresh_from_db()
    assert (document.status, document.review) == (Status.ACTIVE, Review.ACCEPTED)
    assert notes() == []


def test_nothing_is_accepted_before_the_scanner_has_seen_it(
    story: Story, settings: Any
) -> None:
    story.submitted()
    settings.CLAMAV_ADDRESS = "127.0.0.1:9"  # nobody answers
    bad = show(story, "UTILITY_BILL")
    story.decided("approve")
    assert set(Document.objects.values_list("scan", "review")) == {
        ("waiting", "pending")
    }
    assert filing().status == Delivery.Status.DUE
    for image_id, document in filed().items():
        signature = "Eicar" if image_id == bad.image_id else ""
        record_scan(document.pk, signature=signature, by=get_machine("documents"))
    story.deliver(hurry=True)
    assert filing().status == Delivery.Status.DONE
    found = filed()
    assert found.pop(bad.image_id).review == Review.REJECTED
    assert [(d.scan, d.review) for d in found.values()] == [
        (Scan.CLEAN, Review.ACCEPTED)
    ]  # fmt: skip


def test_what_staff_decided_meanwhile_stays(story: Story) -> None:
    story.approved()
    Document.objects.update(review="rejected", review_reason="unreadable")
    file_images(attempt_of(story.customer).pk)
    assert Document.objects.get().review == Review.REJECTED
