"""The dialogs on outside checks: each says what will happen, calls one command."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from common.dialogs import Dialog, ask
from customers.checks import services
from customers.checks.admin.forms import (
    AskAboutAddressForm,
    AskForm,
    RecordForm,
    WithdrawForm,
)
from customers.checks.choices import Kind
from customers.checks.gateways.named import MANUAL, gateway_for
from customers.checks.models import OutsideCheck
from customers.registry.models import Customer
from tenants.models import User

BY_HAND = "You or a colleague find it out and record the answer."
BY_GATEWAY = "The question is sent by itself; the answer appears on this page."


def ask_address(request: HttpRequest, customer: Customer) -> HttpResponse:
    dialog = Dialog(
        title=f"Check an address of {customer.name}",
        description=f"Whether the customer lives or works there. {_way(Kind.ADDRESS)}",
        submit="Ask",
        form_class=AskAboutAddressForm,
    )
    return _ask(request, customer, Kind.ADDRESS, dialog)


def ask_bureau(request: HttpRequest, customer: Customer) -> HttpResponse:
    dialog = Dialog(
        title=f"Ask the credit bureau about {customer.name}",
        description="The bureau is told name, birth date or registration number, and"
        f" address. The front line does not see it. {_way(Kind.BUREAU)}",
        submit="Ask",
        form_class=AskForm,
    )
    return _ask(request, customer, Kind.BUREAU, dialog)


def _way(kind: Kind) -> str:
    return BY_HAND if gateway_for(kind) == MANUAL else BY_GATEWAY


def _ask(
    request: HttpRequest, customer: Customer, kind: Kind, dialog: Dialog
) -> HttpResponse:
    def act(form: Any) -> str:
        said = form.cleaned_data
        services.ask_check(
            customer.pk, kind=kind, check_id=said["check_id"],
            address=said.get("address", ""), by=_actor(request),
        )  # fmt: skip
        return _page(customer.pk)

    done = "The check is open; its answer is waited for."
    return ask(request, dialog, object_id=customer.pk, act=act, done=done)


def record(request: HttpRequest, row: OutsideCheck) -> HttpResponse:
    def act(form: Any) -> str:
        said = form.cleaned_data
        services.record_answer(
            row.pk, result=said["result"], reference=said["reference"],
            note=said["note"], by=_actor(request),
        )  # fmt: skip
        return _page(row.customer_id)

    about = f" about {row.place}" if row.kind == Kind.ADDRESS else ""
    dialog = Dialog(
        title=f"Record the answer{about}",
        description=f"{row.get_kind_display()} check of {row.customer.name}. It holds"
        " for twelve months.",
        submit="Record",
        form_class=RecordForm,
    )
    done = "The answer is recorded."
    return ask(request, dialog, object_id=row.pk, act=act, done=done)


def withdraw(request: HttpRequest, row: OutsideCheck) -> HttpResponse:
    def act(form: Any) -> str:
        reason = form.cleaned_data["reason"]
        services.withdraw_check(row.pk, reason=reason, by=_actor(request))
        return _page(row.customer_id)

    dialog = Dialog(
        title=f"Withdraw the {row.get_kind_display().lower()} check",
        description="An answer that comes all the same is not kept; another check may"
        " be asked for.",
        submit="Withdraw",
        form_class=WithdrawForm,
        variant="danger",
    )
    done = "The check is withdrawn."
    return ask(request, dialog, object_id=row.pk, act=act, done=done)


def _page(customer_id: Any) -> str:
    return reverse("admin:registry_customer_change", args=[customer_id])


def _actor(request: HttpRequest) -> User:
    return cast("User", request.user)
