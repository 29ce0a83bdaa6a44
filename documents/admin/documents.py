"""The list of documents, one document with who read it, and what is done to it."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, cast
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import Min, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from common import worklist
from common.admin import COUNT_NO_FURTHER
from common.dialogs import require
from common.errors import DomainError
from common.face import day, label_html, two_lines
from common.lists.columns import Cells
from common.lists.rows import Verb
from common.worklist import QueueCount
from customers.registry.models import Customer
from customers.registry.search.listing import OF_CUSTOMER, AboutCustomers
from documents.admin import dialogs
from documents.admin.facts import facts_of, header_actions, readers_panel
from documents.admin.review import review_urls
from documents.admin.uploading import upload_file, upload_page
from documents.choices import Status
from documents.downloads import address_of, readable_document
from documents.models import Document
from documents.panels.labels import document_label, file_words
from documents.panels.rows import page_url, verbs_of
from tenants.admin import VersionedAdmin
from tenants.models import User

FAILED = {"status__exact": Status.FAILED.value}
VIEWS: tuple[tuple[str, dict[str, str]], ...] = (
    ("All", {}),
    ("Not stored", FAILED),
    ("Waits for review", {"review__exact": "pending", "status__exact": "active"}),
    ("Malware found", {"scan__exact": "infected"}),
)
DIALOGS = (
    ("again", "documents.upload_document", dialogs.try_again),
    ("archive", "documents.archive_document", dialogs.archive),
    ("remove", "documents.archive_document", dialogs.remove),
)
DocumentView = Callable[[HttpRequest, Document], HttpResponse]


@admin.register(Document)
class DocumentAdmin(AboutCustomers, VersionedAdmin):
    """Pages show, dialogs change; bytes leave by `download` alone, which is logged."""

    history_permission = "registry.view_history"
    list_display = ("document", "of_customer", "state", "file", "uploaded")
    export_permission = "exports.request_export"
    export_cells: ClassVar[Cells] = {
        "document": (("Document", "title"), ("File", "original_name")),
        "of_customer": OF_CUSTOMER,
        "state": (("Status", "get_status_display"), ("Review", "get_review_display")),
        "file": (("Kind of file", "content_type"), ("Bytes", "size")),
        "uploaded": (("Uploaded", "uploaded_at"), ("Uploaded by", "uploaded_by")),
    }  # fmt: skip
    list_select_related = ("customer", "tenant", "uploaded_by")
    list_filter = ("kind", "status", "review", "scan", "source")
    sortable_by = ()  # the newest first is what an index serves
    ordering = ("-uploaded_at", "-id")
    empty_value_display = "\N{EN DASH}"
    empty_fact = "No documents yet."
    empty_advice = "Add documents on the page of a customer."

    # --- the list --------------------------------------------------------------
    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        answer: HttpResponse = super().changelist_view(
            request, {"views": self._views(request), **(extra_context or {})}
        )
        return answer

    def _views(self, request: HttpRequest) -> list[dict[str, Any]]:
        asked = request.GET.dict()
        here = next((n for n, by in VIEWS[1:] if by.items() <= asked.items()), "All")
        return [
            {
                "name": name,
                "url": "?" + "&".join(f"{key}={value}" for key, value in by.items()),
                "count": self._count(request, by) if by == FAILED else None,
                "is_active": name == here,
            }
            for name, by in VIEWS
        ]

    def _count(self, request: HttpRequest, by: dict[str, str]) -> int:
        rows = self.get_queryset(request).filter(**by).order_by()
        return rows[:COUNT_NO_FURTHER].count()

    @admin.display(description="Document")
    def document(self, row: Document) -> SafeString:
        return two_lines(row.title, row.original_name)

    @admin.display(description="Status")
    def state(self, row: Document) -> SafeString:
        return label_html(document_label(row, row.tenant.today))

    @admin.display(description="File")
    def file(self, row: Document) -> str:
        return file_words(row).rpartition(", ")[0]

    @admin.display(description="Uploaded")
    def uploaded(self, row: Document) -> SafeString:
        return two_lines(day(row.uploaded_at), row.uploaded_by)

    # --- one document ------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows.select_related("customer", "tenant", "uploaded_by", "reviewed_by")

    def show(self, request: HttpRequest, row: Document) -> HttpResponse:
        user = cast("User", request.user)
        sees_versions = user.has_perm(self.history_permission)
        verbs = verbs_of(row, user)
        if sees_versions:
            url = self._versions_url(row)
            verbs.append(Verb("Versions", url, is_dialog=False))
        # A document is a page below its customer's.
        request.crumb = row.title  # type: ignore[attr-defined]
        return self.record(
            request, row.customer,
            opts=self.admin_site.get_model_admin(Customer).opts,
            title=f"{row.title} of {row.customer.name}",
            facts=[("Customer", self.customer_link(row)), *facts_of(row)],
            actions_detail=header_actions(verbs),
            panels=[readers_panel(row)] if sees_versions else [],
        )  # fmt: skip

    # --- addresses ---------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        asked = [
            path(
                f"<uuid:document_id>/{name}/",
                view(partial(self._about, permission, dialog)),
                name=f"documents_document_{name}",
            )
            for name, permission, dialog in DIALOGS
        ]
        own = [
            path(
                "<uuid:document_id>/download/", view(self.download),
                name="documents_document_download",
            ),
            path(
                "upload/<uuid:customer_id>/",
                view(partial(upload_page, site=self.admin_site)),
                name="documents_upload",
            ),
            path(
                "upload/<uuid:customer_id>/file/", view(upload_file),
                name="documents_upload_file",
            ),
        ]  # fmt: skip
        return [*asked, *own, *review_urls(self.admin_site), *super().get_urls()]

    def _about(
        self, permission: str, dialog: DocumentView, request: HttpRequest,
        document_id: UUID,
    ) -> HttpResponse:  # fmt: skip
        """Check the permission (403), then the institution (404), then ask."""
        require(request, permission)
        return dialog(request, self.get_object_or_404(request, str(document_id)))

    def download(self, request: HttpRequest, document_id: UUID) -> HttpResponse:
        """Lead to the file for a minute, or say on the document's page why not."""
        user = cast("User", request.user)
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        try:
            document = readable_document(user, document_id)
            return redirect(address_of(document, by=user))
        except DomainError as error:
            messages.error(request, error.message)
        document = self.get_object_or_404(request, str(document_id))
        return redirect(page_url(document))


@worklist.queue(
    "Documents not stored", permission="documents.upload_document", order=65
)
def documents_not_stored(user: User) -> QueueCount:
    rows = Document.objects.for_user(user).filter(status=Status.FAILED)
    oldest = rows.aggregate(oldest=Min("uploaded_at"))["oldest"]
    place = reverse("admin:documents_document_changelist")
    url = f"{place}?status__exact={Status.FAILED}"
    return QueueCount(count=rows.count(), url=url, oldest_at=oldest)
