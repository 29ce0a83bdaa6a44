"""Who may go to the addresses of dictionaries and profiles, by §1."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

ADMINISTRATOR = {"administrator"}  # configure dictionaries
FRONT = {"client_facing", "compliance_officer"}  # update customer


def _entry(_: dict[str, Any]) -> dict[str, Any]:
    said = {"dictionary": "industry", "code": "fishing", "label": "Fishing"}
    return {**said, "order": 3, "reason": "The harbour asks"}


def _relabelled(_: dict[str, Any]) -> dict[str, Any]:
    return {"label": "Mills", "order": 7, "reason": "Retired, the mills closed"}


def _file(_: dict[str, Any]) -> dict[str, Any]:
    content = b"code,label,order,active\r\ngold,Gold,10,yes\r\n"
    return {"file": SimpleUploadedFile("list.csv", content), "reason": "New groups"}


def _profile(_: dict[str, Any]) -> dict[str, Any]:
    return {"gender": "male", "row_version": 0, "reason": "Told us"}


_D = "registry_dictionaryentry"
REGISTRY: tuple[dict[str, Any], ...] = (
    {"name": f"{_D}_changelist", "may": ADMINISTRATOR},
    {"name": f"{_D}_add", "may": ADMINISTRATOR, "body": _entry},
    {"name": f"{_D}_change", "may": ADMINISTRATOR, "row": "entry", "body": _relabelled},
    {"name": f"{_D}_export", "may": ADMINISTRATOR},
    {"name": f"{_D}_import", "may": ADMINISTRATOR, "body": _file},
    {
        "name": "registry_customer_profile", "may": FRONT, "row": "fresh",
        "body": _profile,
    },
)  # fmt: skip
