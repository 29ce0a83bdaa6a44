"""A broken sector pack is refused with one clear line: file, place, problem."""

from pathlib import Path

import pytest
from django.apps import apps

from tenants.packs import loader
from tenants.packs.loader import BrokenPackError, Pack, load_packs, read_pack

GOOD = """
name = "shop"
title = "Shop"
version = 3

[entity_types.individual]
label = "Individual"
customer_types = ["INDIVIDUAL"]
ownership = { required = false }
documents = ["id"]
fields = [
  { key = "birth_date", label = "Birth date", type = "date", required = true },
  { key = "size", label = "Size", type = "choice", choices = ["S", "L"] },
  { key = "number", label = "Number", type = "text", pattern = "[0-9]{4}" },
]

[entity_types.trust]
label = "Trust"
customer_types = ["PRIVATE_COMPANY"]
ownership = { required = true, threshold = 25 }
documents = ["trust_deed", "other"]
fields = []
"""

# What is replaced, by what, and what the line then says.
BREAKAGES = [
    ("name =", "name ", "not TOML"),
    ('title = "Shop"', 'title = "Shop"\ntitle = "Shop"', "not TOML"),
    ('name = "shop"', 'name = "shap"', "name is “shap”, not the file's name"),
    ('name = "shop"', "name = 5", "name must be a text"),
    ('name = "shop"', "", "name must be a text"),
    ('title = "Shop"', "", "title must be a text"),
    ('title = "Shop"', 'title = "  "', "title must be a text"),
    ("version = 3", "", "version must be a whole number above 0"),
    ("version = 3", "version = 0", "version must be a whole number above 0"),
    ("version = 3", "version = true", "version must be a whole number above 0"),
    ("version = 3", 'version = "3"', "version must be a whole number above 0"),
    ("version = 3", "version = 3\ncolour = 1", "colour is not a known key"),
    ("[entity_types.trust]", "[entity_types.club]", "entity_types.club is not an"),
    ('label = "Trust"', "", "entity_types.trust.label must be a text"),
    ('label = "Trust"', 'label = "T"\nx = 1', "entity_types.trust.x is not a known"),
    (
        '["PRIVATE_COMPANY"]',
        '["CLUB"]',
        "entity_types.trust.customer_types has an unknown “CLUB”",
    ),
    ('["PRIVATE_COMPANY"]', "[]", "customer_types must be a list"),
    ('["PRIVATE_COMPANY"]', '"PRIVATE_COMPANY"', "customer_types must be a list"),
    ('["PRIVATE_COMPANY"]', '[["BANK"]]', "customer_types has an unknown"),
    ('"other"]', '"passport"]', "trust.documents has an unknown “passport”"),
    ('["trust_deed", "other"]', "[]", "trust.documents must be a list"),
    ("ownership = { required = true, threshold = 25 }", "", "ownership must be a"),
    ("{ required = true, threshold = 25 }", "25", "ownership must be a table"),
    ("required = true, threshold = 25", "threshold = 25", "required must be true or"),
    ("required = true, threshold", 'required = "yes", threshold', "true or false"),
    (", threshold = 25", "", "ownership.threshold must be a whole number above 0"),
    ("threshold = 25", "threshold = 0", "threshold must be a whole number above 0"),
    ("threshold = 25", "threshold = 101", "ownership.threshold is above 100"),
    ("threshold = 25", "threshold = 25.5", "threshold must be a whole number"),
    ("threshold = 25", "threshold = 25, limit = 1", "ownership.limit is not a known"),
    ("fields = []", "", "entity_types.trust.fields must be a list"),
    ("fields = []", 'fields = "none"', "entity_types.trust.fields must be a list"),
    ("fields = []", "fields = [5]", "entity_types.trust.fields must hold tables"),
    ('key = "number"', 'key = "Number"', "Number.key must be lower_snake_case"),
    ('key = "number"', 'key = "1st"', "1st.key must be lower_snake_case"),
    ('key = "number"', 'key = ""', "fields.key must be a text"),
    ('key = "number"', 'key = "size"', "individual.fields names “size” twice"),
    ('label = "Number"', "label = 5", "fields.number.label must be a text"),
    ('"Number", type = "text"', '"Number"', "fields.number.type must be a text"),
    ('"Number", type = "text"', '"N", type = "sum"', "type is an unknown “sum”"),
    ('"[0-9]{4}"', '"[0-9"', "fields.number.pattern is no pattern"),
    ('"[0-9]{4}"', "4", "fields.number.pattern is no pattern"),
    ('pattern = "[0-9]{4}"', "patern = 1", "fields.number.patern is not a known key"),
    (', choices = ["S", "L"]', "", "fields.size.choices belong to type “choice”"),
    ('["S", "L"]', "[]", "fields.size.choices belong to type “choice”"),
    ('["S", "L"]', '"SL"', "fields.size.choices must be a list of texts"),
    ('["S", "L"]', "[1, 2]", "fields.size.choices must be a list of texts"),
    ('type = "date"', 'type = "date", choices = ["a"]', "belong to type “choice”"),
    ("required = true }", 'required = "no" }', "birth_date.required must be true or"),
    ("required = true }", "required = true, help = 5 }", "birth_date.help must be a"),
]


def read(folder: Path, text: str, name: str = "shop.toml") -> Pack:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_pack(path)


def test_a_good_pack_is_read(tmp_path: Path) -> None:
    pack = read(tmp_path, GOOD)
    assert (pack.name, pack.title, pack.version) == ("shop", "Shop", 3)
    person, trust = pack.entity_types["individual"], pack.entity_types["trust"]
    assert [field.key for field in person.fields] == ["birth_date", "size", "number"]
    assert [field.required for field in person.fields] == [True, False, False]
    assert person.fields[1].choices == ("S", "L")
    assert (person.ownership_required, person.ownership_threshold) == (False, None)
    assert (trust.ownership_required, trust.ownership_threshold) == (True, 25)


@pytest.mark.parametrize(("good", "bad", "line"), BREAKAGES)
def test_a_broken_pack_is_refused_with_one_line(
    tmp_path: Path, good: str, bad: str, line: str
) -> None:
    assert good in GOOD
    # The last place: the first of two equal ones stands in another entity type.
    head, _, tail = GOOD.rpartition(good)
    with pytest.raises(BrokenPackError) as refusal:
        read(tmp_path, head + bad + tail)
    message = str(refusal.value)
    assert message.startswith("Pack shop.toml: ")
    assert line in message
    assert "\n" not in message


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    path.write_bytes(b'name = "\xff"')
    with pytest.raises(BrokenPackError, match=r"Pack shop\.toml: not TOML"):
        read_pack(path)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenPackError, match="name must be a text"):
        read(tmp_path, "")


def test_the_shipped_packs_are_fine() -> None:
    packs = load_packs()
    assert "bank" in packs
    assert set(packs["bank"].entity_types) == set(loader.ENTITY_TYPES)
    offered = {
        customer_type
        for form in packs["bank"].entity_types.values()
        for customer_type in form.customer_types
    }
    assert offered == set(loader.CUSTOMER_TYPES), "each customer type finds a form"


def test_a_broken_pack_stops_the_start_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shop.toml").write_text(GOOD.replace("version = 3", ""))
    monkeypatch.setattr(loader, "FOLDER", tmp_path)
    load_packs.cache_clear()
    try:
        with pytest.raises(BrokenPackError, match="version must be"):
            apps.get_app_config("tenants").ready()
    finally:
        load_packs.cache_clear()
