"""Decoding text takes little memory, whatever a block holds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from peak import PEAK

import codec

PROGRAM = f"""
import sys
from codec.cli import main
code = main(sys.argv[1:])
print({PEAK}, file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.slow
def test_a_gigabyte_of_long_lines_is_decoded_in_300_megabytes(tmp_path):
    text, back = tmp_path / "lines.txt", tmp_path / "back.txt"
    stretch = b"".join(b"%0249d\n" % (number % 100) for number in range(40_000))
    with text.open("wb") as file:
        for _ in range(100):
            file.write(stretch)
    environment = {**os.environ, "PYTHONPATH": str(Path(codec.__file__).parent.parent)}
    coded = str(tmp_path / "x.huf")
    peaks = []
    for arguments in (
        ["encode", str(text), "-o", coded],
        ["decode", coded, "-o", str(back), "--max-output", str(2 << 30)],
    ):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, env=environment
        )
        assert done.returncode == 0, done.stderr
        peaks.append(int(done.stderr.split()[-1]))
    assert back.stat().st_size == text.stat().st_size
    with back.open("rb") as file:
        assert all(piece == stretch for piece in iter(lambda: file.read(len(stretch)), b""))
    assert peaks[1] <= 300, peaks
