"""`decode --salvage`: what is sound is written, what is lost is said, and nothing is overwritten unasked."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from checks import flip, huf, npy_of, pieces
from command_line import files, good, misused, program, refused, run

from codec.coding import encode
from codec.coding.salvage import Salvage
from codec.theory.sources import built_in

LINES = [f"{20 + i * i % 11 / 10:.1f}\n".encode() for i in range(53)]
TEXT = b"".join(LINES)
DATA = huf(TEXT, lane_size=3, block_size=8)
FRONT, BLOCKS, END = pieces(DATA)
SAID = "codec decode: bad.huf: saved 45 of 53 readings; lost: readings 17 to 24\n"
SOUND = b"".join(LINES[:16] + LINES[24:])
LEVELS = np.arange(50, dtype=np.int16) % 3 * 5 + 100


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.huf").write_bytes(DATA)
    (tmp_path / "bad.huf").write_bytes(FRONT + b"".join([*BLOCKS[:2], *BLOCKS[3:]]) + END)
    return tmp_path


def test_salvage_of_a_whole_file_says_that_nothing_is_lost(folder: Path) -> None:
    result = good("decode", "t.huf", "--salvage")
    assert (result.talk, result.data) == ("t.huf: 53 readings, nothing is lost\n", b"")
    assert (folder / "t").read_bytes() == TEXT
    assert good("decode", "t.huf", "--salvage", "-q", "-f").talk == ""
    (folder / "e.huf").write_bytes(encode(b""))
    assert good("decode", "e.huf", "--salvage").talk == "e.huf: 0 readings, nothing is lost\n"
    assert (folder / "e").read_bytes() == b""


def test_salvage_writes_what_is_sound_and_fails_with_what_is_lost(folder: Path) -> None:
    assert "bad.huf" in refused("decode", "bad.huf") and files(folder) == ["bad.huf", "t.huf"]
    (folder / "bad").write_bytes(b"mine")
    assert "exists already" in refused("decode", "bad.huf", "--salvage")
    assert (folder / "bad").read_bytes() == b"mine"
    assert refused("decode", "bad.huf", "--salvage", "-f") == SAID
    assert refused("decode", "bad.huf", "--salvage", "-q", "-o", "other") == SAID
    assert (folder / "bad").read_bytes() == (folder / "other").read_bytes() == SOUND
    assert files(folder) == ["bad", "bad.huf", "other", "t.huf"]
    assert "not allowed with argument" in misused("decode", "t.huf", "--salvage", "--test")


def test_salvage_writes_to_standard_output_and_reads_standard_input(folder: Path) -> None:
    for arguments in (["bad.huf", "-c"], ["bad.huf", "-o", "-"]):
        result = run("decode", "--salvage", *arguments)
        assert (result.code, result.data, result.talk) == (1, SOUND, SAID)
    result = run("decode", "--salvage", "-", "-c", stdin=(folder / "bad.huf").read_bytes())
    assert (result.code, result.data) == (1, SOUND) and result.talk.endswith(SAID.split("bad.huf")[1])
    assert program("decode", "--salvage", "t.huf", "-c", cwd=folder).data == TEXT


def test_where_nothing_can_be_saved_no_file_is_written(folder: Path) -> None:
    for data, message in (
        (FRONT + END, "no block of it is sound: nothing can be saved"),
        (flip(DATA, 100), "the header"),
        (b"", "cut short"),
    ):
        (folder / "bad.huf").write_bytes(data)
        assert message in refused("decode", "bad.huf", "--salvage")
    assert files(folder) == ["bad.huf", "t.huf"]


def test_salvage_needs_the_table_of_a_file_that_carries_none_and_heeds_the_limit(folder: Path) -> None:
    (folder / "n.huf").write_bytes(encode(LEVELS, built_in("nasa"), embed_table=False))
    assert "carries no table" in refused("decode", "n.huf", "--salvage")
    assert "--max-output" in refused("decode", "n.huf", "--salvage", "--code", "nasa", "--max-output", 99)
    assert files(folder) == ["bad.huf", "n.huf", "t.huf"]
    good("decode", "n.huf", "--salvage", "--code", "nasa", "--max-output", 100)
    assert (folder / "n").read_bytes() == npy_of(LEVELS)


def test_readings_of_another_file_are_an_error_though_none_is_missing(folder: Path) -> None:
    code = Salvage(io.BytesIO(DATA)).file.code
    other = pieces(huf(b"".join(LINES[15:] + LINES[:15]), code, lane_size=3, block_size=8))[1]
    (folder / "bad.huf").write_bytes(FRONT + b"".join([other[0], *BLOCKS[1:]]) + END)
    assert "their checksum does not hold" in refused("decode", "bad.huf", "--salvage")
    assert len((folder / "bad").read_bytes().splitlines()) == 53
