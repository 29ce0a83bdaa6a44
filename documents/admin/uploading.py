"""Adding documents: a page that sends each file by itself, and a form that need not."""

from datetime import date
from typing import Any, cast
from uuid import UUID, uuid5

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from common.api import STATUS_OF
from common.dialogs import require
from common.errors import DomainError
from common.face import Label
from common.keys import new_id
from customers.registry.models import Customer
from documents.checklist import Standing, checklist
from documents.choices import IdType, Kind, Scan, Status
from documents.models import Document
from documents.names import ENDINGS
from documents.panels.labels import document_label
from documents.receiving import MAX_FILE_BYTES, TOO_LARGE, is_too_large
from documents.services import Paper
from documents.uploads import upload_document
from tenants.models import User

CUT_OFF = "No whole file came; the upload may have been cut off. Send it again."
REFUSED = 409


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=UnfoldAdminTextInputWidget({"type": "date"}),
        error_messages={"invalid": f"{label}: write the day as 2026-11-30."},
    )


class UploadForm(forms.Form):
    """What is said about a file; `id` is made by the page, so a repeat adds nothing."""

    kind = forms.ChoiceField(
        choices=[("", "Choose a kind"), *Kind.choices],
        widget=UnfoldAdminSelectWidget,
        error_messages={
            "required": "Choose a kind.",
            "invalid_choice": "Choose a kind of the list.",
        },
    )
    id_type = forms.ChoiceField(
        label="Type of ID",
        choices=[("", "–"), *IdType.choices],
        required=False,
        widget=UnfoldAdminSelectWidget,
        error_messages={"invalid_choice": "Choose a type of the list."},
    )
    issued_on = _day("Issued")
    expires_on = _day("Expires")
    id = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(
            ("required", "invalid"), "The page is broken; reload it."
        ),
    )

    def paper(self) -> Paper:
        """Raise DomainError for the first field that is wrong."""
        for name, errors in self.errors.items():
            raise DomainError(str(errors[0]), code="DATA_VALIDATION_FAILED", field=name)
        said: dict[str, Any] = self.cleaned_data
        return Paper(**said)


@require_http_methods(["GET", "POST"])
def upload_page(
    request: HttpRequest, customer_id: UUID, *, site: AdminSite
) -> HttpResponse:
    """Show the page; without scripts it posts here, several files of one kind."""
    customer = _customer(request, customer_id)
    if request.method == "POST":
        return _keep_all(request, customer)
    asked = request.GET.get("kind", "")
    initial = {"kind": asked if asked in Kind.values else "", "id": new_id()}
    request.crumb = "Add documents"  # type: ignore[attr-defined]
    context = {
        **site.each_context(request),
        "opts": site.get_model_admin(Customer).opts,
        "original": customer,
        "title": f"Add documents for {customer}",
        "customer": customer,
        "form": UploadForm(initial=initial, auto_id="id_%s"),
        "row_form": UploadForm(initial=initial, auto_id="paper_%s"),
        "asked_for": _asked_for(customer),
        "accept": ",".join(end for ends in ENDINGS.values() for end in ends),
        "max_bytes": MAX_FILE_BYTES,
        "send_url": reverse("admin:documents_upload_file", args=[customer.pk]),
        "back_url": _back_url(customer),
        "tones": [Label("Done", "good"), Label("Waits", "wait"),
                  Label("Not stored yet", "warn"), Label("Refused", "stop")],
    }  # fmt: skip
    return TemplateResponse(request, "documents/upload.html", context)


@require_POST
def upload_file(request: HttpRequest, customer_id: UUID) -> JsonResponse:
    """Keep one file, and answer what came of it as `{tone, words}`."""
    customer = _customer(request, customer_id)
    try:
        document = _keep_one(request, customer)
    except DomainError as error:
        said = {"tone": "stop", "words": error.message, "field": error.field}
        return JsonResponse(said, status=STATUS_OF.get(error.code, REFUSED))
    tone, words = outcome(document, customer.tenant.today)
    return JsonResponse({"tone": tone, "words": words}, status=201)


def outcome(document: Document, today: date) -> tuple[str, str]:
    """Say what came of an upload: a tone and one sentence."""
    what = f"“{document.title}”"
    if document.status == Status.FAILED:
        return "warn", (
            f"{what} is not stored yet: the store does not answer. The file is kept"
            " and tried again by itself."
        )
    if document.status != Status.ACTIVE or document.scan == Scan.INFECTED:
        # A repeat of what was sent long ago: say where that stands by now.
        label = document_label(document, today)
        return label.tone, f"{what} is here already: {label.word.lower()}."
    if document.scan == Scan.WAITING:
        return "wait", f"Stored as {what}; it waits for the malware scanner."
    return "good", f"Stored as {what}."


def _customer(request: HttpRequest, customer_id: UUID) -> Customer:
    """Check the permission (403), then the institution (404)."""
    require(request, "documents.upload_document")
    mine = Customer.objects.for_user(request.user).select_related("tenant")
    customer: Customer | None = mine.filter(pk=customer_id).first()
    if customer is None:
        raise Http404
    return customer


def _keep_one(request: HttpRequest, customer: Customer) -> Document:
    files = _files(request, "file")
    paper = UploadForm(request.POST).paper()
    user = cast("User", request.user)
    return upload_document(customer.pk, paper, files[0], by=user)


def _files(request: HttpRequest, name: str) -> list[UploadedFile]:  # type: ignore[type-arg]
    files = request.FILES.getlist(name)  # the request is read now, not before
    if is_too_large(request):
        raise DomainError(TOO_LARGE, code="FILE_TOO_LARGE", field="file")
    if not files:
        raise DomainError(CUT_OFF, code="DATA_VALIDATION_FAILED", field="file")
    return files


def _keep_all(request: HttpRequest, customer: Customer) -> HttpResponse:
    """Keep what can be kept, and say of each file what came of it."""
    refused = False
    try:
        files, paper = _files(request, "files"), UploadForm(request.POST).paper()
    except DomainError as error:
        messages.error(request, error.message)
        return redirect(request.get_full_path())
    for file in files:
        refused |= not _keep_of_many(request, customer, paper, file)
    return redirect(request.get_full_path() if refused else _back_url(customer))


def _keep_of_many(
    request: HttpRequest, customer: Customer, paper: Paper, file: Any
) -> bool:
    # The form has one id: the same form with the same bytes is the same document.
    said = {**vars(paper), "id": uuid5(cast("UUID", paper.id), file.sha256)}
    user = cast("User", request.user)
    try:
        document = upload_document(customer.pk, Paper(**said), file, by=user)
    except DomainError as error:
        messages.error(request, f"{file.name}: {error.message}")
        return False
    tone, words = outcome(document, customer.tenant.today)
    level = messages.SUCCESS if tone == "good" else messages.WARNING
    messages.add_message(request, level, f"{file.name}: {words}")
    return True


def _asked_for(customer: Customer) -> list[str]:
    """What is still wanted, as "Proof of address (KYC, tier 2)"."""
    return [
        f"{line.kind.label} ({', '.join(line.purposes)})"
        for line in checklist(customer)
        if line.standing not in (Standing.HAS, Standing.WAITING)
    ]


def _back_url(customer: Customer) -> str:
    return reverse("admin:registry_customer_change", args=[customer.pk])
