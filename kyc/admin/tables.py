"""The table of customers that wait for something, as the desks show it."""

from typing import Any

from django.template.loader import render_to_string


def waiting_table(
    rows: list[dict[str, Any]], *, heads: tuple[str, str, str]
) -> dict[str, str]:
    """The `html` of a panel; "" without rows. `heads` name what, state and time."""
    what, label, note = heads
    context = {
        "rows": rows, "what_head": what, "label_head": label, "note_head": note,
        "has_verbs": any(row.get("verb") for row in rows),
    }  # fmt: skip
    return {"html": render_to_string("kyc/_waiting.html", context) if rows else ""}
