"""The images on the reviewer's page: small previews, and the file itself."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from kyc.sandbox.images.files import CONTENT_TYPES
from kyc.sandbox.images.previews import NoPreviewError, draw_preview
from kyc.sandbox.models import SandboxImage
from kyc.sandbox.pages import page

# Whatever the applicant put in: no script, no frame, no request comes out of it.
_SHUT = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'"


def _chosen(applicant_id: str, image_id: str) -> SandboxImage:
    return get_object_or_404(SandboxImage, pk=image_id, applicant_id=applicant_id)


@page
@never_cache
@require_GET
def preview(_request: HttpRequest, applicant_id: str, image_id: str) -> HttpResponse:
    """Show a small PNG drawn from the image, never its own bytes."""
    try:
        small = draw_preview(_chosen(applicant_id, image_id))
    except NoPreviewError:
        raise Http404 from None
    return _shut(HttpResponse(small, "image/png"))


@page
@never_cache
@require_GET
def original(_request: HttpRequest, applicant_id: str, image_id: str) -> HttpResponse:
    """Hand out the file: pictures in the window, a PDF as a download.

    The type is the one we saw in the bytes, not the one that was claimed.
    """
    image = _chosen(applicant_id, image_id)
    response = HttpResponse(bytes(image.content), CONTENT_TYPES[image.file_type])
    way = "attachment" if image.file_type == "pdf" else "inline"
    name = f"{image.pk}.{image.file_type}"
    response["Content-Disposition"] = f'{way}; filename="{name}"'
    return _shut(response)


def _shut(response: HttpResponse) -> HttpResponse:
    response["Content-Security-Policy"] = _SHUT
    response["X-Content-Type-Options"] = "nosniff"
    return response
