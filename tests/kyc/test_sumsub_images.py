"""The gateway's lists of images, read from answers that cannot be trusted."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from kyc.sumsub import errors
from kyc.sumsub.images import MAX_IMAGES, parse_images
from kyc.sumsub.types import ApplicantImage
from tests.kyc.sumsub_server import Answer, Server, running_server

FRONT = {
    "id": "449741312",
    "previewId": "1865335706",
    "addedDate": "2026-01-22 02:25:27",
    "fileMetadata": {
        "fileName": "Front.jpg",
        "fileType": "jpeg",
        "fileSize": 129069,
        "resolution": {"width": 1152, "height": 2048},
    },
    "idDocDef": {
        "country": "KEN",
        "idDocType": "ID_CARD",
        "idDocSubType": "FRONT_SIDE",
    },
    "reviewResult": {"reviewAnswer": "GREEN"},
    "deactivated": False,
    "attemptId": "sdqwI",
    "source": "fileupload",
}


@pytest.fixture
def server() -> Iterator[Server]:
    with running_server() as running:
        yield running


def test_images_are_listed_in_our_words(server: Server) -> None:
    past = {"id": 516556662, "deactivated": True, "reviewResult": {}}
    server.answers[:] = [Answer(content={"items": [FRONT, past], "totalItems": 2})]
    assert server.client.images("a1") == [
        ApplicantImage(
            image_id="449741312",
            document_type="ID_CARD",
            side="FRONT_SIDE",
            country="KEN",
            file_name="Front.jpg",
            file_type="jpeg",
            file_size=129069,
            answer="GREEN",
            is_deactivated=False,
            source="fileupload",
            added_at=datetime(2026, 1, 22, 2, 25, 27, tzinfo=UTC),
        ),
        ApplicantImage(image_id="516556662", is_deactivated=True),
    ]
    (request,) = server.seen
    assert request.target == (
        "/sandbox/sumsub/resources/applicants/a1/metadata/resources"
    )
    assert request.is_well_signed


@pytest.mark.parametrize(
    "answer",
    [
        [],
        None,
        {},
        {"items": None},
        {"items": {"0": FRONT}},
        {"items": ["449741312"]},
        {"items": [FRONT, None]},
        {"items": [{**FRONT, "id": ""}]},
        {"items": [{**FRONT, "id": None}]},
        {"items": [{**FRONT, "id": "../../applicants/a2"}]},
        {"items": [{**FRONT, "id": "a/b"}]},
        {"items": [{**FRONT, "id": ".."}]},
        {"items": [{**FRONT, "id": "9" * 65}]},
        {"items": [{**FRONT, "id": str(n)} for n in range(MAX_IMAGES + 1)]},
    ],
    ids=lambda answer: str(answer)[:40],
)
def test_lists_that_cannot_be_trusted_are_refused(answer: Any) -> None:
    with pytest.raises(errors.SumsubUnreadable):
        parse_images(answer)


def test_ten_thousand_images_are_refused(server: Server) -> None:
    many = [{"id": str(number)} for number in range(10_000)]
    server.answers[:] = [Answer(content={"items": many, "totalItems": 10_000})]
    with pytest.raises(errors.SumsubUnreadable, match="more than 500"):
        server.client.images("a1")
    assert len(parse_images({"items": many[:MAX_IMAGES]})) == MAX_IMAGES


def test_words_of_the_wrong_kind_or_size_are_left_out() -> None:
    (image,) = parse_images(
        {
            "items": [
                {
                    "id": "449741312",
                    "addedDate": "yesterday",
                    "fileMetadata": {
                        "fileName": "n" * 9000,
                        "fileType": "j" * 65,
                        "fileSize": -1,
                    },
                    "idDocDef": {
                        "country": "Kenya",
                        "idDocType": "P" * 65,
                        "idDocSubType": ["FRONT_SIDE"],
                    },
                    "reviewResult": {"reviewAnswer": "YELLOW"},
                    "deactivated": "true",
                    "source": {"x": 1},
                }
            ]
        }
    )
    assert image == ApplicantImage(image_id="449741312", file_name="n" * 255)


def test_an_image_named_twice_is_listed_once() -> None:
    twin = {**FRONT, "deactivated": True}
    (image,) = parse_images({"items": [FRONT, twin]})
    assert not image.is_deactivated
