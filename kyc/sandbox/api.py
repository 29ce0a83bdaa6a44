"""The provider's endpoints, as far as the bank and its tests use them."""

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kyc.sandbox import beneficiaries, services
from kyc.sandbox.bodies import applicant_json, review_json
from kyc.sandbox.gatekeeper import signed
from kyc.sandbox.models import SandboxApplicant, SandboxLink
from kyc.sandbox.refusals import RefusalError, not_found

OK = {"ok": 1}
DEFAULT_TTL_SECONDS = 1800


def _body(request: HttpRequest, *, is_needed: bool = True) -> dict[str, Any]:
    """Return the JSON object of the request; ``{}`` at least where it is needed."""
    if not request.body and not is_needed:
        return {}
    try:
        body = json.loads(request.body)
    except ValueError:
        raise RefusalError("Request body is not JSON", status=400) from None
    if not isinstance(body, dict):
        raise RefusalError("Request body is not an object", status=400)
    return body


def _needed(fields: Any, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value or len(value) > 255:
        raise RefusalError(f"{name} is required", status=400)
    return value


def _text(fields: Any, name: str) -> str:
    value = fields.get(name)
    return value[:255] if isinstance(value, str) else ""


def _ttl(value: Any) -> int:
    try:
        seconds = int(value)
    except (TypeError, ValueError):
        return DEFAULT_TTL_SECONDS
    return min(max(seconds, 1), 2_592_000)  # no longer than the 30 days reported


def _get(applicant_id: str) -> SandboxApplicant:
    applicant = SandboxApplicant.objects.filter(pk=applicant_id).first()
    if applicant is None:
        raise not_found()
    return applicant


@signed
@require_GET
def health(_request: HttpRequest) -> HttpResponse:
    """Say that the API answers."""
    return JsonResponse(OK)


# --- Links and tokens -----------------------------------------------------------
@signed
@require_POST
def websdk_link(request: HttpRequest) -> HttpResponse:
    """Make a verification link from the body."""
    body = _body(request)
    identifiers = body.get("applicantIdentifiers")
    known = identifiers if isinstance(identifiers, dict) else {}
    return _link_answer(
        services.create_link(
            external_user_id=_needed(body, "userId"),
            level_name=_needed(body, "levelName"),
            ttl_seconds=_ttl(body.get("ttlInSecs")),
            email=_text(known, "email"),
            phone=_text(known, "phone")[:64],
            language=request.GET.get("lang", "")[:16],
        )
    )


@signed
@require_POST
def websdk_link_old(request: HttpRequest, level_name: str) -> HttpResponse:
    """Make a verification link the older way: from the query, body ``{}``."""
    _body(request)
    return _link_answer(
        services.create_link(
            external_user_id=_needed(request.GET, "externalUserId"),
            level_name=level_name,
            ttl_seconds=_ttl(request.GET.get("ttlInSecs")),
            language=request.GET.get("lang", "")[:16],
        )
    )


def _link_answer(link: SandboxLink) -> HttpResponse:
    path = reverse("sandbox:websdk", args=[link.token])
    return JsonResponse({"url": f"{settings.PUBLIC_URL}{path}"})


@signed
@require_POST
def sdk_token(request: HttpRequest) -> HttpResponse:
    """Make a token for the embedded SDK, by body or, the older way, by query."""
    fields = _body(request, is_needed=False) or request.GET
    user_id = _needed(fields, "userId")
    link = services.create_link(
        external_user_id=user_id,
        level_name=_needed(fields, "levelName"),
        ttl_seconds=_ttl(fields.get("ttlInSecs")),
    )
    return JsonResponse({"token": link.token, "userId": user_id})


# --- Applicants -----------------------------------------------------------------
@signed
@require_POST
def create(request: HttpRequest) -> HttpResponse:
    """Create an applicant on the level named in the query."""
    body = _body(request)
    stated = body.get("fixedInfo") or body.get("info")
    applicant = services.create_applicant(
        external_user_id=_needed(body, "externalUserId"),
        level_name=_needed(request.GET, "levelName"),
        applicant_type=_text(body, "type")[:16],
        email=_text(body, "email"),
        phone=_text(body, "phone")[:64],
        language=_text(body, "lang")[:16],
        stated=stated if isinstance(stated, dict) else None,
    )
    return JsonResponse(applicant_json(applicant), status=201)


@signed
@require_GET
def one(_request: HttpRequest, applicant_id: str) -> HttpResponse:
    """Tell all about an applicant, by the provider's id."""
    return JsonResponse(applicant_json(_get(applicant_id)))


@signed
@require_GET
def one_by_external_id(_request: HttpRequest, external_user_id: str) -> HttpResponse:
    """Tell all about an applicant, by the bank's id."""
    found = SandboxApplicant.objects.filter(external_user_id=external_user_id).first()
    if found is None:
        raise not_found()
    return JsonResponse(applicant_json(found))


@signed
@require_GET
def exists(_request: HttpRequest, external_user_id: str) -> HttpResponse:
    """Tell whether the bank's id is known."""
    found = SandboxApplicant.objects.filter(external_user_id=external_user_id).first()
    if found is None:
        return JsonResponse({"exists": False})
    return JsonResponse({"exists": True, "applicant": applicant_json(found)})


@signed
@require_GET
def status(_request: HttpRequest, applicant_id: str) -> HttpResponse:
    """Tell where the review stands."""
    return JsonResponse(review_json(_get(applicant_id)))


@signed
@require_POST
def request_check(_request: HttpRequest, applicant_id: str) -> HttpResponse:
    """Start the check of what has been given."""
    services.submit(applicant_id)
    return JsonResponse(OK)


@signed
@require_POST
def reset(_request: HttpRequest, applicant_id: str) -> HttpResponse:
    """Start the applicant over."""
    services.reset(applicant_id)
    return JsonResponse(OK)


@signed
@require_POST
def move_to_level(request: HttpRequest, applicant_id: str) -> HttpResponse:
    """Put the applicant on the level named in the query."""
    level_name = _needed(request.GET, "name")
    return JsonResponse(
        applicant_json(services.move_to_level(applicant_id, level_name))
    )


@signed
@require_http_methods(["PATCH"])
def presence(_request: HttpRequest, applicant_id: str, wanted: str) -> HttpResponse:
    """Switch the profile off or on."""
    change = services.activate if wanted == "activated" else services.deactivate
    applicant = change(applicant_id)
    return JsonResponse(applicant_json(applicant) | {"deleted": applicant.is_deleted})


@signed
@require_POST
def blocklist(_request: HttpRequest, applicant_id: str) -> HttpResponse:
    """Blocklist one profile."""
    return JsonResponse(applicant_json(services.blocklist(applicant_id)))


# --- Verdicts -------------------------------------------------------------------
@signed
@require_POST
def test_completed(request: HttpRequest, applicant_id: str) -> HttpResponse:
    """Give the verdict in the body; the provider offers this in its sandbox only."""
    body = _body(request)
    labels = body.get("rejectLabels")
    if not isinstance(labels, list) or not all(isinstance(la, str) for la in labels):
        raise RefusalError("rejectLabels is required", status=400)
    services.review(
        applicant_id,
        _needed(body, "reviewAnswer"),
        _text(body, "reviewRejectType"),
        labels,
        moderation_comment=_text(body, "moderationComment"),
        client_comment=_text(body, "clientComment"),
    )
    return JsonResponse(OK)


@signed
@require_POST
def decide(request: HttpRequest, applicant_id: str, verb: str) -> HttpResponse:
    """Approve, reject or take back from outside; the body is ``{}`` at least."""
    body = _body(request)
    if verb == "approve":
        if "reasons" in body:
            raise RefusalError("reasons must not be given", status=400)
        services.review(applicant_id, services.GREEN)
    elif verb == "reject":
        labels = ["EXTERNAL_DECISION_REJECTION"]
        services.review(applicant_id, services.RED, services.FINAL, labels)
    else:
        services.back_to_init(applicant_id)
    return JsonResponse(OK)


# --- Beneficiaries -----------------------------------------------------------------
@signed
@require_POST
def link_beneficiary(request: HttpRequest, company_id: str, place: str) -> HttpResponse:
    """Link a person to a company: ``fixedInfo`` is KYB 2.0, ``info`` is 1.0."""
    is_newer = place == "fixedInfo"
    link = (
        beneficiaries.link_beneficiary
        if is_newer
        else beneficiaries.link_beneficiary_1_0
    )
    return JsonResponse(link(company_id, _body(request)))


@signed
@require_http_methods(["DELETE"])
def unlink_beneficiary(
    _request: HttpRequest, company_id: str, link: str, **_place: str
) -> HttpResponse:
    """Remove a person from a company."""
    beneficiaries.unlink_beneficiary(company_id, link)
    return JsonResponse(OK)
