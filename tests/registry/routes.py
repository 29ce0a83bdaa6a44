"""Who may go to the addresses of dictionaries, profiles and the task desk, by §1."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from customers.registry.dictionaries.entries import version_of

ADMINISTRATOR = {"administrator"}  # configure dictionaries
COMPLIANCE = {"compliance_officer"}  # decide
FRONT = {"client_facing", "compliance_officer"}  # update customer
READERS = {  # view customers
    "client_facing", "compliance_officer", "senior_manager", "governing_body",
    "teller", "auditor",
}  # fmt: skip


def _entry(_: dict[str, Any]) -> dict[str, Any]:
    said = {"dictionary": "industry", "code": "fishing", "label": "Fishing"}
    return {**said, "order": 3, "reason": "The harbour asks"}


def _relabelled(rows: dict[str, Any]) -> dict[str, Any]:
    said = {"label": "Mills", "order": 7, "reason": "Retired, the mills closed"}
    return {**said, "version": version_of(rows["entry"])}


def _file(_: dict[str, Any]) -> dict[str, Any]:
    content = b"code,label,order,active\r\ngold,Gold,10,yes\r\n"
    return {"file": SimpleUploadedFile("list.csv", content), "reason": "New groups"}


def _profile(_: dict[str, Any]) -> dict[str, Any]:
    return {"gender": "male", "row_version": 0, "reason": "Told us"}


def _nothing(_: dict[str, Any]) -> dict[str, Any]:
    return {}


def _wanted(_: dict[str, Any]) -> dict[str, Any]:
    return {"q": "nobody at all"}


def _handed(rows: dict[str, Any]) -> dict[str, Any]:
    return {"to": rows["officer"].pk, "reason": "Off to lunch"}


_D = "registry_dictionaryentry"
_T = "registry_task"
REGISTRY: tuple[dict[str, Any], ...] = (
    {"name": f"{_D}_changelist", "may": ADMINISTRATOR},
    {"name": f"{_D}_add", "may": ADMINISTRATOR, "body": _entry},
    {"name": f"{_D}_change", "may": ADMINISTRATOR, "row": "entry", "body": _relabelled},
    {"name": f"{_D}_export", "may": ADMINISTRATOR},
    {"name": f"{_D}_import", "may": ADMINISTRATOR, "body": _file},
    {
        # Asked by POST, since logs keep addresses; it changes nothing.
        "name": "registry_customer_find", "may": READERS, "body": _wanted,
        "does": "nothing", "code": 405,
    },
    {
        "name": "registry_customer_profile", "may": FRONT, "row": "fresh",
        "body": _profile,
    },
    {"name": f"{_T}_take_next", "may": COMPLIANCE, "body": _nothing, "code": 405},
    {
        "name": f"{_T}_take", "may": COMPLIANCE, "row": "task", "body": _nothing,
        "code": 405,
    },
    {
        # The officer registered this customer, so must not have their KYC.
        "name": f"{_T}_hand_over", "may": COMPLIANCE, "row": "task",
        "body": _handed, "does": "nothing",
    },
    {
        # Nobody has it, so there is nothing to give back.
        "name": f"{_T}_release", "may": COMPLIANCE, "row": "task", "body": _nothing,
        "does": "nothing",
    },
)  # fmt: skip
