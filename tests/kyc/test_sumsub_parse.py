"""Sumsub's answers become our types; what is missing stays missing."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kyc.sumsub.errors import SumsubUnreadable
from kyc.sumsub.parse import parse_applicant, parse_body, parse_review
from kyc.sumsub.reading import instant
from kyc.sumsub.types import Beneficiary, IdDocument, Review, Verdict

PAYLOADS = Path(__file__).parent.parent / "payloads" / "sumsub"

PERSON = {
    "id": "66aa00000000000000000001",
    "type": "individual",
    "info": {
        "firstName": "Zoë",
        "dob": "1990-02-28",
        "addresses": [
            {"street": "Main 1", "town": "Bonn", "postCode": "53111", "country": "DEU"}
        ],
        "idDocs": [
            {
                "idDocType": "PASSPORT",
                "country": "DEU",
                "number": "C01X00T47",
                "issuedDate": "2020-01-01",
                "validUntil": "2030-01-01",
            },
            "not an object",
        ],
    },
    "fixedInfo": {
        "firstName": "Zoe",
        "lastName": "Beispiel",
        "nationality": "DEU",
        "dob": "1991-01-01",
        "addresses": [{"formattedAddress": "Elsewhere 2"}],
    },
    "review": {"reviewStatus": "completed", "reviewResult": {"reviewAnswer": "GREEN"}},
}


def test_a1_company_on_hold() -> None:
    state = parse_body((PAYLOADS / "a1_company.json").read_bytes())
    assert state.applicant_id == "66aa00000000000000000021"
    assert state.inspection_id == "66aa00000000000000000022"
    assert state.external_user_id == "org-77"
    assert state.applicant_type == "company"
    assert state.created_at == datetime(2026, 2, 1, 8, tzinfo=UTC)
    assert state.is_deleted is False
    assert state.person is None
    assert state.review.level == "kyb-level"
    assert state.review.attempt_count == 1
    assert state.review.review_id == "rVw01"
    assert state.review.answer == "GREEN"
    assert state.review.verdict is Verdict.NONE
    company = state.company
    assert company is not None
    assert company.name == "Demo Trading GmbH"
    assert company.registration_number == "HRB 12345"
    assert company.country == "DEU"
    assert company.legal_address == "Musterweg 1, 10115 Berlin"
    assert company.incorporated_on == date(2015, 4, 1)
    assert company.legal_form == company.tax_id == ""
    assert company.beneficiaries == (
        Beneficiary(
            link_id="ben-1",
            applicant_id="66aa00000000000000000031",
            roles=("ubo", "director"),
            share_percent=Decimal("60.0"),
        ),
        Beneficiary(
            link_id="ben-2",
            roles=("shareholder",),
            share_percent=Decimal("40.0"),
            first_name="Ada",
            last_name="Sample",
        ),
    )


def test_person_read_off_the_document_wins_over_what_was_stated() -> None:
    person = parse_applicant(PERSON).person
    assert person is not None
    assert person.first_name == "Zoë"
    assert person.last_name == "Beispiel"
    assert person.middle_name == person.gender == person.country_of_birth == ""
    assert person.birth_date == date(1990, 2, 28)
    assert person.nationality == "DEU"
    assert person.address == "Main 1, Bonn, 53111, DEU"
    assert person.documents == (
        IdDocument("PASSPORT", "DEU", "C01X00T47", date(2020, 1, 1), date(2030, 1, 1)),
    )


def test_nothing_known_is_no_person_and_no_company() -> None:
    state = parse_applicant({"id": "a1"})
    assert state.person is None
    assert state.company is None
    assert state.review == Review()
    assert state.review.verdict is Verdict.NONE


def test_older_company_product_keeps_its_people_in_info() -> None:
    people = [
        {"applicant": {"id": "p1"}, "positions": ["director"], "type": "ubo"},
        {"applicantId": "p2", "type": "shareholder", "shareSize": 101},
    ]
    state = parse_applicant(
        {
            "id": "c1",
            "type": "company",
            "info": {"companyInfo": {"companyName": "Old", "beneficiaries": people}},
        }
    )
    assert state.company is not None
    assert state.company.beneficiaries == (
        Beneficiary(applicant_id="p1", roles=("ubo", "director")),
        Beneficiary(applicant_id="p2", roles=("shareholder",)),
    )


def test_person_named_in_both_places_is_listed_once_with_all_roles() -> None:
    state = parse_applicant(
        {
            "id": "c1",
            "type": "company",
            "info": {
                "companyInfo": {
                    "beneficiaries": [{"applicantId": "p1", "types": ["shareholder"]}]
                }
            },
            "fixedInfo": {
                "companyInfo": {
                    "beneficiaries": [
                        {"id": "l1", "applicantId": "p1", "types": ["ubo"]},
                        {"id": "l1", "applicantId": "p2", "types": ["ubo"]},
                    ]
                }
            },
        }
    )
    assert state.company is not None
    assert state.company.beneficiaries == (
        Beneficiary(link_id="l1", applicant_id="p1", roles=("shareholder", "ubo")),
        Beneficiary(link_id="l1", applicant_id="p2", roles=("ubo",)),
    )


@pytest.mark.parametrize(
    ("status", "answer", "reject_type", "verdict"),
    [
        ("completed", "GREEN", "", Verdict.APPROVED),
        ("completed", "RED", "RETRY", Verdict.RESUBMIT),
        ("completed", "RED", "FINAL", Verdict.REJECTED),
        ("completed", "RED", "", Verdict.UNDECIDED),
        ("completed", "RED", "LATER", Verdict.UNDECIDED),
        ("completed", "YELLOW", "", Verdict.UNDECIDED),
        ("completed", "green", "", Verdict.UNDECIDED),
        ("completed", "", "", Verdict.UNDECIDED),
        ("init", "GREEN", "", Verdict.NONE),
        ("awaitingService", "GREEN", "", Verdict.NONE),
        ("prechecked", "RED", "FINAL", Verdict.NONE),
        ("", "GREEN", "", Verdict.NONE),
    ],
)
def test_verdicts(status: str, answer: str, reject_type: str, verdict: Verdict) -> None:
    review = parse_review(
        {
            "reviewStatus": status,
            "reviewResult": {"reviewAnswer": answer, "reviewRejectType": reject_type},
        }
    )
    assert review.verdict is verdict


def test_review_of_w2() -> None:
    callback = json.loads((PAYLOADS / "w2_resubmission_asked.json").read_bytes())
    review = parse_review(callback)
    assert review.verdict is Verdict.RESUBMIT
    assert review.labels == ("INCOMPLETE_DOCUMENT", "UNSATISFACTORY_PHOTOS")
    assert review.moderation_comment == "Please photograph the whole page."
    assert review.client_comment == "Corner cut off on front image."


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-02-01 08:00:00", datetime(2026, 2, 1, 8, tzinfo=UTC)),
        ("2026-02-01 08:00:00+0000", datetime(2026, 2, 1, 8, tzinfo=UTC)),
        ("2026-02-01 08:00:00+0200", datetime(2026, 2, 1, 6, tzinfo=UTC)),
        ("2026-02-01 08:00:00.250", datetime(2026, 2, 1, 8, 0, 0, 250000, tzinfo=UTC)),
        ("0001-01-01 00:00:00+2359", None),
        ("2026-02-30 08:00:00", None),
        ("2026-02-01", None),
        ("", None),
        (1768472430, None),
        (None, None),
    ],
)
def test_date_styles(written: Any, expected: datetime | None) -> None:
    assert instant({"at": written}, "at") == expected


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'"x"',
        b"{}",
        b'{"id":null}',
        b'{"id":{}}',
        b'{"id":"a","id":"b"}',
        b"[" * 50_000,
    ],
)
def test_unreadable_answers(body: bytes) -> None:
    with pytest.raises(SumsubUnreadable):
        parse_body(body)


@pytest.mark.parametrize("name", ["info", "fixedInfo", "review", "deleted", "type"])
@pytest.mark.parametrize("value", ["text", 7, [], [1], True, None, {"x": 1}])
def test_wrong_types_are_absent_values(name: str, value: Any) -> None:
    state = parse_applicant({"id": "a1", name: value})
    assert state.person is None
    assert state.company is None


def test_nul_never_reaches_a_column() -> None:
    person = parse_applicant(
        json.loads(b'{"id":"a1","info":{"firstName":"A\\u0000d\\udfffa"}}')
    ).person
    assert person is not None
    assert person.first_name == "Ada"


NAMES = st.sampled_from(
    [
        *("id", "type", "info", "fixedInfo", "review", "reviewResult", "rejectLabels"),
        *("attemptCnt", "dob", "addresses", "idDocs", "companyInfo", "beneficiaries"),
        *("applicant", "types", "shareSize", "createdAt", "deleted", "country"),
        *("beneficiaryInfo", "companyName", "incorporatedOn", "firstName"),
    ]
)
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6)
    ),
    max_leaves=25,
)


@given(st.dictionaries(NAMES, ODD).map(lambda d: {"id": "a1", **d}))
def test_odd_shapes_raise_nothing_but_the_typed_error(answer: dict[str, Any]) -> None:
    with suppress(SumsubUnreadable):
        assert parse_applicant(answer).applicant_id
        parse_body(json.dumps(answer).encode())


@given(st.binary())
def test_any_bytes_raise_nothing_but_the_typed_error(body: bytes) -> None:
    with suppress(SumsubUnreadable):
        parse_body(body)
