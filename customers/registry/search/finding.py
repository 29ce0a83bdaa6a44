"""Find customers: by exact keys first, then by the words of the name, then nearly."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Length

from customers.registry.search.id_numbers import indexes_of
from customers.registry.search.keys import keys_for
from customers.registry.search.reading import Reading, read
from customers.registry.search.similar import has_word, similar_names

MOST_EXACT = 50  # customers of one key; more share a name, and the words find them
_EXACT, _WORDS, _SIMILAR = range(3)
BY_NAME, BY_SIMILAR_NAME = "name", "similar name"


@dataclass(frozen=True)
class Found:
    """Whom the exact keys found, and why; and whose name is nearly the one typed."""

    reading: Reading
    exact: dict[UUID, str] = field(default_factory=dict)
    similar: list[UUID] = field(default_factory=list)

    def among(self, customers: QuerySet[Any]) -> QuerySet[Any]:
        """Those of `customers` that are found; exact hits first, similar names last."""
        wanted = Q(pk__in=[*self.exact, *self.similar])
        whens = [When(pk__in=list(self.exact), then=Value(_EXACT))]
        if self.reading.words:
            wanted |= has_words(self.reading)
            whens.append(When(has_words(self.reading), then=Value(_WORDS)))
        whens += [
            When(pk=pk, then=Value(_SIMILAR + place))
            for place, pk in enumerate(self.similar)
        ]
        rank = Case(*whens, default=Value(_WORDS), output_field=IntegerField())
        found = customers.filter(wanted).annotate(found_rank=rank)
        ordered: QuerySet[Any] = found.order_by("found_rank", "name_normalized", "id")
        return ordered

    def why(self, pk: UUID) -> str:
        """In words beside a hit."""
        if pk in self.exact:
            return self.exact[pk]
        return BY_SIMILAR_NAME if pk in self.similar else BY_NAME


def look(customers: QuerySet[Any], text: str, by: Any = None) -> Found:
    """Ask the keys that the text may be; `customers` are those `by` may see.

    Keys with a permission are asked only for a user who holds it. Names that are
    nearly the text are looked for where nobody has it.
    """
    reading = read(text)
    exact = exact_hits(customers, reading, by)
    if exact or not reading.words or customers.filter(has_words(reading)).exists():
        return Found(reading, exact)
    return Found(reading, similar=similar_names(customers, reading.words))


def shortlist(
    customers: QuerySet[Any], text: str, by: Any, most: int
) -> list[tuple[Any, str]]:
    """The first customers and why each was found, as `look`, but never more."""
    reading = read(text)
    exact = dict(list(exact_hits(customers, reading, by).items())[:most])
    named: list[Any] = []
    if reading.words and len(exact) < most:
        others = customers.filter(has_words(reading)).exclude(pk__in=list(exact))
        # No index has this order: one that an index has is walked for a rare word
        # through the whole table. Short names are nearer, besides.
        nearest = others.order_by(Length("name_normalized"), "name_normalized", "id")
        named = list(nearest[: most - len(exact)])
    similar: list[UUID] = []
    if not exact and not named:
        similar = similar_names(customers, reading.words)[:most]
    rows = customers.in_bulk([*exact, *similar]) if exact or similar else {}
    return [
        *((rows[pk], why) for pk, why in exact.items() if pk in rows),
        *((row, BY_NAME) for row in named),
        *((rows[pk], BY_SIMILAR_NAME) for pk in similar),
    ]


def has_words(reading: Reading) -> Q:
    """Every word stands somewhere in the name, in whatever order."""
    found = Q()
    for word in reading.words:
        found &= has_word(word)
    return found


def exact_hits(customers: QuerySet[Any], reading: Reading, by: Any) -> dict[UUID, str]:
    """Customers by every key the text may be, each with the first key that hit."""
    found = dict(_own_hits(customers, reading))
    whole_name = {pk: why for pk, why in found.items() if why == BY_NAME}
    for pk in whole_name:
        del found[pk]
    tenant_id = getattr(by, "tenant_id", None)
    for key in keys_for(by):
        asked = key.ids(reading, tenant_id)
        for pk in () if asked is None else asked[:MOST_EXACT]:
            found.setdefault(pk, key.why)
    return {**found, **{pk: w for pk, w in whole_name.items() if pk not in found}}


def _own_hits(customers: QuerySet[Any], reading: Reading) -> Iterator[tuple[UUID, str]]:
    """By the customer's own columns, in one question to the database."""
    indexes = indexes_of(reading.code)
    asked: dict[str, tuple[Q, str]] = {
        "public_id": (Q(public_id=reading.number), reading.number),
        "email": (Q(email=reading.email), reading.email),
        "phone": (Q(phone__in=reading.phones), "".join(reading.phones[:1])),
        "id_number_index": (Q(id_number_index__in=indexes), "".join(indexes)),
        "name_normalized": (Q(name_normalized=reading.name), reading.name),
    }
    wanted = Q()
    for condition, said in asked.values():
        if said:
            wanted |= condition
    if not wanted:
        return
    columns = ("pk", "public_id", "email", "phone", "id_number_index")
    for row in customers.filter(wanted).order_by().values(*columns)[:MOST_EXACT]:
        yield row["pk"], _why(row, reading, indexes)


def _why(row: dict[str, Any], reading: Reading, indexes: list[str]) -> str:
    if reading.number and row["public_id"] == reading.number:
        return "public id"
    if reading.email and row["email"] == reading.email:
        return "e-mail"
    if row["phone"] and row["phone"] in reading.phones:
        return "phone"
    return "ID number" if row["id_number_index"] in indexes else BY_NAME
