"""Which tier evidence gives: every combination, and whatever came first."""

from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.registry.choices import CustomerType
from customers.tiers.choices import EvidenceKind as Kind
from customers.tiers.ladder import missing_kinds, needs_words, next_tier, tier_of

EVERY_SET = list(
    chain.from_iterable(combinations(Kind, size) for size in range(len(Kind) + 1))
)


def expected(held: set[Kind], *, is_individual: bool) -> int:
    """The table of §8, written out once more by hand."""
    if Kind.KYC_VERIFIED not in held:
        return 1
    if not is_individual:
        is_business = {Kind.BUSINESS_REGISTRATION, Kind.OWNERS_VERIFIED} <= held
        return 4 if is_business else 1
    if not {Kind.ID_DOCUMENT, Kind.ADDRESS_DOCUMENT} <= held:
        return 1
    return 3 if Kind.INCOME_PROOF in held else 2


@pytest.mark.parametrize("customer_type", CustomerType)
def test_every_combination_of_evidence(customer_type: CustomerType) -> None:
    is_individual = customer_type == CustomerType.INDIVIDUAL
    assert len(EVERY_SET) == 256
    for kinds in EVERY_SET:
        found = tier_of(kinds, is_individual=is_individual)
        assert found == expected(set(kinds), is_individual=is_individual), kinds


@given(st.lists(st.sampled_from(Kind)), st.booleans(), st.randoms())
def test_neither_order_nor_repetition_matters(
    kinds: list[Kind], is_individual: bool, randomly: st.DrawFn
) -> None:
    tier = tier_of(kinds, is_individual=is_individual)
    shuffled = [*kinds, *kinds]
    randomly.shuffle(shuffled)  # type: ignore[attr-defined]
    assert tier_of(shuffled, is_individual=is_individual) == tier


@given(st.sets(st.sampled_from(Kind)), st.sampled_from(Kind), st.booleans())
def test_more_evidence_never_lowers_the_tier(
    kinds: set[Kind], more: Kind, is_individual: bool
) -> None:
    before = tier_of(kinds, is_individual=is_individual)
    assert tier_of({*kinds, more}, is_individual=is_individual) >= before


@given(st.sets(st.sampled_from(Kind)), st.booleans())
def test_what_is_missing_is_exactly_what_lifts(
    kinds: set[Kind], is_individual: bool
) -> None:
    tier = tier_of(kinds, is_individual=is_individual)
    missing = {
        kind
        for kind, asked_by in missing_kinds(
            kinds, tier=tier, is_individual=is_individual
        )
        if asked_by > tier
    }
    above = next_tier(tier, is_individual=is_individual)
    if above is None:
        assert not missing
        return
    assert tier_of(kinds | missing, is_individual=is_individual) >= above
    for kind in missing:
        some = kinds | missing - {kind}
        assert tier_of(some, is_individual=is_individual) == tier


def test_the_lowest_tier_still_asks_for_a_phone() -> None:
    missing = missing_kinds({Kind.KYC_VERIFIED}, tier=1, is_individual=True)
    assert missing == [
        (Kind.PHONE_VERIFIED, 1), (Kind.ID_DOCUMENT, 2), (Kind.ADDRESS_DOCUMENT, 2),
    ]  # fmt: skip
    assert missing_kinds(set(Kind), tier=3, is_individual=True) == []
    assert missing_kinds(set(), tier=2, is_individual=True) == [
        (Kind.ID_DOCUMENT, 3), (Kind.ADDRESS_DOCUMENT, 3), (Kind.INCOME_PROOF, 3),
        (Kind.KYC_VERIFIED, 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tier", "words"),
    [
        (1, "Verified phone"),
        (2, "Identity document, Proof of address, Verified identity"),
        (
            4,
            "Business registration, Verified identity, Every beneficial owner verified",
        ),
    ],
)
def test_needs_in_words(tier: int, words: str) -> None:
    assert needs_words(tier) == words
