"""SMS: over an HTTP gateway, or to the console and, in development, to a page."""

import hashlib
import hmac
import json
import logging
import time
from pathlib import Path
from typing import Protocol

import requests
from django.conf import settings

from common.keys import new_id
from common.observing.calls import Outcome, Provider, call_of, outcome_of_status

log = logging.getLogger(__name__)

# Seconds to connect and to answer. No call may run inside a transaction.
TIMEOUT = (3.05, 10.0)
LONGEST_WAIT = 86_400  # seconds; whoever asks for more is not worth believing


class SmsUnavailable(Exception):  # noqa: N818 - a state, not a mistake
    """It did not go out; a later try may succeed, after `retry_after` seconds."""

    def __init__(
        self,
        message: str,
        retry_after: float | None = None,
        *,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.status = status


class SmsRefused(Exception):  # noqa: N818 - the gateway's answer, not our mistake
    """The gateway will not take this message, however often it is asked."""


class SmsNowhere(SmsRefused):
    """No gateway is set up, so nothing can go by SMS."""


class SmsGateway(Protocol):
    def send(self, to: str, text: str) -> None:
        """Raises SmsUnavailable and SmsRefused."""


class ConsoleSms:
    """Sends nothing: in DEBUG a page says what would have gone, else it refuses."""

    def send(self, to: str, text: str) -> None:
        if not settings.DEBUG:
            raise SmsNowhere("No SMS gateway is set up (SMS_URL).")
        log.info("An SMS to a number ending %s would have been sent", to[-2:])
        folder = Path(settings.SMS_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        said = json.dumps({"to": to, "text": text})
        (folder / f"{new_id()}.json").write_text(said, encoding="utf-8")


class HttpSms:
    """Posts JSON, signed over time and body, so that nobody else can send as us."""

    def __init__(self, url: str, secret: str) -> None:
        self._url, self._secret = url, secret

    def send(self, to: str, text: str) -> None:
        with call_of(Provider.SMS, _outcome_of):
            self._post(to, text)

    def _post(self, to: str, text: str) -> None:
        message = {"id": str(new_id()), "to": to, "text": text}
        body = json.dumps(message).encode()
        at = str(int(time.time()))
        try:
            with requests.post(
                self._url, data=body, timeout=TIMEOUT, allow_redirects=False,
                stream=True,  # what it says is not read, however much it is
                headers={
                    "Content-Type": "application/json",
                    "X-Timestamp": at,
                    "X-Signature": signature(self._secret, at, body),
                },
            ) as answer:  # fmt: skip
                _judge(answer)
        except requests.RequestException:
            raise SmsUnavailable("The SMS gateway does not answer.") from None


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 in hex over `<timestamp>.<body>`."""
    said = timestamp.encode() + b"." + body
    return hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()


def _judge(answer: requests.Response) -> None:
    status = answer.status_code
    if 200 <= status < 300:
        return
    # Redirects, a wrong signature, a wrong address: an operator can mend these.
    is_passing = status in (401, 403, 404, 408, 425, 429) or not 400 <= status < 500
    if is_passing:
        wait = _seconds(answer.headers.get("Retry-After", ""))
        raise SmsUnavailable(f"The SMS gateway answered {status}.", wait, status=status)
    raise SmsRefused(f"The SMS gateway refused the message ({status}).")


def _outcome_of(error: Exception) -> Outcome:
    if isinstance(error, SmsRefused):
        return Outcome.REFUSED
    outcome = outcome_of_status(getattr(error, "status", None))
    return Outcome.REFUSED if outcome == Outcome.OK else outcome  # a redirect


def _seconds(text: str) -> float | None:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return None
    return float(min(int(text), LONGEST_WAIT))


def is_open() -> bool:
    """Whether SMS end in files and nobody real can be looked at."""
    return bool(settings.DEBUG and not settings.SMS_URL)


def get_sms() -> SmsGateway:
    """Return the gateway named in settings."""
    if settings.SMS_URL:
        return HttpSms(settings.SMS_URL, settings.SMS_SECRET)
    return ConsoleSms()
