"""The search box of every page: results as staff type, nothing kept of what they typed.

Asked by POST, since logs and browsers keep addresses, and an ID number is none of
theirs.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from common.dialogs import require
from common.face import Label
from common.observing.paces import Pace
from customers.registry.labels import status_label
from customers.registry.models import Customer
from customers.registry.search.finding import shortlist
from customers.registry.search.reading import read

MOST = 8  # results; whoever sees more than that types on
LEAST = 2  # characters
PER_MINUTE = 240  # questions of one person; four a second is faster than anybody types


@dataclass(frozen=True)
class Hit:
    """One line of the results."""

    name: str
    public_id: str
    why: str
    status: Label
    url: str


@never_cache
def find(request: HttpRequest) -> HttpResponse:
    """Answer with the lines of the results, as HTML."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    require(request, "registry.view_customer")
    user: Any = request.user
    if Pace("search", PER_MINUTE, 60).take(user.pk):
        return HttpResponse("Too many searches; wait a minute.", status=429)
    text = request.POST.get("q", "")
    hits = hits_of(user, text)
    context = {"hits": hits, "said": _said(len(hits)), "list_url": _list_url(text)}
    return render(request, "registry/search/results.html", context)


def hits_of(user: Any, text: str) -> list[Hit]:
    """Whom `user` finds by the text, the likeliest first."""
    if len(read(text).text) < LEAST:
        return []
    found = shortlist(Customer.objects.for_user(user), text, user, MOST)
    return [
        Hit(
            name=row.name,
            public_id=row.public_id,
            why=why,
            status=status_label(row),
            url=reverse("admin:registry_customer_change", args=[row.pk]),
        )
        for row, why in found
    ]


def _said(count: int) -> str:
    if count == MOST:
        return f"The first {MOST} customers"
    return "1 customer" if count == 1 else f"{count or 'No'} customers"


def _list_url(text: str) -> str:
    """Where Enter leads without a choice; "" for what no address may hold."""
    reading = read(text)
    if len(reading.text) < LEAST or not reading.may_stand_in_address:
        return ""
    url = reverse("admin:registry_customer_changelist")
    return f"{url}?{urlencode({'q': reading.text})}"
