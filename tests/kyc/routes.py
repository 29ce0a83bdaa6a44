"""Who may take cases of the KYC desk, by §1; rows of tests/routes.py."""

from typing import Any

COMPLIANCE = {"compliance_officer"}


def _difference(_: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "differences"}


_C = {"may": COMPLIANCE, "row": "verified", "body": _difference, "code": 405}
CASES: tuple[dict[str, Any], ...] = (
    {"name": "kyc_take_next", "may": COMPLIANCE, "body": _difference, "code": 405},
    {"name": "kyc_case_take", **_C},
    {"name": "kyc_case_release", **_C, "does": "nothing"},
    {"name": "kyc_case_take_over", **_C, "code": 200},
)
