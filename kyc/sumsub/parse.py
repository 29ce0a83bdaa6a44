"""Turn Sumsub's answer about an applicant into our types."""

from typing import Any

from kyc.sumsub.errors import SumsubUnreadable
from kyc.sumsub.reading import (
    Json,
    UnreadableJsonError,
    day,
    instant,
    percentage,
    section,
    sections,
    strict_json,
    text,
    texts,
    whole_number,
)
from kyc.sumsub.types import (
    COMPANY,
    ApplicantState,
    Beneficiary,
    Company,
    IdDocument,
    Person,
    Review,
)

_ADDRESS_PARTS = ("subStreet", "street", "town", "state", "postCode", "country")


def parse_body(body: bytes) -> ApplicantState:
    """Read the bytes of ``GET /one``; raises SumsubUnreadable."""
    try:
        return parse_applicant(strict_json(body))
    except UnreadableJsonError as error:
        raise SumsubUnreadable(f"Sumsub's answer cannot be read: {error}.") from error


def parse_applicant(answer: Any) -> ApplicantState:
    """Read the object of ``GET /one``; raises SumsubUnreadable without its id."""
    if not isinstance(answer, dict):
        raise SumsubUnreadable("Sumsub's answer about an applicant is not an object.")
    applicant_id = text(answer, "id", limit=64)
    if not applicant_id:
        raise SumsubUnreadable("Sumsub's answer about an applicant names no applicant.")
    found, stated = section(answer, "info"), section(answer, "fixedInfo")
    applicant_type = text(answer, "type", limit=32)
    return ApplicantState(
        applicant_id=applicant_id,
        inspection_id=text(answer, "inspectionId", limit=64),
        external_user_id=text(answer, "externalUserId", limit=255),
        applicant_type=applicant_type,
        review=parse_review(section(answer, "review")),
        person=None if applicant_type == COMPANY else _person(found, stated),
        company=_company(section(found, "companyInfo"), section(stated, "companyInfo")),
        is_deleted=answer.get("deleted") is True,
        created_at=instant(answer, "createdAt"),
    )


def parse_review(review: Json) -> Review:
    """Read a ``review`` object; an absent one is a review that says nothing."""
    result = section(review, "reviewResult")
    return Review(
        status=text(review, "reviewStatus", limit=32),
        answer=text(result, "reviewAnswer", limit=32),
        reject_type=text(result, "reviewRejectType", limit=32),
        labels=texts(result, "rejectLabels"),
        moderation_comment=text(result, "moderationComment", limit=4000),
        client_comment=text(result, "clientComment", limit=4000),
        level=text(review, "levelName", limit=255),
        attempt_count=whole_number(review, "attemptCnt"),
        review_id=text(review, "reviewId", limit=64),
        reviewed_at=instant(review, "reviewDate"),
    )


def _first_text(name: str, *sources: Json) -> str:
    return next(filter(None, (text(source, name) for source in sources)), "")


def _person(found: Json, stated: Json) -> Person | None:
    """Prefer what Sumsub read off the documents to what was merely stated."""
    sources = (found, stated)
    person = Person(
        first_name=_first_text("firstName", *sources),
        middle_name=_first_text("middleName", *sources),
        last_name=_first_text("lastName", *sources),
        birth_date=day(found, "dob") or day(stated, "dob"),
        nationality=_first_text("nationality", *sources),
        country_of_birth=_first_text("countryOfBirth", *sources),
        gender=_first_text("gender", *sources),
        address=_address(found) or _address(stated),
        documents=_documents(found) or _documents(stated),
    )
    return person if person != Person() else None


def _address(source: Json) -> str:
    """Return the first address on one line, as Sumsub formats it where it does."""
    for entry in sections(source, "addresses"):
        parts = (text(entry, part) for part in _ADDRESS_PARTS)
        line = text(entry, "formattedAddress") or ", ".join(filter(None, parts))
        if line:
            return line
    return ""


def _documents(source: Json) -> tuple[IdDocument, ...]:
    documents = (
        IdDocument(
            document_type=text(entry, "idDocType", limit=64),
            country=text(entry, "country", limit=3),
            number=text(entry, "number", limit=100),
            issued_on=day(entry, "issuedDate"),
            valid_until=day(entry, "validUntil"),
        )
        for entry in sections(source, "idDocs")
    )
    return tuple(document for document in documents if document != IdDocument())


def _company(found: Json, stated: Json) -> Company | None:
    """Read both places: the older product fills one, the newer one the other."""
    sources = (found, stated)
    company = Company(
        name=_first_text("companyName", *sources),
        registration_number=_first_text("registrationNumber", *sources),
        country=_first_text("country", *sources),
        legal_address=_first_text("legalAddress", *sources)
        or _first_text("address", *sources),
        incorporated_on=day(found, "incorporatedOn") or day(stated, "incorporatedOn"),
        legal_form=_first_text("legalForm", *sources),
        tax_id=_first_text("taxId", *sources),
        beneficiaries=_beneficiaries(found, stated),
    )
    return company if company != Company() else None


def _beneficiaries(found: Json, stated: Json) -> tuple[Beneficiary, ...]:
    """List everyone behind the company once, with the roles of both places."""
    people: list[Beneficiary] = []
    for source in (found, stated):
        for entry in sections(source, "beneficiaries"):
            _add(people, _beneficiary(entry))
    return tuple(people)


def _beneficiary(entry: Json) -> Beneficiary:
    details = section(entry, "beneficiaryInfo")
    roles = (*texts(entry, "types"), text(entry, "type"), *texts(entry, "positions"))
    return Beneficiary(
        link_id=text(entry, "id", limit=64),
        applicant_id=text(entry, "applicantId", limit=64)
        or text(section(entry, "applicant"), "id", limit=64),
        roles=tuple(dict.fromkeys(role for role in roles if role)),
        share_percent=percentage(entry, "shareSize"),
        first_name=text(details, "firstName"),
        last_name=text(details, "lastName"),
        company_name=text(details, "companyName"),
    )


def _add(people: list[Beneficiary], new: Beneficiary) -> None:
    """Append the entry, or merge it into the one that is surely the same."""
    if new == Beneficiary():
        return
    for index, known in enumerate(people):
        if _is_same(known, new):
            people[index] = _merged(known, new)
            return
    people.append(new)


def _is_same(known: Beneficiary, new: Beneficiary) -> bool:
    if known.applicant_id and new.applicant_id:
        return known.applicant_id == new.applicant_id
    return bool(known.link_id) and known.link_id == new.link_id


def _merged(known: Beneficiary, new: Beneficiary) -> Beneficiary:
    share = known.share_percent
    return Beneficiary(
        link_id=known.link_id or new.link_id,
        applicant_id=known.applicant_id or new.applicant_id,
        roles=tuple(dict.fromkeys((*known.roles, *new.roles))),
        share_percent=new.share_percent if share is None else share,
        first_name=known.first_name or new.first_name,
        last_name=known.last_name or new.last_name,
        company_name=known.company_name or new.company_name,
    )
