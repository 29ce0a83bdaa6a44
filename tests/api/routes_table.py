"""Every route of ours: its method, address, permission, body and good answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.names import DICTIONARIES

CREATE: dict[str, Any] = {
    "customer_type": "INDIVIDUAL", "entity_type": "individual", "name": "Kofi Badu",
    "email": "kofi@mail.example", "phone": "+233244199999", "terms_version": "2026-01",
    "details": {"birth_date": "1988-02-01", "nationality": "GHA",
                "address": "3 High Street, Accra", "id_number": "GHA-777777777-7"},
}  # fmt: skip
LINK = {
    "kind": "bank", "institution": "Other Bank", "holder_name": "Ama Mensah",
    "number": "00123456789", "country": "GHA",
}  # fmt: skip
HOLDING = {
    "status": "open", "opened_on": "2026-01-05", "reported_at": "2026-06-01T00:00:00Z",
    "figures": {"balance": "5.00", "currency": "USD"},
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """`path` is below /api/v1; `{customer}` and the like are of the row's customer."""

    name: str
    method: str
    path: str
    permission: str = ""
    body: Mapping[str, Any] | None = None
    status: int = 200
    # What somebody who may gets instead of a good answer, and why it is lawful.
    code: str = field(default="")
    beside: str = ""  # a second permission that it needs
    form: Mapping[str, str] | None = None  # sent as a form, with a file

    @property
    def code_of_permission(self) -> str:
        held = self.permission or self.name
        return held if "." in held else f"api.{held}"

    @property
    def codes(self) -> set[str]:
        """All that whoever asks must hold."""
        return {self.code_of_permission, self.beside} - {""}

    @property
    def is_of_customer(self) -> bool:
        return "{customer}" in self.path


ONE = "/customer/{customer}"
THE_24 = (
    Row("create_customer", "POST", "/customer", body=CREATE, status=201),
    Row("edit_customer", "PATCH", ONE, body={"row_version": 2, "name": "Ama Osei"}),
    Row("get_customer", "GET", ONE),
    Row("fetch_customer", "GET", "/customer"),
    Row("dispose_customer", "POST", f"{ONE}/dispose", status=409,
        code="RELATIONSHIP_NOT_ENDED"),
    Row("decline_customer", "POST", f"{ONE}/decline", body={"reason": "duplicate"},
        status=409, code="ILLEGAL_TRANSITION"),
    Row("stage_customer", "POST", "/customer/stage", body=CREATE),
    Row("download_customer", "GET", "/customer/download"),
    Row("lookup_customer", "GET", "/customer/lookup?public_id={number}"),
    Row("create_account", "POST", f"{ONE}/account", body=LINK, status=201,
        beside="deposits.link_account"),
    Row("create_account", "POST", f"{ONE}/account", body={"kind": "deposit"},
        status=201, beside="deposits.open_account"),
    Row("fetch_account", "GET", f"{ONE}/account"),
    Row("get_account", "GET", f"{ONE}/account/{{account}}"),
    *(Row(name, "GET", f"/customer/{name}") for name in DICTIONARIES),
)  # fmt: skip
READ, EDIT, CONTACT = "get_customer", "edit_customer", "contacts.change_contact"
PHONE = f"{ONE}/contacts/phone/{{phone}}"
BEYOND = (
    Row("get_eligibility", "GET", f"{ONE}/eligibility", READ),
    Row("get_tier", "GET", f"{ONE}/tier", READ),
    Row("get_completeness", "GET", f"{ONE}/completeness", READ),
    Row("get_profile", "GET", f"{ONE}/profile", READ),
    Row("edit_profile", "PATCH", f"{ONE}/profile", EDIT,
        {"row_version": 0, "answers": {"gender": "female"}}),
    Row("list_consents", "GET", f"{ONE}/consents", READ),
    Row("get_timeline", "GET", f"{ONE}/timeline", READ),
    Row("record_activity", "POST", f"{ONE}/activity", "registry.record_activity",
        {"reason": "Came by"}),
    Row("list_holdings", "GET", f"{ONE}/holdings", READ),
    Row("report_holding", "PUT", f"{ONE}/holdings/wallet/W-77", "report_holding",
        HOLDING, 201),
    Row("get_kyc", "GET", f"{ONE}/kyc", READ),
    Row("list_kyc_attempts", "GET", f"{ONE}/kyc/attempts", READ),
    Row("start_kyc", "POST", f"{ONE}/kyc/start", "kyc.start_kyc", {}, 409,
        "CUSTOMER_ERROR"),
    Row("list_contacts", "GET", f"{ONE}/contacts", READ),
    Row("add_contact", "POST", f"{ONE}/contacts", CONTACT,
        {"kind": "email", "values": {"email": "other@mail.example"}}, 201),
    Row("change_contact", "PATCH", PHONE, CONTACT,
        {"values": {"number": "+233244199998"}}),
    Row("ask_verification", "POST", f"{PHONE}/verification", CONTACT, {}, 202),
    Row("confirm_phone", "POST", f"{PHONE}/confirmation", CONTACT,
        {"code": "123456"}, 422, "DATA_VALIDATION_FAILED"),
    Row("make_primary_contact", "POST", f"{PHONE}/primary", CONTACT, {}),
    Row("remove_contact", "DELETE", PHONE, CONTACT, status=204),
)  # fmt: skip
DOCUMENTS = f"{ONE}/documents"
SEE = "documents.view_document"
OF_ROOMS = (
    Row("list_documents", "GET", DOCUMENTS, SEE),
    Row("upload_document", "POST", DOCUMENTS, "documents.upload_document", status=201,
        form={"kind": "other"}),
    Row("get_document", "GET", f"{DOCUMENTS}/{{document}}", SEE),
    Row("download_document", "GET", f"{DOCUMENTS}/{{document}}/file", SEE, status=302,
        beside="documents.download_document"),
    Row("read_events", "GET", "/events", "subscribers.read_events"),
)  # fmt: skip
ROUTES = (*THE_24, *BEYOND, *OF_ROOMS)
