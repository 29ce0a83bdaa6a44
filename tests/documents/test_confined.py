"""The limits of the process that opens somebody’s file, hit on purpose."""

import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path

import pytest

from documents.rendering import confined
from documents.rendering.confined import ROOT, Exhausted, Failed, run_confined

GREEDY = "tests.documents.greedy"


@pytest.mark.parametrize(
    ("wish", "end"),
    [
        ("memory", Exhausted),
        ("disk", Failed),
        ("files", Failed),
    ],
)
def test_the_limits_themselves(wish: str, end: type[Failed]) -> None:
    with pytest.raises(Failed) as caught:
        run_confined(GREEDY, wish, file=BytesIO(b"abc"))
    assert caught.type is end


def test_a_process_within_its_limits_answers() -> None:
    assert run_confined(GREEDY, "nothing", file=BytesIO(b"")) == b"done"


def test_a_crash_leaves_nothing_of_the_file_on_disk() -> None:
    assert run_confined(GREEDY, "core", file=BytesIO(b"")) == b"(0, 0)"


def test_a_process_that_only_waits_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "WALL_SECONDS", 1)
    began = time.monotonic()
    with pytest.raises(Exhausted):
        run_confined(GREEDY, "sleep", file=BytesIO(b""))
    assert time.monotonic() - began < 10


def test_the_process_has_no_children() -> None:
    assert run_confined(GREEDY, "children", file=BytesIO(b"")) == b"refused"


def test_the_process_knows_no_secret_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "known")
    names = run_confined(GREEDY, "environment", file=BytesIO(b"")).decode()
    # The interpreter itself may set LC_CTYPE (PEP 538).
    assert set(names.split(",")) <= {"", "LC_CTYPE"}


def test_the_process_cannot_write_to_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"original")
    with pytest.raises(Failed):
        run_confined(GREEDY, "input_file", file=path)
    copied = BytesIO(b"original")
    run_confined(GREEDY, "input_file", file=copied)
    assert path.read_bytes() == copied.getvalue() == b"original"


def test_drawing_imports_no_django() -> None:
    code = (
        "import sys, documents.rendering.draw, documents.rendering.measure;"
        "print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={}, capture_output=True, check=True
    )
    known = set(done.stdout.decode().split())
    assert "PIL" in known
    assert not known & {"django", "tenants", "events", "customers", "config"}
