"""What a sector pack consists of, and the closed lists its words come from."""

from dataclasses import dataclass, field

from django.core.exceptions import ImproperlyConfigured

FIELD_TYPES = frozenset({"text", "date", "country", "choice"})
ENTITY_TYPES = [
    "individual",
    "body_corporate",
    "trust",
    "partnership",
    "unincorporated_association",
    "registered_foreign_company",
    "government_body",
]
CUSTOMER_TYPES = [
    "INDIVIDUAL",
    "GOVERNMENT_ENTITY",
    "PRIVATE_COMPANY",
    "BANK",
    "FINANCIAL_INSTITUTION",
    "FOREIGN_AGENCY_OR_SUBSIDIARY",
    "NON_DOMICILED_COMPANY",
]
DOCUMENT_KINDS = frozenset(
    [
        "id",
        "address_proof",
        "income_proof",
        "business_registration",
        "trust_deed",
        "other",
    ]
)
# The four groups of §9, in the order in which they are asked.
RISK_GROUPS = ("services", "customers", "delivery_channels", "countries")
RISK_RATINGS = ("high", "medium", "low", "na")
# One letter for each reason of the catalogue of §12.
LETTERS = (
    "risk_appetite",
    "cdd_non_compliance",
    "customer_request",
    "regulatory_direction",
)
PAYMENTS = ("cash", "electronic")
OUTCOMES = ("referred",)


class BrokenPackError(ImproperlyConfigured):
    """The file, the place in it, and what is wrong with it, in one line."""


@dataclass(frozen=True)
class PackField:
    """One question of an entity type's form; `pattern` must match the whole answer."""

    key: str
    label: str
    type: str
    required: bool = False
    pattern: str = ""
    help: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class EntityType:
    key: str
    label: str
    customer_types: tuple[str, ...]
    fields: tuple[PackField, ...]
    documents: tuple[str, ...]
    ownership_required: bool
    ownership_threshold: int | None


@dataclass(frozen=True)
class RiskFactor:
    """One line of the risk checklist; `ratings` are those that may be chosen.

    `by_index`: the country's index gives the least rating it may have.
    """

    key: str
    group: str
    label: str
    help: str
    ratings: tuple[str, ...]
    by_index: bool = False


@dataclass(frozen=True)
class Route:
    """Whose payment of which kind goes elsewhere, and why in one sentence."""

    key: str
    entity_types: tuple[str, ...]
    payment: str
    outcome: str
    help: str

    @property
    def words(self) -> str:
        """Say it in a line: "Electronic payments are referred"."""
        return f"{self.payment.capitalize()} payments are {self.outcome}"

    def kept(self) -> dict[str, str]:
        """What an assessment keeps of it."""
        return {"key": self.key, "words": self.words, "help": self.help}


@dataclass(frozen=True)
class Pack:
    name: str
    title: str
    version: int
    entity_types: dict[str, EntityType]
    risk: tuple[RiskFactor, ...] = ()
    letters: dict[str, str] = field(default_factory=dict)
    routing: tuple[Route, ...] = ()

    def routes_of(self, entity_type: str) -> list[Route]:
        """What is not served here for customers of this legal form."""
        return [route for route in self.routing if entity_type in route.entity_types]
