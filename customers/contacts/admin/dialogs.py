"""The dialogs on contacts: each says what will happen, then calls one command."""

from typing import Any, cast

from django.forms import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.forms import BaseDialogForm

from common.dialogs import Dialog, ask
from customers.contacts import services
from customers.contacts.admin.forms import (
    FORMS,
    CodeForm,
    PreferenceForm,
    ReasonForm,
    adding,
    beginning_with,
    choosing,
)
from customers.contacts.admin.overtaken import catching_up
from customers.contacts.choices import Kind
from customers.contacts.codes import offered
from customers.contacts.commands.overtaken import version_of
from customers.contacts.models import Contact, Preference
from customers.registry.models import Customer
from tenants.models import User


def add(request: HttpRequest, customer: Customer, kind: Kind) -> HttpResponse:
    def act(form: Any) -> str:
        values = _typed(form)
        services.add_contact(
            customer.pk, kind, values, is_primary=values.pop("is_primary"),
            reason=values.pop("reason"), by=_actor(request),
        )  # fmt: skip
        return _page(customer.pk)

    words = offered(customer.tenant, kind, {})
    dialog = Dialog(
        title=f"Add {kind.label}",
        description="The first of its kind becomes the primary one by itself.",
        submit="Add",
        form_class=adding(choosing(FORMS[kind], words)),
    )
    done = f"The {kind.label} is added."
    return ask(request, dialog, object_id=customer.pk, act=act, done=done)


def edit(request: HttpRequest, contact: Contact) -> HttpResponse:
    def act(form: Any) -> str:
        values = _typed(form)
        with catching_up(form, contact):
            services.change_contact(
                contact.kind, contact.pk, values, reason=values.pop("reason"),
                version=values.pop("version"), by=_actor(request),
            )  # fmt: skip
        return _page(contact.customer_id)

    held = model_to_dict(contact)
    words = offered(contact.tenant, contact.kind, held)
    dialog = Dialog(
        title=f"Change {_noun(contact)}",
        description="Another one than this must be verified again."
        if contact.verified_at
        else "",
        submit="Save",
        form_class=beginning_with(
            choosing(FORMS[contact.kind], words), held, version_of(contact)
        ),
    )
    done = f"The {_noun(contact)} is saved."
    return ask(request, dialog, object_id=contact.pk, act=act, done=done)


def primary(request: HttpRequest, contact: Contact) -> HttpResponse:
    def act(form: Any) -> str:
        reason = form.cleaned_data["reason"]
        services.make_primary(
            contact.kind, contact.pk, reason=reason, by=_actor(request)
        )
        return _page(contact.customer_id)

    dialog = Dialog(
        title=f"Make primary: {contact}",
        description=f"From now on it is the {_noun(contact)} of the customer.",
        submit="Make primary",
        form_class=ReasonForm,
    )
    done = f"{contact} is the primary {_noun(contact)}."
    return ask(request, dialog, object_id=contact.pk, act=act, done=done)


def remove(request: HttpRequest, contact: Contact) -> HttpResponse:
    def act(form: Any) -> str:
        reason = form.cleaned_data["reason"]
        services.remove_contact(
            contact.kind, contact.pk, reason=reason, by=_actor(request)
        )
        return _page(contact.customer_id)

    dialog = Dialog(
        title=f"Remove {contact}",
        description="Nobody writes to it or calls it any more; the versions keep it.",
        submit="Remove",
        form_class=ReasonForm,
        variant="danger",
    )
    done = f"The {_noun(contact)} is removed."
    return ask(request, dialog, object_id=contact.pk, act=act, done=done)


def send(request: HttpRequest, contact: Contact) -> HttpResponse:
    def act(_form: Any) -> str:
        services.ask_verification(contact.kind, contact.pk, by=_actor(request))
        return _page(contact.customer_id)

    is_phone = contact.kind == Kind.PHONE
    what = "code" if is_phone else "link"
    description = (
        "A code of six digits goes out by SMS; ask the customer to read it to you"
        " within ten minutes."
        if is_phone
        else "A link goes out by e-mail; it is valid for 48 hours and works once."
    )
    dialog = Dialog(
        title=f"Send a {what} to {contact}",
        description=f"{description} One sent before is worth nothing then.",
        submit=f"Send the {what}",
        form_class=BaseDialogForm,
    )
    done = f"The {what} is on its way."
    return ask(request, dialog, object_id=contact.pk, act=act, done=done)


def enter(request: HttpRequest, contact: Contact) -> HttpResponse:
    def act(form: Any) -> str:
        code = form.cleaned_data["code"]
        services.verify_phone(contact.pk, code=code, by=_actor(request))
        return _page(contact.customer_id)

    dialog = Dialog(
        title=f"Enter the code sent to {contact}",
        description="Type what the customer reads from the phone.",
        submit="Verify",
        form_class=CodeForm,
    )
    done = f"{contact} is verified."
    return ask(request, dialog, object_id=contact.pk, act=act, done=done)


def prefer(request: HttpRequest, customer: Customer) -> HttpResponse:
    def act(form: Any) -> str:
        with catching_up(form, wish):
            services.set_preference(customer.pk, **_typed(form), by=_actor(request))
        return _page(customer.pk)

    wish = Preference.objects.filter(customer=customer).first()
    held = model_to_dict(wish) if wish else {"language": "en"}
    dialog = Dialog(
        title=f"How {customer.name} wants to hear from us",
        submit="Save",
        form_class=beginning_with(PreferenceForm, held, version_of(wish)),
    )
    done = "The preferences are saved."
    return ask(request, dialog, object_id=customer.pk, act=act, done=done)


def _typed(form: Any) -> dict[str, Any]:
    """What was typed, without Unfold's own mark that the form came back."""
    return {n: value for n, value in form.cleaned_data.items() if n[0] != "_"}


def _noun(contact: Contact) -> str:
    return str(Kind(contact.kind).label)


def _page(customer_id: Any) -> str:
    return reverse("admin:registry_customer_change", args=[customer_id])


def _actor(request: HttpRequest) -> User:
    return cast("User", request.user)
