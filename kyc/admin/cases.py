"""What staff do with cases: take the next, take one, release it, take it over."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from common.dialogs import require
from common.errors import DomainError
from customers.registry.claims import asking
from customers.registry.claims.running import who_is_at
from customers.registry.models import Customer
from kyc.admin.places import Place, case_url
from kyc.cases.commands import (
    all_held,
    finish_case,
    release_case,
    take_case,
    take_next_case,
    take_over_case,
)
from kyc.cases.line import CLAIMED, Case, CaseLine, why_not_theirs
from kyc.cases.sources import ENDS, CaseKind
from kyc.models import Callback
from tenants.models import User


def case_urls(view: Callable[[Any], Any]) -> list[URLPattern]:
    """The deeds, below the desk's address."""
    one = "desk/<uuid:subject_id>"
    return [
        path("desk/take-next/", view(take_next), name="kyc_take_next"),
        path(f"{one}/take/", view(take), name="kyc_case_take"),
        path(f"{one}/release/", view(release), name="kyc_case_release"),
        path(f"{one}/take-over/", view(ask_to_take_over), name="kyc_case_take_over"),
    ]


def may_take(user: Any) -> bool:
    return any(user.has_perm(permission) for permission in ENDS.values())


@require_POST
def take_next(request: HttpRequest) -> HttpResponse:
    """Claim the oldest that this person may decide, and open it."""
    _decider(request)
    return HttpResponseRedirect(next_url(request, Place.asked(request.POST)))


@require_POST
def take(request: HttpRequest, subject_id: UUID) -> HttpResponse:
    """Begin with this one and open it; its page names a colleague who is at it."""
    user = _decider(request, subject_id)
    place, kind = Place.asked(request.POST), _kind(request.POST)
    try:
        take_case(subject_id, by=user, kind=kind)
    except DomainError as error:
        messages.warning(request, error.message)
        return HttpResponseRedirect(place.url)
    case = CaseLine.of(user, kind).for_decision().find(subject_id)
    return HttpResponseRedirect(place.of(case) if case else place.url)


@require_POST
def release(request: HttpRequest, subject_id: UUID) -> HttpResponse:
    """Give it back; then the desk, or the next one behind it."""
    user, place = _decider(request, subject_id), Place.asked(request.POST)
    case = CaseLine.of(user, _kind(request.POST)).find(subject_id)
    if release_case(subject_id, by=user):
        messages.success(request, "Released: colleagues may take it.")
    if request.POST.get("then") == "next":
        return HttpResponseRedirect(next_url(request, place, behind=case))
    return HttpResponseRedirect(place.url)


def ask_to_take_over(request: HttpRequest, subject_id: UUID) -> HttpResponse:
    user = _decider(request, subject_id)
    place, kind = Place.asked(request.GET), _kind(request.GET)

    def take_it(held_by: UUID) -> User | None:
        return take_over_case(subject_id, by=user, held_by=held_by, kind=kind)

    def onward() -> str:
        case = CaseLine.of(user, kind).for_decision().find(subject_id)
        return place.of(case) if case else place.url

    return asking.ask_to_take_over(
        request, CLAIMED, subject_id, noun="case", take_over=take_it, onward=onward
    )


def next_url(request: HttpRequest, place: Place, behind: Case | None = None) -> str:
    """Where the case is that was taken; the desk again when nothing is left."""
    user: User = request.user  # type: ignore[assignment]
    case = take_next_case(by=user, kind=place.kind, behind=behind)
    if case is not None:
        return place.of(case)
    messages.warning(request, _nothing_left(user, place))
    return place.url


def _nothing_left(user: User, place: Place) -> str:
    line = CaseLine.of(user, place.kind)
    left = sum(line.count(kind).free for kind in line.kinds)
    if not left:
        return "Nothing is left to take: no case waits that nobody is at."
    cases = "case waits" if left == 1 else "cases wait"
    return (
        f"Nothing is left for you: {left} {cases} unassigned, about customers you"
        " registered or uploaded documents of, so a colleague takes them."
    )


def settle(request: HttpRequest, case: Case | None, subject_id: UUID) -> str:
    """Let go of what was decided; where the next is when they were at it, or ""."""
    user: User = request.user  # type: ignore[assignment]
    was_at_it = who_is_at(CLAIMED, subject_id, user).is_mine
    finish_case(subject_id, by=user)
    if not was_at_it:
        return ""
    return next_url(request, Place.asked(request.POST), behind=case)


def bar_of(
    user: User, subject_id: UUID, kinds: tuple[CaseKind, ...], place: Place
) -> dict[str, Any] | None:
    """What kyc/_case_bar.html shows; None where nothing waits that they may end."""
    line = CaseLine(user, kinds).for_decision()
    case = line.find(subject_id)
    if case is None or why_not_theirs(case, user):
        return None
    held = all_held([case], user).get(case)
    return {
        "held": held,
        "kind": case.kind.value,
        "place": place,
        "take_url": case_url("take", subject_id),
        "release_url": case_url("release", subject_id),
        "take_over_url": place.with_query(
            case_url("take_over", subject_id), kind=case.kind.value
        )
        if held and held.holder_id and not held.is_mine
        else "",
    }


def _kind(asked: Any) -> CaseKind | None:
    kind = asked.get("kind", "")
    return CaseKind(kind) if kind in CaseKind.values else None


def _decider(request: HttpRequest, subject_id: UUID | None = None) -> User:
    """Who may end a case, and sees the subject at all: else 403, or 404."""
    require(request, "kyc.view_callback")
    if not may_take(request.user):
        raise PermissionDenied
    if subject_id is not None:
        rows = (Customer.objects, Callback.objects)
        known = (r.for_user(request.user).filter(pk=subject_id).exists() for r in rows)
        if not any(known):
            raise Http404
    return request.user  # type: ignore[return-value]
