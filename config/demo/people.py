"""Who banks at the demo bank, and how far each of them has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from config.demo.papers import ACCEPTED, DemoPaper
from documents.choices import IdType, Kind, RejectReason


class Chapter(StrEnum):
    """How a customer's story goes; each builds on the ones before."""

    REGISTERED = "registered"
    LINK_MADE = "link_made"
    SUBMITTED = "submitted"
    ON_HOLD = "on_hold"
    ASKED_AGAIN = "asked_again"
    REJECTED = "rejected"
    APPROVED = "approved"
    CHANGED_LATER = "changed_later"
    TAKEN_BACK = "taken_back"
    DECLINED = "declined"


@dataclass(frozen=True, kw_only=True)
class DemoCustomer:
    """`at_sumsub` holds what the papers say where it differs from our file."""

    name: str
    chapter: Chapter
    bank: str = "demo"
    email: str = ""
    channel: str = "web"
    phone: str = ""
    customer_type: str = "INDIVIDUAL"
    entity_type: str = "individual"
    details: Mapping[str, str] = field(default_factory=dict)
    at_sumsub: Mapping[str, str] = field(default_factory=dict)
    papers: tuple[DemoPaper, ...] = ()


def _person(
    birth_date: str, nationality: str, address: str, number: str
) -> dict[str, str]:
    return {
        "birth_date": birth_date,
        "nationality": nationality,
        "address": address,
        "id_number": number,
    }


def _company(number: str, country: str, address: str) -> dict[str, str]:
    return {"registration_number": number, "country": country, "address": address}


def _passport(file_name: str, expires_days: int, review: str = "") -> DemoPaper:
    return DemoPaper(
        kind=Kind.ID, id_type=IdType.PASSPORT, file_name=file_name,
        heading="Passport", issued_days=-1500, expires_days=expires_days,
        review=review,
    )  # fmt: skip


def _bill(issued_days: int, review: str = "") -> DemoPaper:
    return DemoPaper(
        kind=Kind.ADDRESS_PROOF, file_name="electricity-bill.pdf",
        heading="Electricity bill", issued_days=issued_days, review=review,
    )  # fmt: skip


CUSTOMERS = (
    DemoCustomer(
        name="Tomasz Wieczorek",
        email="tomasz.wieczorek@mail.example",
        phone="+48 512 550 142",
        chapter=Chapter.APPROVED,
        details=_person(
            "1984-11-02", "POL", "ul. Mokra 12, Gdańsk, Poland", "ZS4471902"
        ),
        papers=(_bill(-30, ACCEPTED),),
    ),
    DemoCustomer(
        name="Marguerite Okonkwo-Lindqvist",
        email="marguerite.ol@mail.example",
        phone="+233 24 555 0171",
        chapter=Chapter.APPROVED,
        details=_person(
            "1991-03-04", "GHA", "22 Quay Street, Flat 4, Tema, Ghana", "G0204471"
        ),
        at_sumsub={
            "name": "Marguerite Adaeze Okonkwo-Lindqvist",
            "birth_date": "1991-04-03",
            "address": "22 Quay Street, Tema, Ghana",
        },
        papers=(
            DemoPaper(
                kind=Kind.INCOME_PROOF,
                file_name="payslip-october.pdf",
                heading="Tema Harbour Authority, payslip",
                issued_days=-21,
                review=ACCEPTED,
            ),
            _bill(-40),
        ),
    ),
    DemoCustomer(
        name="Yusuf Demirci",
        email="yusuf.demirci@mail.example",
        phone="+90 212 555 0183",
        chapter=Chapter.SUBMITTED,
        details=_person("1979-06-21", "TUR", "Bahariye Cd. 40, Istanbul", "U12774410"),
    ),
    DemoCustomer(
        name="Nadia Benhaddou",
        email="nadia.benhaddou@mail.example",
        phone="+212 522 555 012",
        chapter=Chapter.REGISTERED,
        details={"nationality": "MAR"},
        papers=(_passport("passport-scan.pdf", 20), _bill(-9)),
    ),
    DemoCustomer(  # no e-mail: the branch hands over the one-time password
        name="Kwabena Sarpong",
        channel="agent",
        phone="+233 27 555 0136",
        chapter=Chapter.APPROVED,
        details=_person(
            "1973-05-17", "GHA", "House 8, Market Lane, Techiman", "GHA-6130927-4"
        ),
        papers=(_passport("passport-1.pdf", 12, ACCEPTED),),
    ),
    DemoCustomer(
        name="Ines Carvalho",
        email="ines.carvalho@mail.example",
        phone="+351 21 555 0161",
        chapter=Chapter.LINK_MADE,
        details=_person("1995-01-30", "PRT", "Rua do Ouro 7, Lisbon", "CA445190"),
        papers=(_bill(-3),),
    ),
    DemoCustomer(
        name="Adjoa Mensah-Bonsu",
        email="adjoa.mensah@mail.example",
        phone="+233 20 555 0140",
        chapter=Chapter.ASKED_AGAIN,
        details=_person(
            "1988-09-14", "GHA", "5 Ring Road East, Accra", "GHA-7210045-2"
        ),
        papers=(_passport("passport-blurred.pdf", 900, RejectReason.UNREADABLE),),
    ),
    DemoCustomer(
        name="Per-Olof Håkansson",
        email="per-olof.hakansson@mail.example",
        phone="+46 8 555 0117",
        chapter=Chapter.REJECTED,
        details=_person("1962-02-08", "SWE", "Storgatan 3, Uppsala", "91102277"),
    ),
    DemoCustomer(
        name="Halcyon Grain Trading Ltd",
        email="office@halcyon-grain.example",
        phone="+233 30 255 0128",
        customer_type="PRIVATE_COMPANY",
        entity_type="body_corporate",
        chapter=Chapter.TAKEN_BACK,
        details=_company("CS-204-118-823", "GHA", "14 Harbour Road, Tema"),
        papers=(
            DemoPaper(
                kind=Kind.BUSINESS_REGISTRATION,
                file_name="register-extract-2026.pdf",
                heading="Registrar of Companies, extract",
                issued_days=-4,
            ),
        ),
    ),
    DemoCustomer(
        name="Okafor & Lindqvist Shipping Agency Ltd",
        email="agency@okafor-lindqvist.example",
        phone="+234 803 555 0177",
        customer_type="PRIVATE_COMPANY",
        entity_type="body_corporate",
        chapter=Chapter.APPROVED,
        details=_company("RC-1180277", "NGA", "9 Marina Road, Lagos"),
    ),
    DemoCustomer(
        name="Port of Sekondi Fisheries Authority",
        email="registry@sekondi-fisheries.example",
        phone="+233 31 205 0188",
        customer_type="GOVERNMENT_ENTITY",
        entity_type="government_body",
        chapter=Chapter.ON_HOLD,
        details={"country": "GHA", "address": "Harbour House, Sekondi"},
    ),
    DemoCustomer(
        name="Northgate Savings & Credit Union",
        email="board@northgate-union.example",
        phone="+44 20 7946 0166",
        customer_type="FINANCIAL_INSTITUTION",
        entity_type="body_corporate",
        chapter=Chapter.CHANGED_LATER,
        details=_company("IP-30166", "GBR", "40 Northgate, Wakefield"),
    ),
    DemoCustomer(
        name="Vale & Harcourt Partners",
        email="partners@vale-harcourt.example",
        phone="+44 20 7946 0119",
        customer_type="PRIVATE_COMPANY",
        entity_type="partnership",
        chapter=Chapter.DECLINED,
        details={"country": "GBR", "address": "2 Harcourt Mews, London"},
    ),
    DemoCustomer(
        name="Tomasz Wieczorek",
        email="tomasz.wieczorek@mail.example",
        phone="+48 512 550 142",
        bank="second",
        chapter=Chapter.REGISTERED,
        details={"nationality": "POL"},
    ),
    DemoCustomer(
        name="Lumen & Sons, Jewellers",
        email="shop@lumen-sons.example",
        phone="+44 20 7946 0105",
        bank="second",
        customer_type="PRIVATE_COMPANY",
        entity_type="body_corporate",
        chapter=Chapter.SUBMITTED,
        details=_company("08812205", "GBR", "5 Hatton Yard, London"),
    ),
)

BANKS = {
    "demo": {"name": "Demo Bank", "time_zone": "Africa/Accra"},
    "second": {"name": "Second Bank", "time_zone": "Europe/London"},
}
STAFF = {
    "client_facing": "Jonas Weber",
    "compliance_officer": "Amara Osei",
    "senior_manager": "Henrik Vos",
    "governing_body": "Ingrid Solheim",
    "teller": "Ruth Adjei",
    "auditor": "David Mensah",
    "administrator": "Salma Idrissi",
}
