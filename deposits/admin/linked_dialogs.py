"""The dialogs on linked accounts: each says what will happen, calls one command."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from unfold.forms import BaseDialogForm

from common.dialogs import Dialog, ask, show
from common.errors import DomainError
from common.money import format_money
from customers.registry.models import Customer
from deposits.admin import linked_forms as forms
from deposits.linked import services
from deposits.linked.proving import ShownAmount
from deposits.models import LinkedAccount
from tenants.models import User


def link(request: HttpRequest, customer: Customer) -> HttpResponse:
    def act(form: Any) -> str:
        said = form.cleaned_data
        asked = services.LinkRequest(
            id=said["link_id"],
            kind=said["kind"],
            institution=said["institution"],
            holder_name=said["holder_name"],
            number=said["number"],
            country=said["country"],
        )
        services.link_account(customer.pk, asked, by=_actor(request))
        return _page(customer.pk)

    dialog = Dialog(
        title=f"Link an account of {customer.name}",
        description="A bank account or wallet elsewhere. Somebody else verifies it;"
        " its number is shown by its last four digits from then on.",
        submit="Link",
        form_class=forms.LinkForm,
    )
    done = "The account is linked; it waits for verification."
    return ask(request, dialog, object_id=customer.pk, act=act, done=done)


def document(request: HttpRequest, row: LinkedAccount) -> HttpResponse:
    def act(form: Any) -> str:
        said = form.cleaned_data
        services.verify_by_document(
            row.pk, document_id=said["document"], shows_both=said["shows_both"],
            by=_actor(request),
        )  # fmt: skip
        return _page(row.customer_id)

    dialog = Dialog(
        title=f"Verify {row} by a document",
        description="From then on it may become the primary one for payouts.",
        submit="Verify",
        form_class=forms.ByDocumentForm,
    )
    return ask(request, dialog, object_id=row.pk, act=act, done=f"{row} is verified.")


def amount(request: HttpRequest, row: LinkedAccount) -> HttpResponse:
    """Answer with another dialog in place of this one: the amount, once."""
    dialog = Dialog(
        title=f"Make a test amount for {row}",
        description="A small amount with a reference is made and shown to you once."
        " You send it; somebody else enters what the customer says came. One made"
        " before is worth nothing then.",
        submit="Make the amount",
        form_class=forms.MakeAmountForm,
    )
    form = forms.MakeAmountForm(
        request=request, object_id=row.pk, data=request.POST or None
    )
    if request.method != "POST" or not form.is_valid():
        return show(request, dialog, form)
    amount_id = form.cleaned_data["amount_id"]
    try:
        shown = services.send_test_amount(
            row.pk, by=_actor(request), amount_id=amount_id
        )
    except DomainError as error:
        form.add_error(None, error.message)
        return show(request, dialog, form)
    return _amount_once(request, row, shown)


def _amount_once(
    request: HttpRequest, row: LinkedAccount, shown: ShownAmount
) -> HttpResponse:
    """Show the amount; no page has an address that would show it again."""
    page = {
        "row": row,
        "shown": shown,
        "money": format_money(shown.amount, shown.currency),
        "url": _page(row.customer_id),
    }
    answer = render(request, "deposits/test_amount.html", page)
    # The form's own answer replaces its fields alone, and would leave its button.
    answer["HX-Retarget"] = "#modal-content"
    answer["HX-Reselect"] = "#dialog"
    answer["HX-Reswap"] = "innerHTML"
    return answer


def confirm(request: HttpRequest, row: LinkedAccount) -> HttpResponse:
    def act(form: Any) -> str:
        came = form.cleaned_data["amount"]
        services.confirm_test_amount(row.pk, amount=came, by=_actor(request))
        return _page(row.customer_id)

    dialog = Dialog(
        title=f"Enter the amount that came to {row}",
        description="Three tries; neither who linked the account nor who sent the"
        " amount may enter it.",
        submit="Verify",
        form_class=forms.AmountForm,
    )
    return ask(request, dialog, object_id=row.pk, act=act, done=f"{row} is verified.")


def refuse(request: HttpRequest, row: LinkedAccount) -> HttpResponse:
    def act(form: Any) -> str:
        reason = form.cleaned_data["reason"]
        services.refuse_linked_account(row.pk, reason=reason, by=_actor(request))
        return _page(row.customer_id)

    dialog = Dialog(
        title=f"Refuse {row}",
        description="It cannot be used; the customer may bring it again.",
        submit="Refuse",
        form_class=forms.RefuseForm,
        variant="danger",
    )
    return ask(request, dialog, object_id=row.pk, act=act, done=f"{row} is refused.")


def primary(request: HttpRequest, row: LinkedAccount) -> HttpResponse:
    def act(_form: Any) -> str:
        services.make_primary(row.pk, by=_actor(request))
        return _page(row.customer_id)

    dialog = Dialog(
        title=f"Make primary: {row}",
        description="Payouts go there from now on, and to no other account.",
        submit="Make primary",
        form_class=BaseDialogForm,
    )
    done = f"{row} is the primary account for payouts."
    return ask(request, dialog, object_id=row.pk, act=act, done=done)


def remove(request: HttpRequest, row: LinkedAccount) -> HttpResponse:
    def act(form: Any) -> str:
        why = form.cleaned_data["reason"]
        services.remove_linked_account(row.pk, reason=why, by=_actor(request))
        return _page(row.customer_id)

    last = " Payouts then have no primary account." if row.is_primary else ""
    dialog = Dialog(
        title=f"Remove {row}",
        description=f"It is used no more; the versions keep it.{last}",
        submit="Remove",
        form_class=forms.RemoveForm,
        variant="danger",
    )
    return ask(request, dialog, object_id=row.pk, act=act, done=f"{row} is removed.")


def _page(customer_id: Any) -> str:
    return reverse("admin:registry_customer_change", args=[customer_id])


def _actor(request: HttpRequest) -> User:
    return cast("User", request.user)
