"""Cursors of the feed: a place, bound to the institution whose feed it is of.

The mark keeps mistakes out, not people: whoever makes one of their own reads no more
than their own feed. So it needs no secret, and holds when the house's keys change.
"""

import base64
import binascii
from hashlib import blake2s
from uuid import UUID

_LONGEST = 120  # characters; ours are shorter


def cursor_of(tenant_id: UUID, position: int) -> str:
    """Return letters, digits, `-` and `_` that lead on from a position."""
    mark = blake2s(str(position).encode(), key=tenant_id.bytes, digest_size=9)
    text = f"{position}.{mark.hexdigest()}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def position_of(tenant_id: UUID, cursor: str) -> int | None:
    """Where a cursor leads to; None for one that is not of this feed."""
    if len(cursor) > _LONGEST:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        position = int(text.partition(b".")[0])
    except (binascii.Error, ValueError):
        return None
    # Made anew: what is written otherwise is none of ours.
    return position if cursor == cursor_of(tenant_id, position) else None
