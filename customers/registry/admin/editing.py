"""The pages on which a customer is registered and changed, each by one command."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from common.errors import DomainError, StaleVersionError
from common.face import ago
from common.keys import new_id
from customers.registry.choices import LIVING, Channel
from customers.registry.forms import EditForm, values_of
from customers.registry.models import Customer
from customers.registry.register_form import RegisterForm
from customers.registry.services import register_customer, update_customer
from tenants.models import Tenant

REGISTER = "registry/customer/register.html"
ANSWERS = "registry/customer/_answers.html"
EDIT = "registry/customer/edit.html"
# Pressed by the type, legal form and channel, or by hand where scripts are off.
REFRESH = "_refresh"


@dataclass(frozen=True)
class Meanwhile:
    """Who saved while somebody typed, and a note on each field that differs."""

    who: str
    when: str
    why: str
    notes: dict[str, str]


def register(admin: Any, request: HttpRequest) -> HttpResponse:
    """Show or save the form; one form makes one customer, however often pressed."""
    if not admin.has_add_permission(request):
        raise PermissionDenied
    tenant = getattr(request.user, "tenant", None)
    if tenant is None:  # operators belong to no institution
        raise PermissionDenied
    if request.method != "POST":
        form = RegisterForm(tenant=tenant, initial=_blank())
    elif REFRESH in request.POST:
        return _asked_again(admin, request, tenant)
    else:
        form = RegisterForm(request.POST, tenant=tenant)
        if form.is_valid() and (customer := _registered(request, form, tenant)):
            messages.success(request, f"{customer.name} is registered.")
            return HttpResponseRedirect(admin.url_of(customer))
    return _register_page(admin, request, form)


def _blank() -> dict[str, Any]:
    return {"id": new_id(), "channel": Channel.WEB}


def _register_page(
    admin: Any, request: HttpRequest, form: RegisterForm
) -> HttpResponse:
    page: HttpResponse = admin.page(
        request, REGISTER, None,
        crumb="Register customer",
        title="Register customer",
        form=form,
        submit="Register",
        back_url=reverse("admin:registry_customer_changelist"),
    )  # fmt: skip
    return page


def _asked_again(admin: Any, request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """Ask what the chosen type and channel demand, keeping what was typed.

    A POST, although it saves nothing: names and numbers must not stand in addresses,
    which every log keeps.
    """
    form = RegisterForm(tenant=tenant, initial=request.POST.dict())
    if not request.headers.get("HX-Request"):
        return _register_page(admin, request, form)
    answers: HttpResponse = admin.page(request, ANSWERS, None, form=form)
    return answers


def _registered(
    request: HttpRequest, form: RegisterForm, tenant: Tenant
) -> Customer | None:
    asked = form.registration()
    known = Customer.objects.for_user(request.user).filter(pk=asked.id).first()
    if known and known.name != asked.name:
        # A browser gave the form back, and somebody else was typed into it.
        form.data = {**request.POST.dict(), "id": str(new_id())}
        form.add_error(
            None,
            f"This form registered {known} already."
            f" Press Register again to register {asked.name} as well.",
        )
        return None
    try:
        return register_customer(asked, tenant=tenant, by=_actor(request))
    except DomainError as error:
        form.refuse(error)
        return None


def edit(admin: Any, request: HttpRequest, customer: Customer) -> HttpResponse:
    """Show or save the present values; a stale form says who was faster."""
    if customer.status not in LIVING:
        messages.error(request, f"Cannot change: {customer} is {customer.status}.")
        return HttpResponseRedirect(admin.url_of(customer))
    if request.method != "POST":
        return _edit_page(admin, request, customer, EditForm(customer=customer))
    form = EditForm(request.POST, customer=customer)
    meanwhile = None
    if form.is_valid():
        try:
            changed = update_customer(
                customer.pk,
                changes=form.changes(),
                by=_actor(request),
                reason=form.cleaned_data["reason"],
                row_version=form.cleaned_data["row_version"],
            )
        except StaleVersionError:
            customer = admin.get_object_or_404(request, str(customer.pk))
            form, meanwhile = _caught_up(request, form, customer)
        except DomainError as error:
            form.refuse(error)
        else:
            said = "Saved." if changed else "Nothing was different."
            messages.success(request, said)
            return HttpResponseRedirect(admin.url_of(customer))
    return _edit_page(admin, request, customer, form, meanwhile)


def _caught_up(
    request: HttpRequest, stale: EditForm, customer: Customer
) -> tuple[EditForm, Meanwhile]:
    """Rebuild the form on the present version, without losing what was typed.

    Fields the user left alone take the new value; where both changed one, theirs
    stays and the new value is shown beside it.
    """
    read = customer.history.filter(
        row_version=stale.cleaned_data["row_version"]
    ).first()
    before, present = values_of(read) if read else {}, values_of(customer)
    typed, notes = request.POST.copy(), {}
    for name in stale.fields.keys() - {"reason", "row_version"}:
        was, now = before.get(name, ""), present.get(name, "")
        mine = stale.cleaned_data.get(name, "")
        if now == mine or (read and now == was):
            continue
        if read and mine == was:
            typed[name] = now
            notes[name] = f"Changed meanwhile; was “{was}”." if was else "New."
        else:
            notes[name] = f"Now on file: “{now}”." if now else "Now empty on file."
    typed["row_version"] = str(customer.row_version)
    return EditForm(typed, customer=customer), _meanwhile(customer, notes)


def _meanwhile(customer: Customer, notes: dict[str, str]) -> Meanwhile:
    last = customer.history.select_related("history_user").first()
    return Meanwhile(
        who=str(last.history_user),
        when=ago(last.history_date),
        why=last.history_change_reason or "",
        notes=notes,
    )


def _edit_page(
    admin: Any, request: HttpRequest, customer: Customer, form: EditForm,
    meanwhile: Meanwhile | None = None,
) -> HttpResponse:  # fmt: skip
    notes = meanwhile.notes if meanwhile else {}
    own = [form[name] for name in ("name", "email", "phone", "telegram_id", "category")]
    page: HttpResponse = admin.page(
        request, EDIT, customer,
        crumb="Edit",
        title=f"Edit {customer.name}",
        form=form,
        meanwhile=meanwhile,
        own_fields=[(field, notes.get(field.name)) for field in own],
        pack_fields=[
            (field, notes.get(field.name)) for field in form.pack_bound_fields()
        ],
        back_url=admin.url_of(customer),
    )  # fmt: skip
    return page


def _actor(request: HttpRequest) -> Any:
    return request.user
