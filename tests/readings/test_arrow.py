"""A column of a Parquet, Arrow or Feather file: numbers and times come back as an array, text and decimals as lines."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from checks import huf, same, unhuf
from command_line import good, refused

import codec
from codec.errors import StreamError
from codec.readings import arrow
from codec.readings.front import open_stream

pa = pytest.importorskip("pyarrow")
pytest.importorskip("pyarrow.parquet")
pytest.importorskip("pyarrow.feather")

COUNT = 3000
TENTHS = 215 + np.arange(COUNT) * 7919 % 40
HOURS = np.datetime64("2021-01-01T00:00:00", "us") + np.arange(COUNT) % 50 * np.timedelta64(1, "h")


def parquet(table: Any) -> bytes:
    file = io.BytesIO()
    pa.parquet.write_table(table, file, row_group_size=700)
    return file.getvalue()


def feather(table: Any) -> bytes:
    file = io.BytesIO()
    pa.feather.write_feather(table, file, chunksize=700)
    return file.getvalue()


def ipc(table: Any) -> bytes:
    file = io.BytesIO()
    with pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=700)
    return file.getvalue()


each_writer = pytest.mark.parametrize("made", [parquet, feather, ipc])


def repeated(values: list[Any], kind: Any = None) -> Any:
    return pa.array((values * COUNT)[:COUNT], kind)


ARRAYS: dict[str, tuple[Any, Any]] = {
    "decimals": (pa.array(TENTHS / 10), TENTHS / 10),
    "float32": (pa.array((TENTHS / 10).astype(np.float32)), (TENTHS / 10).astype(np.float32)),
    "float16": (pa.array((TENTHS / 10).astype(np.float16)), (TENTHS / 10).astype(np.float16)),
    "int16": (pa.array(TENTHS.astype(np.int16)), TENTHS.astype(np.int16)),
    "a.b": (pa.array(TENTHS.astype(np.uint64)), TENTHS.astype(np.uint64)),
    "bools": (pa.array(TENTHS % 2 == 0), TENTHS % 2 == 0),
    "gaps": (repeated([1.5, None]), np.resize([1.5, np.nan], COUNT)),
    "dictionary": (repeated([20, 21]).dictionary_encode(), np.resize([20, 21], COUNT)),
    "times": (pa.array(HOURS), HOURS),
    "zoned": (pa.array(HOURS).cast(pa.timestamp("us", "Europe/Zurich")), HOURS),
    "days": (repeated([date(2021, 1, 1), None]), np.resize(np.array(["2021-01-01", "NaT"], "M8[D]"), COUNT)),
    "of day": (repeated([time(1, 2, 3)], pa.time32("ms")), np.full(COUNT, 3723_000, "m8[ms]")),
    "of day, us": (repeated([time(1, 2, 3)]), np.full(COUNT, 3723_000_000, "m8[us]")),
    "durations": (repeated([timedelta(days=1)]), np.full(COUNT, 86_400_000_000, "m8[us]")),
}
TEXTS: dict[str, tuple[Any, list[str]]] = {
    "text": (repeated(["a", "", "b\u00e9"]), ["a", "", "b\u00e9"]),
    "large text": (repeated(["a", "b"], pa.large_string()), ["a", "b"]),
    "categories": (repeated(["a", None, "b"]).dictionary_encode(), ["a", "", "b"]),
    "numbers in text": (repeated(["21.5", "21.4"]), ["21.5", "21.4"]),
    "exact decimals": (repeated([Decimal("21.50"), Decimal("-0.05")]), ["21.50", "-0.05"]),
}
WHOLE = pa.table({name: column for name, (column, _) in {**ARRAYS, **TEXTS}.items()})


@pytest.mark.dear
@each_writer
def test_every_column_comes_back(made: Callable[[Any], bytes]) -> None:
    raw = made(WHOLE)
    for name, (_, back) in ARRAYS.items():
        data = huf(raw, opens={"column": name})
        assert same(codec.decode(data), back) and same(np.load(io.BytesIO(unhuf(data))), back), name
    for name, (_, cells) in TEXTS.items():
        data = huf(raw, opens={"column": name})
        assert unhuf(data).decode() == "".join(cell + "\n" for cell in (cells * COUNT)[:COUNT]), name


def test_a_column_is_coded_as_the_same_array_or_the_same_text() -> None:
    raw = parquet(WHOLE)
    assert huf(raw, opens={"column": "decimals"}, delta=True) == codec.encode(TENTHS / 10, delta=True)
    plain = {"column": "decimals", "decimals": False}
    assert huf(raw, opens=plain) == codec.encode(TENTHS / 10, decimals=False)
    text = b"".join(b"21.%d\n" % (5 - row % 2) for row in range(COUNT))
    assert huf(raw, opens={"column": "numbers in text"}) == huf(b"x\n" + text, opens={"column": "x"})


@each_writer
def test_ints_with_gaps_come_back_as_lines_and_are_numbers_all_the_same(made: Any) -> None:
    tenths = repeated([Decimal("2.5"), None, Decimal("2.6")])
    raw = made(pa.table({"x": repeated([21, 22, None, 23], "int16"), "tenths": tenths}))
    for column, cells in (("x", ["21", "22", "", "23"]), ("tenths", ["2.5", "", "2.6"])):
        for how in ({}, {"delta": True}, {"transform": "linear ranks", "intervals": True}):
            data = huf(raw, opens={"column": column}, **how)
            assert unhuf(data).decode().splitlines() == (cells * COUNT)[:COUNT]
            assert codec.ledger(data).gaps == cells.count("") * COUNT // len(cells)


def test_a_number_that_stands_for_a_gap_is_masked_in_arrays_and_not_named(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.array([1, -999, 2]))
    (tmp_path / "x.parquet").write_bytes(parquet(pa.table({"x": pa.array([1, -999, 2])})))
    for name, more in (("x.npy", ()), ("x.parquet", ("--column", "x"))):
        assert "numpy.ma.masked_equal" in refused("encode", tmp_path / name, *more, "--missing", "-999", "-c")


def test_what_gaps_and_zones_become_is_said() -> None:
    for name, note in {"gaps": "1,500 gaps .* NaN", "categories": "1,000 gaps .* empty lines", "zoned": "UTC"}.items():
        stream = open_stream(io.BytesIO(parquet(WHOLE)), "x.parquet", name)
        for _ in range(2):
            assert sum(map(len, stream.labels())) == COUNT
        (said,) = stream.notes
        assert re.search(note, said)


@each_writer
@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("x", [True, None], "x.*has gaps, and the type bool has no value for one: fill them"),
        ("x", [[1]], "values of type list.* which are no readings"),
        ("x", ["a\nb"], "holds a line break, and a column comes back one cell a line"),
        (None, [1], "is an? [APF].* file: name one of its columns with .*column: x"),
        ("y", [1], "has no column 'y': name one of its columns with .*column: x"),
    ],
)
def test_what_cannot_be_read_is_refused(made: Any, column: str | None, values: list[Any], message: str) -> None:
    with pytest.raises(StreamError, match=message):
        list(open_stream(io.BytesIO(made(pa.table({"x": values}))), "x.parquet", column).labels())


@each_writer
def test_a_damaged_file_is_refused(made: Callable[[Any], bytes]) -> None:
    raw = made(WHOLE)
    for cut in (raw[:9], raw[: len(raw) // 2], raw[:-3]):
        with pytest.raises(StreamError, match=r"that cannot be read: "):
            list(open_stream(io.BytesIO(cut), "x", "text").labels())


def test_two_columns_of_a_name_are_refused() -> None:
    twice = pa.table([pa.array([1]), pa.array([2])], ["x", "x"])
    with pytest.raises(StreamError, match="has 2 columns 'x'"):
        open_stream(io.BytesIO(ipc(twice)), "x.arrow", "x")


def test_without_pyarrow_the_message_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(StreamError, match=r"x is a Parquet file, which needs pyarrow: pip install 'codec\[data\]'"):
        arrow.open_arrow(io.BytesIO(b"PAR1xxxx"), "x", "y")


def test_at_the_command_line_the_file_is_named_after_what_it_decodes_to(tmp_path: Path) -> None:
    source = tmp_path / "data.parquet"
    source.write_bytes(parquet(WHOLE))
    good("encode", source, "--column", "decimals")
    good("decode", tmp_path / "data.decimals.npy.huf")
    assert same(np.load(tmp_path / "data.decimals.npy"), TENTHS / 10)
    good("encode", source, "--column", "exact decimals")
    good("decode", tmp_path / "data.exact decimals.txt.huf")
    assert (tmp_path / "data.exact decimals.txt").read_text().startswith("21.50\n-0.05\n")
    assert "40" in good("table", source, "--column", "decimals", "--json").text


def test_a_pipe_that_is_read_once_and_a_table_wanted_are_refused_by_kind(tmp_path: Path) -> None:
    raw = parquet(WHOLE)
    (tmp_path / "x.parquet").write_bytes(raw)
    assert "a Parquet file, which cannot be read from a pipe" in refused(
        "encode", "-", "--column", "decimals", "--code", "nasa", "-o", tmp_path / "y", stdin=raw
    )
    assert good("encode", "-", "--column", "decimals", "-o", tmp_path / "z", stdin=raw).code == 0
    assert "is a stream of readings, and a table is wanted" in refused(
        "audit", tmp_path / "x.parquet", "--code", tmp_path / "x.parquet", "--column", "decimals"
    )
