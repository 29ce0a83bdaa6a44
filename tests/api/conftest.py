"""Somebody who calls the API, by a token of ours or of a provider next door."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from api.callers.issuer import Issuer, issuer_at
from api.callers.tokens import create_token
from tenants.models import User
from tests.api.provider import Provider, running_provider
from tests.conftest import ClientAs, MakeStaff

ME = "/api/v1/me"
CallAs = Callable[[str], Client]


def bearer(token: str) -> Client:
    client = Client(HTTP_AUTHORIZATION=f"Bearer {token}")
    client.raise_request_exception = False
    return client


def refusal(answer: Any, status: int, code: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(answer.content)
    assert (answer.status_code, body["status_code"]) == (status, status), body
    assert body["error_code"] == code
    assert set(body) == {"status_code", "error_code", "message", "details"}
    assert answer["Cache-Control"] == "no-store"
    return body


def a_token(user: User, *scopes: str, **said: Any) -> str:
    """What to send: a token of `user`, good for `scopes`."""
    asked = {
        "name": "For the test", "scopes": scopes or ["api.income"],
        "expires_on": timezone.now().date() + timedelta(days=30), **said,
    }  # fmt: skip
    return create_token(by=user, **asked)[1]


@pytest.fixture
def officer(make_staff: MakeStaff) -> User:
    return make_staff("compliance_officer")


@pytest.fixture
def administrator(make_staff: MakeStaff) -> User:
    return make_staff("administrator")


@pytest.fixture
def front(client_as: ClientAs, make_staff: MakeStaff) -> Client:
    return client_as(make_staff("client_facing", "teller"))


@pytest.fixture
def compliance(client_as: ClientAs, officer: User) -> Client:
    return client_as(officer)


@pytest.fixture
def provider(settings: Settings) -> Iterator[Provider]:
    with running_provider() as running:
        settings.API_OIDC_ISSUER = running.address
        settings.API_OIDC_AUDIENCE = "vestibule-api"
        issuer_at.cache_clear()
        yield running
        issuer_at.cache_clear()


@pytest.fixture
def known(provider: Provider) -> Issuer:
    return issuer_at(provider.address)
