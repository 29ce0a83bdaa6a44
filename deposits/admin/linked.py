"""The list of linked accounts, one of them, and the addresses of the dialogs."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.views.decorators.debug import sensitive_post_parameters

from common.dialogs import require
from common.face import day, label_html, moment, two_lines
from common.lists.columns import Cells
from common.reading.countries import country_name
from customers.registry.choices import LIVING
from customers.registry.models import Customer
from customers.registry.search.listing import OF_CUSTOMER, AboutCustomers
from deposits.admin import linked_dialogs as dialogs
from deposits.linked.numbers import found_indexes
from deposits.linked.panel import (
    LINK,
    SEND,
    VERIFY,
    linked_label,
    verbs_of,
    waiting_amounts,
)
from deposits.models import LinkedAccount
from tenants.admin import VersionedAdmin

# Whoever finds a number at two customers knows what only these may know.
SEES_SHARING = "registry.view_task"
LinkedView = Callable[[HttpRequest, LinkedAccount], HttpResponse]
DEEDS: tuple[tuple[str, str, LinkedView], ...] = (
    ("document", VERIFY, dialogs.document),
    ("amount", SEND, dialogs.amount),
    ("confirm", VERIFY, sensitive_post_parameters("amount")(dialogs.confirm)),
    ("refuse", VERIFY, dialogs.refuse),
    ("primary", LINK, dialogs.primary),
    ("remove", LINK, dialogs.remove),
)


@admin.register(LinkedAccount)
class LinkedAccountAdmin(AboutCustomers, VersionedAdmin):
    """Pages show, dialogs change; numbers by their last digits."""

    history_permission = "registry.view_history"
    list_display = ("account", "of_customer", "state", "primary", "added")
    export_permission = "exports.request_export"
    export_cells: ClassVar[Cells] = {
        "account": (("Institution", "institution"), ("Number", "shown"),
                    ("Kind", "get_kind_display")),
        "of_customer": OF_CUSTOMER,
        "state": (("Status", "get_status_display"),),
        "primary": (("For payouts", "is_primary"),),
        "added": (("Added", "added_at"),),
    }  # fmt: skip
    list_select_related = ("customer",)
    list_filter = ("status", "kind", "is_primary")
    sortable_by = ()
    ordering = ("-added_at", "-id")
    empty_value_display = "\N{EN DASH}"
    empty_fact = "No linked accounts yet."
    empty_advice = "Link one on the page of a customer."

    # --- the list --------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        related = ("customer__tenant", "added_by", "decided_by", "proof")
        return super().get_queryset(request).select_related(*related)

    def found_besides(self, request: HttpRequest) -> Callable[[str], Q] | None:
        """Compliance finds them also by the full number."""
        if not request.user.has_perm(SEES_SHARING):
            return None
        return lambda text: Q(number_index__in=found_indexes(text))

    @admin.display(description="Account")
    def account(self, row: LinkedAccount) -> SafeString:
        return two_lines(str(row), row.get_kind_display())

    @admin.display(description="Status")
    def state(self, row: LinkedAccount) -> SafeString:
        return label_html(linked_label(row))

    @admin.display(description="Primary")
    def primary(self, row: LinkedAccount) -> str | None:
        return "For payouts" if row.is_primary else None

    @admin.display(description="Added")
    def added(self, row: LinkedAccount) -> str:
        return day(row.added_at)

    # --- one of them -------------------------------------------------------------
    def show(self, request: HttpRequest, row: LinkedAccount) -> HttpResponse:
        waits = waiting_amounts([row]).get(row.pk)
        is_living = row.customer.status in LIVING
        user: Any = request.user
        verbs = list(verbs_of(row, waits, user)) if is_living else []
        may_see_versions = user.has_perm(self.history_permission)
        versions = {"verb": "Versions", "url": self._versions_url(row)}
        return self.record(
            request, row,
            facts=list(_facts(row, is_waiting=waits is not None)),
            links=[versions] if may_see_versions else [],
            deeds=[
                {"verb": verb.title, "url": verb.url, "is_dialog": True}
                for verb in verbs
                if not verb.is_danger  # the first would be drawn as the likeliest
            ],
            panels=[_sharing(row)] if user.has_perm(SEES_SHARING) else [],
        )  # fmt: skip

    # --- versions ----------------------------------------------------------------
    def facts_of(self, version: Any) -> Iterator[tuple[str, str]]:
        """Every column but the number itself, which no version ever changes."""
        columns = [self.opts.get_field(name) for name in LinkedAccount.withheld]
        hidden = {capfirst(column.verbose_name) for column in columns}
        yield from (fact for fact in super().facts_of(version) if fact[0] not in hidden)

    # --- addresses ---------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        link = sensitive_post_parameters("number")(self._link)
        own = [
            self._path("of/<uuid:customer_id>/", "link", link),
            *(
                self._path(f"<uuid:linked_id>/{name}/", name,
                           partial(self._about, permission, dialog))
                for name, permission, dialog in DEEDS
            ),
        ]  # fmt: skip
        return [*own, *super().get_urls()]

    def _path(self, route: str, name: str, view: Any) -> URLPattern:
        guarded = self.admin_site.admin_view(view)
        found: URLPattern = path(route, guarded, name=f"deposits_linkedaccount_{name}")
        return found

    def _about(
        self, permission: str, dialog: LinkedView, request: HttpRequest, linked_id: UUID
    ) -> HttpResponse:
        """Check the permission (403), then the institution (404), then ask."""
        require(request, permission)
        return dialog(request, self.get_object_or_404(request, str(linked_id)))

    def _link(self, request: HttpRequest, customer_id: UUID) -> HttpResponse:
        require(request, LINK)
        rows = Customer.objects.for_user(request.user)
        customer: Customer | None = rows.filter(pk=customer_id).first()
        if customer is None:
            raise Http404
        return dialogs.link(request, customer)


def _facts(row: LinkedAccount, *, is_waiting: bool) -> Iterator[tuple[str, Any]]:
    url = reverse("admin:registry_customer_change", args=[row.customer_id])
    yield "Customer", format_html('<a class="v-a" href="{}">{}</a>', url, row.customer)
    yield "Status", label_html(linked_label(row, is_waiting=is_waiting))
    if row.refusal:
        yield "Why refused", row.get_refusal_display().capitalize()
    yield "Kind", row.get_kind_display()
    yield "Institution", row.institution
    yield "Country", country_name(row.country)
    yield row.get_number_kind_display(), row.shown
    yield "Holder", row.holder_name
    yield "Primary for payouts", "yes" if row.is_primary else "no"
    yield "Added", f"{moment(row.added_at)}, {row.added_by}"
    if row.way:
        yield "Verified", row.get_way_display()
        yield "Name", row.get_name_match_display()
    if row.proof:
        page = reverse("admin:documents_document_change", args=[row.proof_id])
        yield "Proof", format_html('<a class="v-a" href="{}">{}</a>', page, row.proof)
    if row.decided_at:
        yield "Decided", f"{moment(row.decided_at)}, {row.decided_by}"


def _sharing(row: LinkedAccount) -> dict[str, Any]:
    """Other customers with this number, for those who may know."""
    others = LinkedAccount.objects.sharing_with(row).select_related("customer")
    return {
        "title": "The same number",
        "rows": [
            {
                "label": linked_label(other),
                "title": str(other.customer),
                "meta": str(other),
                "url": reverse("admin:deposits_linkedaccount_change", args=[other.pk]),
            }
            for other in others[:20]
        ],
        "empty_fact": "No other customer has this number.",
    }
