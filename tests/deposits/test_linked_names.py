"""Whether the holder is the customer: what is tolerated, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deposits.linked.choices import NameMatch
from deposits.linked.names import compare_names

PEOPLE = [
    ("Ama Serwaa Mensah", "ama serwaa mensah", "match"),
    ("Ama Serwaa Mensah", "MENSAH, Ama Serwaa", "match"),
    ("Ama Serwaa Mensah", "Dr. Mrs Ama Serwaa Mensah", "match"),
    ("Zoë Håkansson", "Zoe Hakansson", "match"),
    ("Per-Olof Strauß", "Per Olof Strauss", "match"),
    ("Ama Serwaa Mensah", "Ama Mensah", "close"),
    ("Ama Serwaa Mensah", "A. Serwaa Mensah", "close"),
    ("Ama Serwaa Mensah", "Ama Serwaa Mensha", "close"),  # swapped
    ("Ama Serwaa Mensah", "Ama Serwaa Menssah", "close"),  # put in
    ("Ama Serwaa Mensah", "Ama Serwaa Mensa", "close"),  # left out
    ("Ama Mensah", "Ama Mensah Boateng", "close"),
    ("Ama Serwaa Mensah", "Kofi Boateng", "none"),
    ("Ama Serwaa Mensah", "Mensah", "none"),  # a family has more members
    ("Ama Serwaa Mensah", "Ama Boateng", "none"),
    ("Ama Mensah", "Yaa Mensah", "none"),
    ("Ama Mensah", "A Mensha", "none"),  # nothing is the very same
    ("Ama Mensah", "Ama Mens\u0430h", "none"),  # Cyrillic а
    ("Ana Sa", "Ana", "none"),  # no legal suffix of a person
    ("Ama", "Ama", "match"),
    ("Ama Mensah", "–", "none"),
    ("Mr", "Mr", "match"),
]


@pytest.mark.parametrize(("ours", "holder", "wanted"), PEOPLE)
def test_people(ours: str, holder: str, wanted: str) -> None:
    assert compare_names(ours, holder, is_person=True).result == wanted
    assert compare_names(holder, ours, is_person=True).result == wanted


@pytest.mark.parametrize(
    ("ours", "holder", "wanted"),
    [
        ("Halcyon Grain Trading Ltd", "HALCYON GRAIN TRADING LIMITED", "match"),
        ("Halcyon Grain B.V.", "Halcyon Grain", "match"),
        ("Halcyon Grain Trading", "Halcyon Grain", "close"),
        ("Halcyon Grain Trading", "Halcyon Holdings", "none"),
        ("Halcyon Grain Trading", "Halcyon", "none"),
    ],
)
def test_organisations(ours: str, holder: str, wanted: str) -> None:
    assert compare_names(ours, holder, is_person=False).result == wanted


def test_every_word_has_its_reason() -> None:
    found = compare_names("Ama Serwaa Mensah", "Mensha A Boateng", is_person=True)
    assert [(word.text, word.reason) for word in found.words] == [
        ("mensha", "one letter off: “mensah” in the customer’s name"),
        ("a", "an initial: “ama” in the customer’s name"),
        ("boateng", "only in the holder’s name"),
        ("serwaa", "only in the customer’s name"),
    ]
    same = compare_names("Ama Mensah", "Ama Mensah", is_person=True).words
    assert {word.reason for word in same} == {"same"}


@given(st.text(max_size=30), st.text(max_size=30), st.booleans())
def test_any_two_names_compare_either_way(
    ours: str, holder: str, is_person: bool
) -> None:
    there = compare_names(ours, holder, is_person=is_person).result
    back = compare_names(holder, ours, is_person=is_person).result
    assert there in NameMatch
    assert (there == NameMatch.MATCH) is (back == NameMatch.MATCH)
