"""A broken pack stops every start with one clear line, and no traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAID = "Pack shop.toml: title must be"


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Return a folder with one pack, which has no title."""
    (tmp_path / "shop.toml").write_text('name = "shop"\n')
    return tmp_path


def start(folder: Path, command: str) -> "subprocess.CompletedProcess[str]":
    """Start as the real process does, with its packs in another folder."""
    code = (
        "import sys, pathlib; from tenants.packs import loader;"
        f" loader.FOLDER = pathlib.Path({str(folder)!r})\n{command}"
    )
    known = {**os.environ, "SECRET_KEY": "x" * 50, "DEBUG": "true"}  # noqa: TID251 - passed on
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=known, capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip


MANAGE = """sys.argv = ["manage.py", "check"]
import runpy; runpy.run_path("manage.py", run_name="__main__")"""
CELERY = """sys.argv = ["celery", "-A", "config", "report"]
from celery.__main__ import main; main()"""


@pytest.mark.parametrize(
    "command",
    [MANAGE, "import config.wsgi", CELERY],
    ids=["manage.py", "gunicorn", "celery"],
)
def test_one_line(broken: Path, command: str) -> None:
    ended = start(broken, command)
    assert ended.returncode != 0
    lines = ended.stderr.strip().splitlines()
    assert [line for line in lines if line.startswith(SAID)], ended.stderr
    assert len(lines) == 1, ended.stderr
