"""What the gateway asks of Sumsub, against a real server."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from kyc.sumsub import errors, transport
from kyc.sumsub.client import SumsubClient, get_sumsub
from kyc.sumsub.pace import Pace
from kyc.sumsub.types import VerificationLink
from tests.kyc.sumsub_server import TOKEN, Answer, Server, running_server

LINK = {"url": "https://in.sumsub.example/websdk/p/sbx_1"}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(transport, "_PAUSES", (0.01, 0.02))
    with running_server() as running:
        yield running


def test_applicant_is_asked_for_by_id(server: Server) -> None:
    assert server.client.applicant("a1").external_user_id == "user 42/ü"
    (request,) = server.seen
    assert request.method == "GET"
    assert request.target == "/sandbox/sumsub/resources/applicants/a1/one"
    assert request.headers["X-App-Token"] == TOKEN
    assert request.headers["Content-Type"] == "application/json"
    assert abs(int(request.headers["X-App-Access-Ts"]) - time.time()) < 5
    assert request.is_well_signed


def test_applicant_is_found_by_our_id_with_only_the_value_encoded(
    server: Server,
) -> None:
    state = server.client.find_applicant("user 42/ü")
    assert state is not None
    assert state.applicant_id == "a1"
    assert server.seen[0].target.endswith(
        "/resources/applicants/-;externalUserId=user%2042%2F%C3%BC/one"
    )
    assert server.seen[0].is_well_signed


def test_unknown_applicant_is_none_by_our_id_and_an_error_by_theirs(
    server: Server,
) -> None:
    server.answers[:] = [Answer(404, {}), Answer(404, {"correlationId": "c1"})]
    assert server.client.find_applicant("user-43") is None
    with pytest.raises(errors.SumsubNotFound) as caught:
        server.client.applicant("a1")
    assert caught.value.correlation_id == "c1"


def test_answer_about_another_applicant_is_not_believed(server: Server) -> None:
    with pytest.raises(errors.SumsubUnreadable):
        server.client.applicant("a2")
    with pytest.raises(errors.SumsubUnreadable):
        server.client.find_applicant("user-43")


@pytest.mark.parametrize("applicant_id", ["", "..", ".", "a/b", "a?b", "a" * 65, "ä"])
def test_ids_that_could_leave_the_path_are_refused(
    server: Server, applicant_id: str
) -> None:
    for ask in (server.client.applicant, server.client.reset):
        with pytest.raises(errors.SumsubRefused):
            ask(applicant_id)
    with pytest.raises(errors.SumsubRefused):
        server.client.find_applicant("")
    assert server.seen == []


def create_link(client: SumsubClient) -> VerificationLink:
    return client.create_link(
        level="basic kyc level",
        external_user_id="user-42",
        ttl_seconds=1800,
        email="zoe@demo.example",
        language="en",
    )


def test_link_is_made_for_our_id(server: Server) -> None:
    server.answers[:] = [Answer(content=LINK)]
    link = create_link(server.client)
    (request,) = server.seen
    assert request.target == (
        "/sandbox/sumsub/resources/sdkIntegrations/levels/-/websdkLink?lang=en"
    )
    assert json.loads(request.body) == {
        "levelName": "basic kyc level",
        "userId": "user-42",
        "ttlInSecs": 1800,
        "applicantIdentifiers": {"email": "zoe@demo.example"},
    }
    assert request.is_well_signed
    assert link.url == LINK["url"]
    left = link.expires_at - datetime.now(UTC)
    assert timedelta(seconds=1790) < left <= timedelta(seconds=1800)
    assert LINK["url"] not in repr(link)


@pytest.mark.parametrize(
    "content",
    [{}, [], {"url": ""}, {"url": "javascript:alert(1)"}, {"url": "https://[x"}],
)
def test_link_that_is_no_link_is_not_handed_out(server: Server, content: Any) -> None:
    server.answers[:] = [Answer(content=content)]
    with pytest.raises(errors.SumsubUnreadable):
        create_link(server.client)


def test_reset_and_move_post_without_a_body(server: Server) -> None:
    server.client.reset("a1")
    server.client.move_to_level("a1", "next level")
    assert [(r.method, r.target.partition("applicants")[2]) for r in server.seen] == [
        ("POST", "/a1/reset"),
        ("POST", "/a1/moveToLevel?name=next%20level"),
    ]
    assert all(r.body == b"" and r.is_well_signed for r in server.seen)


def test_client_of_settings_is_kept(settings: Settings) -> None:
    settings.SUMSUB_BASE_URL = "https://one.example"
    first = get_sumsub()
    assert get_sumsub() is first
    settings.SUMSUB_BASE_URL = "https://two.example"
    assert get_sumsub() is not first


def test_pace_spreads_calls() -> None:
    pace = Pace(per_second=100.0)
    started = time.monotonic()
    for _ in range(11):
        pace.wait()
    assert time.monotonic() - started >= 0.1
