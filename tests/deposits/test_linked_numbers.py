"""Numbers as people paste them: one form is kept, what errs is refused in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import numdb

from common.errors import DomainError
from common.reading.countries import COUNTRIES
from deposits.linked.iban_countries import IBAN_COUNTRIES
from deposits.linked.numbers import clean_number, found_indexes
from tests.deposits.linking import IBAN


@pytest.mark.parametrize(
    "typed",
    [
        "GB82 WEST 1234 5698 7654 32",
        "gb82west12345698765432",
        "  GB82-WEST-1234-5698-7654-32 ",
        "GB82\u2013WEST\u00a01234\u20075698.7654/32",
        "ＧＢ８２ＷＥＳＴ１２３４５６９８７６５４３２",  # full width
        "GB82\x00WEST\u202a1234\u200b5698\u00ad7654\x1b32\ufeff",  # hidden signs
        "GB82\tWEST\n12345698765432\r\n",
    ],
)
def test_an_iban_is_kept_in_one_form(typed: str) -> None:
    number = clean_number("bank", typed)
    assert (number.text, number.kind) == (IBAN, "iban")
    assert number.last_four == "5432"
    assert number.index == clean_number("bank", IBAN).index


@pytest.mark.parametrize(
    ("typed", "code", "words"),
    [
        ("GB82WEST12345698765433", "INVALID_IBAN", "check digits"),
        ("GB28WEST12345698765432", "INVALID_IBAN", "check digits"),
        ("GB82WEST1234569876543", "INVALID_IBAN", "check digits"),
        ("GX82WEST12345698765432", "INVALID_IBAN", "check digits"),
        # The check digits fit, but no bank there has such a number.
        ("GB88WEST1234569876543", "INVALID_IBAN", "No IBAN of GB"),
        ("GH17ABCD12345698765432", "INVALID_IBAN", "No IBAN of GH"),
        # Spanish accounts have check digits of their own, wrong here.
        ("ES2121000418400200051332", "INVALID_IBAN", "check digits"),
        ("\u0410\u041282WEST12345698765432", "INVALID_ACCOUNT_NUMBER", "plain letters"),
        ("1234\u0660\u0661", "INVALID_ACCOUNT_NUMBER", "plain letters"),
        ("12\u013134567", "INVALID_ACCOUNT_NUMBER", "plain letters"),
        ("123", "INVALID_ACCOUNT_NUMBER", "4 to 34"),
        ("ABCDEFGH", "INVALID_ACCOUNT_NUMBER", "4 to 34"),
        ("1" * 35, "INVALID_ACCOUNT_NUMBER", "4 to 34"),
        ("1234;DROP", "INVALID_ACCOUNT_NUMBER", "4 to 34"),
        ("1" * 10_000, "INVALID_ACCOUNT_NUMBER", "longer than 64"),
        ("\u200b" * 40, "INVALID_ACCOUNT_NUMBER", "Write the number"),
        ("", "INVALID_ACCOUNT_NUMBER", "Write the number"),
    ],
)
def test_what_is_no_bank_account(typed: str, code: str, words: str) -> None:
    with pytest.raises(DomainError, match=words) as caught:
        clean_number("bank", typed)
    assert (caught.value.code, caught.value.field) == (code, "number")


@pytest.mark.parametrize(
    ("typed", "kept", "shown"),
    [
        ("0123 4567-89", "0123456789", "6789"),
        ("ab12", "AB12", "12"),
        ("1234567", "1234567", "67"),
        ("12345678", "12345678", "5678"),
        ("9" * 34, "9" * 34, "9999"),
    ],
)
def test_a_national_number(typed: str, kept: str, shown: str) -> None:
    number = clean_number("bank", typed)
    assert (number.text, number.kind, number.last_four) == (kept, "account", shown)


@pytest.mark.parametrize(
    ("typed", "kept", "kind"),
    [
        ("+233 (0)24 412 3456", "+233244123456", "phone"),
        ("00233 24 412 3456", "+233244123456", "phone"),
        ("Wallet-7f.A_2", "Wallet-7f.A_2", "wallet_id"),
        ("a1b2", "a1b2", "wallet_id"),
    ],
)
def test_a_wallet(typed: str, kept: str, kind: str) -> None:
    number = clean_number("wallet", typed)
    assert (number.text, number.kind) == (kept, kind)


def test_capitals_of_a_wallet_id_make_no_other_wallet() -> None:
    assert (
        clean_number("wallet", "ab1-x").index == clean_number("wallet", "AB1-X").index
    )


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("0244123456", "country code"),
        ("+1 000 000 0000", "no such number"),
        ("a", "4 to 34"),
        ("-abcd", "4 to 34"),
        ("abcd" * 9, "4 to 34"),
        ("аbсd1", "plain letters"),  # Cyrillic а and с
    ],
)
def test_what_is_no_wallet(typed: str, words: str) -> None:
    with pytest.raises(DomainError, match=words) as caught:
        clean_number("wallet", typed)
    assert caught.value.field == "number"


@given(st.sampled_from(["bank", "wallet"]), st.text(max_size=80))
def test_whatever_is_typed_is_kept_or_refused_in_words(kind: str, typed: str) -> None:
    try:
        number = clean_number(kind, typed)
    except DomainError as refusal:
        assert refusal.field == "number"
        return
    assert number.text.isascii()
    assert 4 <= len(number.text) <= 34
    assert len(number.last_four) * 2 <= len(number.text)
    assert clean_number(kind, number.text) == number


def test_a_search_knows_a_number_however_it_is_written() -> None:
    assert clean_number("bank", IBAN).index in found_indexes("gb82 west 12345698765432")
    assert clean_number("wallet", "+233244123456").index in found_indexes(
        "+233 24 412 3456"
    )
    assert found_indexes("Ama Mensah") == {clean_number("wallet", "AmaMensah").index}
    assert found_indexes("!") == set()


@pytest.mark.parametrize(
    ("kind", "text", "country"),
    [
        ("bank", "GB82WEST12345698765432", "GBR"),
        ("bank", "DE89370400440532013000", "DEU"),
        ("bank", "12345678", ""),
        ("wallet", "DE893704", ""),
        ("wallet", "+233244123456", ""),
    ],
)
def test_the_country_of_a_number(kind: str, text: str, country: str) -> None:
    assert clean_number(kind, text).country == country


def test_every_country_with_an_iban_is_known() -> None:
    registry = numdb.get("iban").prefixes
    letters = {prefix for _, prefix, *_ in registry}
    assert letters == set(IBAN_COUNTRIES)
    assert set(IBAN_COUNTRIES.values()) - set(COUNTRIES) == {"XKX"}
