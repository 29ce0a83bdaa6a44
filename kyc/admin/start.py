"""The dialog *Start KYC*: asks once, then shows the link, once."""

from typing import Any
from uuid import UUID

import segno
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_http_methods

from common.dialogs import require
from common.errors import DomainError
from common.face import moment
from customers.registry.models import Customer
from kyc.models import Applicant
from kyc.services import newest_attempt, refusal_to_start, takes_link
from kyc.start import IssuedLink, start_kyc

TEMPLATE = "kyc/start.html"


@require_http_methods(["GET", "POST"])
def start_dialog(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Ask; on POST make the link and show it in the answer, which nobody keeps."""
    require(request, "kyc.start_kyc")
    customer = Customer.objects.for_user(request.user).filter(pk=customer_id).first()
    if customer is None:
        raise Http404
    context = _context(request, customer)
    if request.method == "POST":
        context |= _press(request, customer)
    answer = render(request, TEMPLATE, context)
    patch_cache_control(answer, no_store=True, private=True)
    return answer


def _context(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    newest = newest_attempt(customer.pk)
    why_not = refusal_to_start(customer, newest, request.user)  # type: ignore[arg-type]
    return {
        "customer": customer,
        "title": f"{verb_for(newest)}: {customer.name}",
        "question": _question(newest),
        "verb": verb_for(newest),
        "may_press": not why_not,
        "refusal": f"Cannot start KYC: {why_not}." if why_not else "",
        "done_url": reverse("admin:registry_customer_change", args=[customer.pk]),
    }


def verb_for(newest: Applicant | None) -> str:
    return "New link" if newest and takes_link(newest) else "Start KYC"


def _question(newest: Applicant | None) -> str:
    minutes = settings.SUMSUB_LINK_TTL_SECONDS // 60
    goes_on = newest is not None and takes_link(newest)
    made = "A new link for the same attempt" if goes_on else "A link"
    return (
        f"{made} to Sumsub is made for the customer and shown once, "
        f"valid for {minutes} min."
    )


def _press(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    try:
        link = start_kyc(customer.pk, by=request.user)  # type: ignore[arg-type]
    except DomainError as error:
        return {"refusal": error.message}
    return {
        "link": link,
        "qr": _qr(link),
        "until": _until(link),
        "minutes": round((link.expires_at - timezone.now()).total_seconds() / 60),
        "refusal": "",
    }


def _until(link: IssuedLink) -> str:
    """The time alone today, with its day if that is another one."""
    local = timezone.localtime(link.expires_at)
    if local.date() == timezone.localdate():
        return f"{local:%H:%M}"
    return moment(link.expires_at)


def _qr(link: IssuedLink) -> SafeString:
    """Draw the link dark on white in both themes: cameras want it so."""
    code = segno.make_qr(link.url, error="m")
    return mark_safe(  # noqa: S308 - drawn from the bits alone, no text in it
        code.svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=True)
    )
