"""Lists that the demo's compliance officer took out of the house."""

from common.keys import new_id
from exports.services import Asked, request_export
from tenants.models import User

VERIFIED = Asked(
    list_key="registry.customer",
    querystring="kyc_status__exact=verified",
    columns=["customer", "status_label", "kyc_label", "tier_name", "email_said"],
    reason="Monthly report to the board",
)


def export_customers(officer: User) -> None:
    """Ask for the verified customers; the worker makes the file."""
    request_export(VERIFIED, export_id=new_id(), by=officer)
