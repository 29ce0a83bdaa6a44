"""The page *Decide KYC*: the documents, what our file says, and one decision."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminTextareaWidget

from common.dialogs import require
from common.errors import DomainError
from common.face import Label, day
from common.reading.countries import country_name
from customers.registry.models import Customer, KycStatus
from documents.checklist import Line, Standing, standing_of
from documents.choices import Status
from documents.models import Document
from kyc.admin.cases import bar_of, next_url
from kyc.admin.places import Place
from kyc.cases.commands import finish_case
from kyc.cases.line import Case, CaseLine
from kyc.cases.sources import BY_HAND
from kyc.manual import (
    MAX_NOTE,
    decide_by_hand,
    is_due,
    kyc_lines,
    refusal_to_decide,
    why_not_you,
)
from kyc.models import REASONS, ManualReason, ManualVerdict
from tenants.models import User

TEMPLATE = "kyc/manual.html"
MOST_OTHERS = 20  # documents besides those asked for
_LABELS = {
    Standing.HAS: Label("Accepted", "good"),
    Standing.EXPIRING: Label("Expires soon", "warn"),
    Standing.WAITING: Label("Waits for review", "wait"),
    Standing.EXPIRED: Label("Expired", "warn"),
    Standing.REJECTED: Label("Rejected", "stop"),
    Standing.MISSING: Label("Missing", "quiet"),
}
_DONE = {
    ManualVerdict.APPROVE: "KYC of {} is approved.",
    ManualVerdict.REJECT: "KYC of {} is rejected.",
    ManualVerdict.ASK_AGAIN: "{} is asked for documents again.",
}


class DecisionForm(forms.Form):
    """Each decision has its own reasons, so that none can be meant for another."""

    verdict = forms.ChoiceField(
        choices=ManualVerdict.choices,
        required=False,
        error_messages={"invalid_choice": "Choose a decision."},
    )
    note = forms.CharField(
        required=False,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text="For staff only, kept with the attempt.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for verdict, reasons in REASONS.items():
            self.fields[f"{verdict}_reasons"] = forms.MultipleChoiceField(
                choices=[(reason, reason.label) for reason in reasons],
                required=False,
                error_messages={"invalid_choice": "Choose reasons of the list."},
            )

    def clean(self) -> dict[str, Any]:
        chosen = self.cleaned_data.get("verdict", "")
        for verdict in REASONS:
            if verdict != chosen and self.cleaned_data.get(f"{verdict}_reasons"):
                label = f"“{verdict.label}”"
                raise forms.ValidationError(
                    f"You ticked reasons of {label} and did not choose it."
                )
        return self.cleaned_data

    @property
    def refusals(self) -> list[str]:
        """What is wrong, a sentence each; fields of closed lists say it as one."""
        return [str(error) for errors in self.errors.values() for error in errors]

    def ticked(self, name: str) -> list[str]:
        """What was sent for a field, so that nobody has to tick it again."""
        getlist = getattr(self.data, "getlist", None)
        return list(getlist(name)) if getlist else []


@require_http_methods(["GET", "POST"])
def decide_page(
    request: HttpRequest, site: AdminSite, customer_id: UUID
) -> HttpResponse:
    """Show the page; on POST decide, or say in one sentence why not."""
    require(request, "kyc.decide_kyc")
    found = Customer.objects.for_user(request.user).select_related("tenant")
    customer = found.filter(pk=customer_id).first()
    if customer is None:
        raise Http404
    is_posted = request.method == "POST"
    form = DecisionForm(request.POST if is_posted else None)
    case = _case_of(request.user, customer)  # type: ignore[arg-type]
    if is_posted and form.is_valid() and _decided(request, customer, form):
        return HttpResponseRedirect(_onward(request, customer, case))
    request.crumb = "Decide KYC"  # type: ignore[attr-defined]
    place = Place.asked(request.POST if is_posted else request.GET)
    context = {
        **site.each_context(request),
        **_context(customer, form, request.user),  # type: ignore[arg-type]
        "bar": bar_of(request.user, customer.pk, BY_HAND, place),  # type: ignore[arg-type]
        "place": place,
        "is_case": case is not None,
    }
    answer = TemplateResponse(request, TEMPLATE, context)
    patch_cache_control(answer, no_store=True, private=True)
    return answer


def _decided(request: HttpRequest, customer: Customer, form: DecisionForm) -> bool:
    said = form.cleaned_data
    verdict = said["verdict"]
    try:
        decide_by_hand(
            customer.pk,
            verdict=verdict,
            reasons=said.get(f"{verdict}_reasons", []),
            note=said["note"],
            by=request.user,  # type: ignore[arg-type]
        )
    except DomainError as error:
        form.add_error(None, error.message)
        return False
    messages.success(request, _DONE[verdict].format(customer.name))
    return True


def _case_of(user: User, customer: Customer) -> Case | None:
    """What waits for this decision, if anything does."""
    return CaseLine(user, BY_HAND).find(customer.pk)


def _onward(request: HttpRequest, customer: Customer, case: Case | None) -> str:
    """To the next case where that was asked for; else to the customer."""
    finish_case(customer.pk, by=request.user)  # type: ignore[arg-type]
    if request.POST.get("then") != "next":
        return _customer_url(customer)
    return next_url(request, Place.asked(request.POST), behind=case)


def _customer_url(customer: Customer) -> str:
    return reverse("admin:registry_customer_change", args=[customer.pk])


def _context(customer: Customer, form: DecisionForm, user: User) -> dict[str, Any]:
    done = why_not_you(customer, user)
    is_alone = customer.tenant.is_single_employee
    return {
        "opts": Customer._meta,  # noqa: SLF001 - the crumbs lead through the customers
        "original": customer,
        "title": f"Decide KYC of {customer.name}",
        "customer": customer,
        "form": form,
        "choices": [_choice(customer, verdict, form) for verdict in ManualVerdict],
        "documents": _documents(customer),
        "file": _our_file(customer),
        "warning": _warning(customer),
        "why_not": f"You {done}, so somebody else must decide."
        if done and not is_alone
        else "",
        "alone": f"You {done}; that you decide all the same is recorded."
        if done and is_alone
        else "",
        "max_note": MAX_NOTE,
        "back_url": _customer_url(customer),
    }


def _choice(
    customer: Customer, verdict: ManualVerdict, form: DecisionForm
) -> dict[str, Any]:
    name = f"{verdict}_reasons"
    ticked, why_not = form.ticked(name), refusal_to_decide(customer, verdict)
    return {
        "value": verdict.value,
        "label": verdict.label,
        "name": name,
        "is_chosen": verdict in form.ticked("verdict"),
        "why_not": f"{why_not[:1].upper()}{why_not[1:]}." if why_not else "",
        "reasons": [
            {"value": reason.value, "label": reason.label,
             "is_ticked": reason in ticked,
             "needs_note": reason == ManualReason.OTHER_REASON}
            for reason in REASONS[verdict]
        ],
    }  # fmt: skip


def _warning(customer: Customer) -> str:
    """What an adverse decision does to somebody verified."""
    if customer.kyc_status != KycStatus.VERIFIED:
        return ""
    what = "A rejection" if is_due(customer) else "Anything but an approval"
    return f"{what} suspends {customer.name} and opens an escalation."


def _documents(customer: Customer) -> list[dict[str, Any]]:
    """The documents KYC asks for, then the others we have."""
    lines = kyc_lines(customer)
    shown = {line.document.pk for line in lines if line.document}
    others = Document.objects.filter(customer=customer).exclude(pk__in=shown)
    others = others.exclude(status__in=(Status.ARCHIVED, Status.DELETED))
    today = customer.tenant.today
    return [_line(line) for line in lines] + [
        _row(document, standing_of(document, today) or Standing.MISSING)
        for document in others.order_by("-uploaded_at")[:MOST_OTHERS]
    ]


def _line(line: Line) -> dict[str, Any]:
    if line.document:
        return _row(line.document, line.standing)
    label = _LABELS[line.standing]
    return {"icon": label, "title": line.kind.label, "note": label.word.lower()}


def _row(document: Document, standing: Standing) -> dict[str, Any]:
    label = _LABELS[standing]
    since = day(document.uploaded_at)
    return {
        "icon": label,
        "title": document.title,
        "meta": f"{document.get_source_display()}, {since}",
        "note": label.word.lower(),
        "url": _review_url(document),
    }


def _review_url(document: Document) -> str:
    try:
        return reverse("admin:documents_review_one", args=[document.pk])
    except NoReverseMatch:
        return ""


def _our_file(customer: Customer) -> list[tuple[str, str]]:
    """What the documents should say."""
    facts = [("Name", customer.name)]
    for asked in customer.pack_form.fields:
        value = str(customer.details.get(asked.key) or "")
        if value and asked.type == "country":
            value = country_name(value)
        if value and asked.type == "date":
            value = day(date.fromisoformat(value))
        facts.append((asked.label, value))
    return facts
