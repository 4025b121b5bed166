"""CSV files as they come: no header, lines above it, bars, padding, marks; and files that start elsewhere or change."""

from __future__ import annotations

import gzip
import io
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from checks import Pipe, forge, huf, part, unhuf

from codec.codes.prefix import PrefixCode
from codec.coding import decode, encode
from codec.errors import DamagedError, StreamError, TableError
from codec.files.tables import load, save
from codec.measure.ledger import ledger
from codec.readings import restore
from codec.readings.csv import Layout
from codec.readings.front import open_stream
from codec.readings.origin import Closing, Origin
from codec.readings.values import from_values
from codec.theory.labels import labels_of


def opened(raw, column=None, **layout):
    stream = open_stream(io.BytesIO(raw), "x", column, layout=Layout(**layout))
    return stream, [spelling for piece in stream.labels() for spelling in piece.spellings]


CSV = {
    "by number": (b"a,20230101,TMAX,45\nb,20230102,TMAX,50\n", "4", {"header": False}, ["45", "50"]),
    "by number, a mark": (b"\xef\xbb\xbf1;2\n3;4\n", "1", {"header": False}, ["1", "3"]),
    "by number, CRLF": (b"1;2\r\n3;4\r\n", "2", {"header": False}, ["2", "4"]),
    "skip": (b"TOA5,x\nt,c\n1,2\n", "c", {"skip": 1}, ["2"]),
    "comment": (b"#DEBUG\n#x,y,z\nt,c\n1,2\n", "c", {"comment": "#"}, ["2"]),
    "comment behind a mark": (b"\xef\xbb\xbf#x\nt,c\n1,2\n", "c", {"comment": "#"}, ["2"]),
    "sep=": (b"sep=;\r\nt;c\r\n1;25\r\n", "c", {"comment": "sep="}, ["25"]),
    "skip and no header": (b"top\n1|2\n", "2", {"skip": 1, "header": False}, ["2"]),
    "bars": (b"t|c\n1|2\n", "c", {}, ["2"]),
    "padded": (b"MESS;  TMK;eor\n1;  -2.5;eor\n", "TMK", {}, ["  -2.5"]),
}


@pytest.mark.parametrize(("raw", "column", "layout", "cells"), CSV.values(), ids=CSV)
def test_a_column_is_found_below_and_without_its_header(raw, column, layout, cells):
    assert opened(raw, column, **layout)[1] == cells
    from_pipe = open_stream(io.BufferedReader(Pipe(raw)), "x", column, layout=Layout(**layout))  # type: ignore[arg-type]
    assert [s for piece in from_pipe.labels() for s in piece.spellings] == cells


@pytest.mark.parametrize("column", ["0", "3", "c", "-1", "01"])
def test_a_column_without_a_header_is_a_number(column):
    with pytest.raises(StreamError, match="a number from 1 to 2"):
        opened(b"1,2\n", column, header=False)


def test_a_header_that_looks_like_a_row_and_one_that_stands_again_are_noted():
    stream, cells = opened(b"a,20230101,TMAX\nb,20230102,TMAX\n", "TMAX")
    assert cells == ["TMAX"] and len(stream.notes) == 2
    assert "'20230101'" in stream.notes[0] and "row 1 holds 'TMAX'" in stream.notes[1]
    list(stream.labels())
    assert len(stream.notes) == 2
    assert opened(b"t,c\n1,2\n", "c")[0].notes == []


def test_a_byte_order_mark_in_a_text_needs_no_note():
    assert not opened(b"\xef\xbb\xbf1\n")[0].notes


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("options", [{}, {"raw": True}, {"column": "1"}])
def test_a_file_starts_where_it_stands(packed, options):
    rest = b"1\n2\n3\n"
    file = io.BytesIO(b"first\n" + (gzip.compress(rest) if packed and "raw" not in options else rest))
    file.readline()
    stream = open_stream(file, "x", **options)
    for _ in range(2):
        found = [label for piece in stream.labels() for label in piece]
        assert found == {"raw": list(rest), "column": [2, 3]}.get(next(iter(options), ""), [1, 2, 3])


@pytest.mark.parametrize("options", [{}, {"raw": True}, {"column": "c"}])
def test_a_source_cut_short_between_two_passes_is_noticed(options):
    file = io.BytesIO(b"c\n1\n2\n3\n")
    stream = open_stream(file, "x", **options)
    list(stream.pieces())
    file.truncate(4)
    with pytest.raises(StreamError, match="was changed while it was read"):
        list(stream.pieces())


@pytest.mark.parametrize("pipe", [False, True])
def test_a_line_too_long_for_a_label_is_refused_before_it_is_read_whole(pipe):
    class Endless(Pipe):
        def __init__(self):
            self.given = 0

        def readinto(self, buffer):
            self.given += len(buffer)
            assert self.given < 1 << 24, "it reads on"
            buffer[:] = b"1\n" + b"x" * (len(buffer) - 2) if self.given == len(buffer) else b"x" * len(buffer)
            return len(buffer)

    file: Any = io.BufferedReader(Endless()) if pipe else io.BytesIO(b"1\n" + b"x" * (9 << 20))
    with pytest.raises(StreamError, match="x, line 2, has more than 65,536 bytes"):
        list(open_stream(file, "x").pieces())


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_line_of_the_greatest_length_is_a_label(end, monkeypatch):
    raw = (b"y" * 65536 + end) * 3
    for size in (1 << 10, 1 << 16, 1 << 22):
        monkeypatch.setattr("codec.readings.stream.PIECE_BYTES", size)
        assert len(opened(raw)[1]) == 3
        with pytest.raises(StreamError, match="line 4"):
            opened(raw + b"z" * 65537 + end)


@pytest.mark.parametrize("dtype", ["boolean", "string", "category"])
def test_a_series_of_no_numbers_with_a_gap_is_refused_and_one_without_is_exact(dtype):
    values = {"boolean": [True, False], "string": ["a", "b"]}.get(dtype, [2**53 + 1, 3])
    with pytest.raises(TypeError, match="gaps"):
        from_values(pd.Series([*values, None], dtype=dtype))
    assert len(next(from_values(pd.Series(values, dtype=dtype)).labels())) == 2
    assert decode(encode(pd.Series([2**53 + 1, 3], dtype="Int64"))).tolist() == [2**53 + 1, 3]


IMPOSSIBLE = {
    "bools": np.array([0, 2], np.uint8).view(bool),
    "code points": np.frombuffer(b"\xff" * 4, "<U1"),
    "code points, big-endian": np.frombuffer(b"\0\x11\0\0", ">U1"),
    "code points, some": np.array([97, 0x110000], np.uint32).view("<U1"),
}


@pytest.mark.parametrize("array", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_arrays_that_could_not_be_decoded_are_not_encoded(array):
    with pytest.raises(ValueError, match="holds"):
        encode(array)
    file = io.BytesIO()
    np.save(file, array)
    with pytest.raises(StreamError, match="x: an array of"):
        list(open_stream(file_at_start(file), "x").pieces())


def file_at_start(file):
    file.seek(0)
    return file


def test_an_npy_file_with_bytes_behind_its_array_is_refused_and_its_version_noted():
    for version in ((1, 0), (2, 0), (3, 0)):
        file = io.BytesIO()
        np.lib.format.write_array(file, np.arange(3), version=version)
        stream = open_stream(file_at_start(file), "x")
        list(stream.pieces())
        assert len(stream.notes) == (version != (1, 0))
        longer = open_stream(io.BytesIO(file.getvalue() + b"x"), "x")
        with pytest.raises(StreamError, match="bytes behind its array"):
            list(longer.pieces())
    ninth = bytearray(file.getvalue())
    ninth[6] = 9
    with pytest.raises(StreamError, match="9"):
        open_stream(io.BytesIO(bytes(ninth)), "x")


@pytest.mark.parametrize("key", ["label_kind", "step", "labels"])
def test_a_deeply_nested_entry_of_a_table_is_refused(key, tmp_path):
    for depth in (900, 950, 980, 989, 995):
        fields = {"kind": '"distribution"', "labels": "[1, 2]", "weights": "[1, 1]"}
        fields[key] = "[" * depth + "]" * depth
        (tmp_path / "t.json").write_text("{" + ", ".join(f"{json.dumps(k)}: {v}" for k, v in fields.items()) + "}")
        with pytest.raises(TableError):
            load(tmp_path / "t.json")


def test_only_distributions_and_codes_are_saved(tmp_path):
    with pytest.raises(TypeError, match="a Distribution or a PrefixCode can be saved, not int"):
        save(5, tmp_path / "t.json")  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())
    save(PrefixCode.from_lengths([1, 2], [1, 1]), tmp_path / "t.json")


@pytest.mark.parametrize("kind", ["text", "array", "bytes"])
def test_readings_are_restored_a_few_megabytes_at_a_time(kind):
    origin = Origin(kind, "<U100", (300_000,)) if kind == "array" else Origin(kind)
    alphabet = labels_of([1, 2]) if kind == "bytes" else labels_of(["a" * 99, "b"])
    places = np.tile(np.array([0, 0, 1], np.uint8), 100_000)
    given = list(restore.as_bytes(alphabet, origin, iter([(alphabet, places), Closing(1)])))
    assert max(map(len, given)) <= 5 << 20
    whole = {"text": (b"a" * 99 + b"\n") * 2 + b"b\n", "bytes": b"\1\1\2"}
    if kind != "array":
        assert b"".join(given) == whole[kind] * 100_000


XS, ROWS = b"x" * (1 << 20), b"abc\n" * (1 << 18)


@pytest.mark.dear
@pytest.mark.parametrize(
    ("start", "piece", "message"),
    [
        (b"c\n", XS, r"x, line 2, has more than 16,777,216 bytes: is this a CSV file\? code it with raw=True"),
        (b"c,", XS, "x has a line of 16,777,216 bytes or more where its header should be"),
        (b"x", XS, "x has a line of 16,777,216 bytes or more where its header should be"),
        (b'c\n"', XS, "x, line 2, has more than 16,777,216 bytes"),
        (b'c\n"', ROWS, "x, line 2, .*: is a quote not closed"),
    ],
)
def test_a_row_or_a_header_without_an_end_is_refused_before_it_is_held(start, piece, message):
    read = 0

    class Endless(io.RawIOBase):
        def readable(self):
            return True

        def readinto(self, buffer):
            nonlocal read
            data = (start if read == 0 else piece)[: len(buffer)]
            buffer[: len(data)] = data
            read += len(data)
            assert read < 100 << 20, "it is read on and on"
            return len(data)

    with pytest.raises(StreamError, match=message):
        list(open_stream(io.BufferedReader(Endless()), "x", "c").pieces())


@pytest.mark.parametrize("rest", [b"", b"\n", b"20.5\n21.0\n20.5", b"1\r\n2\r\n", b"on\noff\n", b"\xef\xbb\xbf1\n"])
@pytest.mark.parametrize("size", [1, 2, 1 << 22])
def test_a_byte_order_mark_is_no_part_of_the_first_reading(rest, size, monkeypatch):
    monkeypatch.setattr("codec.readings.stream.PIECE_BYTES", size)
    raw = b"\xef\xbb\xbf" + rest
    data = huf(raw)
    assert unhuf(data) == raw
    without = ["\ufeff1"] if rest.startswith(b"\xef") else decode(huf(rest)).tolist()  # a second mark is a reading
    assert decode(data).tolist() == without
    assert part(data, "header").number(data, "flags") & 8
    book = ledger(data)
    assert (book.original_bits, sum(book.lines.values())) == (8 * len(raw), pytest.approx(book.file_bits))
    piped = [piece for piece in open_stream(Pipe(raw), "x").pieces() if not isinstance(piece, Closing)]
    assert [label for piece in piped for label in piece] == decode(data).tolist()


def test_a_byte_order_mark_of_what_is_no_text_is_refused():
    with pytest.raises(DamagedError, match="only a text can begin with one"):
        decode(forge(encode(np.arange(3)), "header", "flags", 1 | 8))
