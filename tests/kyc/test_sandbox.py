"""The stand-in's API: signatures, states that forbid, faults."""

import json
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from kyc.sandbox import services
from kyc.sandbox.details import PersonDetails
from kyc.sandbox.models import SandboxApplicant, SandboxSwitches
from kyc.sandbox.refusals import RefusalError
from kyc.sumsub.signing import signature

TOKEN, SECRET = "sbx:local.private", "stand-in-secret"
ADA = PersonDetails(
    first_name="Ada",
    last_name="Sample",
    birth_date=date(1990, 2, 28),
    nationality="KEN",
    address="Moi Avenue 1, Nairobi",
    document_type="PASSPORT",
    document_number="C01X00T47",
)

Call = Callable[..., Any]


@pytest.fixture(autouse=True)
def _credentials(settings: Settings) -> None:
    settings.SUMSUB_SANDBOX = True
    settings.SUMSUB_APP_TOKEN = TOKEN
    settings.SUMSUB_SECRET_KEY = SECRET
    settings.SANDBOX_SYNC_WEBHOOKS = True
    settings.SUMSUB_KYB_LEVEL = "company-level"


@pytest.fixture
def call(db: None) -> Call:
    """Call the stand-in signed: ``call("GET", "/resources/…")``."""

    def send(
        method: str,
        target: str,
        body: Any = None,
        *,
        token: str = TOKEN,
        secret: str = SECRET,
        age: int = 0,
    ) -> Any:
        content = b"" if body is None else json.dumps(body).encode()
        target = f"/sandbox/sumsub{target}"
        stamp = str(int(time.time()) - age)
        proof = signature(
            secret, timestamp=stamp, method=method, target=target, body=content
        )
        return Client(enforce_csrf_checks=True).generic(
            method,
            target,
            content,
            content_type="application/json",
            headers={
                "X-App-Token": token,
                "X-App-Access-Ts": stamp,
                "X-App-Access-Sig": proof,
            },
        )

    return send


def make(external_user_id: str = "cust-1", level: str = "basic") -> SandboxApplicant:
    return services.create_applicant(
        external_user_id=external_user_id, level_name=level
    )


def fresh(applicant: SandboxApplicant) -> SandboxApplicant:
    return SandboxApplicant.objects.get(pk=applicant.pk)


@pytest.mark.parametrize(
    ("wrong", "error_code"),
    [
        ({"token": "no-prefix"}, 4000),
        ({"token": "sbx:other"}, 4001),
        ({"token": "sbx:local.other"}, 4002),
        ({"secret": "other"}, 4003),
        ({"age": 61}, 4004),
        ({"age": -61}, 4004),
    ],
)
def test_wrong_credentials(call: Call, wrong: dict[str, Any], error_code: int) -> None:
    applicant = make()
    answer = call("GET", f"/resources/applicants/{applicant.pk}/one", **wrong)
    assert answer.status_code == 401
    error = answer.json()
    assert error["code"] == 401
    assert error["errorCode"] == error_code
    assert {"description", "correlationId", "errorName"} <= error.keys()


def test_right_credentials_a_little_late(call: Call) -> None:
    applicant = make()
    answer = call("GET", f"/resources/applicants/{applicant.pk}/one", age=55)
    assert answer.json()["id"] == applicant.pk


def test_signature_covers_query_and_body(call: Call, client: Client) -> None:
    stamp = str(int(time.time()))
    target = "/sandbox/sumsub/resources/applicants?levelName=basic"
    proof = signature(SECRET, timestamp=stamp, method="POST", target=target, body=b"{}")
    headers = {
        "X-App-Token": TOKEN,
        "X-App-Access-Ts": stamp,
        "X-App-Access-Sig": proof,
    }
    for wrong_target, body in (
        (target.replace("basic", "other"), b"{}"),
        (target, b'{"externalUserId": "x"}'),
    ):
        answer = client.generic(
            "POST", wrong_target, body, "application/json", headers=headers
        )
        assert answer.json()["errorCode"] == 4003


@pytest.mark.parametrize("token", ["", "prd:live-token"])
def test_nothing_answers_without_a_sandbox_token(
    call: Call, client: Client, settings: Settings, token: str
) -> None:
    settings.SUMSUB_APP_TOKEN = token
    applicant = make()
    for target in ("", "review", f"review/{applicant.pk}", "websdk/p/x"):
        assert client.get(f"/sandbox/sumsub/{target}").status_code == 404
    one = f"/resources/applicants/{applicant.pk}/one"
    assert call("GET", one, token=token).status_code == 404


def test_nothing_answers_when_switched_off(
    call: Call, client: Client, settings: Settings
) -> None:
    settings.SUMSUB_SANDBOX = False
    assert client.get("/sandbox/sumsub/").status_code == 404
    assert call("GET", "/resources/status/api").status_code == 404
    assert call("POST", "/resources/status/api").status_code == 404


def test_applicant_is_created_once(call: Call) -> None:
    target = "/resources/applicants?levelName=basic%20level"
    body = {"externalUserId": "cust 1/ü", "email": "ada@demo.example"}
    answer = call("POST", target, body)
    assert answer.status_code == 201
    known = answer.json()
    assert known["type"] == "individual"
    assert known["review"]["levelName"] == "basic level"
    again = call("POST", target, body)
    assert again.status_code == 409
    assert again.json()["description"].endswith(known["id"])
    encoded = "cust%201%2F%C3%BC"
    one = call("GET", f"/resources/applicants/-;externalUserId={encoded}/one")
    assert one.json()["id"] == known["id"]
    exists = call("GET", "/resources/applicants/-/byExternalUserId/nobody")
    assert exists.json() == {"exists": False}


def test_states_that_forbid(call: Call) -> None:
    applicant = make()
    path = f"/resources/applicants/{applicant.pk}"
    assert call("POST", f"{path}/status/pending").status_code == 409  # nothing given
    services.submit(applicant.pk, ADA)
    for verb in ("status/pending", "reset", "moveToLevel?name=next"):
        assert call("POST", f"{path}/{verb}").status_code == 409
    assert call("PATCH", f"{path}/presence/deactivated").status_code == 409
    services.hold(applicant.pk)
    assert call("POST", f"{path}/moveToLevel?name=next").status_code == 409
    assert call("POST", f"{path}/reset").status_code == 200
    assert fresh(applicant).review_status == "init"
    assert call("POST", f"{path}/moveToLevel?name=next").status_code == 200
    assert fresh(applicant).level_name == "next"


def test_final_rejection_closes_the_door(call: Call) -> None:
    applicant = make()
    services.submit(applicant.pk, ADA)
    path = f"/resources/applicants/{applicant.pk}"
    assert call("POST", f"{path}/-/reject", {}).status_code == 200
    result = fresh(applicant).review_result
    assert result == {
        "reviewAnswer": "RED",
        "rejectLabels": ["EXTERNAL_DECISION_REJECTION"],
        "reviewRejectType": "FINAL",
    }
    with pytest.raises(RefusalError) as caught:
        services.submit(applicant.pk, ADA)
    assert caught.value.error_code == 1009


def test_verdict_calls_want_a_body(call: Call) -> None:
    path = f"/resources/applicants/{make().pk}"
    assert call("POST", f"{path}/-/approve").status_code == 400
    assert call("POST", f"{path}/-/approve", {"reasons": []}).status_code == 400
    assert call("POST", f"{path}/-/approve", {}).json() == {"ok": 1}
    completed = f"{path}/status/testCompleted"
    assert call("POST", completed, {"reviewAnswer": "RED"}).status_code == 400
    full = {"reviewAnswer": "RED", "rejectLabels": [], "reviewRejectType": "RETRY"}
    assert call("POST", completed, full).json() == {"ok": 1}
    status = call("GET", f"{path}/status").json()
    assert status["reviewStatus"] == "completed"
    assert status["reviewResult"]["reviewRejectType"] == "RETRY"


def test_blocklisting_twice(call: Call) -> None:
    path = f"/resources/applicants/{make().pk}/blacklist?note=x"
    assert call("POST", path).status_code == 200
    assert call("POST", path).json()["errorCode"] == 5000


def test_beneficiaries_both_ways(call: Call) -> None:
    company = make("org-1", "company-level")
    assert company.is_company
    person = make("cust-2")
    path = f"/resources/applicants/{company.pk}"
    newer = f"{path}/fixedInfo/companyInfo/beneficiaries"
    details = {"firstName": "Bo", "lastName": "Owner"}
    owner = {"beneficiaryInfo": details, "types": ["ubo"], "shareSize": 60}
    both = owner | {"applicantId": person.pk}
    assert call("POST", newer, both).status_code == 400
    entry = call("POST", newer, owner).json()
    assert fresh_by_id(entry["applicantId"]).member_of == [company.pk]
    holder = call(
        "POST", newer, {"beneficiaryInfo": details, "types": ["shareholder"]}
    ).json()
    assert "applicantId" not in holder
    older = f"{path}/info/companyInfo/beneficiaries"
    call("POST", older, {"applicant": {"id": person.pk}, "positions": ["director"]})
    assert fresh(person).member_of == [company.pk]
    one = call("GET", f"{path}/one").json()
    assert len(one["fixedInfo"]["companyInfo"]["beneficiaries"]) == 2
    assert len(one["info"]["companyInfo"]["beneficiaries"]) == 1
    assert call("DELETE", f"{newer}/{entry['id']}").status_code == 200
    assert len(fresh(company).company["beneficiaries"]) == 1


def fresh_by_id(applicant_id: str) -> SandboxApplicant:
    return SandboxApplicant.objects.get(pk=applicant_id)


@pytest.mark.parametrize(
    ("switch", "status"),
    [("answer_429", 429), ("answer_409", 409), ("answer_503", 503)],
)
def test_faults_are_shown_as_often_as_asked(
    call: Call, switch: str, status: int
) -> None:
    SandboxSwitches.objects.create(pk=1, **{switch: 2})
    statuses = [call("GET", "/resources/status/api").status_code for _ in range(3)]
    assert statuses == [status, status, 200]


def test_images_are_an_empty_list(call: Call) -> None:
    applicant = make()
    path = f"/resources/applicants/{applicant.pk}/metadata/resources"
    assert call("GET", path).json() == {"items": [], "totalItems": 0}
    bytes_of = f"/resources/inspections/{applicant.inspection_id}/resources/i1"
    assert call("GET", bytes_of).status_code == 404


def test_tokens_for_the_embedded_sdk(call: Call) -> None:
    body = {"userId": "cust-1", "levelName": "basic", "ttlInSecs": 600}
    new = call("POST", "/resources/accessTokens/sdk", body).json()
    old = call("POST", "/resources/accessTokens?userId=cust-1&levelName=basic").json()
    assert new["userId"] == old["userId"] == "cust-1"
    assert new["token"] != old["token"]
    level = "/resources/sdkIntegrations/levels/basic%20level/websdkLink"
    link = call("POST", f"{level}?ttlInSecs=60&externalUserId=cust-1", {})
    assert "/sandbox/sumsub/websdk/p/sbx_" in link.json()["url"]
