"""A folder to work in, and two streams that the tests of the command line read."""

from pathlib import Path

import pytest
from command_line import good


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def text(tmp_path: Path) -> Path:
    """Five readings."""
    path = tmp_path / "levels.txt"
    path.write_bytes(b"100\n105\n105\n110\n105\n")
    return path


@pytest.fixture
def stream(tmp_path: Path) -> Path:
    """3,001 draws of the NASA levels."""
    path = tmp_path / "s.txt"
    good("generate", "nasa", "-n", 3001, "--seed", 7, "-o", path)
    return path
