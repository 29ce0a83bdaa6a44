"""The provisioning desk: who is on the way, what is stuck, *Try again*, *Hand over*."""

from typing import Any, ClassVar, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget

from common import face
from common.admin import HouseAdmin
from common.dialogs import Dialog, ask, require, show
from common.errors import DomainError
from common.lists.columns import Cells
from customers.registry.models import Customer
from customers.registry.search.listing import OF_CUSTOMER, AboutCustomers
from onboarding.desk import StateFilter, TrackerList, list_views
from onboarding.models import Login, Provisioning
from onboarding.panels import step_verb
from onboarding.services import retry_step
from onboarding.steps import Step, state_label, steps_of
from onboarding.welcome import hand_over_password
from tenants.models import User


class RetryForm(BaseDialogForm):  # type: ignore[misc]
    """Offers the steps of this customer that met trouble."""

    step = forms.ChoiceField(label="Step", widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.steps = {step.key: step for step in self._troubled()}
        self.fields["step"].choices = [(s.key, s.title) for s in self.steps.values()]
        self.fields["step"].initial = self.request.GET.get("step", "")

    def _troubled(self) -> list[Step]:
        mine = Provisioning.objects.for_user(self.request.user)
        tracker = mine.select_related("customer").filter(pk=self.object_id).first()
        return [s for s in steps_of(tracker) if s.can_retry] if tracker else []


class HandOverForm(BaseDialogForm):  # type: ignore[misc]
    """Asks the one question that matters at the counter."""

    is_identified = forms.BooleanField(
        label="I have checked the customer’s ID document.",
        error_messages={"required": "Check the ID document first."},
    )


RETRY = Dialog(
    title="Try again",
    description="The step runs at once, whatever the number of tries so far.",
    submit="Try again",
    form_class=RetryForm,
)
HAND_OVER = Dialog(
    title="Hand over one-time password",
    description="The password is shown once, to read out or write down for the"
    " customer in front of you. It must be changed at the first sign-in.",
    submit="Show password",
    form_class=HandOverForm,
)


def waited_for(tracker: Any) -> Step | None:
    """The step in trouble, or else the next."""
    waiting = [step for step in tracker.steps if not step.is_done]
    troubled = (step for step in tracker.steps if step.is_troubled)
    return next(troubled, waiting[0] if waiting else None)


def waiting_words(tracker: Any) -> str:
    step = waited_for(tracker)
    return f"{step.title}: {step.words}" if step else ""


@admin.register(Provisioning)
class ProvisioningAdmin(AboutCustomers, HouseAdmin):
    """Who is on the way from verified to using the bank."""

    history_permission = "registry.view_history"
    list_display = ("of_customer", "state", "waits_for", "started")
    export_permission = "exports.request_export"
    export_cells: ClassVar[Cells] = {
        "of_customer": OF_CUSTOMER,
        "state": (("State", lambda row: state_label(row, row.steps).word),
                  ("Done", "completed_at")),
        "waits_for": (("Waits for", waiting_words),),
        "started": (("Started", "started_at"),),
    }  # fmt: skip
    list_select_related = ("customer",)
    list_filter = (StateFilter,)
    sortable_by = ("started",)  # what an index serves
    ordering = ("started_at", "id")
    empty_fact = "Nobody is on the way."
    empty_advice = "Customers appear here when they are verified, until all is done."

    def get_changelist(self, *_: Any, **__: Any) -> type[TrackerList]:
        return TrackerList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        views = {"views": list_views(request)}
        answer: HttpResponse = super().changelist_view(
            request, {**views, **(extra_context or {})}
        )
        return answer

    def show(self, request: HttpRequest, row: Provisioning) -> HttpResponse:  # noqa: ARG002
        """Lead to the customer's page, where the tracker is a panel."""
        return redirect(customer_url(row.customer))

    @admin.display(description="State")
    def state(self, tracker: Any) -> SafeString:
        return face.label_html(state_label(tracker, tracker.steps))

    @admin.display(description="Waits for")
    def waits_for(self, tracker: Any) -> SafeString:
        """Name the step in trouble, or else the next, and what may be done."""
        step = waited_for(tracker)
        if step is None:
            return face.NOTHING
        verb = step_verb(step, tracker) if tracker.may_retry else {}
        return format_html(
            "{} {}",
            waiting_words(tracker),
            render_to_string("face/_verb.html", verb),
        )

    @admin.display(description="Started", ordering="started_at")
    def started(self, tracker: Provisioning) -> SafeString:
        exact, ago = face.moment(tracker.started_at), face.ago(tracker.started_at)
        return format_html('<span title="{}">{}</span>', exact, ago)

    def get_urls(self) -> list[URLPattern]:
        dialogs = (
            ("retry-step", self.retry_step, "retry_step"),
            ("hand-over", self.hand_over_password, "hand_over_password"),
        )
        own = [
            path(
                f"<uuid:tracker_id>/{address}/",
                self.admin_site.admin_view(view),
                name=f"onboarding_provisioning_{name}",
            )
            for address, view, name in dialogs
        ]
        return [*own, *super().get_urls()]

    def _asked_about(self, request: HttpRequest, tracker_id: UUID) -> Provisioning:
        """Check the permission (403), then the institution (404)."""
        require(request, "onboarding.retry_step")
        tracker: Provisioning = self.get_object_or_404(request, str(tracker_id))
        return tracker

    def retry_step(self, request: HttpRequest, tracker_id: UUID) -> HttpResponse:
        """Run one step that met trouble at once."""
        tracker = self._asked_about(request, tracker_id)

        def act(form: RetryForm) -> str:
            step = form.steps[form.cleaned_data["step"]]
            retry_step(
                tracker.pk,
                step=step.title,
                delivery_id=step.delivery_id,
                by=cast("User", request.user),
            )
            messages.success(request, f"{step.title} is being tried again.")
            return customer_url(tracker.customer)

        return ask(request, RETRY, object_id=tracker.pk, act=act)

    def hand_over_password(
        self, request: HttpRequest, tracker_id: UUID
    ) -> HttpResponse:
        """Answer with another dialog in place of this one: the password, once."""
        tracker = self._asked_about(request, tracker_id)
        form = HandOverForm(
            request=request, object_id=tracker.pk, data=request.POST or None
        )
        if request.method != "POST" or not form.is_valid():
            return show(request, HAND_OVER, form)
        by = cast("User", request.user)
        try:
            password = hand_over_password(tracker.customer_id, by=by)
        except DomainError as error:
            form.add_error(None, error.message)
            return show(request, HAND_OVER, form)
        return password_once(request, tracker, password)


def password_once(
    request: HttpRequest, tracker: Provisioning, password: str
) -> HttpResponse:
    """Show the password; no page has an address that would show it again."""
    page = {
        "customer": tracker.customer,
        "login": Login.objects.get(customer_id=tracker.customer_id),
        "password": password,
        "url": customer_url(tracker.customer),
    }
    answer = render(request, "onboarding/handed_over.html", page)
    # The form's own answer replaces its fields alone, and would leave its button.
    answer["HX-Retarget"] = "#modal-content"
    answer["HX-Reselect"] = "#dialog"
    answer["HX-Reswap"] = "innerHTML"
    return answer


def customer_url(customer: Customer) -> str:
    return reverse("admin:registry_customer_change", args=[customer.pk])
