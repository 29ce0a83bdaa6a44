"""The dialogs about one document: try again, archive, delete."""

from typing import Any, cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from common.dialogs import Dialog, ask
from common.errors import DomainError
from documents.models import Document
from documents.services import archive_document, delete_document
from documents.storage import StoreUnavailableError
from documents.uploads import store_held
from tenants.models import User


class ReasonForm(BaseDialogForm):  # type: ignore[misc]
    reason = forms.CharField(
        max_length=200,
        widget=UnfoldAdminTextareaWidget(),
        help_text="Kept in the versions, with your name.",
        error_messages={
            "required": "Say why in a few words.",
            "max_length": "Say it in at most 200 characters.",
        },
    )


def try_again(request: HttpRequest, document: Document) -> HttpResponse:
    def act(_form: Any) -> str:
        try:
            store_held(document.pk, by=_actor(request))
        except StoreUnavailableError as error:
            raise DomainError(f"{error} It is tried again by itself.") from error
        return back_to(request, document)

    dialog = Dialog(
        title=f"Store again: {document.title.lower()}",
        description="The file was received and is held; it is given to the store now.",
        submit="Try again",
    )
    return ask(request, dialog, object_id=document.pk, act=act, done="It is stored.")


def archive(request: HttpRequest, document: Document) -> HttpResponse:
    def act(form: Any) -> str:
        reason = form.cleaned_data["reason"]
        archive_document(document.pk, reason=reason, by=_actor(request))
        return back_to(request, document)

    dialog = Dialog(
        title=f"Archive: {document.title.lower()}",
        description="It proves nothing any more. The file is kept and can still be"
        " opened.",
        submit="Archive",
        form_class=ReasonForm,
    )
    done = f"{document.title} is archived."
    return ask(request, dialog, object_id=document.pk, act=act, done=done)


def remove(request: HttpRequest, document: Document) -> HttpResponse:
    def act(form: Any) -> str:
        reason = form.cleaned_data["reason"]
        delete_document(document.pk, reason=reason, by=_actor(request))
        return back_to(request, document)

    dialog = Dialog(
        title=f"Delete: {document.title.lower()}",
        description="The file is gone for good; nobody can bring it back. That it was"
        " here, and who deleted it, is kept.",
        submit="Delete for good",
        form_class=ReasonForm,
        variant="danger",
    )
    done = f"The file of {document.title.lower()} is deleted."
    return ask(request, dialog, object_id=document.pk, act=act, done=done)


def back_to(request: HttpRequest, document: Document) -> str:
    """The customer's page or the document's own, wherever the dialog was opened."""
    own = reverse("admin:documents_document_change", args=[document.pk])
    if own in request.headers.get("HX-Current-URL", ""):
        return own
    return reverse("admin:registry_customer_change", args=[document.customer_id])


def _actor(request: HttpRequest) -> User:
    return cast("User", request.user)
