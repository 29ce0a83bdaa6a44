"""Count and time the calls that gateways make, by how they ended."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum

from common.observing.measures import PROVIDER_CALLS, PROVIDER_SECONDS


class Provider(StrEnum):
    SUMSUB = "sumsub"
    KEYCLOAK = "keycloak"
    STORE = "store"
    SMTP = "smtp"
    SMS = "sms"
    CLAMAV = "clamav"


class Outcome(StrEnum):
    OK = "ok"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    THROTTLED = "throttled"


Judge = Callable[[Exception], Outcome]


def outcome_of_status(status: int | None) -> Outcome:
    """What an answer's HTTP status says; no status: nobody answered."""
    if not status or status >= 500:
        return Outcome.UNREACHABLE
    if status == 429:
        return Outcome.THROTTLED
    return Outcome.OK if status < 400 else Outcome.REFUSED


@contextmanager
def call_of(provider: Provider, judge: Judge) -> Iterator[None]:
    """Count one call; `judge` says what an exception means. It goes through."""
    began, outcome = time.monotonic(), Outcome.OK
    try:
        yield
    except Exception as error:
        outcome = judge(error)
        raise
    finally:
        PROVIDER_CALLS.labels(provider.value, outcome.value).inc()
        PROVIDER_SECONDS.labels(provider.value).observe(time.monotonic() - began)


def name_providers() -> None:
    """Begin each series at nought, so that the first failure is seen as a rise."""
    for provider in Provider:
        for outcome in Outcome:
            PROVIDER_CALLS.labels(provider.value, outcome.value)
