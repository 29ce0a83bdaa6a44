"""Check and read what Sumsub posts to us."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Any

from kyc.sumsub.errors import UnreadableCallback
from kyc.sumsub.reading import (
    Json,
    UnreadableJsonError,
    clean,
    instant,
    section,
    strict_json,
)
from kyc.sumsub.types import CallbackNotice

ALGORITHMS = {
    "HMAC_SHA1_HEX": hashlib.sha1,
    "HMAC_SHA256_HEX": hashlib.sha256,
    "HMAC_SHA512_HEX": hashlib.sha512,
}
_LOWER_HEX = re.compile(r"[0-9a-f]+", re.ASCII)
_ID_LENGTH = 64
_NAME_LENGTH = 255
_MEMBERSHIPS = 100  # a person in more companies than this is no callback of ours


def digest_of(body: bytes, *, secret: str, algorithm: str) -> str:
    """Return the lowercase hex HMAC of the raw body; KeyError for an unknown name."""
    return hmac.new(secret.encode(), body, ALGORITHMS[algorithm]).hexdigest()


def verify_digest(
    body: bytes,
    *,
    digest: str | None,
    algorithm: str | None,
    secrets: Sequence[str],
    expected_algorithm: str,
) -> bool:
    """Tell whether one of our secrets signed exactly these bytes.

    Only the configured algorithm counts: the sender does not choose a weaker one,
    and a missing algorithm header is refused. Every secret is tried, an empty one
    never.
    """
    if algorithm != expected_algorithm or expected_algorithm not in ALGORITHMS:
        return False
    length = ALGORITHMS[expected_algorithm]().digest_size * 2
    if not digest or len(digest) != length or not _LOWER_HEX.fullmatch(digest):
        return False
    matches = [
        hmac.compare_digest(
            digest, digest_of(body, secret=secret, algorithm=expected_algorithm)
        )
        for secret in secrets
        if secret
    ]
    return any(matches)


def parse_callback(body: bytes) -> CallbackNotice:
    """Read a callback body; raises UnreadableCallback.

    Names and ids are refused when oversized, never cut: half an id is another id.
    """
    try:
        notice = strict_json(body)
    except UnreadableJsonError as error:
        raise UnreadableCallback(f"The callback cannot be read: {error}.") from error
    if not isinstance(notice, dict):
        raise UnreadableCallback("The callback is not a JSON object.")
    result = section(notice, "reviewResult")
    return CallbackNotice(
        type=_word(notice, "type"),
        applicant_id=_word(notice, "applicantId"),
        inspection_id=_word(notice, "inspectionId"),
        applicant_type=_word(notice, "applicantType"),
        correlation_id=_word(notice, "correlationId"),
        external_user_id=_word(notice, "externalUserId", _NAME_LENGTH),
        level_name=_word(notice, "levelName", _NAME_LENGTH),
        review_status=_word(notice, "reviewStatus"),
        review_answer=_word(result, "reviewAnswer"),
        reject_type=_word(result, "reviewRejectType"),
        created_at=instant(notice, "createdAtMs") or instant(notice, "createdAt"),
        created_at_text=_word(notice, "createdAtMs") or _word(notice, "createdAt"),
        is_sandbox=_flag(notice.get("sandboxMode")),
        is_test=_flag(notice.get("testMode")) is True,
        member_of=_member_of(notice.get("applicantMemberOf")),
        action_id=_word(notice, "applicantActionId"),
    )


def _word(source: Json, name: str, limit: int = _ID_LENGTH) -> str:
    """Return a short string, "" when it is absent or no string at all."""
    value = source.get(name)
    if not isinstance(value, str):
        return ""
    if len(value) > limit:
        raise UnreadableCallback(f"The callback's field {name} is oversized.")
    return clean(value)


def _flag(value: Any) -> bool | None:
    """Read a switch strictly: the string "false" is known to occur and is false."""
    if value is True or value == "true":
        return True
    if value is False or value == "false":
        return False
    return None


def _member_of(value: Any) -> tuple[str, ...]:
    """List the companies a person belongs to; entries are objects or plain ids."""
    if not isinstance(value, list):
        return ()
    if len(value) > _MEMBERSHIPS:
        raise UnreadableCallback("The callback's field applicantMemberOf is oversized.")
    entries = (e if isinstance(e, dict) else {"applicantId": e} for e in value)
    ids = (_word(entry, "applicantId") for entry in entries)
    return tuple(dict.fromkeys(i for i in ids if i))
