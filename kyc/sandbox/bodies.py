"""The provider's JSON about an applicant."""

from typing import Any

from django.utils import timezone

from kyc.sandbox.models import SandboxApplicant

_SECONDS = "%Y-%m-%d %H:%M:%S"


def applicant_json(applicant: SandboxApplicant) -> dict[str, Any]:
    """Return the object of ``GET /one``; what is not known is left out."""
    answer: dict[str, Any] = {
        "id": applicant.applicant_id,
        "createdAt": applicant.created_at.strftime(_SECONDS),
        "clientId": "demo.example",
        "inspectionId": applicant.inspection_id,
        "externalUserId": applicant.external_user_id,
        "type": applicant.applicant_type,
        "fixedInfo": applicant.stated,
        "info": applicant.found,
        "review": review_json(applicant),
        "questionnaires": [],
    }
    optional = {
        "email": applicant.email,
        "phone": applicant.phone,
        "lang": applicant.language,
    }
    answer |= {name: value for name, value in optional.items() if value}
    if applicant.is_deleted:
        answer["deleted"] = True
    return answer


def review_json(applicant: SandboxApplicant) -> dict[str, Any]:
    """Return the ``review`` object, with dates in the style of that place."""
    review: dict[str, Any] = {
        "reviewId": applicant.review_id,
        "attemptId": applicant.attempt_id,
        "attemptCnt": applicant.attempt_count,
        "levelName": applicant.level_name,
        "createDate": applicant.created_at.strftime(f"{_SECONDS}+0000"),
        "reviewStatus": applicant.review_status,
    }
    if applicant.review_result is not None:
        review["reviewResult"] = applicant.review_result
    if applicant.reviewed_at:
        review["reviewDate"] = applicant.reviewed_at.strftime(f"{_SECONDS}+0000")
    return review


def callback_json(
    applicant: SandboxApplicant, event_type: str, correlation_id: str
) -> dict[str, Any]:
    """Return the body of a webhook: state and ids, no personal data."""
    now = timezone.now()
    body: dict[str, Any] = {
        "applicantId": applicant.applicant_id,
        "inspectionId": applicant.inspection_id,
        "applicantType": applicant.applicant_type,
        "correlationId": correlation_id,
        "levelName": applicant.level_name,
        "sandboxMode": True,
        "externalUserId": applicant.external_user_id,
        "type": event_type,
    }
    if applicant.review_result is not None:
        body["reviewResult"] = applicant.review_result
    body["reviewStatus"] = applicant.review_status
    if applicant.member_of:
        body["applicantMemberOf"] = [{"applicantId": c} for c in applicant.member_of]
    body["createdAt"] = now.strftime(f"{_SECONDS}+0000")
    body["createdAtMs"] = now.strftime(f"{_SECONDS}.%f")[:-3]
    body["clientId"] = "demo.example"
    return body
