"""How complete a file is: a table of cases, and the way to each missing field."""

from typing import Any

import pytest

from customers.registry.models import Customer, Profile
from customers.registry.profile.completeness import completeness
from customers.registry.profile.questions import QUESTIONS
from tenants.models import Tenant
from tests.conftest import COMPANY_DETAILS, INDIVIDUAL_DETAILS
from tests.registry.profile.conftest import FULL

BANK = Tenant(pack="bank")
PERSON: dict[str, Any] = {
    "customer_type": "INDIVIDUAL", "entity_type": "individual",
    "email": "ama@mail.example", "phone": "+233244100001",
    "details": {**INDIVIDUAL_DETAILS, "occupation": "Nurse"},
}  # fmt: skip
COMPANY: dict[str, Any] = {
    "customer_type": "PRIVATE_COMPANY", "entity_type": "body_corporate",
    "email": "desk@mail.example", "phone": "+233244100002", "details": COMPANY_DETAILS,
}  # fmt: skip
OF_FILE = ["email", "phone", "birth_date", "nationality", "address", "occupation"]
OF_PROFILE = [
    "gender", "marital_status", "education", "employment", "employer_category",
    "industry", "income", "source_of_funds",
]  # fmt: skip
NOBODY_YET = {**PERSON, "email": "", "phone": "", "details": {}}
IDLE = {**FULL, "employment": "retired", "employer_category": "", "industry": ""}


@pytest.mark.parametrize(
    ("customer", "profile", "percent", "missing"),
    [
        (PERSON, FULL, 100, []),
        (PERSON, None, 42, OF_PROFILE),  # 6 of 14
        (PERSON, {}, 42, OF_PROFILE),
        (NOBODY_YET, None, 0, OF_FILE + OF_PROFILE),
        (NOBODY_YET, FULL, 57, OF_FILE),  # 8 of 14
        ({**PERSON, "email": ""}, FULL, 92, ["email"]),
        ({**PERSON, "details": {}}, FULL, 71, OF_FILE[2:]),
        (PERSON, {**FULL, "income": ""}, 92, ["income"]),
        (PERSON, {**FULL, "employer_category": ""}, 92, ["employer_category"]),
        # Nobody asks the retired for their employer; what is on file does no harm.
        (PERSON, IDLE, 100, []),
        (PERSON, {**FULL, "employment": "student"}, 100, []),
        (COMPANY, None, 100, []),
        ({**COMPANY, "phone": ""}, None, 80, ["phone"]),
        ({**COMPANY, "details": {"country": "GHA"}}, None, 60,
         ["registration_number", "address"]),
    ],
)  # fmt: skip
def test_completeness(
    customer: dict[str, Any], profile: dict[str, str] | None, percent: int,
    missing: list[str],
) -> None:  # fmt: skip
    row = Customer(tenant=BANK, **customer)
    # Without a database: what is on the object is all that is looked at.
    fields_cache = row._state.fields_cache
    fields_cache["profile"] = None if profile is None else Profile(**profile)
    found = completeness(row)
    assert [item.field for item in found.missing] == missing
    assert found.percent == percent


def test_each_missing_item_knows_its_page_and_field() -> None:
    row = Customer(tenant=BANK, **NOBODY_YET)
    row._state.fields_cache["profile"] = None
    for item in completeness(row).missing:
        assert item.page == ("profile" if item.field in OF_PROFILE else "edit")
        assert item.anchor == f"id_{item.field}"


def test_only_all_of_it_is_a_hundred() -> None:
    """99.6 must not be shown as 100 while something is missing."""
    for question in QUESTIONS:
        said = {**FULL, question.key: ""}
        row = Customer(tenant=BANK, **PERSON)
        row._state.fields_cache["profile"] = Profile(**said)
        found = completeness(row)
        assert (found.percent == 100) is (not found.missing)
