"""Names and numbers as people write them, compared as people mean them."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from common.text import clean, fold, is_phone, normalize_name, normalize_phone

# Lone surrogates too: JSON can carry them, databases cannot.
ANY_TEXT = st.text(st.characters(codec=None), max_size=60)


@given(ANY_TEXT)
@example("℡ İstanbul ß")
@example("Acme B.V.")
@example("S.A. Ltd.")
@example("किशोर ภูมิ")
@example("ﷺ ϓ Ⅷ ẞ ŉ")
def test_normalizing_twice_changes_nothing(name: str) -> None:
    once = normalize_name(name)
    assert normalize_name(once) == once
    assert fold(fold(name)) == fold(name)


@given(ANY_TEXT)
def test_folded_text_is_lower_case_words(text: str) -> None:
    folded = fold(text)
    assert folded == " ".join(folded.split())
    assert folded == folded.casefold()
    assert not any(unicodedata.combining(c) for c in folded)


@given(st.text(max_size=40))
def test_case_does_not_matter(name: str) -> None:
    assert fold(name.casefold()) == fold(name)


@given(ANY_TEXT)
@example("\ud83d")
@example("a\x00b")
@example(" a\u3000\u2003b ")
def test_cleaned_text_can_be_stored(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    cleaned.encode("utf-8")
    assert "\x00" not in cleaned
    assert "  " not in cleaned


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Håkansson, Per-Olof", "hakansson per olof"),
        ("  Ama   MENSAH ", "ama mensah"),
        ("Øystein Łukasz Đorđe", "oystein lukasz dorde"),
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("\uff26\uff35\uff2c\uff2c width", "full width"),
        ("O'Brien", "o brien"),
        ("Ama_Mensah", "ama mensah"),
        ("Ama\u200b\u00ad Mensah", "ama mensah"),
        ("किशोर", "किशोर"),
        ("...", ""),
        ("", ""),
    ],
)
def test_fold(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("written", "normalized"),
    [
        ("Acme Ltd", "acme"),
        ("ACME LIMITED", "acme"),
        ("Acme Trading Co., Ltd.", "acme trading"),
        ("Acme B.V.", "acme"),
        ("Acme S.A.R.L.", "acme"),
        ("Muster GmbH & Co. KG", "muster"),
        ("Limited", "limited"),
        ("Limited Company", "limited"),
        ("Company of Friends", "company of friends"),
        ("Ama Mensah", "ama mensah"),
    ],
)
def test_normalize_name(written: str, normalized: str) -> None:
    assert normalize_name(written) == normalized


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+233 (0)24-412 3456", "+233244123456"),
        ("00233 24 412 3456", "+233244123456"),
        ("+1 (202) 555-0143", "+12025550143"),
        ("+44 20.7946.0958", "+442079460958"),
        ("+49 30/901820", "+4930901820"),
        ("\uff0b\uff12\uff13\uff13244123456", "+233244123456"),
        ("+233\u201124\u2011412\u20113456", "+233244123456"),
    ],
)
def test_phones_as_people_write_them(written: str, number: str) -> None:
    assert normalize_phone(written) == number
    assert is_phone(number)
    assert normalize_phone(number) == number


@pytest.mark.parametrize(
    "written",
    [
        "024 412 3456",
        "+233 24",
        "+0233244123456",
        "+233 24 412 3456 ext 7",
        "+233 24 ABC 3456",
        "+233+244123456",
        "+1234567890123456",
        "+٢٣٣٢٤٤١٢٣٤٥٦",
        "+",
        "",
    ],
)
def test_what_is_no_phone(written: str) -> None:
    assert not is_phone(normalize_phone(written))


@given(ANY_TEXT)
def test_a_phone_is_ascii(text: str) -> None:
    number = normalize_phone(text)
    assert not is_phone(number) or number.isascii()
