"""What becomes of an applicant's images while it is checked."""

from collections.abc import Sequence
from typing import Any

from django.core.files.base import ContentFile
from django.db.models import QuerySet, Sum

from kyc.sandbox.images.files import (
    MAX_APPLICANT_BYTES,
    MAX_APPLICANT_IMAGES,
    MAX_TOTAL_BYTES,
    AttachedImage,
    looked_at,
)
from kyc.sandbox.images.specimens import draw_specimen
from kyc.sandbox.models import SandboxApplicant, SandboxImage, image_number
from kyc.sandbox.refusals import RefusalError

GREEN, RED = "GREEN", "RED"


def take_images(
    applicant: SandboxApplicant, attached: Sequence[AttachedImage] = ()
) -> None:
    """Keep what was attached; where nothing valid is left, draw a specimen.

    What was answered RED no longer counts. The caller holds the applicant's lock.
    """
    _active(applicant).filter(answer=RED).update(is_deactivated=True)
    if attached:
        _refuse_too_much(applicant, attached)
    for image in attached:
        _keep(applicant, image)
    if not _active(applicant).exists():
        specimen = draw_specimen(applicant)
        file = ContentFile(specimen.content, name=specimen.name)
        _keep(applicant, looked_at(file, specimen.kind))


def _active(applicant: SandboxApplicant) -> QuerySet[SandboxImage]:
    """Return the images a verdict rests on."""
    return applicant.images.filter(is_deactivated=False)


def _refuse_too_much(
    applicant: SandboxApplicant, attached: Sequence[AttachedImage]
) -> None:
    coming = sum(image.file.size for image in attached)
    if applicant.images.count() + len(attached) > MAX_APPLICANT_IMAGES:
        raise RefusalError(
            f"An applicant may give {MAX_APPLICANT_IMAGES} images at most",
            status=400,
            error_code=1001,
            error_name="too-many-documents",
        )
    if _kept_bytes(applicant_id=applicant.pk) + coming > MAX_APPLICANT_BYTES:
        raise RefusalError("An applicant’s images may have 150 MB at most", status=400)
    if _kept_bytes() + coming > MAX_TOTAL_BYTES:
        raise RefusalError(
            "The stand-in keeps 2 GB of images at most; delete applicants first",
            status=507,
        )


def _kept_bytes(**chosen: Any) -> int:
    kept = SandboxImage.objects.filter(**chosen).aggregate(total=Sum("file_size"))
    return kept["total"] or 0


def _keep(applicant: SandboxApplicant, image: AttachedImage) -> None:
    document_type, _, side = image.kind.partition(":")
    image.file.seek(0)
    content = image.file.read()
    SandboxImage.objects.create(
        image_id=image_number(),
        applicant=applicant,
        document_type=document_type,
        side=side,
        country=_country(applicant),
        file_name=image.name,
        file_type=image.file_type,
        file_size=len(content),
        width=image.width,
        height=image.height,
        attempt_id=applicant.attempt_id,
        content=content,
    )


def _country(applicant: SandboxApplicant) -> str:
    source = applicant.company if applicant.is_company else applicant.stated
    value = source.get("country") or source.get("nationality")
    return value[:3] if isinstance(value, str) else ""


def answer_images(applicant: SandboxApplicant, answer: str) -> None:
    """Give the verdict on the applicant to the images it rests on; "" takes it back."""
    known = answer if answer in {GREEN, RED} else ""
    _active(applicant).update(answer=known)


def deactivate_images(applicant: SandboxApplicant) -> None:
    """Let no image count any more, as after a reset."""
    _active(applicant).update(is_deactivated=True)


def forget_images(applicant: SandboxApplicant) -> None:
    """Delete the bytes with the rest of the personal data."""
    applicant.images.all().delete()
