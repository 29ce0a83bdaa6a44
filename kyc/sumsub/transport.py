"""One signed HTTP exchange with Sumsub: time limits, retries, typed errors."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import requests
import urllib3

from common.observing.calls import Outcome, Provider, call_of
from kyc.sumsub.errors import (
    SumsubBusy,
    SumsubConflict,
    SumsubError,
    SumsubNotFound,
    SumsubRateLimited,
    SumsubRefused,
    SumsubUnauthorized,
    SumsubUnavailable,
)
from kyc.sumsub.reading import UnreadableJsonError, strict_json, text, whole_number
from kyc.sumsub.signing import sign

Timeout = tuple[float, float]
Worth = Callable[[SumsubError], bool]
Got = TypeVar("Got")

ANSWER_LIMIT = 2 * 1024 * 1024  # bytes; a large company with its people fits
_CHUNK = 64 * 1024
_PAUSES = (0.3, 1.0)  # seconds before the second and third try; the outbox waits longer
_SHORT = 3.0  # seconds of Retry-After that a caller can sit out
_PATIENCE = 15.0  # seconds after which no further try begins


class Transport:
    """Sends signed requests; one connection pool per thread."""

    def __init__(
        self, base_url: str, app_token: str, secret_key: str, timeout: Timeout
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._app_token = app_token
        self._secret_key = secret_key
        self._timeout = timeout
        self._local = threading.local()

    def get(self, path: str) -> Any:
        """Return the JSON answer; tries again quickly where that may help."""
        return _try(lambda: self._exchange("GET", path, None), _may_ask_again)

    def open(self, path: str) -> requests.Response:
        """Return an answer of 2xx, its body unread; the caller closes it.

        Tries again quickly where that may help, as long as nothing is handed out.
        """
        return _try(lambda: self._open_once(path), _may_ask_again)

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Return the JSON answer; one try, because a lost answer may have worked."""
        return self._exchange("POST", path, body)

    def post_when_idle(self, path: str) -> Any:
        """Post without a body; sits out a short *busy* (409 with Retry-After)."""
        return _try(lambda: self._exchange("POST", path, None), _is_briefly_busy)

    def _open_once(self, path: str) -> requests.Response:
        with call_of(Provider.SUMSUB, _outcome_of):
            return self._opened("GET", path, None)

    def _exchange(self, method: str, path: str, body: Any) -> Any:
        """Sign afresh, send once, read the answer; raises SumsubError only."""
        with call_of(Provider.SUMSUB, _outcome_of):
            with self._opened(method, path, body) as response:
                content = self._content(response)
            return _json_of(content, response.status_code)

    def _opened(self, method: str, path: str, body: Any) -> requests.Response:
        """Sign afresh, send once; an answer outside 2xx becomes its error."""
        with plain_errors():
            response = self._send(self._prepare(method, path, body))
        if 200 <= response.status_code < 300:
            return response
        with response:
            content = self._content(response)
        raise error_for(response.status_code, response.headers, content)

    def _content(self, response: requests.Response) -> bytes:
        with plain_errors():
            return _read(response, time.monotonic() + self._timeout[1])

    def _prepare(self, method: str, path: str, body: Any) -> requests.PreparedRequest:
        encoded = None if body is None else json.dumps(body).encode()
        request = requests.Request(
            method,
            self._base_url + path,
            data=encoded,
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "Content-Type": "application/json",
                "User-Agent": "Vestibule",
            },
        ).prepare()
        sign(
            request,
            app_token=self._app_token,
            secret_key=self._secret_key,
            timestamp=int(time.time()),
        )
        return request

    def _send(self, request: requests.PreparedRequest) -> requests.Response:
        session = self._session()
        proxies_and_certificates = session.merge_environment_settings(
            url=request.url or "", proxies={}, stream=True, verify=None, cert=None
        )
        return session.send(
            request,
            timeout=self._timeout,
            allow_redirects=False,
            **proxies_and_certificates,
        )

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
        session: requests.Session = self._local.session
        return session


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what the network and its libraries raise into SumsubUnavailable."""
    try:
        yield
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as e:
        raise SumsubUnavailable(
            f"Sumsub could not be reached ({type(e).__name__})."
        ) from e


def _try(ask: Callable[[], Got], is_worth: Worth) -> Got:
    started = time.monotonic()
    for pause in _PAUSES:
        try:
            return ask()
        except SumsubError as error:
            if not is_worth(error) or time.monotonic() - started > _PATIENCE:
                raise
            time.sleep(max(pause, error.retry_after or 0.0))
    return ask()


def _read(response: requests.Response, deadline: float) -> bytes:
    """Read the body up to the size limit; a server that trickles is cut off.

    The library's own read timeout restarts with every byte, so it cannot do this.
    """
    content = bytearray()
    while chunk := response.raw.read1(_CHUNK, decode_content=False):
        content += chunk
        if len(content) > ANSWER_LIMIT:
            raise SumsubUnavailable("Sumsub's answer is larger than any we accept.")
        if time.monotonic() > deadline:
            raise SumsubUnavailable("Sumsub's answer took too long.")
    return bytes(content)


def _json_of(content: bytes, status: int) -> Any:
    try:
        return strict_json(content)
    except UnreadableJsonError as error:
        raise SumsubUnavailable(
            f"The answer of Sumsub cannot be read: {error}.", status=status
        ) from error


def error_for(status: int, headers: Mapping[str, str], content: bytes) -> SumsubError:
    """Choose the error for an answer outside 2xx; its description is left out.

    Descriptions change wording and may name the applicant.
    """
    details = _details(content)
    code = whole_number(details, "errorCode")
    retry_after = _seconds(headers.get("Retry-After", ""))
    kind, sentence = _kind_of(status, is_timed=retry_after is not None)
    number = f"{status}" if code is None else f"{status}, error {code}"
    return kind(
        f"{sentence} ({number}).",
        status=status,
        error_code=code,
        correlation_id=text(details, "correlationId", limit=100),
        retry_after=retry_after,
    )


def _kind_of(status: int, *, is_timed: bool) -> tuple[type[SumsubError], str]:
    if status == 409:
        if is_timed:
            return SumsubBusy, "Sumsub is still busy with this applicant"
        return SumsubConflict, "Sumsub does not allow this in the applicant's state"
    named: dict[int, tuple[type[SumsubError], str]] = {
        401: (SumsubUnauthorized, "Sumsub does not accept our credentials"),
        404: (SumsubNotFound, "Sumsub shows no such applicant or image"),
        429: (SumsubRateLimited, "Sumsub asks us to slow down"),
    }
    if status in named:
        return named[status]
    if 400 <= status < 500:
        return SumsubRefused, "Sumsub refused the request"
    return SumsubUnavailable, "Sumsub gave no usable answer"


def _details(content: bytes) -> Mapping[str, Any]:
    try:
        details = strict_json(content)
    except UnreadableJsonError:
        return {}
    return details if isinstance(details, dict) else {}


def _seconds(header: str) -> float | None:
    """Read Retry-After, seconds or a date; at most a day."""
    header = header.strip()
    if header.isascii() and header.isdecimal():
        return float(min(int(header[:9]), 86400))
    try:
        moment = parsedate_to_datetime(header)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        wait = (aware - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return min(max(wait, 0.0), 86400.0)


def _outcome_of(error: Exception) -> Outcome:
    if isinstance(error, SumsubNotFound):
        return Outcome.OK  # an answer like another: there is no such applicant
    if isinstance(error, SumsubRateLimited | SumsubBusy):
        return Outcome.THROTTLED
    has_refused = isinstance(error, SumsubRefused | SumsubUnauthorized | SumsubConflict)
    return Outcome.REFUSED if has_refused else Outcome.UNREACHABLE


def _may_ask_again(error: SumsubError) -> bool:
    may_pass = isinstance(error, SumsubUnavailable | SumsubRateLimited)
    return may_pass and (error.retry_after or 0.0) <= _SHORT


def _is_briefly_busy(error: SumsubError) -> bool:
    return isinstance(error, SumsubBusy) and (error.retry_after or 0.0) <= _SHORT
