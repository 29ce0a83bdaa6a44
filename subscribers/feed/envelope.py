"""An event as other systems read it: CloudEvents 1.0 in JSON."""

import re
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

from events.models import RecordedEvent

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
TEST_TYPE = "vestibule.test"


def type_of(name: str) -> str:
    """`CustomerVerified` -> `vestibule.customer_verified`."""
    return f"vestibule.{_WORD.sub('_', name).lower()}"


def source_of(tenant_id: UUID) -> str:
    """The institution, by what never changes."""
    return f"urn:uuid:{tenant_id}"


def envelope_of(event: RecordedEvent) -> dict[str, Any]:
    """Ids and reasons of lists alone: what staff wrote stays in the house."""
    tenant_id = cast("UUID", event.tenant_id)  # what has none has no place
    about = {"subject": event.subject_id} if event.subject_id else {}
    return {
        **_envelope(event.pk, tenant_id, type_of(event.type), event.created_at),
        **about,
        "data": event.payload,
    }


def test_envelope(message_id: UUID, tenant_id: UUID, at: datetime) -> dict[str, Any]:
    return {**_envelope(message_id, tenant_id, TEST_TYPE, at), "data": {}}


def _envelope(key: UUID, tenant_id: UUID, kind: str, at: datetime) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": str(key),
        "source": source_of(tenant_id),
        "type": kind,
        "time": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
    }
