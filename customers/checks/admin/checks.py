"""The list of outside checks, one of them, and the addresses of the dialogs."""

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
from common.face import day, label_html, moment, two_lines
from common.lists.columns import Cells
from customers.checks.admin import dialogs
from customers.checks.admin.line import StateFilter, order_of, views_of
from customers.checks.choices import MAY, VIEW, Kind
from customers.checks.gateways.named import gateway_words
from customers.checks.labels import check_label
from customers.checks.models import OutsideCheck
from customers.checks.panels import verbs_of
from customers.registry.models import Customer
from customers.registry.search.listing import OF_CUSTOMER, AboutCustomers
from tenants.admin import VersionedAdmin

CheckView = Callable[[HttpRequest, OutsideCheck], HttpResponse]
AskView = Callable[[HttpRequest, Customer], HttpResponse]
ASKING: tuple[tuple[Kind, AskView], ...] = (
    (Kind.ADDRESS, dialogs.ask_address),
    (Kind.BUREAU, dialogs.ask_bureau),
)
DEEDS: tuple[tuple[str, CheckView], ...] = (
    ("record", sensitive_post_parameters("note")(dialogs.record)),
    ("withdraw", dialogs.withdraw),
)


@admin.register(OutsideCheck)
class OutsideCheckAdmin(AboutCustomers, VersionedAdmin):
    """Pages show, dialogs change; bureau checks are not there for the front line."""

    history_permission = "registry.view_history"
    list_display = ("question", "of_customer", "state", "asked", "until")
    export_permission = "exports.request_export"
    export_cells: ClassVar[Cells] = {
        "question": (("Check", "get_kind_display"),),
        "of_customer": OF_CUSTOMER,
        "state": (("Status", "get_status_display"), ("Result", "get_result_display")),
        "asked": (("Asked", "asked_at"), ("Asked by", "asked_by")),
        "until": (("Valid until", "valid_until"),),
    }  # fmt: skip
    list_select_related = ("customer__tenant", "asked_by")
    list_filter = (StateFilter, "kind", "result")
    sortable_by = ()
    empty_value_display = "\N{EN DASH}"
    empty_fact = "No checks here."
    empty_advice = "Ask for one on the page of a customer."

    # --- the list --------------------------------------------------------------
    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        may_look = self.has_view_permission(request)
        rows = self.get_queryset(request).order_by()
        views = views_of(request, rows) if may_look else []
        context = {"views": views, **(extra_context or {})}
        answer: HttpResponse = super().changelist_view(request, context)
        return answer

    def get_ordering(self, request: HttpRequest) -> tuple[str, str]:
        return order_of(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        related = ("customer__tenant", "address", "asked_by", "answered_by")
        return super().get_queryset(request).select_related(*related)

    @admin.display(description="Check")
    def question(self, row: OutsideCheck) -> SafeString:
        is_about_place = row.kind == Kind.ADDRESS
        return two_lines(row.get_kind_display(), row.place if is_about_place else "")

    @admin.display(description="Status")
    def state(self, row: OutsideCheck) -> SafeString:
        return label_html(check_label(row, row.customer.tenant.today))

    @admin.display(description="Asked")
    def asked(self, row: OutsideCheck) -> SafeString:
        return two_lines(day(row.asked_at), str(row.asked_by))

    @admin.display(description="Valid until")
    def until(self, row: OutsideCheck) -> str | None:
        return day(row.valid_until) if row.valid_until else None

    # --- one of them -------------------------------------------------------------
    def show(self, request: HttpRequest, row: OutsideCheck) -> HttpResponse:
        user: Any = request.user
        links = []
        if user.has_perm(self.history_permission):
            links = [{"verb": "Versions", "url": self._versions_url(row)}]
        deeds = [
            {"verb": verb.title, "url": verb.url, "is_dialog": True}
            for verb in verbs_of(row, user)
        ]
        facts = self._facts(row)
        return self.record(request, row, facts=facts, links=links, deeds=deeds)

    def _facts(self, row: OutsideCheck) -> list[tuple[str, Any]]:
        facts: list[tuple[str, Any]] = [
            ("Customer", self.customer_link(row)),
            ("Check", row.get_kind_display()),
            ("Status", self.state(row)),
            ("Address", row.place),
            ("Asked", f"{moment(row.asked_at)}, {row.asked_by}"),
            ("Way", gateway_words(row.gateway)),
            ("Reference", row.reference),
            ("Note for staff", row.note),
        ]
        if row.kind == Kind.ADDRESS and not row.is_of_today:
            facts.insert(4, ("On file today", "another address, or none"))
        if row.answered_at:
            answered = f"{moment(row.answered_at)}, {row.answered_by}"
            facts += [("Answered", answered), ("Valid until", self.until(row))]
        return facts

    # --- addresses ---------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        own = [
            *(
                self._path(f"of/<uuid:customer_id>/{kind.value}/", f"ask_{kind.value}",
                           partial(self._ask, MAY[kind], view))
                for kind, view in ASKING
            ),
            *(
                self._path(f"<uuid:check_id>/{name}/", name,
                           partial(self._about, view))
                for name, view in DEEDS
            ),
        ]  # fmt: skip
        return [*own, *super().get_urls()]

    def _path(self, route: str, name: str, view: Any) -> URLPattern:
        guarded = self.admin_site.admin_view(view)
        found: URLPattern = path(route, guarded, name=f"checks_outsidecheck_{name}")
        return found

    def _ask(
        self, permission: str, view: AskView, request: HttpRequest, customer_id: UUID
    ) -> HttpResponse:
        require(request, permission)
        rows = Customer.objects.for_user(request.user)
        customer: Customer | None = rows.filter(pk=customer_id).first()
        if customer is None:
            raise Http404
        return view(request, customer)

    def _about(
        self, view: CheckView, request: HttpRequest, check_id: UUID
    ) -> HttpResponse:
        """Check that they may look (403), find it (404), and then that they may (403).

        A bureau check is not there for whoever may not know of it.
        """
        require(request, VIEW)
        row = self.get_object_or_404(request, str(check_id))
        require(request, MAY[row.kind])
        return view(request, row)
