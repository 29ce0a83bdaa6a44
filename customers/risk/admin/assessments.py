"""The list of assessments, one assessment, and the dialog that overrides it."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from common.dialogs import Dialog, ask, require
from common.face import day, label_html, moment, two_lines
from customers.registry.choices import LIVING
from customers.registry.search.listing import about_found
from customers.risk.admin.assessing import assess_page
from customers.risk.admin.comparison import comparison_page, factor_words, labels_of
from customers.risk.admin.forms import OverrideForm
from customers.risk.countries import RatedCountry
from customers.risk.labels import answer_label, basis, rating_label, review_label
from customers.risk.models import Assessment
from customers.risk.services import override_assessment
from tenants.admin import VersionedAdmin


@admin.register(Assessment)
class AssessmentAdmin(VersionedAdmin):
    """Pages show; the checklist and the dialog change, one command each."""

    history_permission = "registry.view_history"
    list_display = ("of_customer", "rating", "review", "assessed")
    list_select_related = ("customer", "assessed_by")
    list_filter = ("final", "diligence", "is_current")
    search_fields = ("customer__name",)  # found_by decides
    search_help_text = "Customer: name, public id, e-mail or phone"
    ordering = ("-assessed_at", "-id")
    sortable_by = ()  # the newest first is what an index serves
    empty_value_display = "\N{EN DASH}"
    empty_fact = "No assessments yet."
    empty_advice = "Assess a customer on their page."

    # --- the list --------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        related = ("customer__tenant", "tenant", "assessed_by")
        return super().get_queryset(request).select_related(*related)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return about_found(queryset, search_term, request.user), False

    @admin.display(description="Customer")
    def of_customer(self, row: Assessment) -> SafeString:
        return two_lines(row.customer.name, row.customer.public_id)

    @admin.display(description="Rating")
    def rating(self, row: Assessment) -> SafeString:
        return label_html(rating_label(row.final))

    @admin.display(description="Next review")
    def review(self, row: Assessment) -> SafeString:
        return label_html(review_label(row))

    @admin.display(description="Assessed")
    def assessed(self, row: Assessment) -> SafeString:
        return two_lines(str(row.assessed_by), day(row.assessed_at))

    # --- one assessment ----------------------------------------------------------
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:  # fmt: skip
        del form_url, extra_context
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object_or_404(request, object_id)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        compare = reverse("admin:risk_comparison", args=[row.customer_id])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": str(row),
            "facts": self._facts(row),
            "links": [
                {"verb": "History", "url": compare},
                {"verb": "Versions", "url": self._versions_url(row)},
            ],
            "deeds": self._deeds(request, row),
        }
        return TemplateResponse(request, "face/record.html", context)

    def _facts(self, row: Assessment) -> list[tuple[str, Any]]:
        url = reverse("admin:registry_customer_change", args=[row.customer_id])
        about = format_html('<a class="v-a" href="{}">{}</a>', url, row.customer.name)
        labels = labels_of(row.customer)
        return [
            ("Customer", about),
            ("Rating", label_html(rating_label(row.final))),
            ("Came", basis(row)),
            ("Justification", row.justification),
            ("Diligence", row.get_diligence_display()),
            ("Next review", label_html(review_label(row))),
            ("Assessed", f"{moment(row.assessed_at)}, {row.assessed_by}"),
            ("Checklist", f"{row.pack}, version {row.pack_version}"),
            ("Countries", _countries(row)),
            *(
                (factor_words(key, labels), label_html(answer_label(answer)))
                for key, answer in row.answers.items()
            ),
        ]

    def facts_of(self, version: Any) -> Iterator[tuple[str, str]]:
        """The countries as a line; the base would print them as a program does."""
        facts = super().facts_of(version)
        yield from (fact for fact in facts if fact[0] != "Countries")
        yield "Countries", _countries(version)

    def _deeds(self, request: HttpRequest, row: Assessment) -> list[dict[str, Any]]:
        is_open = row.is_current and row.customer.status in LIVING
        if not is_open or not request.user.has_perm("risk.assess_customer"):
            return []
        url = reverse("admin:risk_assessment_override", args=[row.pk])
        return [{"verb": "Override", "url": url, "is_dialog": True}]

    # --- addresses ---------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        override = path(
            "<uuid:assessment_id>/override/",
            self.admin_site.admin_view(self.override),
            name="risk_assessment_override",
        )
        return [
            self._about_customer("assess", "risk_assess", assess_page),
            self._about_customer("compare", "risk_comparison", comparison_page),
            override,
            *super().get_urls(),
        ]

    def _about_customer(
        self, word: str, name: str, page: Callable[..., HttpResponse]
    ) -> URLPattern:
        view = self.admin_site.admin_view(partial(page, site=self.admin_site))
        found: URLPattern = path(f"of/<uuid:customer_id>/{word}/", view, name=name)
        return found

    def override(self, request: HttpRequest, assessment_id: UUID) -> HttpResponse:
        """Ask for the rating and why."""
        require(request, "risk.assess_customer")
        row = self.get_object_or_404(request, str(assessment_id))
        by: Any = request.user

        def act(form: Any) -> str:
            said = form.cleaned_data
            rating, why = said["override"], said["justification"]
            override_assessment(row.pk, rating=rating, justification=why, by=by)
            return reverse("admin:risk_assessment_change", args=[row.pk])

        dialog = Dialog(
            title=f"Override the risk of {row.customer.name}",
            description=f"The factors say {row.get_computed_display().lower()}. The"
            " rating sets how deep due diligence goes and when somebody looks again.",
            submit="Override",
            form_class=OverrideForm,
        )
        done = "The rating is overridden."
        return ask(request, dialog, object_id=row.pk, act=act, done=done)


def _countries(row: Any) -> str:
    return "; ".join(RatedCountry(**country).words for country in row.countries)
