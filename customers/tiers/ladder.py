"""Which tier evidence gives (domain §8): pure, so that it can be tested whole."""

from collections.abc import Collection

from customers.tiers.choices import EvidenceKind as Kind

LOWEST = 1
_ID_VERIFIED = frozenset({Kind.KYC_VERIFIED, Kind.ID_DOCUMENT, Kind.ADDRESS_DOCUMENT})
# The lowest asks for a phone, yet nobody stands below it.
PERSONS: dict[int, frozenset[Kind]] = {
    LOWEST: frozenset({Kind.PHONE_VERIFIED}),
    2: _ID_VERIFIED,
    3: _ID_VERIFIED | {Kind.INCOME_PROOF},
}
ORGANISATIONS: dict[int, frozenset[Kind]] = {
    LOWEST: frozenset({Kind.PHONE_VERIFIED}),
    4: frozenset({Kind.KYC_VERIFIED, Kind.BUSINESS_REGISTRATION, Kind.OWNERS_VERIFIED}),
}


def ladder(*, is_individual: bool) -> dict[int, frozenset[Kind]]:
    """The tiers that a customer of this sort can reach, and what each needs."""
    return PERSONS if is_individual else ORGANISATIONS


def tier_of(kinds: Collection[str], *, is_individual: bool) -> int:
    """The highest tier whose needs are all among the kinds of evidence in force."""
    held = set(kinds)
    reached = (n for n, needs in ladder(is_individual=is_individual).items()
               if needs <= held)  # fmt: skip
    return max(reached, default=LOWEST)


def next_tier(tier: int, *, is_individual: bool) -> int | None:
    """The tier after this one; None where there is none."""
    above = (n for n in ladder(is_individual=is_individual) if n > tier)
    return min(above, default=None)


def missing_kinds(
    kinds: Collection[str], *, tier: int, is_individual: bool
) -> list[tuple[Kind, int]]:
    """What is missing for the next tier, and which tier asks for it.

    The lowest tier's own needs stand first, as nobody climbs to it.
    """
    rungs = ladder(is_individual=is_individual)
    following = next_tier(tier, is_individual=is_individual)
    asked = [LOWEST] if tier == LOWEST else []
    asked += [following] if following else []
    return [
        (kind, number)
        for number in asked
        for kind in Kind
        if kind in rungs[number] and kind not in kinds
    ]


def needs_words(tier: int) -> str:
    """Write what a tier needs, e.g. "Verified phone"."""
    needs = PERSONS.get(tier) or ORGANISATIONS[tier]
    return ", ".join(str(kind.label) for kind in Kind if kind in needs)
