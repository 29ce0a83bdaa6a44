"""A callback counts only with the right digest, and never makes the reader fall."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kyc.sumsub.errors import UnreadableCallback
from kyc.sumsub.event_types import (
    ACTION_EVENTS,
    INFO_EVENTS,
    KNOWN_EVENTS,
    OTHER_EVENTS,
    STATE_EVENTS,
)
from kyc.sumsub.webhook import digest_of, parse_callback, verify_digest

PAYLOADS = Path(__file__).parent.parent / "payloads" / "sumsub"
SECRET = "whsec-demo-4f1c9a"
BODY_A = b'{"type":"applicantPending","applicantId":"66aa00000000000000000001"}'
BODY_B = (
    "{\n"
    '  "applicantId" : "66aa00000000000000000001",\n'
    '  "type" : "applicantReviewed",\n'
    '  "reviewResult" : {\n'
    '    "reviewAnswer" : "GREEN"\n'
    "  },\n"
    '  "reviewStatus" : "completed",\n'
    '  "createdAtMs" : "2026-01-15 10:20:30.456",\n'
    '  "note" : "Zo\u00eb"\n'
    "}"
).encode()

SHA1, SHA256, SHA512 = "HMAC_SHA1_HEX", "HMAC_SHA256_HEX", "HMAC_SHA512_HEX"
B_SHA256 = "2dfa6908c42ab5a4cf9e5f8eaf832626c865213d1ac9ce5ffede26a827f8dfd8"
WORKED = [
    (BODY_A, SHA1, "852965a68fc7abd3a5992c32badde4d9b078a529"),
    (
        BODY_A,
        SHA256,
        "0e34a4f45efbaba0663f39313a4e9d0ced919245d0800ed3c2525cd0ff4f5ca3",
    ),
    (
        BODY_A,
        SHA512,
        (
            "3d8b58b513464f1316bb200820b793848ee1736fe9afc15ba081d7db1626cf11"
            "f85cd48c00e4444bded174e044725c16c04506af41891dfe2c4e357d082785e8"
        ),
    ),
    (BODY_B, SHA1, "0755b7971fa44afc0d67c111825fc4f2097cca63"),
    (BODY_B, SHA256, B_SHA256),
    (
        BODY_B,
        SHA512,
        (
            "d7c2253d1b053b8fcca6ea2b02a2fdeda77d4d52c66b68ddeae26a8f038ac695"
            "71e818451de23b8ff05dfd328ca4effdf74a3b090ab0bee6a393aa30dff3d6df"
        ),
    ),
]


def verified(
    body: bytes = BODY_B,
    digest: str | None = B_SHA256,
    algorithm: str | None = SHA256,
    secrets: tuple[str, ...] = (SECRET,),
    expected: str = SHA256,
) -> bool:
    return verify_digest(
        body,
        digest=digest,
        algorithm=algorithm,
        secrets=secrets,
        expected_algorithm=expected,
    )


@pytest.mark.parametrize(("body", "algorithm", "digest"), WORKED)
def test_worked_digests(body: bytes, algorithm: str, digest: str) -> None:
    assert verified(body, digest, algorithm, expected=algorithm)


def test_bodies_are_those_of_the_worked_examples() -> None:
    assert len(BODY_A) == 68
    assert len(BODY_B) == 231


def test_body_dumped_anew_does_not_verify() -> None:
    anew = json.dumps(json.loads(BODY_B)).encode()
    assert digest_of(anew, secret=SECRET, algorithm=SHA256) == (
        "61668558ae4779c81aae9653bd068a8a4cd5d5e0bd145c2967a20ba7b8227945"
    )
    assert not verified(anew)


def test_trailing_newline_does_not_verify() -> None:
    assert digest_of(BODY_B + b"\n", secret=SECRET, algorithm=SHA256) == (
        "9a8a1606ec83a66a368ace42805337aac77155e3afa3d07635b7ee285e762874"
    )
    assert not verified(BODY_B + b"\n")


def test_header_may_not_choose_a_weaker_algorithm() -> None:
    sha1 = "0755b7971fa44afc0d67c111825fc4f2097cca63"
    assert verified(digest=sha1, algorithm=SHA1, expected=SHA1)
    assert not verified(digest=sha1, algorithm=SHA1)
    assert not verified(digest=sha1, algorithm=None)


@pytest.mark.parametrize("algorithm", [None, "", "hmac_sha256_hex", "none", SHA512])
def test_other_or_missing_algorithm_is_refused(algorithm: str | None) -> None:
    assert not verified(algorithm=algorithm)


def test_unknown_configured_algorithm_is_refused() -> None:
    assert not verified(algorithm="MD5", expected="MD5")


@pytest.mark.parametrize(
    "digest",
    [
        None,
        "",
        B_SHA256.upper(),
        B_SHA256 + "\n",
        " " + B_SHA256,
        B_SHA256[:-1],
        B_SHA256 + "0",
        "é" * 64,
        "\u0661" * 64,
    ],
)
def test_misshapen_digest_is_refused(digest: str | None) -> None:
    assert not verified(digest=digest)


def test_every_secret_is_tried() -> None:
    assert verified(secrets=("newer", SECRET))
    assert verified(secrets=(SECRET, "older"))
    assert not verified(secrets=("newer", "older"))
    assert not verified(secrets=())


def test_empty_secret_opens_nothing() -> None:
    digest = digest_of(BODY_B, secret="", algorithm=SHA256)
    assert not verified(digest=digest, secrets=("",))


def test_w1_created() -> None:
    notice = parse_callback((PAYLOADS / "w1_created.json").read_bytes())
    assert notice.type == "applicantCreated"
    assert notice.applicant_id == "66aa00000000000000000001"
    assert notice.inspection_id == "66aa00000000000000000002"
    assert notice.applicant_type == "individual"
    assert notice.external_user_id == "cust-1001"
    assert notice.correlation_id == "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
    assert notice.level_name == "basic-kyc-level"
    assert notice.review_status == "init"
    assert notice.review_answer == ""
    assert notice.is_sandbox is True
    assert notice.is_test is False
    assert notice.member_of == ()
    assert notice.created_at == datetime(2026, 1, 15, 10, 0, 0, 120000, tzinfo=UTC)
    assert notice.created_at_text == "2026-01-15 10:00:00.120"


def test_w2_resubmission_asked() -> None:
    notice = parse_callback((PAYLOADS / "w2_resubmission_asked.json").read_bytes())
    assert (notice.review_status, notice.review_answer, notice.reject_type) == (
        "completed",
        "RED",
        "RETRY",
    )


def test_w3_reset_keeps_its_status_beside_the_stale_answer() -> None:
    notice = parse_callback((PAYLOADS / "w3_reset_after_approval.json").read_bytes())
    assert notice.type == "applicantReset"
    assert (notice.review_status, notice.review_answer) == ("init", "GREEN")


def test_w4_names_the_company() -> None:
    notice = parse_callback((PAYLOADS / "w4_beneficiary_verdict.json").read_bytes())
    assert notice.member_of == ("66aa00000000000000000021",)


def callback(**fields: Any) -> Any:
    return parse_callback(json.dumps({"type": "applicantPending", **fields}).encode())


def test_memberships_may_be_plain_strings() -> None:
    entries = ["a1", {"applicantId": "a2"}, {"applicantId": None}, 7, None, "a1"]
    assert callback(applicantMemberOf=entries).member_of == ("a1", "a2")
    assert callback(applicantMemberOf=None).member_of == ()


@pytest.mark.parametrize(
    ("flag", "expected"),
    [
        (True, True),
        ("true", True),
        (False, False),
        ("false", False),
        (None, None),
        ("", None),
        ("False", None),
        (0, None),
        (1, None),
        ([], None),
    ],
)
def test_sandbox_flag_is_read_strictly(flag: Any, expected: bool | None) -> None:
    assert callback(sandboxMode=flag).is_sandbox is expected


def test_absent_sandbox_flag_is_unknown() -> None:
    assert callback().is_sandbox is None


def test_created_at_stands_in_for_the_milliseconds() -> None:
    notice = callback(createdAt="2026-01-15 10:00:00+0000")
    assert notice.created_at == datetime(2026, 1, 15, 10, tzinfo=UTC)
    assert notice.created_at_text == "2026-01-15 10:00:00+0000"
    assert callback(createdAtMs="yesterday").created_at is None


def test_nul_and_lone_surrogates_are_dropped() -> None:
    body = b'{"type":"a\\u0000b\\ud800c"}'
    assert parse_callback(body).type == "abc"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b'{"type":"\xff"}',
        '{"type":"a"}'.encode("utf-16"),
        b'{"type":"a","type":"b"}',
        b'{"type":"a","reviewResult":{"reviewAnswer":"RED","reviewAnswer":"GREEN"}}',
        b'{"type":NaN}',
        b'{"n":1e9999999999999999999}' * 2,
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"n":' + b"9" * 5000 + b"}",
        json.dumps({"type": "x" * 65}).encode(),
        json.dumps({"externalUserId": "x" * 256}).encode(),
        json.dumps({"applicantMemberOf": ["x" * 65]}).encode(),
        json.dumps({"applicantMemberOf": ["x"] * 101}).encode(),
        json.dumps({"reviewResult": {"reviewAnswer": "x" * 65}}).encode(),
    ],
)
def test_unreadable_callbacks(body: bytes) -> None:
    with pytest.raises(UnreadableCallback):
        parse_callback(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
FIELDS = [
    *("type", "applicantId", "reviewResult", "applicantMemberOf"),
    *("createdAtMs", "createdAt", "sandboxMode", "testMode"),
]


@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_odd_values_raise_nothing_but_the_typed_error(fields: dict[str, Any]) -> None:
    with suppress(UnreadableCallback):
        parse_callback(json.dumps(fields).encode())


@given(st.binary())
def test_any_bytes_raise_nothing_but_the_typed_error(body: bytes) -> None:
    with suppress(UnreadableCallback):
        parse_callback(body)


def test_groups_of_event_types_do_not_overlap() -> None:
    groups = [STATE_EVENTS, INFO_EVENTS, ACTION_EVENTS, OTHER_EVENTS]
    assert sum(len(group) for group in groups) == len(KNOWN_EVENTS) == 41
    assert all(name.startswith("applicantAction") for name in ACTION_EVENTS)
    assert "applicantReset" in STATE_EVENTS
    assert "applicantTagsChanged" not in STATE_EVENTS
