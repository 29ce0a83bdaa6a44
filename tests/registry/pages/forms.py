"""What the tests of staff's pages share: addresses, forms as a browser sends them."""

import re
from typing import Any

from django.urls import reverse

from common.keys import new_id
from tests.conftest import INDIVIDUAL_DETAILS

LIST = "admin:registry_customer_changelist"
ADD = "admin:registry_customer_add"
# What nobody types, and everybody tries.
NONSENSE = (
    "\x00", "a\x00b", "x" * 10_000, "a " * 5_000, "<script>", "'; DROP TABLE", "%",
    "𝕏" * 300, "\u202eabc", "INDIVIDUAL", "0", "-1", "9" * 40,
)  # fmt: skip


def page(name: str, row: Any) -> str:
    return reverse(f"admin:registry_{row._meta.model_name}_{name}", args=[row.pk])


def typed(**overrides: Any) -> dict[str, Any]:
    """Fill in the register form as a browser sends it."""
    return {
        "id": str(new_id()),
        "customer_type": "INDIVIDUAL",
        "entity_type": "individual",
        "channel": "web",
        "name": "Efua Sutherland",
        "email": "Efua@Mail.Example",
        "phone": "+233 24 999 0001",
        "terms_version": "on",
        **INDIVIDUAL_DETAILS,
        **overrides,
    }


def without_tokens(body: bytes) -> str:
    """Drop what differs at each answer: masked CSRF tokens, ages in seconds."""
    return re.sub(r"[A-Za-z0-9]{64}|\b\d+ s\b", "", body.decode())


def dialog(**answers: Any) -> dict[str, Any]:
    return {"_form_submitted": "True", **answers}
