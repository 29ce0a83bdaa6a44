"""How the countries of a customer are rated: the institution's list, then the index."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from uuid import UUID

from common.reading.countries import country_name
from customers.contacts.models import Address
from customers.registry.choices import Risk
from customers.registry.models import Customer
from customers.risk.choices import ORDER
from customers.risk.index import SOURCE, rating_of, scores
from customers.risk.models import CountryRisk

OWN_LIST = "own list"


@dataclass(frozen=True)
class RatedCountry:
    """`score` as the index prints it, "" where it has none; `rating` "" unrated."""

    code: str
    score: str
    rating: str
    source: str

    @property
    def words(self) -> str:
        """Say it in a line: "Haiti: 7.92, high (Basel AML Index 2024)"."""
        name = country_name(self.code)
        if not self.rating:
            return f"{name}: no score is shipped, so rate it by hand"
        level = str(Risk(self.rating).label).lower()
        score = f"{self.score}, " if self.score and self.source == SOURCE else ""
        return f"{name}: {score}{level} ({self.source})"

    def kept(self) -> dict[str, str]:
        """What the assessment keeps of it."""
        return asdict(self)


def codes_of(customer: Customer) -> list[str]:
    """The countries of the customer’s file: of the pack’s form, then of addresses."""
    asked = [f.key for f in customer.pack_form.fields if f.type == "country"]
    answers = [str(customer.details.get(key) or "") for key in asked]
    lived_in = Address.objects.of_customer(customer.pk)
    codes = [*answers, *lived_in.values_list("country", flat=True)]
    return list(dict.fromkeys(code for code in codes if code))


def rated(tenant_id: UUID, codes: Iterable[str]) -> list[RatedCountry]:
    wanted = list(codes)
    rows = CountryRisk.objects.for_tenant(tenant_id).filter(country__in=wanted)
    own = {row.country: row.rating for row in rows if row.rating}
    return [_rated(code, own.get(code, "")) for code in wanted]


def _rated(code: str, own: str) -> RatedCountry:
    score = scores().get(code)
    written = "" if score is None else str(score)
    if own:
        return RatedCountry(code, written, own, OWN_LIST)
    if score is None:
        return RatedCountry(code, "", "", "")
    return RatedCountry(code, written, rating_of(score), SOURCE)


def rated_countries(customer: Customer) -> list[RatedCountry]:
    return rated(customer.tenant_id, codes_of(customer))


def worst(countries: Iterable[RatedCountry]) -> Risk | None:
    """The highest rating among them; None where none is rated."""
    known = [Risk(country.rating) for country in countries if country.rating]
    return max(known, key=ORDER.index, default=None)


def unscored(countries: Iterable[RatedCountry]) -> str:
    """Name those that neither the own list nor the index rates; "" where all are."""
    return ", ".join(country_name(each.code) for each in countries if not each.rating)
