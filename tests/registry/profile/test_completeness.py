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
    "details": {**INDIVIDUAL_DETAILS, "occupation": "Nurse"}, "tier": 3,
}  # fmt: skip
COMPANY: dict[str, Any] = {
    "customer_type": "PRIVATE_COMPANY", "entity_type": "body_corporate",
    "email": "desk@mail.example", "phone": "+233244100002", "details": COMPANY_DETAILS,
    "tier": 4,
}  # fmt: skip
OF_FILE = [
    "email", "phone", "birth_date", "nationality", "address", "id_number", "occupation",
]  # fmt: skip
OF_PROFILE = [
    "gender", "marital_status", "education", "employment", "employer_category",
    "industry", "income", "source_of_funds",
]  # fmt: skip
OF_TIER = ["phone_verified", "id_document", "address_document", "kyc_verified"]
OF_OWNERS = [
    "phone_verified", "business_registration", "kyc_verified", "owners_verified",
]  # fmt: skip
NOBODY_YET = {**PERSON, "email": "", "phone": "", "details": {}}
IDLE = {**FULL, "employment": "retired", "employer_category": "", "industry": ""}
WITHOUT_ID = {k: v for k, v in PERSON["details"].items() if k != "id_number"}


@pytest.mark.parametrize(
    ("customer", "profile", "percent", "missing"),
    [
        # Of the highest tier, evidence is not asked for any more.
        (PERSON, FULL, 100, []),
        (PERSON, None, 46, OF_PROFILE),  # 7 of 15
        (PERSON, {}, 46, OF_PROFILE),
        (NOBODY_YET, None, 0, OF_FILE + OF_PROFILE),
        (NOBODY_YET, FULL, 53, OF_FILE),  # 8 of 15
        ({**PERSON, "email": ""}, FULL, 93, ["email"]),
        ({**PERSON, "details": {}}, FULL, 66, OF_FILE[2:]),
        ({**PERSON, "details": WITHOUT_ID}, FULL, 93, ["id_number"]),
        (PERSON, {**FULL, "income": ""}, 93, ["income"]),
        (PERSON, {**FULL, "employer_category": ""}, 93, ["employer_category"]),
        # Nobody asks the retired for their employer; what is on file does no harm.
        (PERSON, IDLE, 100, []),
        (PERSON, {**FULL, "employment": "student"}, 100, []),
        (COMPANY, None, 100, []),
        ({**COMPANY, "phone": ""}, None, 80, ["phone"]),
        ({**COMPANY, "details": {"country": "GHA"}}, None, 60,
         ["registration_number", "address"]),
        # Below it, what the next tier needs counts.
        ({**PERSON, "tier": 1}, FULL, 78, OF_TIER),  # 15 of 19
        ({**PERSON, "tier": 2}, FULL, 78, [*OF_TIER[1:3], "income_proof", OF_TIER[3]]),
        ({**COMPANY, "tier": 1}, None, 55, OF_OWNERS),  # 5 of 9
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
