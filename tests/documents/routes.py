"""Who may go to the addresses of documents, by §1; rows of tests/routes.py."""

from typing import Any
from uuid import uuid4

from documents.choices import Kind
from tests.documents.files import pdf, upload

COMPLIANCE = {"compliance_officer"}
FRONT = {"client_facing", *COMPLIANCE}  # upload document
RESTRICTED = {"senior_manager", "governing_body", "auditor", *COMPLIANCE}
READERS = {"client_facing", "teller", *RESTRICTED}  # view customers


def _file(field: str) -> Any:
    def body(_: dict[str, Any]) -> dict[str, Any]:
        file = upload(pdf("A new one"), "new.pdf")
        return {field: file, "kind": Kind.OTHER.value, "id": uuid4()}

    return body


def _why(_: dict[str, Any]) -> dict[str, Any]:
    return {"reason": "Asked in the branch"}


def _decision(_: dict[str, Any]) -> dict[str, Any]:
    return {"decision": "reject", "reason": "unreadable"}


_D = "documents_document"
DOCUMENTS: tuple[dict[str, Any], ...] = (
    {"name": f"{_D}_changelist", "may": READERS},
    {"name": f"{_D}_change", "may": READERS, "row": "document"},
    {"name": f"{_D}_download", "may": READERS, "row": "document", "code": 302},
    {"name": f"{_D}_again", "may": FRONT, "row": "failed_document", "body": _why},
    {"name": f"{_D}_archive", "may": COMPLIANCE, "row": "document", "body": _why},
    {"name": f"{_D}_remove", "may": COMPLIANCE, "row": "document", "body": _why},
    {"name": "documents_upload", "may": FRONT, "row": "fresh", "body": _file("files")},
    {
        "name": "documents_upload_file", "may": FRONT, "row": "fresh",
        "body": _file("file"), "code": 405,
    },
    {"name": "documents_review", "may": READERS},
    {"name": "documents_review_one", "may": READERS, "row": "document"},
    {"name": "documents_preview", "may": READERS, "row": "document"},
    {
        "name": "documents_take_next", "may": COMPLIANCE, "body": _decision,
        "code": 405,
    },
    {
        "name": "documents_take", "may": COMPLIANCE, "row": "document",
        "body": _decision, "code": 405,
    },
    {
        "name": "documents_decide", "may": COMPLIANCE, "row": "document",
        "body": _decision, "code": 405,
    },
)  # fmt: skip
# Addresses of the API, and whose session they answer; `stored_file` answers whoever
# has its address, for a minute.
API = {
    "api_documents": READERS,
    "api_document": READERS,
    "api_document_file": READERS,
    "schema": {"administrator", *READERS},
}
