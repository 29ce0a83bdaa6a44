"""A dictionary to and from a CSV file: all of the file, or nothing and every error."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_safe

from common.dialogs import require
from common.errors import DomainError
from customers.registry.dictionaries.csv_file import (
    CellError,
    read_entries,
    write_entries,
)
from customers.registry.dictionaries.entries import (
    EntryRow,
    entries_of,
    import_entries,
    refuse_mirrored,
)
from customers.registry.dictionaries.forms import TOO_LARGE, ImportForm
from customers.registry.dictionaries.places import (
    CHANGE,
    asked_dictionary,
    list_url,
    tenant_of,
    with_dictionary,
)
from customers.registry.models import Dictionary

PAGE = "registry/dictionary/import.html"


@require_safe
def export_file(request: HttpRequest, *, admin: Any) -> HttpResponse:
    """Hand out one dictionary, the retired entries too."""
    del admin
    require(request, CHANGE)
    dictionary = asked_dictionary(request)
    entries = entries_of(tenant_of(request), dictionary)[dictionary]
    # The mark tells spreadsheets that it is UTF-8.
    answer = HttpResponse(
        write_entries(entries).encode("utf-8-sig"), content_type="text/csv"
    )
    answer["Content-Disposition"] = f'attachment; filename="{dictionary}.csv"'
    return answer


@require_http_methods(["GET", "POST"])
def import_file(request: HttpRequest, *, admin: Any) -> HttpResponse:
    """Show the form, or import; with any error nothing is imported."""
    require(request, CHANGE)
    tenant, dictionary = tenant_of(request), asked_dictionary(request)
    try:
        refuse_mirrored(dictionary)
    except DomainError as error:
        messages.error(request, error.message)
        return HttpResponseRedirect(list_url(dictionary))
    form = ImportForm(request.POST, request.FILES) if _is_post(request) else None
    errors: list[CellError] = []
    if form is not None and _arrived(request, form):
        rows, errors = read_entries(form.cleaned_data["file"].read())
        if not errors and _import(request, form, rows, dictionary):
            return HttpResponseRedirect(list_url(dictionary))
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": f"Import {dictionary.label.lower()}",
        "dictionary": dictionary.label,
        "form": form or ImportForm(),
        "problems": errors,
        "export_url": with_dictionary("export", dictionary),
        "back_url": list_url(dictionary),
        "tenant": tenant,
    }
    request.crumb = "Import"  # type: ignore[attr-defined]
    return TemplateResponse(request, PAGE, context)


def _is_post(request: HttpRequest) -> bool:
    return request.method == "POST"


def _arrived(request: HttpRequest, form: ImportForm) -> bool:
    """Check the form; a file that the door cut off says why it is not there."""
    is_fine = form.is_valid()
    # Set by the handler of uploads, which ends a request that is far too large.
    if getattr(request, "is_upload_too_large", False):
        form.errors.pop("file", None)
        form.add_error("file", TOO_LARGE)
        return False
    return is_fine


def _import(
    request: HttpRequest, form: ImportForm, rows: list[EntryRow],
    dictionary: Dictionary,
) -> bool:  # fmt: skip
    user: Any = request.user
    try:
        done = import_entries(
            user.tenant, dictionary, rows, by=user, reason=form.cleaned_data["reason"]
        )
    except DomainError as error:
        form.add_error("file", error.message)
        return False
    if done.added or done.changed:
        said = f"{done.added} added, {done.changed} changed."
    else:
        said = "Nothing was different."
    messages.success(request, said)
    return True
