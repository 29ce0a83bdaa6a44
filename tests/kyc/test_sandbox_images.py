"""Images at the stand-in over the wire: as they were attached, drawn, answered."""

import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
from django.test import Client
from PIL import Image
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from kyc.sandbox import services
from kyc.sandbox.details import PersonDetails
from kyc.sandbox.images import files
from kyc.sandbox.models import SandboxApplicant, SandboxImage, SandboxSwitches
from kyc.sumsub import errors, transport
from kyc.sumsub.client import SumsubClient
from kyc.sumsub.types import ApplicantImage
from tests.kyc.sandbox_house import (
    ACME,
    ADA,
    SECRET,
    TOKEN,
    a_file,
    picture,
    submit,
    submitted,
    switch_on,
    the_applicant,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _sandbox(db: None, settings: Settings) -> None:
    switch_on(settings)


@pytest.fixture
def gateway(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> SumsubClient:
    monkeypatch.setattr(transport, "_PAUSES", (0.01, 0.02))
    return SumsubClient(f"{live_server.url}/sandbox/sumsub", TOKEN, SECRET)


def fetched(
    gateway: SumsubClient, applicant: SandboxApplicant, image: ApplicantImage
) -> tuple[str, bytes]:
    with gateway.image(
        applicant.inspection_id, image.image_id, limit_bytes=files.MAX_FILE_BYTES
    ) as stream:
        return stream.content_type, b"".join(stream)


@pytest.mark.django_db(transaction=True)
def test_attached_files_come_over_the_wire_as_they_were(
    client: Client, gateway: SumsubClient
) -> None:
    front, bill = picture("JPEG", (400, 300)), b"%PDF-1.4 not much of one"
    page = submit(
        client,
        file_1=a_file("front.html", front),
        kind_1="ID_CARD:FRONT_SIDE",
        file_3=a_file("Rechnung März.pdf", bill),
        kind_3="UTILITY_BILL",
    )
    assert "being checked" in page.text
    applicant = the_applicant()
    first, second = gateway.images(applicant.pk)
    assert (first.document_type, first.side) == ("ID_CARD", "FRONT_SIDE")
    assert (first.country, first.file_type, first.answer) == ("KEN", "jpeg", "")
    assert (first.file_name, first.file_size) == ("front.html", len(front))
    assert first.added_at is not None
    assert (second.document_type, second.file_name) == (
        "UTILITY_BILL",
        "Rechnung März.pdf",
    )
    assert fetched(gateway, applicant, first) == ("image/jpeg", front)
    assert fetched(gateway, applicant, second) == ("application/pdf", bill)


@pytest.mark.django_db(transaction=True)
def test_person_who_attaches_nothing_gets_a_specimen(gateway: SumsubClient) -> None:
    applicant = submitted(PersonDetails("Zoë", "Łukasz-Østergård", document_type="X"))
    (image,) = gateway.images(applicant.pk)
    assert (image.document_type, image.file_type) == ("X", "png")
    kind, content = fetched(gateway, applicant, image)
    assert kind == "image/png"
    assert len(content) == image.file_size
    with Image.open(BytesIO(content)) as drawn:
        assert drawn.size == (860, 600)
        assert len(drawn.resize((86, 60)).getcolors(5160) or ()) > 20


@pytest.mark.django_db(transaction=True)
def test_company_that_attaches_nothing_gets_an_extract(gateway: SumsubClient) -> None:
    applicant = submitted(ACME, "company-level")
    (image,) = gateway.images(applicant.pk)
    assert (image.document_type, image.side) == ("COMPANY_DOC", "STATE_REGISTRY")
    kind, content = fetched(gateway, applicant, image)
    assert kind == "application/pdf"
    document = pypdfium2.PdfDocument(content)
    assert len(document) == 1
    document.close()


def test_specimens_survive_whatever_the_api_was_told() -> None:
    told = {"firstName": {"a": 1}, "lastName": "ل" * 900, "idDocs": "x", "dob": None}
    for number, level in enumerate(("basic", "company-level")):
        applicant = services.create_applicant(
            external_user_id=f"c-{number}", level_name=level, stated=told
        )
        SandboxApplicant.objects.filter(pk=applicant.pk).update(
            found={"idDocs": [{"idDocType": "../" + "X" * 200, "number": 7}]}
        )
        services.submit(applicant.pk)
        assert applicant.images.count() == 1


def test_verdicts_reach_the_images(client: Client) -> None:
    applicant = submitted()

    def answers() -> list[tuple[str, bool]]:
        images = applicant.images.order_by("is_deactivated", "added_at")
        return [(image.answer, image.is_deactivated) for image in images]

    services.review(applicant.pk, "RED", "RETRY", ["UNSATISFACTORY_PHOTOS"])
    assert answers() == [("RED", False)]
    services.submit(applicant.pk, ADA)
    assert answers() == [("", False), ("RED", True)]
    services.review(applicant.pk, "GREEN")
    assert answers() == [("GREEN", False), ("RED", True)]
    services.back_to_init(applicant.pk)
    assert answers() == [("", False), ("RED", True)]
    services.review(applicant.pk, "GREEN")
    services.review(applicant.pk, "YELLOW" * 40)
    assert answers()[0] == ("", False)
    services.reset(applicant.pk)
    assert all(is_deactivated for _, is_deactivated in answers())
    services.submit(applicant.pk, ADA)
    assert len(answers()) == 3
    services.delete(applicant.pk)
    assert not SandboxImage.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_bytes_are_shown_under_their_own_inspection_only(
    gateway: SumsubClient, client: Client
) -> None:
    mine = submitted()
    other = services.create_applicant(external_user_id="c-8", level_name="basic")
    (image,) = gateway.images(mine.pk)
    assert gateway.images(other.pk) == []
    with pytest.raises(errors.SumsubNotFound):
        fetched(gateway, other, image)
    with pytest.raises(errors.SumsubNotFound):
        gateway.images("nobody")
    for target in (
        f"applicants/{mine.pk}/metadata/resources",
        f"inspections/{mine.inspection_id}/resources/{image.image_id}",
    ):
        unsigned = client.get(f"/sandbox/sumsub/resources/{target}")
        assert unsigned.status_code == 401
        assert client.post(f"/sandbox/sumsub/resources/{target}").status_code == 401
    stranger = SumsubClient(gateway._transport._base_url, TOKEN, "other-secret")
    with pytest.raises(errors.SumsubUnauthorized) as caught:
        stranger.images(mine.pk)
    assert caught.value.error_code == 4003


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("switch", "expected"),
    [
        ("answer_429", errors.SumsubRateLimited),
        ("answer_503", errors.SumsubUnavailable),
    ],
)
def test_faults_show_on_images_too(
    gateway: SumsubClient, switch: str, expected: type[errors.SumsubError]
) -> None:
    applicant = submitted()
    (image,) = gateway.images(applicant.pk)
    SandboxSwitches.objects.update_or_create(
        pk=1, defaults={switch: 3, "retry_after_seconds": 60}
    )
    calls: list[Callable[[], Any]] = [
        lambda: gateway.images(applicant.pk),
        lambda: fetched(gateway, applicant, image),
    ]
    started = time.monotonic()
    for call in calls:
        SandboxSwitches.objects.update(**{switch: 3})
        with pytest.raises(expected):
            call()
    assert time.monotonic() - started < 5
