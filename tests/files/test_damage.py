"""The table of damage: ours lets nothing through, and the table says of each reader what it does."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from checks import each_engine

PATH = Path(__file__).resolve().parent.parent.parent / "benchmarks" / "damage.py"
SPEC = importlib.util.spec_from_file_location("damage", PATH)
assert SPEC is not None and SPEC.loader is not None
damage = importlib.util.module_from_spec(SPEC)
sys.modules["damage"] = damage  # where its dataclasses look for their annotations
SPEC.loader.exec_module(damage)

TEXT = b"one\ntwo\n"


class ToyError(Exception):
    """What the toy readers raise for a damaged file."""


def careless(data: bytes) -> bytes:
    return data


def careful(data: bytes) -> bytes:
    if zlib.crc32(data[4:]).to_bytes(4, "big") != data[:4]:
        raise ToyError
    return data[4:]


def rows_of(form: object, text: bytes) -> dict[str, dict[str, int]]:
    return {name: {"files": row.files, **row.outcomes} for name, row in damage.measure(form, text).items()}


@each_engine
def test_ours_lets_nothing_through(engine: str) -> None:
    text = damage.text_of(60)
    rows = rows_of(damage.ours(text, engine), text)
    size = len(damage.ours(text).data)
    files = {name: row["files"] for name, row in rows.items()}
    swapped = files.pop("bytes swapped")
    assert files == {"bit flipped": 8 * size, "cut short": size, "byte deleted": size, "byte inserted": 2 * size + 2,
                     "garbage appended": 4, "copy appended": 1}  # fmt: skip
    assert 0 < swapped < size
    assert all(row["files"] == row["refused"] for row in rows.values())


def test_a_reader_that_checks_nothing_lets_everything_through() -> None:
    rows = rows_of(damage.Format(TEXT, careless, (ToyError,)), TEXT)
    assert rows.pop("copy appended") == {"files": 1, "as two": 1}
    assert all(row == {"files": row["files"], "wrong": row["files"]} for row in rows.values())


def test_a_reader_that_checks_everything_lets_nothing_through() -> None:
    data = zlib.crc32(TEXT).to_bytes(4, "big") + TEXT
    rows = rows_of(damage.Format(data, careful, (ToyError,)), TEXT)
    assert all(row == {"files": row["files"], "refused": row["files"]} for row in rows.values())


def test_what_stands_behind_the_end_may_go_unnoticed() -> None:
    rows = rows_of(damage.Format(TEXT, lambda data: data[: len(TEXT)], (ToyError,)), TEXT)
    assert [rows[name].get("unnoticed") for name in ("garbage appended", "copy appended")] == [4, 1]
    assert rows["bit flipped"] == {"files": 64, "wrong": 64}


@pytest.mark.parametrize("error", [KeyError, MemoryError, RuntimeError, ValueError, zlib.error])
def test_an_error_of_another_kind_is_a_crash(error: type[Exception]) -> None:
    def raising(data: bytes) -> bytes:
        if data != TEXT:
            raise error
        return data

    assert all(row == {"files": row["files"], "crashed": row["files"]}
               for row in rows_of(damage.Format(TEXT, raising, (ToyError,)), TEXT).values())  # fmt: skip


def test_no_damage_is_the_file_itself() -> None:
    for data in (b"", b"a", b"ab", b"aab\0\xff"):
        for name, files in damage.damages(data).items():
            every = list(files)
            assert data not in every or (name, data) == ("copy appended", b"")
            assert name in ("byte deleted", "byte inserted") or len(set(every)) == len(every)
    assert list(damage.damages(b"abcc")["bytes swapped"]) == [b"bacc", b"acbc"]


def test_a_reader_that_cannot_read_the_whole_file_is_no_reader() -> None:
    with pytest.raises(SystemExit, match="did not come back"):
        damage.measure(damage.Format(TEXT, lambda data: b"", (ToyError,)), TEXT)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    made, missing = damage.formats(damage.text_of(5))
    assert missing == ["zstandard"] and list(made) == ["codec (.huf)", "gzip", "bz2", "xz"]


@pytest.mark.slow
def test_the_table_and_its_json_say_the_same() -> None:
    command = [sys.executable, str(PATH), "--count", "20"]
    shown = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True).stdout
    assert max(map(len, shown.splitlines())) <= 100
    told = json.loads(subprocess.run([*command, "--json"], capture_output=True, text=True, check=True).stdout)
    for row in told["rows"]:
        assert row["files"] == sum(row[kind] for kind in ("refused", "unnoticed", "wrong", "crashed", "as_two"))
    own = [row for row in told["rows"] if row["format"] == "codec (.huf)"]
    assert len(own) == 7 and all(row["refused"] == row["files"] for row in own)
    assert f"{own[0]['files']:,}" in shown
