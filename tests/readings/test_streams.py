"""Readings in: arrays, lists and bytes; text, a column of a CSV file, .npy, raw bytes."""

from __future__ import annotations

import csv
import io
import struct
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from checks import Pipe, huf, npy_of, same, unhuf
from hypothesis import strategies as st
from strategies import tried

from codec.codes.prefix import PrefixCode
from codec.coding import decode, encode, write
from codec.errors import CodecError, StreamError
from codec.readings.front import open_stream
from codec.readings.origin import Closing, Origin
from codec.readings.stream import tally_stream
from codec.readings.values import from_values
from codec.theory.labels import Labels, labels_of

TEXTS = {
    "ints": b"100\n105\n105\n110\n", "ints, no last newline": b"100\n105\n105\n110", "CRLF": b"100\r\n105\r\n105\r\n",
    "CRLF, no last line end": b"100\r\n105\r\n105", "CRLF, a CR at the end": b"100\r\n105\r\n105\r",
    "mixed ends": b"100\r\n105\n105\r\n110\n", "mixed ends, LF first": b"100\n105\r\n105\r\n",
    "CR alone": b"100\r105\r105\r", "CR CR LF": b"100\r\r\n105\r\r\n", "only blanks": b" \n  \n\n \n",
    "only newlines": b"\n\n\n", "one newline": b"\n", "one CRLF": b"\r\n", "only CRLFs": b"\r\n\r\n\r\n",
    "a CR": b"\r", "a blank": b" ", "nothing": b"", "one character": b"7", "blank lines between": b"1\n\n2\n\n\n2\n",
    "a blank last line": b"1\n2\n\n", "007 among ints": b"7\n007\n07\n7\n", "minus zero": b"0\n-0\n+0\n00\n",
    "beyond int64": b"9223372036854775807\n9223372036854775808\n0\n",
    "int64 and beyond at the other end": b"-9223372036854775808\n9223372036854775808\n",
    "the greatest uint64": b"18446744073709551615\n0\n",
    "beyond uint64": b"18446744073709551616\n18446744073709551615\n",
    "beyond everything": b"9" * 50 + b"\n" + b"-" + b"9" * 50 + b"\n", "decimals": b"21.5\n-0.3\n0.0\n21.5\n",
    "two decimals": b"0.50\n0.05\n-12.30\n", "mixed decimals": b"21.5\n21.50\n21\n21.500\n",
    "minus zero point zero": b"0.0\n-0.0\n", "dots": b".5\n5.\n.\n0.5\n",
    "20 decimals": b"0.00000000000000000001\n0.00000000000000000002\n",
    "21 decimals": b"0.000000000000000000001\n0.000000000000000000002\n",
    "300 decimals": b"0." + b"0" * 300 + b"1\n" + b"0." + b"0" * 300 + b"2\n", "exponents": b"1e5\n1E5\n100000.0\n",
    "not a number": b"nan\ninf\n-inf\nNaN\n", "words": b"north\nsouth\nnorth\n", "words and ints": b"5\nfive\n5\n",
    "blanks around": b" 5\n5 \n5\n\t5\n", "no UTF-8": b"\xff\xfe\n\x80\n\xc3\n\xc3\xa9\n\xed\xa0\x80\n",
    "bytes of one character on two lines": b"\xc3\n\xa9\n\xc3\xa9\n", "NUL": b"\0\n\0\0\n1\0\n",
    "a byte order mark": b"\xef\xbb\xbf1\n1\n",
    "other ends of lines": b"a\x0bb\x0cc\x1c\x1d\x1e\xc2\x85\xe2\x80\xa8d\n", "quotes and commas": b"\"a,b\"\n'c'\n",
}  # fmt: skip
PIECES = (1, 2, 3, 5, 1 << 22)


each_size = pytest.mark.parametrize("size", PIECES)


@pytest.fixture
def cut(size, monkeypatch):
    """Texts and arrays are read in pieces of `size` bytes."""
    monkeypatch.setattr("codec.readings.stream.PIECE_BYTES", size)


@each_size
def test_a_text_comes_back_byte_for_byte_and_from_a_pipe_or_is_refused_for_its_line_ends(size, cut):
    for name, raw in TEXTS.items():
        assert unhuf(huf(raw)) == raw, name
        lines = raw.split(b"\n")
        first_crlf = len(lines) > 1 and lines[0].endswith(b"\r")
        end = b"\r\n" if first_crlf else b"\n"
        tokens = sorted({token.decode("utf-8", "surrogateescape") for token in raw.split(end)} | {"?"})
        code, out = PrefixCode.from_lengths(tokens, [20] * len(tokens)), io.BytesIO()
        stream = open_stream(io.BufferedReader(Pipe(raw)), "standard input")
        if first_crlf and raw.count(b"\r\n") != raw.count(b"\n"):
            with pytest.raises(StreamError, match="first line ends with CR LF and a later one with LF"):
                list(stream.pieces())
        else:
            write(stream, out, code)
            assert unhuf(out.getvalue()) == raw, name


LINES = [b"1", b"-5", b"1.5", b"2.5", b"", b"07", b"x", b"\xff", b"\r", b"9" * 19, b"9" * 20]


@tried(300, st.lists(st.sampled_from(LINES)), st.sampled_from([b"\n", b"\r\n"]), st.booleans(), st.sampled_from(PIECES))
def test_any_lines_come_back_byte_for_byte(lines, end, last, size):
    raw = end.join(lines) + (end if last else b"")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("codec.readings.stream.PIECE_BYTES", size)
        assert unhuf(huf(raw)) == raw


def read(raw, **options):
    return list(open_stream(io.BytesIO(raw), "x", **options).labels())


def values_of(raw, **options):
    return [label for piece in read(raw, **options) for label in piece]


def test_tokens_are_ints_or_exact_decimals_if_all_are_and_else_themselves():
    for raw, kind, step, labels in (
        (b"100\n-5\n", "int", "1", [100, -5]), (b"18446744073709551615\n5\n", "int", "1", [2**64 - 1, 5]),
        (b"21.5\n-0.3\n", "int", "0.1", [21.5, -0.3]), (b"0.50\n12.25\n", "int", "0.01", [0.5, 12.25]),
        (b"7\n007\n", "str", "1", ["7", "007"]), (b"7\n7.0\n", "str", "1", ["7", "7.0"]),
        (b"-0\n0\n", "str", "1", ["-0", "0"]), (b"\xc3\xa9\n\xff\n", "str", "1", ["\u00e9", "\udcff"]),
        (b"-1\n18446744073709551615\n", "str", "1", ["-1", "18446744073709551615"]),
    ):  # fmt: skip
        (piece,) = read(raw)
        assert (piece.kind, piece.step, list(piece)) == (kind, step, labels)


@each_size
def test_neither_labels_nor_their_tally_depend_on_how_the_text_is_cut(size, cut):
    """And the ends of lines are no part of labels."""
    for raw, crlf in ((b"10\r\n5\r\n10", True), (b"10\n5\n10\n", False)):
        stream = open_stream(io.BytesIO(raw), "x")
        assert stream.origin == Origin("text", crlf=crlf)
        assert [label for piece in stream.labels() for label in piece] == [10, 5, 10]
    assert open_stream(io.BytesIO(b"10\r\n5\n"), "x").origin == Origin("text", crlf=False)
    for name in ("ints", "007 among ints", "mixed decimals", "words and ints", "beyond uint64"):
        alphabet, counts = tally_stream(open_stream(io.BytesIO(TEXTS[name] * 3), "x"))
        tokens = (TEXTS[name] * 3).decode().split()
        assert dict(zip(alphabet.spellings, counts.tolist(), strict=True)) == {t: tokens.count(t) for t in tokens}


def test_a_stream_counts_the_bytes_of_its_original_and_can_be_gone_through_again():
    for raw, options in ((b"1\r\n22\r\n", {}), (b"1\n22", {}), (b"\0\1\2", {"raw": True}), (npy_of(np.arange(5)), {}),
                         (b"a,b\n1,2\n", {"column": "b"})):  # fmt: skip
        stream = open_stream(io.BytesIO(raw), "x", **options)
        *_, closing = stream.pieces()
        assert isinstance(closing, Closing) and ("column" in options or closing.original_bytes == len(raw))
        assert [list(p) for p in stream.labels()] == [list(p) for p in stream.labels()] != []


@pytest.mark.slow
def test_more_than_65536_different_readings_are_counted_and_refused(monkeypatch):
    with pytest.raises(StreamError, match=r"the stream has 65,537 different readings.*the argument step.*raw=True"):
        tally_stream(from_values(np.arange(65_537)))
    with pytest.raises(StreamError, match="has 65,537 different readings"):
        encode(np.arange(65_537) / 3)
    monkeypatch.setattr("codec.readings.stream.PIECE_BYTES", 1 << 20)
    with pytest.raises(StreamError, match=r"x has 70,000 different readings"):
        tally_stream(open_stream(io.BytesIO(b"".join(b"%d\n" % i for i in range(70_000))), "x"))
    with pytest.raises(StreamError, match=r"more than .* different readings"):
        tally_stream(open_stream(io.BytesIO(npy_of(np.arange(1_200_000, dtype=np.int32))), "x"))


# a column of a CSV file

CSVS = {
    "plain": (b"t,c\n1,20\n2,21\n3,20\n", b"20\n21\n20\n"),
    "the last column, CRLF": (b"t,c\r\n1,20\r\n2,21\r\n", b"20\n21\n"),
    "the first column": (b"c,t\n1,20\n2,21\n", b"1\n2\n"), "the only column": (b"c\n1\n2\n", b"1\n2\n"),
    "the only column, an empty cell": (b"c\n1\n\n2\n", b"1\n\n2\n"),
    "no last newline": (b"t,c\n1,20\n2,21", b"20\n21\n"), "no rows": (b"t,c\n", b""),
    "no rows, no newline": (b"t,c", b""), "quoted": (b't,c\n1,"20"\n2,"2""1"\n3,"a,b"\n', b'20\n2"1\na,b\n'),
    "quotes in another column": (b't,c\n"1,5",20\n2,21\n', b"20\n21\n"),
    "a newline in quotes in another column": (b't,c\n"1\n5",20\n2,21\n', b"20\n21\n"),
    "a newline in quotes in another column, CRLF": (b't,c\r\n"1\r\n5",20\r\n2,21\r\n', b"20\n21\n"),
    "a return in quotes in this column": (b't,c\n1,"20\r5"\n2,21\n', b"20\r5\n21\n"),
    "quotes only later": (b't,c\n1,20\n2,21\n3,"22"\n4,23\n', b"20\n21\n22\n23\n"),
    "mixed line ends": (b"t,c\n1,20\r\n2,21\n", b"20\n21\n"),
    "a header with CRLF alone": (b"t,c\r\n1,20\n2,21\n", b"20\n21\n"),
    "semicolons and decimal commas": (b"t;c\n1;20,5\n2;-0,5\n", b"20,5\n-0,5\n"),
    "semicolons and quotes, in the header too": (b'"t";"c"\n1;"20;5"\n', b"20;5\n"),
    "tabs": (b"t\tc\r\n1\t20,5\r\n2\t;\r\n", b"20,5\n;\n"),
    "commas in the names between semicolons": (b"t,s;c\n1;20\n", b"20\n"),
    "returns alone": (b"t,c\r1,20\r2,21", b"20\n21\n"),
    "a newline in quotes in the header": (b't,"a\nb",c\n1,2,20\n', b"20\n"),
    "a cell beyond the usual limit of the csv module": (
        b't,c\n"' + b"x" * 140_000 + b'",20\n' + b"y" * 140_000 + b",21\n", b"20\n21\n"
    ),
    "NUL": (b"t,c\n1,\0\n\0,2\0\n", b"\0\n2\0\n"), "quotes within a cell": (b't,c\n1,5" pipe\n', b'5" pipe\n'),
    "blank lines": (b"t,c\n1,20\n\n2,21\n\n", b"20\n21\n"), "empty cells": (b"t,c\n1,\n2,21\n3,\n", b"\n21\n\n"),
    "a byte order mark": (b"\xef\xbb\xbfc,t\n1,20\n", b"1\n"),
    "no UTF-8": (b"t,c\n1,\xff\n2,\xc3\xa9\n", b"\xff\n\xc3\xa9\n"),
    "no UTF-8, in quotes": (b't,c\n1,"\xff"\n2,\xc3\xa9\n', b"\xff\n\xc3\xa9\n"),
    "spellings of its own": (b"t,c\n1,007\n2,+7\n3, 7 \n", b"007\n+7\n 7 \n"),
    "a quoted name": (b't,"c"\n1,20\n', b"20\n"),
}  # fmt: skip


@pytest.mark.dear
@pytest.mark.parametrize("size", [1, 4, 9, 1 << 22])
def test_a_column_comes_back_as_its_cells_own_spellings(size, cut):
    for name, (raw, cells) in CSVS.items():
        assert unhuf(huf(raw, opens={"column": "c"})) == cells, name


@tried(
    200,
    st.lists(st.tuples(*[st.text('ab1,"\n\r \u00e9', max_size=4)] * 2), min_size=1),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([1, 7, 1 << 22]),
)
def test_a_column_holds_what_the_csv_module_finds(rows, end, size):
    out = io.StringIO()
    # The module's writer does not quote a lone CR, at which its reader starts a row.
    quoting = csv.QUOTE_ALL if any("\r" in cell for row in rows for cell in row) else csv.QUOTE_MINIMAL
    csv.writer(out, lineterminator=end, quoting=quoting).writerows([("t", "c"), *rows])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("codec.readings.stream.PIECE_BYTES", size)
        stream = open_stream(io.BytesIO(out.getvalue().encode()), "x", column="c")
        if any("\n" in cell for _, cell in rows):
            with pytest.raises(StreamError, match="the cell in the column 'c' holds a line break"):
                list(stream.labels())
            return
        assert [s for piece in stream.labels() for s in piece.spellings] == [cell for _, cell in rows]


REFUSED = (
    (b"t,d\n1,2\n", r"x has no column 'c'; it has 't', 'd'"),
    (b"", r"x has no column 'c'; it has none"),
    (b"\n1\n", r"x has no column 'c'; it has none"),
    (b"c,t,c\n1,20,2\n", r"x has 2 columns 'c', numbers 1 and 3: rename all but one"),
    (b"t;d\n1;2\n", r"x has no column 'c'; it has 't', 'd'"),
    (b"t\td,e\tf\n", r"x has no column 'c'; it has 't', 'd,e', 'f'"),
    (b"\xb0C,d\n", r"x has no column 'c'; it has '°C', 'd'"),
    (b"t,c\n1,20\n2\n3,21\n", r"x, line 3: the header has 2 cells and this row 1,.*'c'"),
    (b"t,c\n1,20\n2,21,5\n", r"x, line 3: the header has 2 cells and this row 3"),
    (b"c\n20\n21,5\n", r"x, line 3: the header has 1 cells and this row 2"),
    (b't,"a\nb",c\n1,"2\n2",20\n1,2\n', r"x, line 5: the header has 3 cells and this row 2"),
    (b't,c\n1,20\n2,"21\n22"\n', r"x, line 3: the cell in the column 'c' holds a line break.*raw=True"),
    (b't,c\r\n1,20\r\n2,"21\r\n"\r\n', r"x, line 3: the cell in the column 'c' holds a line break"),
    (b'c,t\n1,x\n2,"y\n3,z\n', r"x, line 3, is not CSV \(unexpected end of data\): is a quote not closed"),
    (b't,c\n1,"20"5\n', r"x, line 2, is not CSV \(',' expected after '\"'\)"),
    (b'"t,c\n1,2\n', r"x, line 1, is not CSV"),
    (b"a\rb,c\n1,20\n", r"x has no column 'c'; it has 'a'"),
    ("t,c\n1,2\n".encode("utf-16"), r"x is text in UTF-16: convert it first \(iconv .*raw=True"),
)


def test_a_column_that_cannot_be_read_is_refused_with_the_reason():
    for raw, message in REFUSED:
        with pytest.raises(StreamError, match=message):
            values_of(raw, column="c")


def test_a_column_can_come_through_a_pipe():
    stream = open_stream(io.BufferedReader(Pipe(CSVS["quoted"][0])), "standard input", column="c")
    assert [s for piece in stream.labels() for s in piece.spellings] == ["20", '2"1', "a,b"]


# .npy


ARRAYS = {
    "0-d": np.array(5.5),
    "1-d": np.arange(7, dtype=">i2"),
    "C order": np.arange(24, dtype=np.int16).reshape(2, 3, 4) % 5,
    "Fortran order": np.asfortranarray(np.arange(24, dtype=np.int16).reshape(2, 3, 4) % 5),
    "bool": np.array([True, False, True]),
    "float16": np.array([1.5, -0.0, np.nan], np.float16),
    "complex": np.array([1 + 2j, 0], ">c8"),
    "dates": np.array(["2021-01-01", "NaT"], "M8[D]"),
    "strings": np.array(["a", "\u00e9t\u00e9", ""]),
    "bytes": np.array([b"a", b"\xff\0b"]),
    "raw bytes": np.array([b"abc", b"a\0\0"], "V3"),
    **{
        f"empty {np.dtype(dtype)}": np.zeros((0, 3), dtype)
        for dtype in (np.int8, np.float32, np.float64, bool, "U3", "S3", np.complex64, "V3", "M8[s]")
    },
    "empty, Fortran order": np.zeros((0, 3), order="F"),
}


@pytest.mark.parametrize("size", [1, 8, 20, 1 << 22])
def test_an_npy_file_comes_back_byte_for_byte(size, cut):
    for name, array in ARRAYS.items():
        raw = npy_of(array)
        data = huf(raw)
        assert unhuf(data) == raw and same(decode(data), array), name


def test_every_version_of_npy_is_read_and_none_that_is_cut_short():
    for version in ((1, 0), (2, 0), (3, 0)):
        assert values_of(npy_of(np.array([3, 4]), version)) == [3, 4]
    raw = npy_of(np.arange(5))
    for lost in (1, 8, 40):
        with pytest.raises(StreamError, match=r"x is cut short: its header promises 5 values"):
            values_of(raw[:-lost])
    for size in range(6, raw.index(b"\n")):
        with pytest.raises(StreamError, match=r"x is not an \.npy file that can be read"):
            values_of(raw[:size])


def with_header(header, version=b"\1\0"):
    size = struct.pack("<H" if version == b"\1\0" else "<I", len(header))
    return b"\x93NUMPY" + version + size + header + bytes(64)


def described(descr, shape="(3,)", fortran="False"):
    return with_header(f"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}\n".encode())


HOSTILE = {
    "objects": described("'|O'"), "a structure": described("[('a', '<i4')]"),
    "a structure of objects": described("[('a', '|O')]"), "a subarray": described("('<i4', (2,))"),
    "a subarray without its shape": described("('<i4',)"), "an empty tuple": described("()"),
    "a list of nothing": described("[()]"), "no type": described("None"), "an unknown type": described("'<q9'"),
    "strings of nothing": described("'<U0'"), "raw bytes of nothing": described("'|V0'"),
    "a negative length": described("'<i4'", "(-1,)"), "two negative lengths": described("'<i4'", "(-3, -2)"),
    "a length beyond 64 bits": described("'<i4'", "(1180591620717411303424, 0)"),
    "a length that is no int": described("'<i4'", "('a',)"),
    "too many dimensions": described("'|u1'", "(" + "1," * 65 + ")"),
    "too many values": described("'<i8'", "(4611686018427387904, 4)"),
    "an order that is neither": described("'<i4'", fortran="2"), "an unclosed bracket": with_header(b"{'descr': (("),
    "an unclosed string": with_header(b"'''abc"), "an indentation": with_header(b"  x\n y\n"),
    "deep nesting": with_header(b"(" * 9000), "deep signs": with_header(b"-" * 9000 + b"1"),
    "NUL": with_header(bytes(16)), "code": with_header(b"__import__('os').getcwd()"),
    "a wrong key": with_header(b"{'descr': '<i4', 'fortran_order': False, 'form': (3,)}"),
    "no UTF-8": with_header(b"\xff" * 16, b"\3\0"), "no version": b"\x93NUMPY",
}  # fmt: skip


def test_a_hostile_npy_header_is_refused():
    for raw in HOSTILE.values():
        with pytest.raises(StreamError, match=r"^x "):
            values_of(raw)


def test_an_npy_file_of_objects_is_never_unpickled(tmp_path):
    class Trap:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "sprung",))

    raw = npy_of(np.array([Trap()], object))
    with pytest.raises(StreamError, match="holds Python objects, which only unpickling could read"):
        huf(raw)
    assert not (tmp_path / "sprung").exists()


# raw bytes


@pytest.mark.parametrize("size", [1, 3, 1 << 22])
def test_bytes_come_back_and_through_a_pipe_as_from_a_file(size, cut):
    for raw in (b"", b"\0", bytes(range(256)), b"1\r\n2\n", npy_of(np.arange(3))):
        data = huf(raw, opens={"raw": True})
        assert unhuf(data) == raw == decode(data)
        *pieces, closing = open_stream(io.BufferedReader(Pipe(raw)), "standard input", raw=True).pieces()
        assert b"".join(piece.values.tobytes() for piece in pieces) == raw and closing == Closing(len(raw))


# in memory


def test_values_in_memory_have_their_origin():
    """Bytes are ints, a string its characters, a series its values, labels on a grid their numbers."""
    for values, origin, labels in (
        (b"ab", Origin("bytes"), [97, 98]),
        ("ab", Origin("string"), ["a", "b"]),
        (pd.Series([3, 4], dtype="int16"), Origin("array", "<i2", (2,)), [3, 4]),
        (Labels("int", np.array([24, -2]), "0.1"), Origin("array", "<f8", (2,)), [2.4, -0.2]),
    ):
        stream = from_values(values)
        assert stream.origin == origin and [list(p) for p in stream.labels()] == [labels]


def test_what_holds_no_readings_is_refused_as_a_wrong_argument():
    for values in (None, 5, [None], [1, "a"], [(1, 2)], np.zeros(3, [("a", int)]), np.zeros(3, "V0"),
                   np.array([object()]), {"a": object()}.values(),
                   Labels("tuple", np.zeros((2, 2), np.uint32), base=labels_of("ab"))):  # fmt: skip
        with pytest.raises(TypeError):
            encode(values)
    with pytest.raises(ValueError, match="18446744073709551616"):
        encode([2**64])


@pytest.mark.skipif(not hasattr(np.dtypes, "StringDType"), reason="before NumPy 2")
def test_strings_of_varying_width_are_refused_with_the_way_out():
    with pytest.raises(TypeError, match="astype"):
        encode(np.array(["a", "b"], np.dtypes.StringDType()))


def test_a_reading_longer_than_a_table_can_hold_is_refused_when_it_is_written():
    longest = b"x" * 65_536
    assert unhuf(huf(longest + b"\ny\n")) == longest + b"\ny\n"
    with pytest.raises(StreamError, match=r"readings, line 1, has more than 65,536 bytes.*raw=True"):
        huf(longest + b"x\ny\n")
    longest_no_utf8 = b"\xff" * (65_536 // 3)  # each a surrogate of three bytes in the table
    assert unhuf(huf(longest_no_utf8 + b"\ny\n")) == longest_no_utf8 + b"\ny\n"
    with pytest.raises(StreamError, match=r"readings has readings of up to 65,538 bytes"):
        huf(longest_no_utf8 + b"\xff\ny\n")
    with pytest.raises(CodecError, match="the stream has readings of up to 65,537 bytes"):
        encode([longest + b"x", b"y"])


def test_readings_too_long_all_together_are_refused_when_they_are_written():
    readings = [b"%d" % i + b"x" * 65_000 for i in range(260)]
    with pytest.raises(StreamError, match="a table of 16,9"):
        encode(readings)


@pytest.mark.parametrize("raw", [False, True])
def test_a_pipe_is_gone_through_once_only_and_says_so(raw):
    stream = open_stream(Pipe(b"1\n2\n2\n" * 100), "-", raw=raw)
    assert sum(map(len, stream.labels())) == (600 if raw else 300)
    with pytest.raises(StreamError, match="- is a pipe, and was read already"):
        list(stream.labels())
    with pytest.raises(StreamError, match="give a table, or a file"):  # to learn a code and to use it are two passes
        write(open_stream(Pipe(b"1\n2\n2\n"), "-", raw=raw), io.BytesIO())
