"""The dialog *Evidence pack*: why, then one command."""

from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from unfold.forms import BaseDialogForm

from common.dialogs import Dialog, ask
from common.keys import new_id
from common.reading.fields import ReasonField
from customers.registry.models import Customer
from evidence.panels import pack_url
from evidence.services import LONGEST_REASON, request_pack


class AskForm(BaseDialogForm):  # type: ignore[misc]
    """`pack_id` is made with the form, so a second press makes no second pack."""

    reason = ReasonField(
        "Such as the examiner’s reference. Kept with your name.",
        longest=LONGEST_REASON,
        is_long=True,
    )
    pack_id = forms.UUIDField(widget=forms.HiddenInput, initial=new_id)


def ask_for_pack(
    request: HttpRequest, customers: QuerySet[Customer], customer_id: UUID
) -> HttpResponse:
    """Ask about one of `customers`; 404 for any other."""
    customer = customers.filter(pk=customer_id).first()
    if customer is None:
        raise Http404

    def act(form: Any) -> str:
        by: Any = request.user
        asked = form.cleaned_data
        pack = request_pack(
            customer.pk, pack_id=asked["pack_id"], reason=asked["reason"], by=by
        )
        return pack_url(pack)

    dialog = Dialog(
        title=f"Evidence pack of {customer.name}",
        description="All that we hold about the customer is put into one ZIP,"
        " restricted records too. It can be downloaded for 24 hours.",
        submit="Make the pack",
        form_class=AskForm,
    )
    return ask(request, dialog, object_id=customer.pk, act=act)
