"""Lists of contacts, one contact with its versions, and the addresses of dialogs."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.views.decorators.debug import sensitive_post_parameters

from common.dialogs import require
from common.face import day, two_lines
from common.lists.columns import Cells
from customers.contacts.admin import dialogs
from customers.contacts.choices import Kind
from customers.contacts.models import Address, Contact, Email, Phone
from customers.registry.models import Customer
from customers.registry.search.listing import OF_CUSTOMER, AboutCustomers
from tenants.admin import VersionedAdmin

PERMISSION = "contacts.change_contact"
ContactView = Callable[[HttpRequest, Contact], HttpResponse]
_OF_ALL: tuple[tuple[str, ContactView], ...] = (
    ("edit", dialogs.edit),
    ("primary", dialogs.primary),
    ("remove", dialogs.remove),
)


class ContactAdmin(AboutCustomers, VersionedAdmin):
    """Pages show, dialogs change."""

    export_permission = "exports.request_export"
    export_cells: ClassVar[Cells] = {
        "contact": (("Contact", "shown"), ("Primary", "is_primary"),
                    ("Type", "type"), ("Removed", "removed_at")),
        "customer_link": OF_CUSTOMER,
        "verified": (("Verified", "verified_at"),),
    }  # fmt: skip

    history_permission = "registry.view_history"
    deeds: tuple[tuple[str, ContactView], ...] = _OF_ALL
    list_select_related = ("customer",)
    sortable_by = ()
    ordering = ("-id",)
    list_filter = ("is_primary",)
    list_display: tuple[str, ...] = ("contact", "customer_link", "verified")
    readonly_fields = ("customer_link",)
    exclude = ("customer",)
    empty_value_display = "\N{EN DASH}"
    empty_fact = "No contacts yet."
    empty_advice = "Add them on the page of a customer."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows.select_related("customer")

    @admin.display(description="Contact")
    def contact(self, row: Contact) -> SafeString:
        if row.removed_at:
            return two_lines(row.shown, f"Removed {day(row.removed_at)}")
        return two_lines(row.shown, "Primary" if row.is_primary else row.type)

    @admin.display(description="Verified")
    def verified(self, row: Any) -> str:
        return day(row.verified_at) if row.verified_at else ""

    # --- addresses ---------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        kind = self.model.kind
        own = [
            self._path("of/<uuid:customer_id>/", f"{kind}_of_customer", self._add),
            *(
                self._path(
                    f"<uuid:contact_id>/{name}/", f"{kind}_{name}",
                    partial(self._about, dialog),
                )
                for name, dialog in self.deeds
            ),
        ]  # fmt: skip
        return [*own, *super().get_urls()]

    def _path(self, route: str, name: str, view: Any) -> URLPattern:
        guarded = self.admin_site.admin_view(view)
        found: URLPattern = path(route, guarded, name=f"contacts_{name}")
        return found

    def _about(
        self, dialog: ContactView, request: HttpRequest, contact_id: UUID
    ) -> HttpResponse:
        """Check the permission (403), then the institution (404), then ask."""
        require(request, PERMISSION)
        return dialog(request, self.get_object_or_404(request, str(contact_id)))

    def _add(self, request: HttpRequest, customer_id: UUID) -> HttpResponse:
        customer = self.customer_or_404(request, customer_id)
        return dialogs.add(request, customer, Kind(self.model.kind))

    def customer_or_404(self, request: HttpRequest, customer_id: UUID) -> Customer:
        require(request, PERMISSION)
        rows = Customer.objects.for_user(request.user)
        customer: Customer | None = rows.filter(pk=customer_id).first()
        if customer is None:
            raise Http404
        return customer


@admin.register(Phone)
class PhoneAdmin(ContactAdmin):
    deeds = (
        *_OF_ALL,
        ("send", dialogs.send),
        ("enter", sensitive_post_parameters("code")(dialogs.enter)),
    )

    def get_urls(self) -> list[URLPattern]:
        place = "preference/<uuid:customer_id>/"
        own = self._path(place, "preference_of_customer", self._prefer)
        return [own, *super().get_urls()]

    def _prefer(self, request: HttpRequest, customer_id: UUID) -> HttpResponse:
        return dialogs.prefer(request, self.customer_or_404(request, customer_id))


@admin.register(Email)
class EmailAdmin(ContactAdmin):
    deeds = (*_OF_ALL, ("send", dialogs.send))


@admin.register(Address)
class AddressAdmin(ContactAdmin):
    list_display = ("contact", "customer_link")
    export_cells: ClassVar[Cells] = {
        name: ContactAdmin.export_cells[name] for name in ("contact", "customer_link")
    }
