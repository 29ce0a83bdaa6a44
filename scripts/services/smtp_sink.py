"""Accept every mail and keep it as a file: smtp_sink.py HOST PORT FOLDER."""

import asyncio
import itertools
import logging
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

logger = logging.getLogger("smtp_sink")


class MailFolder:
    """One file per mail, `<UTC time>-<n>.eml`; a file that is there is complete."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = itertools.count(1)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def handle_DATA(  # noqa: N802 (the name aiosmtpd calls)
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        path = self.keep(envelope)
        logger.info("%s for %d recipients", path.name, len(envelope.rcpt_tos))
        return "250 Message accepted for delivery"

    def keep(self, envelope: Envelope) -> Path:
        """Write the mail under its envelope; blind copies show only there."""
        now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
        path = self.folder / f"{now}-{next(self.numbers)}.eml"
        lines = [f"Return-Path: <{envelope.mail_from}>"]
        lines += [f"Delivered-To: {address}" for address in envelope.rcpt_tos]
        head = "".join(f"{line}\r\n" for line in lines).encode()
        unfinished = path.with_suffix(".part")
        unfinished.write_bytes(head + (envelope.original_content or b""))
        return unfinished.rename(path)


async def serve(host: str, port: int, folder: Path) -> None:
    """Serve until asked to end."""
    mail = MailFolder(folder)
    loop = asyncio.get_running_loop()

    def greet() -> SMTP:
        return SMTP(
            mail,
            hostname="localhost",
            ident=f"Vestibule mail sink {folder}",
            enable_SMTPUTF8=True,
            loop=loop,
        )

    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    server = await loop.create_server(greet, host, port)
    await ended.wait()
    server.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
