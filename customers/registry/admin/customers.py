"""The list of customers and the customer page; everything else hangs on these."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.views.main import ORDER_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from common.admin import COUNT_NO_FURTHER
from common.dialogs import require
from common.lists.columns import HouseList
from common.memory import one_page
from common.text import clean
from customers.registry import customer_page, labels
from customers.registry.admin import dialogs, editing, timeline
from customers.registry.admin.columns import CustomerColumns
from customers.registry.board import build_board, header_actions
from customers.registry.models import Customer
from customers.registry.profile import editing as profile_page
from customers.registry.search import palette
from tenants.admin import VersionedAdmin

LONGEST_SEARCH = 200  # characters, as long as a name; more is no search
# Saved views of the list: a name, and what it filters by.
VIEWS: tuple[tuple[str, dict[str, str]], ...] = (
    ("All", {}),
    ("KYC pending", {"kyc_status__exact": "pending"}),
    ("Suspended", {"status__exact": "suspended"}),
    ("Offboarded", {"status__exact": "offboarded"}),
)
CustomerView = Callable[[Any, HttpRequest, Customer], HttpResponse]


class CustomerList(HouseList):
    """Asks the apps above once for the whole page: what waits, how tiers are named."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        # Before the rows are read: what waits is said to this user.
        self.user: Any = request.user
        super().__init__(request, *args, **kwargs)

    def complete(self, rows: list[Any]) -> None:
        wants = self.wants("waits_for")
        waits = customer_page.waits_for(rows, self.user) if wants else {}
        names = labels.tier_names(rows[0].tenant_id) if rows else {}
        for row in rows:
            row.waits_for = waits.get(row.pk)
            row.tier_words = labels.tier_words(row, names)


@admin.register(Customer)
class CustomerAdmin(CustomerColumns, VersionedAdmin):
    history_permission = "registry.view_history"
    list_filter = (
        "customer_type", "entity_type", "status", "kyc_status", "activity", "channel",
    )  # fmt: skip
    sortable_by = ("customer",)  # the only other order an index serves
    search_fields = ("name",)  # found_by decides; Unfold wants one to show the box
    search_help_text = "Name, public id, e-mail, phone, ID or account number"
    ordering = ("-registered_at", "-id")
    empty_value_display = "\N{EN DASH}"
    change_list_template = "registry/customer/list.html"
    add_verb = "Register"

    # --- permissions -----------------------------------------------------------
    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return request.user.has_perm("registry.register_customer")

    # --- the list --------------------------------------------------------------
    def get_changelist(self, *_: Any, **__: Any) -> type[CustomerList]:
        return CustomerList

    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        answer: HttpResponse = super().changelist_view(
            request, {"views": self._views(request), **(extra_context or {})}
        )
        return answer

    def _views(self, request: HttpRequest) -> list[dict[str, Any]]:
        asked = request.GET.dict()
        here = [name for name, by in VIEWS if by and by.items() <= asked.items()]
        return [
            {
                "name": name,
                "url": "?" + "&".join(f"{key}={value}" for key, value in by.items()),
                "count": self._count(request, by) if by else None,
                "is_active": name in here if by else not here,
            }
            for name, by in VIEWS
        ]

    def _count(self, request: HttpRequest, by: dict[str, str]) -> int:
        rows = self.get_queryset(request).filter(**by)
        return rows[:COUNT_NO_FURTHER].count()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Exact hits first, unless staff asked for an order of their own."""
        term = clean(search_term)[:LONGEST_SEARCH]
        if not term:
            return queryset, False
        found = queryset.found_by(term, by=request.user)  # type: ignore[attr-defined]
        if ORDER_VAR in request.GET:
            found = found.order_by(*queryset.query.order_by)
        return found, False

    # --- the customer page -------------------------------------------------------
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:  # fmt: skip
        """Show the board; every change has a page or dialog of its own."""
        del form_url, extra_context
        if not self.has_view_permission(request):
            raise PermissionDenied
        request.is_customer_page = True  # type: ignore[attr-defined]
        customer = self.get_object_or_404(request, object_id)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        user: Any = request.user
        with one_page():
            board = build_board(customer, user)
            actions = header_actions(customer, user)
        return self.page(
            request, "registry/customer/board.html", customer,
            board=board, actions_detail=actions,
        )  # fmt: skip

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        del form_url, extra_context
        return editing.register(self, request)

    def page(
        self, request: HttpRequest, template: str, customer: Customer | None,
        *, crumb: str = "", **context: Any,
    ) -> TemplateResponse:  # fmt: skip
        """Render a page of ours inside the shell; `crumb` names one below the board."""
        shared = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": customer,
            "media": self.media,
            "title": customer.name if customer else "",
        }
        request.current_app = self.admin_site.name
        request.crumb = crumb  # type: ignore[attr-defined]
        return TemplateResponse(request, template, {**shared, **context})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        if getattr(request, "is_customer_page", False):
            return customer_page.with_relations(rows)
        return rows.select_related("tenant")

    # --- addresses ---------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        own: tuple[tuple[str, str, CustomerView], ...] = (
            ("edit", "registry.update_customer", editing.edit),
            ("profile", "registry.update_customer", profile_page.edit),
            ("timeline", "registry.view_customer", timeline.show),
            ("suspend", "registry.suspend_customer", dialogs.suspend),
            ("reinstate", "registry.reinstate_customer", dialogs.reinstate),
            ("decline", "registry.decline_customer", dialogs.decline),
            ("activity", "registry.record_activity", dialogs.record_activity),
        )
        pages = [
            path(
                f"<uuid:customer_id>/{name}/",
                self.admin_site.admin_view(partial(self._about, view, permission)),
                name=f"registry_customer_{name}",
            )
            for name, permission, view in own
        ]
        find = self.admin_site.admin_view(palette.find)
        box = path("find/", find, name="registry_customer_find")
        return [box, *pages, *super().get_urls()]

    def _about(
        self, view: CustomerView, permission: str, request: HttpRequest,
        customer_id: UUID,
    ) -> HttpResponse:  # fmt: skip
        """Check the permission (403), then the institution (404), then go on."""
        require(request, permission)
        customer = self.get_object_or_404(request, str(customer_id))
        return view(self, request, customer)

    def url_of(self, customer: Customer) -> str:
        return reverse("admin:registry_customer_change", args=[customer.pk])
