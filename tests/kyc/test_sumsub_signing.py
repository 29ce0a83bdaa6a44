"""Requests are signed the way Sumsub checks them."""

import pytest
import requests

from kyc.sumsub.signing import body_bytes, sign, signature

SECRET = "app-secret-demo-77"
TIMESTAMP = 1768472430
BASE = "https://api.sumsub.com"

# Worked examples, cross-checked with openssl.
EXAMPLES = [
    (
        "GET",
        "/resources/applicants/-;externalUserId=user-42/one",
        None,
        "9017fbcb82b4c221a3ab188c504b265baabe78d290fceb35f403633f87db2605",
    ),
    (
        "POST",
        "/resources/sdkIntegrations/levels/-/websdkLink",
        b'{"levelName":"basic-kyc-level","userId":"user-42","ttlInSecs":1800}',
        "3388b0275b47a4b922ae15ffd3ee190c1921e6af51534c006d127a0ce2b5a9ea",
    ),
    (
        "POST",
        "/resources/applicants?levelName=basic%20kyc%20level",
        b'{"externalUserId":"user-42","type":"individual"}',
        "0300642d78ce5513d5c95c584888743479664a53ee364677b8e6456453e7d187",
    ),
    (
        "POST",
        "/resources/applicants/66aa00000000000000000001/reset",
        None,
        "d0ed76455cc77bf1db399b424367e69d34cc1dbffed7f2c5c1a4d0b9e1fbb9b3",
    ),
]


@pytest.mark.parametrize(("method", "target", "body", "expected"), EXAMPLES)
def test_worked_examples(
    method: str, target: str, body: bytes | None, expected: str
) -> None:
    request = requests.Request(method, BASE + target, data=body).prepare()
    sign(request, app_token="sbx:token", secret_key=SECRET, timestamp=TIMESTAMP)
    assert request.path_url == target
    assert request.headers["X-App-Token"] == "sbx:token"
    assert request.headers["X-App-Access-Ts"] == "1768472430"
    assert request.headers["X-App-Access-Sig"] == expected


def test_method_is_signed_in_upper_case() -> None:
    low, high = (
        signature(SECRET, timestamp="1", method=method, target="/a", body=b"")
        for method in ("post", "POST")
    )
    assert low == high


def test_text_body_is_signed_as_its_utf8_bytes() -> None:
    request = requests.Request("POST", BASE, data="Zoë").prepare()
    assert body_bytes(request) == b"Zo\xc3\xab"


def test_body_of_unknown_bytes_is_not_signed() -> None:
    request = requests.Request("POST", BASE, data=iter([b"a"])).prepare()
    with pytest.raises(TypeError):
        body_bytes(request)
