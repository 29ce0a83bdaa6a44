"""The pages of dictionaries: a list for each, one entry, add, change, retire."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString

from common.dialogs import require
from common.errors import DomainError
from common.face import Label, label_html, two_lines
from customers.registry.dictionaries import changing, transfer
from customers.registry.dictionaries.entries import add_entry, entries_of
from customers.registry.dictionaries.forms import AddEntryForm
from customers.registry.dictionaries.places import (
    CHANGE,
    asked_dictionary,
    list_url,
    tenant_of,
    with_dictionary,
)
from customers.registry.models import MIRRORED, Dictionary, DictionaryEntry
from tenants.admin import VersionedAdmin


class DictionaryFilter(admin.SimpleListFilter):
    """One dictionary at a time; the tabs above the list choose it."""

    title = "dictionary"
    parameter_name = "dictionary"

    def lookups(self, *_: Any) -> list[tuple[str, str]]:
        return list(Dictionary.choices)

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(dictionary=asked_dictionary(request))


@admin.register(DictionaryEntry)
class DictionaryEntryAdmin(VersionedAdmin):
    list_display = ("entry", "order_shown", "use")
    list_filter = (DictionaryFilter,)
    ordering = ("order", "code")
    sortable_by = ()
    change_list_template = "registry/dictionary/list.html"
    add_verb = "Add"

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return request.user.has_perm(CHANGE)

    # --- the list --------------------------------------------------------------
    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        dictionary = asked_dictionary(request)
        if tenant := getattr(request.user, "tenant", None):
            entries_of(tenant, dictionary)  # a new institution gets its first entries
        is_mirrored = dictionary in MIRRORED
        context = {
            "views": [
                {
                    "name": other.label,
                    "url": f"?dictionary={other}",
                    "count": None,
                    "is_active": other == dictionary,
                }
                for other in Dictionary
            ],
            "export_url": with_dictionary("export", dictionary),
            "import_url": "" if is_mirrored else with_dictionary("import", dictionary),
            "add_url": "" if is_mirrored else with_dictionary("add", dictionary),
            "may_change": request.user.has_perm(CHANGE),
        }
        answer: HttpResponse = super().changelist_view(
            request, {**context, **(extra_context or {})}
        )
        return answer

    @admin.display(description="Entry")
    def entry(self, row: DictionaryEntry) -> SafeString:
        return two_lines(row.label, row.code)

    @admin.display(description="Order")
    def order_shown(self, row: DictionaryEntry) -> int:
        return row.order

    @admin.display(description="Use")
    def use(self, row: DictionaryEntry) -> SafeString:
        return label_html(use_label(row))

    # --- add and change ----------------------------------------------------------
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        del form_url, extra_context
        require(request, CHANGE)
        tenant = tenant_of(request)
        initial = {"dictionary": asked_dictionary(request), "order": 0}
        form = AddEntryForm(request.POST or None, initial=initial)
        if request.method == "POST" and form.is_valid():
            said, user = form.cleaned_data, request.user
            dictionary = Dictionary(said["dictionary"])
            try:
                entry = add_entry(
                    tenant, dictionary, form.row(),
                    by=user, reason=said["reason"],  # type: ignore[arg-type]
                )  # fmt: skip
            except DomainError as error:
                changing.refuse(form, error)
            else:
                messages.success(request, f"“{entry.label}” is added.")
                return HttpResponseRedirect(list_url(dictionary))
        title = "Add dictionary entry"
        return self._page(request, None, form=form, title=title, submit="Add")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:  # fmt: skip
        del form_url, extra_context
        require(request, CHANGE)
        entry: DictionaryEntry = self.get_object_or_404(request, object_id)
        if entry.is_mirrored:
            return self._facts(request, entry)
        asked = changing.ask(request, entry)
        if asked.is_done:
            return HttpResponseRedirect(list_url(Dictionary(entry.dictionary)))
        note = f"{entry.get_dictionary_display()}, code “{entry.code}”. The code stays."
        return self._page(
            request, entry, template=changing.PAGE, form=asked.form,
            meanwhile=asked.meanwhile, title=entry.label, note=note,
        )  # fmt: skip

    def _facts(self, request: HttpRequest, entry: DictionaryEntry) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        facts = [
            ("Dictionary", entry.get_dictionary_display()), ("Code", entry.code),
            ("Label", entry.label), ("Changes", "Fixed by the software"),
        ]  # fmt: skip
        return self._page(
            request, entry, template="face/record.html", facts=facts, title=entry.label
        )

    def _page(
        self, request: HttpRequest, entry: DictionaryEntry | None, *,
        template: str = "face/form.html", **context: Any,
    ) -> HttpResponse:  # fmt: skip
        dictionary = entry.dictionary if entry else asked_dictionary(request)
        shared = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": entry,
            "back_url": list_url(Dictionary(dictionary)),
            "links": self._links(entry),
        }
        request.crumb = "" if entry else context["title"]  # type: ignore[attr-defined]
        return TemplateResponse(request, template, {**shared, **context})

    def _links(self, entry: DictionaryEntry | None) -> list[dict[str, str]]:
        return [{"verb": "Versions", "url": self._versions_url(entry)}] if entry else []

    # --- addresses ---------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(
                f"{name}/",
                self.admin_site.admin_view(view),
                {"admin": self},
                name=f"registry_dictionaryentry_{name}",
            )
            for name, view in (
                ("export", transfer.export_file), ("import", transfer.import_file),
            )
        ]  # fmt: skip
        return [*pages, *super().get_urls()]


def use_label(entry: DictionaryEntry) -> Label:
    return Label("In use", "good") if entry.is_active else Label("Retired", "ended")
