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

[letters]
risk_appetite = "ended_appetite"
cdd_non_compliance = "ended_cdd"
customer_request = "ended_request"
regulatory_direction = "ended_direction"

[[routing]]
key = "electronic"
entity_types = ["trust"]
payment = "electronic"
outcome = "referred"
help = "Referred."

[risk]
services = [{ key = "cash", label = "Cash", help = "Much.", ratings = ["low", "high"] }]
customers = [{ key = "pep", label = "P", help = "Who.", ratings = ["high", "na"] }]
delivery_channels = [{ key = "far", label = "F", help = "H.", ratings = ["high", "low"] }]
countries = [{ key = "land", label = "L", help = "I.", by_index = true, ratings = ["high", "medium", "low"] }]
"""  # noqa: E501 - TOML wants an inline table on one line

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
    ('"other"]', '"trust_deed"]', "trust.documents names “trust_deed” twice"),
    ('["S", "L"]', '["S", "S"]', "size.choices names “S” twice"),
    ('"[0-9]{4}"', '"(a+)+"', "number.pattern is refused: it can match in too many"),
    ('"[0-9]{4}"', "'(a)\\1'", "number.pattern is refused: it refers back"),
    ('"[0-9]{4}"', '"(?=a)a"', "number.pattern is refused: it looks ahead"),
    ('"[0-9]{4}"', f'"{"a" * 201}"', "number.pattern is refused: it is longer than"),
    ("[letters]", "[leters]", "leters is not a known key"),
    ('risk_appetite = "ended_appetite"', "", "letters.risk_appetite must be a text"),
    ('"ended_cdd"', '"../secret"', "letters.cdd_non_compliance must be lower_snake"),
    ('"ended_cdd"', '"a"\nother = "b"', "letters.other is not a known key"),
    ("[[routing]]", "[routing]", "routing must be a list"),
    ('"electronic"\nentity', '"E"\nentity', "routing.E.key must be lower_snake_case"),
    ('["trust"]', '["club"]', "routing.electronic.entity_types has an unknown “club”"),
    ('payment = "electronic"', 'payment = "gold"', "payment is an unknown “gold”"),
    ('"referred"', '"served"', "routing.electronic.outcome is an unknown “served”"),
    ('help = "Referred."', "", "routing.electronic.help must be a text"),
    ('help = "Referred."', 'help = "R."\nx = 1', "electronic.x is not a known key"),
    ("services = [", "wares = [", "risk.wares is not a group of risk factors"),
    ("services = [{", "services = [] #", "risk.services must name a factor"),
    ("services = [{", "# [{", "risk.services must be a list"),
    ("services = [{", "services = [5] #", "risk.services must hold tables"),
    ('key = "pep"', 'key = "cash"', "risk names “cash” twice"),
    ('key = "pep"', 'key = "Pep"', "risk.customers.Pep.key must be lower_snake_case"),
    ('key = "pep", label = "P"', 'key = "pep"', "risk.customers.pep.label must be"),
    ('help = "Who."', "colour = 1", "risk.customers.pep.colour is not a known key"),
    ('["high", "na"]', '["high", "grave"]', "pep.ratings has an unknown “grave”"),
    ('["high", "na"]', '["high", "high"]', "pep.ratings names “high” twice"),
    ('["high", "na"]', '["high"]', "pep.ratings must leave a choice"),
    ('["high", "na"]', '["high", "na"], by_index = true', "belongs to group “count"),
    ('["high", "medium", "low"]', '["high", "low"]', "must have all that the index"),
    ("by_index = true", 'by_index = "yes"', "land.by_index must be true or false"),
    ("version = 3", 'version = 3\nextends = "shop"', "extends must be a table"),
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


def test_what_a_pack_lists_besides_its_forms(tmp_path: Path) -> None:
    pack = read(tmp_path, GOOD)
    groups = [(factor.group, factor.key, factor.by_index) for factor in pack.risk]
    assert groups == [
        ("services", "cash", False), ("customers", "pep", False),
        ("delivery_channels", "far", False), ("countries", "land", True),
    ]  # fmt: skip
    assert pack.risk[0].ratings == ("high", "low"), "the worst first, as they are shown"
    assert pack.letters["risk_appetite"] == "ended_appetite"
    assert [route.help for route in pack.routes_of("trust")] == ["Referred."]
    assert pack.routes_of("individual") == []


def test_a_jeweller_refers_organisations_that_pay_electronically() -> None:
    jeweller = load_packs()["jeweller"]
    for entity_type in jeweller.entity_types:
        routes = jeweller.routes_of(entity_type)
        assert [(r.payment, r.outcome) for r in routes] == (
            [] if entity_type == "individual" else [("electronic", "referred")]
        )


@pytest.mark.parametrize("name", ["bank", "jeweller", "accountant", "real_estate"])
def test_each_pack_serves_all_and_rates_countries_by_the_index(name: str) -> None:
    pack = load_packs()[name]
    assert set(pack.entity_types) == set(loader.ENTITY_TYPES)
    assert {factor.group for factor in pack.risk} == set(loader.RISK_GROUPS)
    assert sum(factor.by_index for factor in pack.risk) == 1
    assert len(pack.letters) == 4


# --- a pack that extends another ------------------------------------------------------
CHILD = """
name = "child"
title = "Child"
version = 1
extends = { pack = "shop", version = 3 }
"""


def extended(folder: Path, child: str = CHILD, shop: str = GOOD) -> Pack:
    (folder / "shop.toml").write_text(shop, encoding="utf-8")
    return read(folder, child, "child.toml")


def test_a_pack_takes_over_what_it_does_not_name(tmp_path: Path) -> None:
    own = """
[risk]
services = [{ key = "gold", label = "G", help = "H.", ratings = ["high", "na"] }]
"""
    pack, shop = extended(tmp_path, CHILD + own), read(tmp_path, GOOD)
    assert (pack.name, pack.title, pack.version) == ("child", "Child", 1)
    assert pack.entity_types == shop.entity_types
    assert pack.letters == shop.letters
    assert [f.key for f in pack.risk] == ["gold", "pep", "far", "land"]
    assert pack.routing == (), "what is referred is never taken over"


@pytest.mark.parametrize(
    ("good", "bad", "line"),
    [
        ('"shop"', '"shap"', "child.toml: extends.pack is an unknown “shap”"),
        ('"shop"', '"../shop"', "child.toml: extends.pack is an unknown “../shop”"),
        ('"shop"', '"child"', "goes in a circle: child → child"),
        ("version = 3", "version = 2", "extends.version is 2, but shop is at 3"),
        (", version = 3", "", "child.toml: extends.version must be a whole number"),
        ("version = 3", "version = 3, x = 1", "extends.x is not a known key"),
        (
            "version = 3 }",
            "version = 3 }\nrisk = 5",
            "child.toml: risk must be a table",
        ),
    ],
)
def test_a_broken_extension_is_refused(
    tmp_path: Path, good: str, bad: str, line: str
) -> None:
    assert good in CHILD
    with pytest.raises(BrokenPackError) as refusal:
        extended(tmp_path, CHILD.replace(good, bad))
    assert line in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_circle_of_packs_is_refused(tmp_path: Path) -> None:
    back = 'version = 3\nextends = { pack = "child", version = 1 }'
    with pytest.raises(BrokenPackError, match="circle: child → shop → child"):
        extended(tmp_path, shop=GOOD.replace("version = 3", back))


def test_what_is_wrong_there_is_said_of_that_file(tmp_path: Path) -> None:
    with pytest.raises(BrokenPackError, match=r"Pack shop\.toml: title must be"):
        extended(tmp_path, shop=GOOD.replace('title = "Shop"', ""))


def test_a_broken_pack_stops_the_start_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shop.toml").write_text(GOOD.replace("version = 3", ""))
    monkeypatch.setattr(loader, "FOLDER", tmp_path)
    load_packs.cache_clear()
    try:
        with pytest.raises(SystemExit, match="version must be"):
            apps.get_app_config("tenants").ready()
    finally:
        load_packs.cache_clear()
