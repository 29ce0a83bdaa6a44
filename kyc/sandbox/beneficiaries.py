"""The people behind a company, in the newer and the older way of the provider."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction

from kyc.sandbox.models import SandboxApplicant, provider_id
from kyc.sandbox.refusals import RefusalError
from kyc.sandbox.services import create_applicant, locked

# A beneficial owner is checked in person; for other roles only the details are kept.
CHECKED_ROLE = "ubo"


@transaction.atomic
def link_beneficiary(company_id: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Link a known applicant or a new person (KYB 2.0); return the link entry.

    ``wanted`` is the provider's request: ``applicantId`` or ``beneficiaryInfo``,
    with ``types`` and ``shareSize``.
    """
    company = _company(company_id)
    applicant_id, details = wanted.get("applicantId"), wanted.get("beneficiaryInfo")
    if bool(applicant_id) == bool(details):
        raise RefusalError("Give either applicantId or beneficiaryInfo", status=400)
    types = wanted.get("types")
    if not isinstance(types, list) or not types:
        raise RefusalError("types is required", status=400)
    entry: dict[str, Any] = {"id": provider_id(), "types": types}
    if isinstance(wanted.get("shareSize"), int | float):
        entry["shareSize"] = wanted["shareSize"]
    if applicant_id:
        _join(str(applicant_id), company_id)
        entry["applicantId"] = applicant_id
    elif isinstance(details, dict):
        entry["beneficiaryInfo"] = details
        if CHECKED_ROLE in types:
            entry["applicantId"] = _new_person(details, company_id).pk
    _add(company, "stated", entry)
    return entry


@transaction.atomic
def link_beneficiary_1_0(company_id: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Link a known applicant the older way; return the link entry."""
    company = _company(company_id)
    nested = wanted.get("applicant")
    nested_id = nested.get("id") if isinstance(nested, dict) else None
    applicant_id = str(wanted.get("applicantId") or nested_id or "")
    _join(applicant_id, company_id)
    entry: dict[str, Any] = {
        "applicantId": applicant_id,
        "applicant": {"id": applicant_id},
        "positions": wanted.get("positions") or [],
        "type": wanted.get("type") or "",
    }
    _add(company, "found", entry)
    return entry


@transaction.atomic
def unlink_beneficiary(company_id: str, link: str) -> None:
    """Remove the entry with this link id or applicant id."""
    company = _company(company_id)
    for place in ("stated", "found"):
        kept = getattr(company, place)
        info = kept.get("companyInfo", {})
        info["beneficiaries"] = [
            entry
            for entry in info.get("beneficiaries", [])
            if link not in {entry.get("id"), entry.get("applicantId")}
        ]
        setattr(company, place, kept | {"companyInfo": info})
    company.save()


def _company(company_id: str) -> SandboxApplicant:
    company = locked(company_id)
    if not company.is_company:
        raise RefusalError("Applicant is not a company", status=400)
    return company


def _join(applicant_id: str, company_id: str) -> None:
    """Note on the person which company it belongs to."""
    person = locked(applicant_id)
    if company_id not in person.member_of:
        person.member_of = [*person.member_of, company_id]
        person.save()


def _new_person(details: Mapping[str, Any], company_id: str) -> SandboxApplicant:
    return create_applicant(
        external_user_id=f"auto-{uuid4().hex[:12]}",
        level_name=settings.SUMSUB_KYC_LEVEL,
        applicant_type="individual",
        stated=details,
        member_of=[company_id],
    )


def _add(company: SandboxApplicant, place: str, entry: dict[str, Any]) -> None:
    kept = getattr(company, place)
    info = kept.get("companyInfo", {})
    info["beneficiaries"] = [*info.get("beneficiaries", []), entry]
    setattr(company, place, kept | {"companyInfo": info})
    company.save()
