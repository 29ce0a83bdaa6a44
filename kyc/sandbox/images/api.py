"""The provider's endpoints for images: the list, and the bytes of one."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from kyc.sandbox.gatekeeper import signed
from kyc.sandbox.images.files import CONTENT_TYPES
from kyc.sandbox.models import SandboxApplicant, SandboxImage
from kyc.sandbox.refusals import RefusalError, not_found


@signed
@require_GET
def images(_request: HttpRequest, applicant_id: str) -> HttpResponse:
    """List the images of the applicant, the deactivated ones too."""
    applicant = SandboxApplicant.objects.filter(pk=applicant_id).first()
    if applicant is None:
        raise not_found()
    items = [image_json(image) for image in applicant.images.defer("content")]
    return JsonResponse({"items": items, "totalItems": len(items)})


@signed
@require_GET
def image(_request: HttpRequest, inspection_id: str, image_id: str) -> HttpResponse:
    """Hand out the bytes; only under the inspection the image belongs to."""
    found = SandboxImage.objects.filter(
        pk=image_id, applicant__inspection_id=inspection_id
    ).first()
    if found is None:
        raise RefusalError("Image not found", status=404)
    return HttpResponse(bytes(found.content), CONTENT_TYPES[found.file_type])


def image_json(image: SandboxImage) -> dict[str, Any]:
    """Return one entry of the list; what is not known is left out."""
    file: dict[str, Any] = {
        "fileName": image.file_name,
        "fileType": image.file_type,
        "fileSize": image.file_size,
    }
    if image.width:
        file["resolution"] = {"width": image.width, "height": image.height}
    kind = {
        "country": image.country,
        "idDocType": image.document_type,
        "idDocSubType": image.side,
    }
    return {
        "id": image.image_id,
        "addedDate": image.added_at.strftime("%Y-%m-%d %H:%M:%S"),
        "fileMetadata": file,
        "idDocDef": {name: value for name, value in kind.items() if value},
        "reviewResult": {"reviewAnswer": image.answer} if image.answer else {},
        "deactivated": image.is_deactivated,
        "attemptId": image.attempt_id,
        "source": "fileupload",
    }
