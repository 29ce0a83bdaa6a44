"""What a web or worker process does about its figures when it starts."""

import os
from pathlib import Path

from django.conf import settings


def begin_counting() -> None:
    """Clear up after processes that are gone, as a web or worker process starts.

    Their figures go with them: Prometheus takes a counter that fell for one that
    began anew. The library is imported here, because it asks for the folder when it
    is, and the settings name it.
    """
    from common.observing.calls import name_providers

    if settings.METRICS_DIR:
        for file in Path(settings.METRICS_DIR).glob("*_*.db"):
            if not _lives(file.stem.rpartition("_")[2]):
                file.unlink(missing_ok=True)
        name_providers()


def _lives(number: str) -> bool:
    """Whether a process has the number; unknown ones are left alone."""
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except (ValueError, OSError):
        return True
    return True
