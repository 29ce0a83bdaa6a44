"""The scanner's gateway against a real clamd."""

import io
import os
import shutil
import signal
import socket
import subprocess
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from documents.clamav import ScannerUnavailable, Verdict, ping, scan
from tests.services.conftest import EXAMPLE, ROOT, is_listening, require

pytestmark = pytest.mark.service
# In pieces, or scanners would put this very file away.
EICAR = b"".join(
    [rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-", b"STANDARD-ANTI", b"VIRUS-TEST-FILE!$H+H*"]
)
MEGABYTE = 1 << 20
PARTS = ROOT / "scripts" / "services" / "clamav"
QUICK = (1.0, 1.0)  # seconds; for a scanner that will not answer


@pytest.fixture(scope="module")
def clamd() -> str:
    address: str = EXAMPLE.str("CLAMAV_ADDRESS")
    require("ClamAV", is_listening(f"tcp://{address}"))
    return address


def zipped(content: bytes, *, times: int = 1) -> bytes:
    for _ in range(times):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("inside", content)
        content = packed.getvalue()
    return content


def noise(megabytes: int) -> Iterator[bytes]:
    """Yield what is no file of any kind, each megabyte another."""
    block = os.urandom(MEGABYTE)
    for number in range(megabytes):
        yield number.to_bytes(4, "big") + block[4:]


def test_it_is_there(clamd: str) -> None:
    ping(clamd)


def test_malware_is_found(clamd: str) -> None:
    verdict = scan([EICAR], address=clamd)
    assert not verdict.is_clean
    assert "eicar" in verdict.signature.lower()


def test_malware_is_found_however_it_is_cut(clamd: str) -> None:
    bytewise = (EICAR[place : place + 1] for place in range(len(EICAR)))
    assert not scan(bytewise, address=clamd).is_clean
    assert not scan([EICAR[:9], b"", EICAR[9:], b""], address=clamd).is_clean


def test_malware_is_found_inside(clamd: str) -> None:
    assert not scan([zipped(EICAR)], address=clamd).is_clean


def test_a_clean_file_is_clean(clamd: str) -> None:
    for content in (b"%PDF-1.7 of a test", b"a,b\r\n1,2\r\n", zipped(b"harmless")):
        assert scan([content], address=clamd) == Verdict(is_clean=True)


def test_the_largest_document_fits(clamd: str) -> None:
    assert scan(noise(25), address=clamd).is_clean


def test_what_the_scanner_gave_up_on_is_not_clean(clamd: str) -> None:
    """So deep does it not look; AlertExceedsMax makes it say so."""
    verdict = scan([zipped(b"harmless", times=40)], address=clamd)
    assert not verdict.is_clean
    assert "Limits.Exceeded" in verdict.signature


@pytest.mark.parametrize("megabytes", [31, 40])
def test_more_than_the_scanner_takes(clamd: str, megabytes: int) -> None:
    for _ in range(3):  # it hangs up in the middle, each time at another moment
        with pytest.raises(ScannerUnavailable, match="larger than the scanner takes"):
            scan(noise(megabytes), address=clamd)
    ping(clamd)


def test_half_a_file_leaves_the_scanner_well(clamd: str) -> None:
    def chunks() -> Iterator[bytes]:
        yield EICAR[:10]
        raise ConnectionError("The store hung up.")

    with pytest.raises(ConnectionError, match="The store hung up"):
        scan(chunks(), address=clamd)
    assert not scan([EICAR], address=clamd).is_clean


@dataclass
class OwnClamd:
    """A scanner of this test alone, which may be stopped."""

    address: str
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings_of(folder: Path, port: int) -> Path:
    database = folder / "database"
    making = f'. "{PARTS}/eicar.sh"; make_database "{database}"'
    subprocess.run(["sh", "-ec", making], check=True)
    file = folder / "clamd.conf"
    lines = [
        (PARTS / "clamd.conf").read_text(),
        f"TCPAddr 127.0.0.1\nTCPSocket {port}",
        f"DatabaseDirectory {database}\nTemporaryDirectory {folder}\n",
    ]
    file.write_text("\n".join(lines))
    return file


@contextmanager
def own_clamd(folder: Path) -> Iterator[OwnClamd]:
    path = f"{os.defpath}:/usr/local/bin:/usr/sbin"
    program = shutil.which("clamd", path=path)
    if program is None or shutil.which("sigtool") is None:
        pytest.skip("ClamAV is not installed here, it only answers.")
    port = free_port()
    file = settings_of(folder, port)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [program, f"--config-file={file}"], stdout=log, stderr=subprocess.STDOUT
        )
    own = OwnClamd(f"127.0.0.1:{port}", process)
    try:
        until = time.monotonic() + 20
        while not is_listening(f"tcp://{own.address}") and time.monotonic() < until:
            time.sleep(0.1)
        yield own
    finally:
        own.stop()


@pytest.fixture
def own(clamd: str, tmp_path: Path) -> Iterator[OwnClamd]:
    with own_clamd(tmp_path) as running:
        yield running


def test_a_stopped_scanner(own: OwnClamd) -> None:
    assert not scan([EICAR], address=own.address).is_clean
    own.stop()
    with pytest.raises(ScannerUnavailable, match="could not be reached"):
        scan([EICAR], address=own.address)
    with pytest.raises(ScannerUnavailable, match="could not be reached"):
        ping(own.address)


def test_a_scanner_that_is_stopped_in_the_middle(own: OwnClamd) -> None:
    def chunks() -> Iterator[bytes]:
        yield from noise(2)
        own.stop()
        yield from noise(2)

    with pytest.raises(ScannerUnavailable, match="hung up"):
        scan(chunks(), address=own.address)


def test_a_scanner_that_hangs(own: OwnClamd) -> None:
    """The system takes the connection in its place; then nothing comes."""
    ping(own.address)
    own.process.send_signal(signal.SIGSTOP)
    for chunks in ([EICAR], noise(20)):
        with pytest.raises(ScannerUnavailable, match="in time"):
            scan(chunks, address=own.address, timeout=QUICK)
    own.process.send_signal(signal.SIGCONT)
    assert not scan([EICAR], address=own.address).is_clean
