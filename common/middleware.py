"""What no page can use is taken out of the address before any page sees it."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect


class NoNulMiddleware:
    """PostgreSQL refuses NUL in text: a search or filter for it would be a 500."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "GET" and "%00" in request.META.get("QUERY_STRING", ""):
            kept = [
                (name.replace("\x00", ""), value.replace("\x00", ""))
                for name, values in request.GET.lists()
                for value in values
            ]
            return HttpResponseRedirect(f"{request.path}?{urlencode(kept)}")
        return self.get_response(request)
