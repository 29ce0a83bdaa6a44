"""What the bank asks of Sumsub."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings

from kyc.sumsub.errors import SumsubNotFound, SumsubRefused, SumsubUnreadable
from kyc.sumsub.images import ImageStream, parse_images
from kyc.sumsub.parse import parse_applicant
from kyc.sumsub.reading import text
from kyc.sumsub.transport import Timeout, Transport
from kyc.sumsub.types import ApplicantImage, ApplicantState, VerificationLink

# Seconds to connect and to answer. No call may run inside a transaction.
DEFAULT_TIMEOUT: Timeout = (3.05, 10.0)
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


class SumsubClient:
    """Speaks to one Sumsub account; safe to share between threads.

    Every method raises SumsubError and nothing else when Sumsub fails us.
    """

    def __init__(
        self,
        base_url: str,
        app_token: str,
        secret_key: str,
        timeout: Timeout = DEFAULT_TIMEOUT,
    ) -> None:
        self._transport = Transport(base_url, app_token, secret_key, timeout)

    def create_link(
        self,
        *,
        level: str,
        external_user_id: str,
        ttl_seconds: int,
        email: str = "",
        phone: str = "",
        language: str = "",
    ) -> VerificationLink:
        """Make a link under which the applicant verifies; one try only.

        The expiry is reckoned from before the request, so it errs on the early side.
        """
        asked_at = datetime.now(UTC)
        body: dict[str, Any] = {
            "levelName": level,
            "userId": external_user_id,
            "ttlInSecs": ttl_seconds,
        }
        if known := {k: v for k, v in (("email", email), ("phone", phone)) if v}:
            body["applicantIdentifiers"] = known
        query = f"?lang={quote(language, safe='')}" if language else ""
        answer = self._transport.post(
            f"/resources/sdkIntegrations/levels/-/websdkLink{query}", body
        )
        return VerificationLink(
            url=_link_in(answer),
            expires_at=asked_at + timedelta(seconds=ttl_seconds),
        )

    def applicant(self, applicant_id: str) -> ApplicantState:
        """Fetch the present state; raises SumsubNotFound where Sumsub shows none."""
        state = parse_applicant(
            self._transport.get(f"/resources/applicants/{_checked(applicant_id)}/one")
        )
        if state.applicant_id != applicant_id:
            raise SumsubUnreadable("Sumsub answered about another applicant.")
        return state

    def find_applicant(self, external_user_id: str) -> ApplicantState | None:
        """Fetch the state by our own customer id; None where Sumsub shows none."""
        if not external_user_id:
            raise SumsubRefused("An empty customer id names no applicant.")
        value = quote(external_user_id, safe="")
        try:
            answer = self._transport.get(
                f"/resources/applicants/-;externalUserId={value}/one"
            )
        except SumsubNotFound:
            return None
        state = parse_applicant(answer)
        if state.external_user_id != external_user_id:
            raise SumsubUnreadable("Sumsub answered about another applicant.")
        return state

    def images(self, applicant_id: str) -> list[ApplicantImage]:
        """List the images of the applicant's documents, the deactivated ones too."""
        return parse_images(
            self._transport.get(
                f"/resources/applicants/{_checked(applicant_id)}/metadata/resources"
            )
        )

    @contextmanager
    def image(
        self, inspection_id: str, image_id: str, *, limit_bytes: int
    ) -> Iterator[ImageStream]:
        """Open the bytes of one image: iterate over the stream inside the block.

        Asking again is done only before the first byte; a stream that breaks off
        raises SumsubUnavailable, and what was kept of it must be thrown away.
        """
        inspection = _checked(inspection_id, "inspection")
        image = _checked(image_id, "image")
        with self._transport.open(
            f"/resources/inspections/{inspection}/resources/{image}"
        ) as response:
            yield ImageStream(response, limit_bytes)

    def reset(self, applicant_id: str) -> None:
        """Start the applicant over; SumsubConflict while Sumsub checks."""
        self._transport.post_when_idle(
            f"/resources/applicants/{_checked(applicant_id)}/reset"
        )

    def move_to_level(self, applicant_id: str, level: str) -> None:
        """Put the applicant on another level; SumsubConflict while Sumsub checks."""
        self._transport.post_when_idle(
            f"/resources/applicants/{_checked(applicant_id)}"
            f"/moveToLevel?name={quote(level, safe='')}"
        )


def get_sumsub() -> SumsubClient:
    """Return the client for the account named in settings."""
    return _client(
        settings.SUMSUB_BASE_URL,
        settings.SUMSUB_APP_TOKEN,
        settings.SUMSUB_SECRET_KEY,
        settings.SUMSUB_TIMEOUT,
    )


@lru_cache(maxsize=4)
def _client(
    base_url: str, app_token: str, secret_key: str, timeout: Timeout
) -> SumsubClient:
    """Keep the connections open between calls."""
    return SumsubClient(base_url, app_token, secret_key, timeout)


def _checked(their_id: str, what: str = "applicant") -> str:
    """Refuse what could leave its place in the path, such as ``..``."""
    if not _ID.fullmatch(their_id):
        raise SumsubRefused(f"This is not an {what} id of Sumsub.")
    return their_id


def _link_in(answer: Any) -> str:
    """Take the link out of the answer; it ends up in an href, so look at it."""
    url = text(answer, "url", limit=2000) if isinstance(answer, dict) else ""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise SumsubUnreadable("Sumsub's answer holds no verification link.")
    return url
