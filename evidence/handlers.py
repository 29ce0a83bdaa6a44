"""What evidence does when something happened: somebody asked, so a pack is made."""

from events.services import subscribe
from events.sweeps import sweep
from evidence.events import EvidenceRequested
from evidence.services import build_pack, expire_packs

HOUR = 3600  # seconds


@subscribe(EvidenceRequested)
def make_pack(event: EvidenceRequested) -> None:
    """Make it; done already, this does nothing."""
    build_pack(event.pack_id)


sweep("evidence_expiry", every=HOUR)(expire_packs)
