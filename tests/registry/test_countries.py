"""Countries: the table, and that only its codes are answers."""

import re

import pytest

from common.reading.countries import COUNTRIES, country_name
from customers.registry.details import InvalidDetailError, clean_answer
from customers.registry.forms import answer_field
from tenants.packs.loader import PackField

ASKED = PackField(key="nationality", label="Nationality", type="country")


def test_the_table_is_whole() -> None:
    assert len(COUNTRIES) == len(set(COUNTRIES.values())) == 249
    assert all(re.fullmatch("[A-Z]{3}", code) for code in COUNTRIES)
    assert all(name == name.strip() != "" for name in COUNTRIES.values())


@pytest.mark.parametrize(
    ("code", "name"),
    [("GHA", "Ghana"), ("CIV", "Côte d’Ivoire"), ("Ghana", "Ghana"), ("", ""),
     ("ZZZ", "ZZZ")],
)  # fmt: skip
def test_a_country_by_name(code: str, name: str) -> None:
    assert country_name(code) == name


@pytest.mark.parametrize("text", ["ZZZ", "GH", "gha", "Ghana", "UNK"])
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(InvalidDetailError, match="a country code of three letters"):
        clean_answer(ASKED, text)


def test_the_form_offers_all_countries() -> None:
    assert clean_answer(ASKED, "GHA") == "GHA"
    shown = answer_field(ASKED).widget.render("nationality", "GHA")
    assert '<option value="GHA" selected>Ghana</option>' in shown
    assert shown.count("<option") == 250
