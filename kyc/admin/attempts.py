"""KYC attempts: the list and page for compliance, and the dialogs about one attempt."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from common.admin import HouseAdmin
from common.dialogs import Dialog, ask, require
from common.face import day, label_html, two_lines
from kyc.admin.chase import chase_page
from kyc.admin.manual import decide_page
from kyc.admin.start import start_dialog
from kyc.inquiry import refetch_attempt
from kyc.labels import attempt_label, attempt_meta, attempt_title, label_words
from kyc.models import Applicant
from kyc.verdicts import what_holds_back

REFETCH = Dialog(
    title="Re-fetch",
    submit="Re-fetch",
    description="Sumsub is asked now, and its answer is applied under your name.",
)


@admin.register(Applicant)
class AttemptAdmin(HouseAdmin):
    """Labels and comments may tip somebody off: compliance and above only."""

    list_display = ("who", "what", "state", "begun_on", "decided_on")
    list_filter = ("status", "is_renewal", "level")
    list_select_related = ("customer",)
    search_fields = ("applicant_id", "customer__public_id")
    search_help_text = "Applicant id, or the customer’s public id"
    ordering = ("-started_at", "-id")
    empty_value_display = "\N{EN DASH}"
    empty_fact = "No KYC attempt yet."
    empty_advice = "Start KYC on the page of a customer."
    fields = (
        "who", "what", "state", "level", "applicant_id", "verdict", "label_names",
        "moderation_comment", "client_comment", "held_back", "attempt_count",
        "started_at", "started_by", "link_expires_at", "decided_at", "last_state_at",
        "fetched_at",
    )  # fmt: skip
    readonly_fields = fields

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return bool(request.user.has_perm("kyc.view_callback"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("start/<uuid:customer_id>/", view(start_dialog), name="kyc_start"),
            path("decide/<uuid:customer_id>/", view(self.decide), name="kyc_decide"),
            path("chase/", view(self.chase), name="kyc_chase"),
            path(
                "<uuid:attempt_id>/re-fetch/", view(self.refetch),
                name="kyc_applicant_refetch",
            ),
        ]  # fmt: skip
        return [*own, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("customer")

    @admin.display(description="Customer")
    def who(self, row: Applicant) -> SafeString:
        return two_lines(row.customer.name, row.customer.public_id)

    @admin.display(description="Attempt")
    def what(self, row: Applicant) -> SafeString:
        return two_lines(attempt_title(row), attempt_meta(row))

    @admin.display(description="State")
    def state(self, row: Applicant) -> SafeString:
        return label_html(attempt_label(row))

    @admin.display(description="Started", ordering="started_at")
    def begun_on(self, row: Applicant) -> str:
        return day(row.started_at)

    @admin.display(description="Decided")
    def decided_on(self, row: Applicant) -> str | None:
        return day(row.decided_at) if row.decided_at else None

    @admin.display(description="Labels")
    def label_names(self, row: Applicant) -> str:
        return ", ".join(label_words(row.labels))

    @admin.display(description="Held back by")
    def held_back(self, row: Applicant) -> str:
        return what_holds_back(row)

    def chase(self, request: HttpRequest) -> HttpResponse:
        return chase_page(request, self.admin_site)

    def decide(self, request: HttpRequest, customer_id: UUID) -> HttpResponse:
        return decide_page(request, self.admin_site, customer_id)

    def refetch(self, request: HttpRequest, attempt_id: UUID) -> HttpResponse:
        require(request, "kyc.resolve_callback")
        attempt = self.get_object_or_404(request, str(attempt_id))

        def act(_form: Any) -> str:
            said = refetch_attempt(attempt.pk, by=request.user)  # type: ignore[arg-type]
            messages.success(request, said)
            return back_to(request, reverse("admin:kyc_desk"))

        return ask(request, REFETCH, object_id=str(attempt_id), act=act)


def back_to(request: HttpRequest, default: str) -> str:
    """The page of ours on which a dialog was opened; htmx names it."""
    here = request.headers.get("HX-Current-URL", "")
    host = f"{request.scheme}://{request.get_host()}"
    place = here.removeprefix(host)
    is_ours = place.startswith(reverse("admin:index")) and here.startswith(host)
    return place if is_ours else default
