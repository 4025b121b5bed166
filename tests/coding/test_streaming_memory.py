"""Transforms, intervals and gaps take memory for the blocks at work, however long the stream."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from peak import PEAK

import codec

BLOCK = 1 << 16
PROGRAM = f"""
import sys
from codec.cli import main
code = main(sys.argv[1:])
print({PEAK}, file=sys.stderr)
sys.exit(code)
"""
WAYS = [(), ("--delta",), ("--ranks", "--linear", "2"), ("--linear", "3", "--intervals")]


def peak_of(*arguments: str) -> int:
    """Megabytes that a command held at most."""
    environment = {**os.environ, "PYTHONPATH": str(Path(codec.__file__).parent.parent)}
    command = [sys.executable, "-c", PROGRAM, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return int(done.stderr.split()[-1])


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["gaps", "pandas", "array"])
def test_more_than_twice_as_many_readings_take_little_more_memory(kind: str, tmp_path: Path) -> None:
    walk = np.cumsum(np.random.default_rng(5).integers(-3, 4, 1 << 18)) % 700
    coded, back = str(tmp_path / "x.huf"), str(tmp_path / "back")
    peaks: dict[tuple[str, ...], list[list[int]]] = {way: [] for way in WAYS}
    for times in (6, 15):  # of text, two pieces and five
        source = tmp_path / f"{times}{'.npy' if kind == 'array' else '.txt'}"
        if kind == "array":
            values = np.where(np.arange(len(walk) * times) % 999 == 5, np.nan, np.resize(walk / 10, len(walk) * times))
            np.save(source, values)
        else:
            lines = [f"{k / 10}\n" if kind == "pandas" else f"{k // 10}.{k % 10}0\n" for k in walk.tolist()]
            if kind == "gaps":
                lines[5::999] = ["\n"] * len(lines[5::999])
            source.write_bytes("".join(lines).encode() * times)
        for way in WAYS:
            written = peak_of("encode", str(source), *way, "--block-size", str(BLOCK), "-o", coded, "--force", "-q")
            read = peak_of("decode", coded, "-o", back, "--force", "-q", "--max-output", str(1 << 30))
            assert Path(back).read_bytes() == source.read_bytes()
            peaks[way].append([written, read])
    for way, (few, many) in peaks.items():
        assert many[0] <= few[0] + 40 and many[1] <= few[1] + 20, (way, few, many)
