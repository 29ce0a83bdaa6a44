"""The mail that the sink has taken for us: counted, then removed."""

import smtplib
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from bench.environment import UnfitError

_GREETING = "Vestibule mail sink "


def folder_of_the_sink() -> Path:
    """Where the sink keeps its mail: its greeting says so. Raises UnfitError."""
    with smtplib.SMTP(timeout=5) as client:
        try:
            _, greeting = client.connect(settings.EMAIL_HOST, settings.EMAIL_PORT)
        except OSError as error:
            raise UnfitError(
                "No mail server answers where EMAIL_URL points: `make services`."
            ) from error
    words = greeting.decode(errors="replace")
    folder = Path(words.rpartition(_GREETING)[2])
    if _GREETING not in words or not folder.is_dir():
        raise UnfitError("EMAIL_URL must name the mail sink of `make services`.")
    return folder


def take_mail(folder: Path, domain: str, *, since: float) -> dict[str, int]:
    """Remove the mail to addresses of the domain; tells how much it was."""
    found = list(_mail_to(folder, domain, since))
    for path, _ in found:
        path.unlink()
    return {
        "mails": len(found),
        "customers_with_mail": len({address for _, address in found}),
    }


def _mail_to(folder: Path, domain: str, since: float) -> Iterator[tuple[Path, str]]:
    for path in folder.glob("*.eml"):
        if path.stat().st_mtime < since - 1:
            continue
        for line in path.read_text(errors="replace").splitlines():
            if not line:
                break
            if line.startswith("Delivered-To:") and line.endswith(f"@{domain}"):
                yield path, line.partition(" ")[2]


def now() -> float:
    """The clock that files are stamped by."""
    return time.time()
