"""Callbacks as Sumsub writes and signs them, each one different."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.conf import settings

from kyc.sumsub.webhook import digest_of


class Callbacks:
    """Gives bodies that this database has not seen, about these customers in turn.

    The applicant is new each time, as in the first callback of an attempt.
    """

    def __init__(self, customer_ids: Sequence[str]) -> None:
        self._customer_ids = customer_ids
        self._number = 0
        self._began_at = datetime.now(UTC)

    def take(self, count: int) -> list[bytes]:
        first, self._number = self._number, self._number + count
        return [self._body(number) for number in range(first, first + count)]

    def _body(self, number: int) -> bytes:
        """Pretty-printed with ` : `, like the bodies in Sumsub's documentation."""
        sent_at = self._began_at + timedelta(milliseconds=number)
        body = {
            "applicantId": f"{number:024x}",
            "inspectionId": f"{number + 2**40:024x}",
            "applicantType": "individual",
            "correlationId": f"{number:032x}",
            "levelName": settings.SUMSUB_KYC_LEVEL,
            "sandboxMode": True,
            "externalUserId": self._customer_ids[number % len(self._customer_ids)],
            "type": "applicantReviewed",
            "reviewResult": {"reviewAnswer": "GREEN"},
            "reviewStatus": "completed",
            "createdAt": sent_at.strftime("%Y-%m-%d %H:%M:%S+0000"),
            "createdAtMs": sent_at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
            "clientId": "demo.example",
        }
        written = json.dumps(body, indent=2, separators=(",", " : "))
        return written.encode()


def signed(body: bytes) -> dict[str, str]:
    """The headers that prove the body genuine."""
    algorithm = settings.SUMSUB_WEBHOOK_ALGORITHM
    secret = settings.SUMSUB_WEBHOOK_SECRETS[0]
    return headers_of(digest_of(body, secret=secret, algorithm=algorithm), algorithm)


def headers_of(digest: str, algorithm: str) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "X-Payload-Digest": digest,
        "X-Payload-Digest-Alg": algorithm,
    }
