"""What an applicant says about itself, and how the provider writes it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from kyc.sandbox.models import SandboxApplicant


@dataclass(frozen=True, slots=True)
class PersonDetails:
    """A person; countries are alpha-3, what is not said stays "" or None."""

    first_name: str
    last_name: str
    birth_date: date | None = None
    nationality: str = ""
    address: str = ""
    document_type: str = ""
    document_number: str = ""
    document_valid_until: date | None = None
    middle_name: str = ""

    def stated(self) -> dict[str, Any]:
        """Return their ``fixedInfo``."""
        return _known(
            firstName=self.first_name,
            middleName=self.middle_name,
            lastName=self.last_name,
            dob=self.birth_date.isoformat() if self.birth_date else "",
            nationality=self.nationality,
            addresses=[{"formattedAddress": self.address}] if self.address else [],
        )

    def found(self) -> dict[str, Any]:
        """Return their ``info``, as if read off the document."""
        until = self.document_valid_until
        document = _known(
            idDocType=self.document_type,
            number=self.document_number,
            country=self.nationality,
            validUntil=until.isoformat() if until else "",
        )
        return self.stated() | _known(idDocs=[document] if document else [])


@dataclass(frozen=True, slots=True)
class CompanyDetails:
    """A company; the country is alpha-3."""

    name: str
    registration_number: str = ""
    country: str = ""
    address: str = ""

    def stated(self) -> dict[str, Any]:
        """Return their ``companyInfo``, without beneficiaries."""
        return _known(
            companyName=self.name,
            registrationNumber=self.registration_number,
            country=self.country,
            legalAddress=self.address,
        )


Details = PersonDetails | CompanyDetails


def write_details(applicant: SandboxApplicant, details: Details) -> None:
    """Put the details where the provider keeps them, owners untouched."""
    if isinstance(details, CompanyDetails):
        company = applicant.company | details.stated()
        applicant.stated = applicant.stated | {"companyInfo": company}
    else:
        applicant.stated = applicant.stated | details.stated()
        applicant.found = applicant.found | details.found()


def _known(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}
