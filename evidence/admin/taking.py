"""The download: logged, then streamed, or sent to the bucket for a minute."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase

from common.errors import DomainError
from documents import storage
from evidence.models import EvidencePack
from evidence.panels import pack_url
from evidence.services import record_download, refuse_download

ZIP = "application/zip"


def take_pack(request: HttpRequest, pack: EvidencePack) -> HttpResponseBase:
    """Hand it over; back to its page with one sentence where there is none."""
    try:
        refuse_download(pack)
        # Opened before it is logged: a store that is down hands over nothing.
        answer = _answer(pack)
        _log(pack, request.user, answer)
    except DomainError as error:
        messages.error(request, error.message)
    except storage.StoreUnavailableError:
        messages.error(request, "The store does not answer; try again in a minute.")
    else:
        return answer
    return HttpResponseRedirect(pack_url(pack))


def _log(pack: EvidencePack, by: Any, answer: HttpResponseBase) -> None:
    try:
        record_download(pack.pk, by=by)
    except DomainError:  # expired since we looked
        answer.close()
        raise


def _answer(pack: EvidencePack) -> HttpResponseBase:
    if storage.is_bucket():
        url = storage.signed_url(pack.key, name=_name(pack), content_type=ZIP)
        return HttpResponseRedirect(url)
    file = storage.fetch(pack.key)
    answer = FileResponse(
        file, as_attachment=True, filename=_name(pack), content_type=ZIP
    )
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _name(pack: EvidencePack) -> str:
    """Name the customer by number only: folders of downloads are read by others."""
    return f"evidence-{pack.customer.public_id}-{pack.requested_at:%Y-%m-%d}.zip"
