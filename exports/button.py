"""The button *Export list* above every list that may leave the house."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from common.lists.tools import Tool, tool


@tool
def offer_export(request: HttpRequest, changelist: Any) -> Tool | None:
    model_admin = changelist.model_admin
    wanted = getattr(model_admin, "export_permission", "")
    if not wanted or not request.user.has_perm(wanted) or changelist.is_popup:
        return None
    asked = {
        "list": model_admin.opts.label_lower,
        "query": request.GET.urlencode(),
        # Verbs of a row are no names, and nothing that a file could hold.
        "columns": ",".join(n for n in changelist.list_display if isinstance(n, str)),
    }
    url = reverse("admin:exports_export_ask")
    return Tool("Export list", "download", f"{url}?{urlencode(asked)}")
