"""What happens to an applicant at the provider, each with its webhook."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from kyc.sandbox.announcements import announce
from kyc.sandbox.details import Details, write_details
from kyc.sandbox.images import keeping
from kyc.sandbox.images.files import AttachedImage
from kyc.sandbox.models import (
    COMPANY,
    SandboxApplicant,
    SandboxLink,
    link_token,
    provider_id,
)
from kyc.sandbox.refusals import RefusalError, not_found

FINAL, RETRY = "FINAL", "RETRY"
GREEN, RED = "GREEN", "RED"


def create_link(
    *,
    external_user_id: str,
    level_name: str,
    ttl_seconds: int,
    email: str = "",
    phone: str = "",
    language: str = "",
) -> SandboxLink:
    """Hand out a link; the applicant comes into being when it is opened."""
    return SandboxLink.objects.create(
        token=link_token(),
        external_user_id=external_user_id,
        level_name=level_name,
        email=email,
        phone=phone,
        language=language,
        expires_at=timezone.now() + timedelta(seconds=ttl_seconds),
    )


@transaction.atomic
def create_applicant(
    *,
    external_user_id: str,
    level_name: str,
    applicant_type: str = "",
    email: str = "",
    phone: str = "",
    language: str = "",
    stated: Mapping[str, Any] | None = None,
    member_of: Sequence[str] = (),
) -> SandboxApplicant:
    """Create an applicant; without a type, the level decides."""
    taken = SandboxApplicant.objects.filter(external_user_id=external_user_id).first()
    if taken:
        raise RefusalError(
            f"Applicant with external user id '{external_user_id}' "
            f"already exists: {taken.pk}"
        )
    applicant = SandboxApplicant.objects.create(
        applicant_id=provider_id(),
        inspection_id=provider_id(),
        review_id=provider_id(),
        external_user_id=external_user_id,
        level_name=level_name,
        applicant_type=applicant_type or type_for(level_name),
        email=email,
        phone=phone,
        language=language,
        stated=dict(stated or {}),
        member_of=list(member_of),
    )
    announce(applicant, "applicantCreated")
    return applicant


def type_for(level_name: str) -> str:
    """Tell which kind of applicant a level checks."""
    is_company = level_name == settings.SUMSUB_KYB_LEVEL or "kyb" in level_name.lower()
    return COMPANY if is_company else "individual"


@transaction.atomic
def open_link(token: str) -> SandboxApplicant:
    """Return the applicant behind a link, created at its first opening.

    An expired link is refused with status 410.
    """
    link = SandboxLink.objects.filter(pk=token).first()
    if link is None:
        raise RefusalError("This link leads nowhere.", status=404)
    if link.is_expired:
        raise RefusalError("This link has expired.", status=410)
    known = SandboxApplicant.objects.filter(external_user_id=link.external_user_id)
    applicant = known.first()
    if applicant is None:
        return create_applicant(
            external_user_id=link.external_user_id,
            level_name=link.level_name,
            email=link.email,
            phone=link.phone,
            language=link.language,
        )
    if applicant.level_name != link.level_name and applicant.may_move:
        return move_to_level(applicant.pk, link.level_name)
    return applicant


def locked(applicant_id: str, *, is_deleted_fine: bool = False) -> SandboxApplicant:
    """Return the applicant, locked for this transaction; refuse deleted ones."""
    found = SandboxApplicant.objects.select_for_update().filter(pk=applicant_id)
    applicant = found.first()
    if applicant is None:
        raise not_found()
    if applicant.is_deleted and not is_deleted_fine:
        raise RefusalError(
            "Applicant is deactivated or deleted",
            error_code=1008,
            error_name="applicant-marked-as-deleted",
        )
    return applicant


def _saved(
    applicant: SandboxApplicant, event_type: str, **changed: Any
) -> SandboxApplicant:
    """Keep the change and queue its webhook."""
    applicant.save()
    announce(applicant, event_type, **changed)
    return applicant


def _refuse_while_checked(applicant: SandboxApplicant) -> None:
    if applicant.is_being_checked:
        raise RefusalError(f"Not possible from status {applicant.review_status}")


@transaction.atomic
def submit(
    applicant_id: str,
    details: Details | None = None,
    attached: Sequence[AttachedImage] = (),
) -> SandboxApplicant:
    """Take the applicant's details and images, start the check; init to pending."""
    applicant = locked(applicant_id)
    _refuse_while_checked(applicant)
    if applicant.is_finally_rejected:
        raise RefusalError(
            "Applicant was rejected finally",
            error_code=1009,
            error_name="applicant-with-final-reject",
        )
    if details is not None:
        write_details(applicant, details)
    if not applicant.stated:
        raise RefusalError("Not everything asked for has been given")
    keeping.take_images(applicant, attached)
    applicant.review_status = "pending"
    applicant.review_result = None
    applicant.attempt_count += 1
    return _saved(applicant, "applicantPending")


@transaction.atomic
def change_details(applicant_id: str, details: Details) -> SandboxApplicant:
    """Correct the details, as the provider's staff may at any time."""
    applicant = locked(applicant_id)
    write_details(applicant, details)
    return _saved(applicant, "applicantPersonalInfoChanged")


@transaction.atomic
def review(
    applicant_id: str,
    answer: str,
    reject_type: str = "",
    labels: Sequence[str] = (),
    *,
    moderation_comment: str = "",
    client_comment: str = "",
) -> SandboxApplicant:
    """Give a verdict, from any status: a late RED may follow a GREEN."""
    applicant = locked(applicant_id)
    result: dict[str, Any] = {"reviewAnswer": answer}
    if moderation_comment:
        result["moderationComment"] = moderation_comment
    if client_comment:
        result["clientComment"] = client_comment
    if labels:
        result["rejectLabels"] = list(labels)
    if reject_type:
        result["reviewRejectType"] = reject_type
    applicant.review_status = "completed"
    applicant.review_result = result
    applicant.reviewed_at = timezone.now()
    keeping.answer_images(applicant, answer)
    return _saved(applicant, "applicantReviewed")


@transaction.atomic
def hold(applicant_id: str) -> SandboxApplicant:
    """Stop until a compliance officer, or the owners of a company, are done."""
    applicant = locked(applicant_id)
    applicant.review_status = "onHold"
    return _saved(applicant, "applicantOnHold")


@transaction.atomic
def reset(applicant_id: str) -> SandboxApplicant:
    """Start over. The webhook still carries the old verdict, as the provider's does."""
    applicant = locked(applicant_id)
    _refuse_while_checked(applicant)
    applicant.review_status = "init"
    announce(applicant, "applicantReset")
    applicant.review_result = None
    applicant.reviewed_at = None
    applicant.found = {k: v for k, v in applicant.found.items() if k != "idDocs"}
    keeping.deactivate_images(applicant)
    applicant.save()
    return applicant


@transaction.atomic
def move_to_level(applicant_id: str, level_name: str) -> SandboxApplicant:
    """Put the applicant on another level, whose steps are then still to do."""
    applicant = locked(applicant_id)
    if not applicant.may_move:
        raise RefusalError(f"Not possible from status {applicant.review_status}")
    previous = applicant.level_name
    applicant.level_name = level_name
    applicant.review_status = "init"
    applicant.review_result = None
    return _saved(applicant, "applicantLevelChanged", previousLevelName=previous)


@transaction.atomic
def back_to_init(applicant_id: str) -> SandboxApplicant:
    """Take a verdict back without asking for new documents."""
    applicant = locked(applicant_id)
    keeping.answer_images(applicant, "")
    applicant.review_status = "init"
    applicant.review_result = None
    return _saved(applicant, "applicantReset")


@transaction.atomic
def deactivate(applicant_id: str) -> SandboxApplicant:
    """Switch the profile off; its data stay."""
    applicant = locked(applicant_id, is_deleted_fine=True)
    _refuse_while_checked(applicant)
    applicant.is_deleted = True
    return _saved(applicant, "applicantDeactivated")


@transaction.atomic
def activate(applicant_id: str) -> SandboxApplicant:
    """Switch the profile on again."""
    applicant = locked(applicant_id, is_deleted_fine=True)
    _refuse_while_checked(applicant)
    applicant.is_deleted = False
    return _saved(applicant, "applicantActivated")


@transaction.atomic
def delete(applicant_id: str) -> SandboxApplicant:
    """Delete the profile and its personal data; the shell still answers."""
    applicant = locked(applicant_id, is_deleted_fine=True)
    applicant.is_deleted = True
    applicant.stated, applicant.found = {}, {}
    keeping.forget_images(applicant)
    applicant.email = applicant.phone = ""
    return _saved(applicant, "applicantDeleted")


@transaction.atomic
def blocklist(applicant_id: str) -> SandboxApplicant:
    """Blocklist one profile: a final rejection by the client."""
    applicant = locked(applicant_id)
    if applicant.is_blocklisted:
        raise RefusalError(
            "Already blocklisted", error_code=5000, error_name="already-blocklisted"
        )
    applicant.is_blocklisted = True
    applicant.save()
    return review(applicant.pk, RED, FINAL, ["BLOCKLIST"])
