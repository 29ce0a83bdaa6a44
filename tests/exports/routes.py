"""Who may go to the addresses of exports, by §1; rows of tests/routes.py."""

from typing import Any

from tenants.models import Tenant, User
from tests.exports.bank import ask

COMPLIANCE = {"compliance_officer"}
READERS = {"auditor", *COMPLIANCE}


def export_rows(tenant: Tenant) -> dict[str, Any]:
    """Exports of the very officer who knocks: nobody else’s are theirs to see."""
    officer = User.objects.get(tenant=tenant, name="compliance_officer")
    failed = ask(officer, "Has failed")
    failed.fail("The store was away.")
    failed.save_as(officer, "Has failed")
    return {"export": ask(officer, "Waits"), "failed_export": failed}


def _nothing(_: dict[str, Any]) -> dict[str, Any]:
    return {}


_E = "exports_export"
EXPORTS: tuple[dict[str, Any], ...] = (
    {"name": f"{_E}_changelist", "may": READERS},
    {"name": f"{_E}_change", "may": READERS, "row": "export"},
    {"name": f"{_E}_progress", "may": READERS, "row": "export"},
    # Without the name of a list there is none to ask for.
    {"name": f"{_E}_ask", "may": COMPLIANCE, "code": 404},
    {"name": f"{_E}_download", "may": COMPLIANCE, "row": "export", "code": 302},
    {"name": f"{_E}_cancel", "may": COMPLIANCE, "row": "export", "body": _nothing},
    {
        "name": f"{_E}_again", "may": COMPLIANCE, "row": "failed_export",
        "body": _nothing,
    },
)  # fmt: skip
VERSIONS = {_E: ("export", READERS)}
