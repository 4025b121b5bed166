"""What decoding holds in memory: bounded, whatever a block holds. Each case runs in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from peak import PEAK

MAX_PEAK = 300  # MB, of the whole process

DECODE = f"""
import os, sys
from codec.coding.file import opened, restored_bytes
from codec.coding.piece import Limit, default_max_output
with open(sys.argv[1], "rb") as file:
    limit = Limit(default_max_output(os.path.getsize(sys.argv[1])))
    size = sum(map(len, restored_bytes(opened(file), limit)))
print(size, {PEAK})
"""
SALVAGE = f"""
import sys
from codec.coding.salvage import Salvage
with open(sys.argv[1], "rb") as file:
    size = sum(map(len, Salvage(file).restored()))
print(size, {PEAK})
"""
MAKE = """
import sys
import numpy as np
import codec
kind, path = sys.argv[1:]
if kind == "long lines, 50 in a codeword":
    data = codec.encode(np.full(50_000, "x" * 20_000, object), per_codeword=50)
elif kind == "differences, 63 in a codeword":
    data = codec.encode(np.arange(5_000_000), delta=True, per_codeword=63)
else:
    data = codec.encode(np.tile(np.array([1, 2, 3], np.uint8), 333_333_334)[:10**9])
with open(path, "wb") as file:
    file.write(data)
"""


def run(program: str, *arguments: object, engine: str = "lanes") -> str:
    import os

    command = [sys.executable, "-c", program, *map(str, arguments)]
    environment = {**os.environ, "CODEC_ENGINE": engine}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "program", "size"),
    [
        ("long lines, 50 in a codeword", DECODE, 1_000_050_000),
        ("differences, 63 in a codeword", DECODE, 40_000_128),
        ("a thousand million readings", SALVAGE, 1_000_000_128),
    ],
)
def test_what_is_held_is_bounded(kind: str, program: str, size: int, tmp_path: Path) -> None:
    run(MAKE, kind, tmp_path / "x.huf", engine="compiled")
    given, peak = map(int, run(program, tmp_path / "x.huf").split())
    assert given == size
    assert peak <= MAX_PEAK, f"{kind}: {peak} MB"
