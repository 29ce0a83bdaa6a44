"""The dialog *Export list*: what, how much, why; then one command."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldBooleanSwitchWidget,
)

from common.admin import COUNT_NO_FURTHER
from common.dialogs import Dialog, ask
from common.errors import DomainError
from common.keys import new_id
from common.lists.columns import caption_of
from common.reading.fields import ReasonField
from exports.lists import OpenList, admin_of, capped_count, open_list
from exports.models import Export
from exports.services import LONGEST_REASON, Asked, request_export

SHOWN, ALL = "shown", "all"


class AskForm(BaseDialogForm):  # type: ignore[misc]
    """`export_id` is made with the form, so a second press makes no second file."""

    which = forms.ChoiceField(
        label="Columns",
        choices=[(SHOWN, "Those shown"), (ALL, "All that the list offers")],
        initial=SHOWN,
        widget=UnfoldAdminRadioSelectWidget,
    )
    reason = ReasonField(
        "Such as who asked for the list. Kept with your name.",
        longest=LONGEST_REASON,
        is_long=True,
    )
    has_mark = forms.BooleanField(
        label="For Excel",
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
        help_text="The file begins with the mark by which Excel knows UTF-8.",
    )
    export_id = forms.UUIDField(widget=forms.HiddenInput, initial=new_id)


def ask_for_export(request: HttpRequest) -> HttpResponse:
    """Ask about the list named in the address; 404 where there is no such list."""
    by: Any = request.user
    list_key = request.GET.get("list", "")
    query = request.GET.get("query", "")
    try:
        model_admin: Any = admin_of(list_key)
    except DomainError as error:
        raise Http404 from error
    names = request.GET.get("columns", "").split(",")
    if request.POST.get("which") == ALL:
        names = list(model_admin.offered_columns(request))

    def act(form: Any) -> str:
        said = form.cleaned_data
        asked = Asked(
            list_key=list_key,
            querystring=query,
            columns=names,
            reason=said["reason"],
            has_mark=said["has_mark"],
        )
        return export_url(request_export(asked, export_id=said["export_id"], by=by))

    try:
        description = _describe(open_list(list_key, by, query, names))
    except DomainError as error:
        description = error.message
    dialog = Dialog(
        title=f"Export {model_admin.opts.verbose_name_plural}",
        description=description,
        submit="Make the file",
        form_class=AskForm,
    )
    return ask(request, dialog, object_id=list_key, act=act)


def export_url(export: Export) -> str:
    return reverse("admin:exports_export_change", args=[export.pk])


def _describe(opened: OpenList) -> str:
    model_admin = opened.changelist.model_admin
    columns = ", ".join(caption_of(model_admin, name) for name in opened.columns)
    return (
        f"{count_words(capped_count(opened.rows, COUNT_NO_FURTHER))} with search and"
        f" filters as you see them. Shown: {columns}. That you asked, and each"
        " download, is recorded. The file can be downloaded for 24 hours."
    )


def count_words(count: int) -> str:
    if count > COUNT_NO_FURTHER:
        return f"More than {COUNT_NO_FURTHER:,} rows,"
    return f"{count:,} {'row' if count == 1 else 'rows'},"
