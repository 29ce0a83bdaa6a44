"""What is taken as a phone, an e-mail, an address; and what is refused, in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import DomainError
from common.reading.email_addresses import clean_email
from common.reading.phone_numbers import clean_phone, shown_phone, takes_no_sms
from customers.contacts.postal import clean_address


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+233 (0)24-412 3456", "+233244123456"),
        ("00233 24 412 3456", "+233244123456"),
        ("\u200e+233\xa024 412 3456", "+233244123456"),
        ("+44 20 7946 0958", "+442079460958"),
        ("+39 06 698 12345", "+390669812345"),
        ("+２３３ ２４ ４１２ ３４５６", "+233244123456"),
    ],
)
def test_phones_are_kept_as_e164(written: str, kept: str) -> None:
    assert clean_phone(written) == kept
    assert clean_phone(shown_phone(kept)) == kept


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("", "country code"),
        ("024 412 3456", "country code"),
        ("+44 24 412 345", "no such number under +44"),
        ("+1 233 244 12", "no such number under +1"),
        ("+233 24 412 345678", "no such number under +233"),
        ("+999 24 412 3456", "no such number"),
        ("+233 24 412 3456 ext. 12", "extension 12"),
        ("+233 24 412 3456 x12", "extension 12"),
        ("00233 24 412 3456 ext. 5", "extension 5"),
        (" (00233) 24 412 3456 x5", "extension 5"),
        ("+233 24 412 3456;ext=12", "extension 12"),
        ("+1 800 FLOWERS", "country code"),
        ("+233244123456" * 900, "longer than 40"),
        ("\x00+233 24", "no such number|country code"),
    ],
)
def test_what_is_no_phone(written: str, says: str) -> None:
    with pytest.raises(DomainError, match=says.replace("+", r"\+")) as caught:
        clean_phone(written)
    assert caught.value.code == "INVALID_PHONE"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (" Ama.Mensah+bank@Mail.Example ", "ama.mensah+bank@mail.example"),
        ("ama@BÜCHER.example", "ama@bücher.example"),
        ("ama@xn--bcher-kva.example", "ama@bücher.example"),
        ("ama@日本語.jp", "ama@日本語.jp"),
        ("ama@пример.рф", "ama@пример.рф"),
        ("ama@münchen.de", "ama@münchen.de"),
        ("ama@straße.de", "ama@straße.de"),
        ("ama@例え.jp", "ama@例え.jp"),
        ("ama@smørrebrød.dk", "ama@smørrebrød.dk"),
        ("ama@żółw.pl", "ama@żółw.pl"),
        ("ama@þórður.is", "ama@þórður.is"),
        ("ama@việtđất.vn", "ama@việtđất.vn"),
        ("ama@çiçek.com.tr", "ama@çiçek.com.tr"),
        ("ama@παράδειγμα.ελ", "ama@παράδειγμα.ελ"),
        ("ama@उदाहरण.भारत", "ama@उदाहरण.भारत"),
        ("ama@мир.рф", "ama@мир.рф"),
        ("ama@a-1.co.uk", "ama@a-1.co.uk"),
    ],
)
def test_emails_have_one_form(written: str, kept: str) -> None:
    assert clean_email(written) == kept


@pytest.mark.parametrize(
    "written",
    [
        "ama@\u0430pple.com",  # one Cyrillic letter
        "ama@xn--pple-43d.com",  # the same, written otherwise
        "ama@\u0430\u0440\u0440\u04cf\u0435.com",  # all of them
        "ama@\u0261oogle.com",  # of the phonetic alphabet
        "ama@gο\u03bfgle.com",  # Greek
        "ama@日a本.jp",
    ],
)
def test_domains_that_imitate_are_refused(written: str) -> None:
    with pytest.raises(DomainError, match="mixes alphabets") as caught:
        clean_email(written)
    assert caught.value.code == "INVALID_EMAIL"


@pytest.mark.parametrize(
    "written",
    [
        "ama@twıtter.com",  # dotless i
        "ama@xn--twtter-q9a.com",  # the same, written otherwise
        "ama@\u0185ank.com",  # b of Zhuang
        "ama@\u01e5oogle.com",  # g with a stroke
        "ama@\u0127sbc.com",  # h of Maltese
        "ama@mail.\u01e5oogle.com",
        "ama@\u0430\u0440\u0440\u04cf\u0435.рф",  # all Cyrillic
        "ama@почта.\u0430\u0440\u0440\u04cf\u0435-24.рф",
        "ama@\u03bf\u03c1.ελ",  # all Greek
        "ama@\u0578\u0585\u0570.հայ",  # all Armenian
    ],
)
def test_domains_of_look_alikes_are_refused(written: str) -> None:
    with pytest.raises(DomainError, match="look like others") as caught:
        clean_email(written)
    assert caught.value.code == "INVALID_EMAIL"


@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("+233244123456", ""),
        ("+12125550123", ""),  # of a country where nobody can tell
        ("+447911123456", ""),
        ("+442079460958", "is a fixed line and takes no SMS"),
        ("+233302550128", "is a fixed line and takes no SMS"),
        ("+449012345678", "is a premium-rate number"),
        ("+33884012345", "is a shared-cost number"),
        ("+445512345678", "is a company-wide number"),
        ("+447640123456", "is a pager"),
    ],
)
def test_which_phones_take_no_sms(number: str, says: str) -> None:
    assert (says in takes_no_sms(number), bool(takes_no_sms(number))) == (
        True, bool(says),
    )  # fmt: skip


@pytest.mark.parametrize(
    "written",
    [
        "", "ama", "ama@", "@mail.example", "a@b", "a b@mail.example", "a@b@c.example",
        '"a b"@mail.example', "ama@[127.0.0.1]", "ama@127.0.0.1", ".ama@mail.example",
        "a..b@mail.example", "ama@mail..example", "ama@-mail.example",
        "ama@mail.example\nBcc: all@mail.example", "a" * 65 + "@mail.example",
        "a" * 10_000 + "@mail.example", "ama@" + "a" * 10_000 + ".example",
        "ámá@mail.example", "ama@xn--zzzzzz.example\ud800",
    ],
)  # fmt: skip
def test_what_is_no_email(written: str) -> None:
    with pytest.raises(DomainError) as caught:
        clean_email(written)
    assert caught.value.code == "INVALID_EMAIL"


@given(st.text(max_size=300))
def test_no_text_breaks_the_readers(text: str) -> None:
    for read in (clean_phone, clean_email, lambda t: clean_address({"lines": t})):
        for written in (text, f"+233{text}", f"ama@{text}.example"):
            try:
                read(written)
            except DomainError:
                continue


def test_an_address_is_tidied() -> None:
    asked = {"lines": "\n 12  Ring Road \r\n\r\nFlat 3", "town": " Accra ",
             "country": "gha"}  # fmt: skip
    assert clean_address(asked) == {
        "lines": "12 Ring Road\nFlat 3", "town": "Accra", "region": "",
        "postcode": "", "country": "GHA",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "says", "field"),
    [
        ({"lines": "x" * 10_000}, "longer than 280", "lines"),
        ({"lines": "x" * 71}, "within 70", "lines"),
        ({"lines": "a\nb\nc\nd\ne"}, "at most 4 lines", "lines"),
        ({"lines": " \n "}, "at least one line", "lines"),
        ({"country": ""}, "Choose a country", "country"),
        ({"country": "XXX"}, "Choose a country", "country"),
        ({"town": "x" * 10_000}, "longer than 80", "town"),
        ({"postcode": "x" * 17}, "longer than 16", "postcode"),
    ],
)
def test_what_is_no_address(wrong: dict[str, str], says: str, field: str) -> None:
    asked = {"lines": "12 Ring Road", "country": "GHA", **wrong}
    with pytest.raises(DomainError, match=says) as caught:
        clean_address(asked)
    assert caught.value.field == field
