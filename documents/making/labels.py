"""Where a made file stands, as shape and word."""

from django.utils import timezone

from common.face import Label, Tone
from documents.making.models import MadeFile, Status

TONES: dict[str, Tone] = {
    "queued": "wait",
    "building": "wait",
    "ready": "good",
    "failed": "stop",
    "cancelled": "ended",
    "expired": "ended",
}


def status_label(row: MadeFile) -> Label:
    """A file whose day is over counts as expired before the sweep comes by."""
    if row.status == Status.READY and not row.is_downloadable(timezone.now()):
        return Label(Status.EXPIRED.label, TONES[Status.EXPIRED])
    return Label(row.get_status_display(), TONES[row.status])
