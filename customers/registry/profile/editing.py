"""The page on which a profile is changed, by one command; nobody's typing is lost."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from common.errors import DomainError, StaleVersionError
from common.face import ago
from customers.registry.choices import LIVING
from customers.registry.models import Customer, Profile
from customers.registry.profile.commands import change_profile
from customers.registry.profile.forms import ProfileForm, values_of
from customers.registry.profile.questions import asked_of

PAGE = "registry/profile/edit.html"


def edit(admin: Any, request: HttpRequest, customer: Customer) -> HttpResponse:
    """Show or save the present answers; a stale form says who was faster."""
    if not asked_of(customer):  # companies have no profile
        raise Http404
    if customer.status not in LIVING:
        messages.error(request, f"Cannot change: {customer} is {customer.status}.")
        return HttpResponseRedirect(admin.url_of(customer))
    profile = _stored(customer)
    if request.method != "POST":
        form = ProfileForm(customer=customer, profile=profile)
        return _page(admin, request, customer, form)
    form = ProfileForm(request.POST, customer=customer, profile=profile)
    meanwhile = None
    if form.is_valid():
        try:
            changed = _change(request, customer, form)
        except StaleVersionError:
            form, meanwhile = _caught_up(request, form, customer)
        except DomainError as error:
            form.refuse(error)
        else:
            said = "Saved." if changed else "Nothing was different."
            messages.success(request, said)
            return HttpResponseRedirect(admin.url_of(customer))
    return _page(admin, request, customer, form, meanwhile)


def _stored(customer: Customer) -> Profile | None:
    found: Profile | None = Profile.objects.filter(customer=customer).first()
    return found


def _change(request: HttpRequest, customer: Customer, form: ProfileForm) -> list[str]:
    user: Any = request.user
    return change_profile(
        customer.pk,
        changes=form.answers(),
        by=user,
        reason=form.cleaned_data["reason"],
        row_version=form.cleaned_data["row_version"],
    )


def _caught_up(
    request: HttpRequest, stale: ProfileForm, customer: Customer
) -> tuple[ProfileForm, dict[str, Any]]:
    """Rebuild the form on the present version, keeping what was typed.

    Answers the user left alone take the new value; where both changed one, theirs
    stays and the new value is said beside it.
    """
    profile = _stored(customer)
    form = ProfileForm(customer=customer, profile=profile)
    seen = stale.cleaned_data["row_version"]
    versions: Any = Profile.history
    read = versions.filter(customer_id=customer.pk, row_version=seen).first()
    before, present = values_of(read), values_of(profile)
    typed, notes = request.POST.copy(), {}
    for key, mine in stale.answers().items():
        was, now = str(before.get(key, "")), str(present.get(key, ""))
        if now in (mine, was):
            continue
        if mine == was:
            typed[key] = now
            said = form.word_of(key, was)
            notes[key] = f"Changed meanwhile; was “{said}”." if was else "New."
        else:
            said = form.word_of(key, now)
            notes[key] = f"Now on file: “{said}”." if now else "Now empty on file."
    typed["row_version"] = str(present["row_version"])
    rebuilt = ProfileForm(typed, customer=customer, profile=profile)
    return rebuilt, _who(profile, notes)


def _who(profile: Profile | None, notes: dict[str, str]) -> dict[str, Any]:
    if profile is None:  # a forged number of a version that never was
        return {"who": "nobody", "when": "", "why": "", "notes": notes}
    versions: Any = profile.history
    last = versions.select_related("history_user").first()
    return {
        "who": str(last.history_user),
        "when": ago(last.history_date),
        "why": last.history_change_reason,
        "notes": notes,
    }


def _page(
    admin: Any, request: HttpRequest, customer: Customer, form: ProfileForm,
    meanwhile: dict[str, Any] | None = None,
) -> HttpResponse:  # fmt: skip
    notes = meanwhile["notes"] if meanwhile else {}
    page: HttpResponse = admin.page(
        request, PAGE, customer,
        crumb="Profile",
        title=f"Profile of {customer.name}",
        form=form,
        meanwhile=meanwhile,
        answers=[(form[q.key], notes.get(q.key)) for q in form.questions],
        back_url=admin.url_of(customer),
    )  # fmt: skip
    return page
