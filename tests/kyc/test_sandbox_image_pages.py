"""Images on the stand-in's pages: attached by the applicant, seen by the reviewer."""

from io import BytesIO

import pytest
from django.test import Client
from PIL import Image
from pytest_django.fixtures import Settings

from kyc.sandbox import services
from kyc.sandbox.images import files, forms, keeping
from kyc.sandbox.models import SandboxApplicant, SandboxImage
from tests.kyc.sandbox_house import (
    ACME,
    TYPED,
    a_file,
    link,
    picture,
    submit,
    submitted,
    switch_on,
    the_applicant,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _sandbox(db: None, settings: Settings) -> None:
    switch_on(settings)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("notes.pdf", b"<script>alert(1)</script>", "is not a PDF, JPEG or PNG file."),
        ("empty.png", b"", "is empty."),
        ("half.png", picture()[:12], "is damaged."),
        ("gif.png", picture("GIF"), "is not a PDF, JPEG or PNG file."),
        ("<b>.pdf", b"MZ", "“&lt;b&gt;.pdf” is not a PDF, JPEG or PNG file."),
    ],
)
def test_what_is_no_document_is_refused_in_a_sentence(
    client: Client, name: str, content: bytes, sentence: str
) -> None:
    page = submit(client, file_2=a_file(name, content), kind_2="PASSPORT")
    assert sentence in page.text
    assert "Choose your files again" in page.text
    assert 'value="Sample"' in page.text
    assert not SandboxImage.objects.exists()
    assert the_applicant().review_status == "init"


def test_too_large_is_refused_in_a_sentence(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = a_file("large.pdf", b"%PDF-" + b"x" * files.MAX_FILE_BYTES)
    page = submit(client, file_1=large, kind_1="PASSPORT")
    assert "“large.pdf” is larger than 25 MB." in page.text
    monkeypatch.setattr(files, "MAX_PIXELS", 1000)
    page = submit(client, file_1=a_file("wide.png", picture()), kind_1="PASSPORT")
    assert "“wide.png” has more pixels than can be shown." in page.text
    assert not SandboxImage.objects.exists()


def test_several_large_files_come_together(client: Client) -> None:
    ten = b"%PDF-" + b"x" * 10 * files.MEGABYTE
    attached = {f"file_{row}": a_file(f"{row}.pdf", ten) for row in (1, 2, 3)}
    submit(client, **attached, kind_1="PASSPORT", kind_2="PASSPORT", kind_3="PASSPORT")
    names = the_applicant().images.values_list("file_name", flat=True)
    assert list(names) == ["1.pdf", "2.pdf", "3.pdf"]


def test_a_flood_is_refused_before_it_is_received(client: Client) -> None:
    length = str(forms.MAX_REQUEST_BYTES + 1)
    answer = client.generic(
        "POST", link(), b"x", "multipart/form-data; boundary=b", CONTENT_LENGTH=length
    )
    assert answer.status_code == 413
    assert "larger than 100 MB together" in answer.text
    assert "smaller files" in answer.text
    assert not SandboxApplicant.objects.exists()


def test_kinds_are_those_of_the_list(client: Client) -> None:
    for kind in ("", "<b>", "COMPANY_DOC:STATE_REGISTRY"):
        page = submit(client, file_1=a_file("a.png", picture()), kind_1=kind)
        assert "errorlist" in page.text
    assert not SandboxImage.objects.exists()


@pytest.mark.parametrize(
    ("limit", "value", "sentence"),
    [
        ("MAX_APPLICANT_IMAGES", 1, "1 images at most"),
        ("MAX_APPLICANT_BYTES", 100, "150 MB at most"),
        ("MAX_TOTAL_BYTES", 100, "keeps 2 GB"),
    ],
)
def test_what_is_kept_is_bounded(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    value: int,
    sentence: str,
) -> None:
    monkeypatch.setattr(keeping, limit, value)
    both = {"file_1": a_file("a.png", picture()), "kind_1": "PASSPORT"}
    both |= {"file_2": a_file("b.png", picture()), "kind_2": "PASSPORT"}
    assert sentence in submit(client, **both).text
    assert not SandboxImage.objects.exists()
    assert the_applicant().review_status == "init"


def test_files_are_protected_against_forgery() -> None:
    strict = Client(enforce_csrf_checks=True)
    sent = TYPED | {"file_1": a_file("a.png", picture()), "kind_1": "PASSPORT"}
    assert strict.post(link(), sent).status_code == 403
    assert not SandboxApplicant.objects.exists()


def test_reviewer_sees_what_is_approved(client: Client) -> None:
    submit(
        client,
        file_1=a_file("<img src=x>.png", picture(size=(2000, 900))),
        kind_1="PASSPORT",
        file_2=a_file("bill.pdf", b"%PDF-1.4 broken"),
        kind_2="UTILITY_BILL",
    )
    applicant = the_applicant()
    place = f"/sandbox/sumsub/review/{applicant.pk}"
    page = client.get(place).text
    assert "&lt;img src=x&gt;.png" in page
    assert "<img src=x>" not in page
    assert "Proof of address" in page
    shown, broken = applicant.images.all()
    small = client.get(f"{place}/images/{shown.pk}/preview")
    assert small.headers["Content-Type"] == "image/png"
    with Image.open(BytesIO(small.content)) as preview:
        assert preview.size == (360, 162)
    assert client.get(f"{place}/images/{broken.pk}/preview").status_code == 404
    whole = client.get(f"{place}/images/{broken.pk}")
    assert whole.headers["Content-Disposition"].startswith("attachment;")
    for answer in (small, whole, client.get(f"{place}/images/{shown.pk}")):
        assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    other = services.create_applicant(external_user_id="c-8", level_name="basic")
    strange = f"/sandbox/sumsub/review/{other.pk}/images/{shown.pk}"
    assert client.get(strange).status_code == 404
    assert client.get(f"{strange}/preview").status_code == 404


def test_previews_of_drawn_specimens(client: Client) -> None:
    applicant = submitted(ACME, "company-level")
    (extract,) = applicant.images.all()
    place = f"/sandbox/sumsub/review/{applicant.pk}/images/{extract.pk}"
    small = client.get(f"{place}/preview")
    with Image.open(BytesIO(small.content)) as preview:
        assert max(preview.size) == 360


def test_nothing_is_shown_when_switched_off(client: Client, settings: Settings) -> None:
    applicant = submitted()
    (image,) = applicant.images.all()
    settings.SUMSUB_SANDBOX = False
    place = f"/sandbox/sumsub/review/{applicant.pk}/images/{image.pk}"
    for target in (place, f"{place}/preview"):
        assert client.get(target).status_code == 404
