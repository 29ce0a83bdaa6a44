"""A handler that leaves a marker, has its effect, and stops where it is told to."""

import os
import time
from pathlib import Path

from django.db import connection

from events.services import subscribe
from tests.killapp.events import StoneThrown

FOR_EVER = 60  # seconds; whoever waits this long was not killed


@subscribe(StoneThrown)
def make_waves(event: StoneThrown) -> None:
    """Keep one row for the key, however often this runs."""
    folder = Path(event.folder)
    is_first = not list(folder.glob("try-*"))
    # Renamed when complete, so that the test never reads half a process id.
    draft = folder / f"draft-{os.getpid()}"
    draft.write_text(str(os.getpid()))
    if is_first and event.dies == "before":
        draft.rename(folder / f"try-{time.time_ns()}")
        time.sleep(FOR_EVER)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kill_effect (key) VALUES (%s) ON CONFLICT (key) DO NOTHING",
            [event.key],
        )
    draft.rename(folder / f"try-{time.time_ns()}")
    if is_first and event.dies == "after":
        time.sleep(FOR_EVER)
