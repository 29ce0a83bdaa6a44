"""The download: logged, then sent to an address that works for a minute."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase

from common.errors import DomainError
from documents import storage
from exports.admin.asking import export_url
from exports.models import Export
from exports.services import record_download, refuse_download

CSV = "text/csv"


def take_export(request: HttpRequest, export: Export) -> HttpResponseBase:
    """Send them to the file; back to its page with one sentence where there is none."""
    by: Any = request.user
    try:
        refuse_download(export, by)
        # Looked for before it is logged: a store that is down hands over nothing.
        storage.fetch(export.key).close()
        address = storage.signed_url(export.key, name=name_of(export), content_type=CSV)
        record_download(export.pk, by=by)
    except DomainError as error:
        messages.error(request, error.message)
    except storage.StoreUnavailableError:
        messages.error(request, "The store does not answer; try again in a minute.")
    else:
        return HttpResponseRedirect(address)
    return HttpResponseRedirect(export_url(export))


def name_of(export: Export) -> str:
    """Folders of downloads are read by others: only what the list is of, and when."""
    kind = export.list_name.replace(" ", "-")
    return f"{kind}-{export.requested_at:%Y-%m-%d}-{str(export.pk)[-6:]}.csv"
