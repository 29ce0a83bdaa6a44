"""What exports does when something happened: somebody asked, so a file is made."""

from events.services import subscribe
from events.sweeps import sweep
from exports.events import ExportRequested
from exports.services import build_export, expire_exports

HOUR = 3600  # seconds


@subscribe(ExportRequested)
def make_export(event: ExportRequested) -> None:
    """Make it; done already, this does nothing."""
    build_export(event.export_id)


sweep("export_expiry", every=HOUR)(expire_exports)
