"""The stand-in's pages: the applicant submits, the reviewer answers, faults show."""

import functools
import json
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from kyc.sandbox import sender, services
from kyc.sandbox.apps import is_enabled
from kyc.sandbox.bodies import applicant_json
from kyc.sandbox.forms import SwitchesForm, VerdictForm, details_form
from kyc.sandbox.images.files import words_for
from kyc.sandbox.images.forms import MAX_REQUEST_BYTES, ImagesForm
from kyc.sandbox.models import SandboxApplicant, SandboxDelivery, SandboxSwitches
from kyc.sandbox.refusals import RefusalError

View = Callable[..., HttpResponse]

# Shape and word for each state: tone, word.
STATUSES = {
    "init": ("quiet", "Waits for details"),
    "pending": ("wait", "Waits for the reviewer"),
    "prechecked": ("wait", "Prechecked"),
    "queued": ("wait", "Queued"),
    "awaitingService": ("wait", "Waits for a service"),
    "awaitingUser": ("warn", "Waits for the applicant"),
    "onHold": ("warn", "On hold"),
}
VERDICTS = {
    ("GREEN", ""): ("good", "Approved"),
    ("RED", "RETRY"): ("warn", "Asked to try again"),
    ("RED", "FINAL"): ("stop", "Rejected finally"),
}


def page(view: View) -> View:
    """Show pages only where the stand-in is on; methods other than two are refused."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_enabled():
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def labelled(applicant: SandboxApplicant) -> dict[str, Any]:
    """Return the applicant with the tone and word of its state."""
    result = applicant.review_result or {}
    verdict = (result.get("reviewAnswer", ""), result.get("reviewRejectType", ""))
    tone, word = STATUSES.get(
        applicant.review_status, VERDICTS.get(verdict, ("warn", "Undecided"))
    )
    if applicant.is_deleted:
        tone, word = "ended", "Deactivated" if applicant.stated else "Deleted"
    return {"applicant": applicant, "tone": tone, "word": word}


@page
@never_cache
@require_http_methods(["GET", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """Show the fault switches and the last webhooks."""
    switches = SandboxSwitches.load()
    form = SwitchesForm(request.POST or None, instance=switches, label_suffix="")
    if request.method == "POST":
        if "send" in request.POST:
            sender.wake()
            messages.success(request, "Waiting webhooks are on their way.")
            return redirect("sandbox:home")
        if form.is_valid():
            form.save()
            messages.success(request, "Faults saved.")
            return redirect("sandbox:home")
    return render(
        request,
        "sandbox/home.html",
        {"form": form, "deliveries": SandboxDelivery.objects.all()[:25]},
    )


@page
@never_cache
@csrf_exempt  # checked below: the token stands in the body, which is to be small first
@require_http_methods(["GET", "POST"])
def websdk(request: HttpRequest, token: str) -> HttpResponse:
    """Refuse a body larger than all its files may be, before it is received."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > MAX_REQUEST_BYTES:
        sentence = "These files are larger than 100 MB together."
        refusal = RefusalError(sentence, status=413)
        return _no_link(request, refusal)
    # Not the bank’s own: that one ends at one file’s size and leaves the rest out.
    request.upload_handlers = [TemporaryFileUploadHandler(request)]
    return submission(request, token)


def _no_link(request: HttpRequest, refusal: RefusalError) -> HttpResponse:
    context = {"refusal": refusal}
    return render(request, "sandbox/no_link.html", context, status=refusal.status)


@csrf_protect
def submission(request: HttpRequest, token: str) -> HttpResponse:
    """Let the applicant behind a link fill in the details, attach files and submit."""
    try:
        applicant = services.open_link(token)
    except RefusalError as refusal:
        return _no_link(request, refusal)
    form = details_form(applicant, request.POST or None)
    images = ImagesForm(applicant, request.POST or None, request.FILES or None)
    # Both are asked, so that all faults show at once.
    if request.method == "POST" and all([form.is_valid(), images.is_valid()]):
        try:
            services.submit(applicant.pk, form.details(), images.attached())
        except RefusalError as refusal:
            messages.error(request, f"{refusal.description}.")
        return redirect("sandbox:websdk", token=token)
    result = applicant.review_result or {}
    return render(
        request,
        "sandbox/websdk.html",
        labelled(applicant)
        | {
            "form": form,
            "images": images,
            "comment": result.get("moderationComment", ""),
            "can_submit": _can_submit(applicant),
        },
    )


def _can_submit(applicant: SandboxApplicant) -> bool:
    if applicant.is_deleted or applicant.is_finally_rejected:
        return False
    result = applicant.review_result or {}
    is_asked_again = result.get("reviewRejectType") == "RETRY"
    is_over = applicant.review_status == "completed" and not is_asked_again
    return not (is_over or applicant.is_being_checked)


@page
@never_cache
def applicants(request: HttpRequest) -> HttpResponse:
    """List the applicants for the reviewer."""
    rows = [labelled(a) for a in SandboxApplicant.objects.all()[:200]]
    return render(request, "sandbox/applicants.html", {"rows": rows})


@page
@never_cache
@require_http_methods(["GET", "POST"])
def applicant(request: HttpRequest, applicant_id: str) -> HttpResponse:
    """Let the reviewer decide about one applicant."""
    chosen = get_object_or_404(SandboxApplicant, pk=applicant_id)
    verdict = VerdictForm(
        request.POST if "action" in request.POST else None, label_suffix=""
    )
    corrections = details_form(chosen, request.POST if _corrects(request) else None)
    if request.method == "POST":
        try:
            if _decide(request, chosen, verdict, corrections):
                return redirect("sandbox:applicant", applicant_id=chosen.pk)
        except RefusalError as refusal:
            messages.error(request, f"{refusal.description}.")
            return redirect("sandbox:applicant", applicant_id=chosen.pk)
    answer = json.dumps(applicant_json(chosen), indent=2, ensure_ascii=False)
    return render(
        request,
        "sandbox/applicant.html",
        labelled(chosen)
        | {
            "verdict": verdict,
            "corrections": corrections,
            "answer": answer,
            "images": _shown(chosen),
            "deliveries": SandboxDelivery.objects.filter(applicant_id=chosen.pk)[:25],
        },
    )


def _shown(chosen: SandboxApplicant) -> list[dict[str, Any]]:
    """Return the images, those that count first, each with words for its kind."""
    kept = chosen.images.defer("content").order_by("is_deactivated", "added_at")
    return [{"image": i, "word": words_for(i.document_type, i.side)} for i in kept]


def _corrects(request: HttpRequest) -> bool:
    return request.POST.get("action") == "correct"


def _decide(
    request: HttpRequest, chosen: SandboxApplicant, verdict: Any, corrections: Any
) -> bool:
    """Do what the pressed button says; false where a form needs another look."""
    action = request.POST.get("action", "")
    if action == "correct":
        if not corrections.is_valid():
            return False
        services.change_details(chosen.pk, corrections.details())
    elif action in PLAIN_ACTIONS:
        PLAIN_ACTIONS[action](chosen.pk)
    elif action in REDS:
        if not verdict.is_valid():
            return False
        services.review(chosen.pk, services.RED, REDS[action], **verdict.cleaned_data)
    else:
        raise RefusalError("This button is not known here")
    messages.success(request, "Done. The webhook is on its way.")
    return True


def approve(applicant_id: str) -> SandboxApplicant:
    """Give a GREEN."""
    return services.review(applicant_id, services.GREEN)


PLAIN_ACTIONS: dict[str, Callable[[str], SandboxApplicant]] = {
    "approve": approve,
    "hold": services.hold,
    "reset": services.reset,
    "deactivate": services.deactivate,
    "activate": services.activate,
    "delete": services.delete,
}
REDS = {"retry": services.RETRY, "reject": services.FINAL}
