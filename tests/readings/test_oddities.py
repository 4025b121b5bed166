"""Odd but honest input: it comes back byte for byte, or it is refused with its line and a way out."""

from __future__ import annotations

import csv
import gzip
import io
import random
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from checks import Pipe, huf, npy_of, unhuf
from command_line import fields, files, good, program, refused, run
from hypothesis import strategies as st
from strategies import tried

from codec.codes.prefix import huffman
from codec.coding import write
from codec.errors import CodecError, StreamError
from codec.readings.front import open_stream
from codec.readings.stream import tally_stream
from codec.theory.sources import built_in

PIECES = (1, 7, 1 << 22)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.csv"


def cells_back(path, raw, column="c"):
    """The column of a CSV file, coded and decoded at the command line: from a file, from a pipe, and in pieces."""
    path.write_bytes(raw)
    good("encode", path, "--column", column, "--force", "-o", f"{path}.huf")
    decoded = good("decode", f"{path}.huf", "-c").data
    assert good("decode", "-", stdin=good("encode", "-", "--column", column, stdin=raw).data).data == decoded
    with pytest.MonkeyPatch.context() as patch:
        for size in PIECES:
            patch.setattr("codec.readings.stream.PIECE_BYTES", size)
            assert unhuf(huf(raw, opens={"column": column})) == decoded
    return decoded


def text_back(path, raw):
    path.write_bytes(raw)
    good("encode", path, "--force", "-q")
    decoded = good("decode", f"{path}.huf", "-c").data
    assert good("decode", "-", stdin=good("encode", "-", stdin=raw).data).data == decoded
    return decoded


# cells and lines that come back


TOKENS = {
    "blanks": [b"1", b" 2", b"3 ", b"\t", b"  "],
    "missing": [b"1", b"", b"", b"NA", b"-"],
    "spellings": [b"+5", b"5", b"007", b"7", b"1_000", b"1e5", b"100000", b"0x1F", b"5.", b".5", b"5.0", b"5.00"],
    "not finite": [b"nan", b"NaN", b"inf", b"-inf", b"Infinity", b"1e400", b"-1e400"],
    "zeros": [b"0", b"-0", b"-0.0", b"0.0", b"+0", b"00"],
    "digits of other scripts": ["\u0663".encode(), "\uff13".encode(), b"3", "\u00b3".encode()],
    "very long numbers": [b"1" * 19, b"1" * 20, b"9" * 400, b"0." + b"3" * 400, b"-" + b"9" * 65_000],
    "Latin-1": [b"21.5\xb0C", b"\xe9t\xe9", b"\xc3\xa9", b"\xff", b"\x80\x81"],
    "UTF-8 in many lengths": ["\u00e9\u20ac\U0001f321\u00a0\u2028\u0085\ufeff".encode(), b"x"],
    "control characters": [b"\0", b"a\0b", b"\x1a", b"\x1b[31m", b"\x0b", b"\x0c", b"\x1c", b"\x7f"],
    "decimal commas": [b"21,5", b"-0,3", b"21,50", b"1.234,5"],
    "dates": [b"2021-01-01", b"2021-01-01T00:00"],
}


each_tokens = pytest.mark.parametrize("tokens", TOKENS.values(), ids=TOKENS)
MARKS = (b"", b"\xef\xbb\xbf")


@pytest.mark.dear
@each_tokens
def test_lines_come_back_byte_for_byte(tokens, path):
    for mark, end in product(MARKS, (b"\n", b"\r\n")):
        for raw in (mark + end.join(tokens), mark + end.join([*tokens, *tokens]) + end):
            assert text_back(path, raw) == raw


@pytest.mark.dear
@each_tokens
@pytest.mark.parametrize("share", [3, pytest.param(18, marks=pytest.mark.slow)])
def test_cells_come_back_byte_for_byte(tokens, share, path):
    """With every delimiter, byte order mark or none, and line end: 3 of the 18 ways by default, the same each time."""
    ways = list(product((b",", b";", b"\t"), MARKS, (b"\n", b"\r\n", b"\r")))
    for delimiter, mark, end in random.Random(str(tokens)[:9]).sample(ways, share):
        cells = [token if delimiter not in token else b'"' + token + b'"' for token in tokens]
        rows = [b"t" + delimiter + b"c", *(b"%d" % i + delimiter + cell for i, cell in enumerate(cells))]
        expected = b"".join(token + b"\n" for token in tokens)
        for raw in (mark + end.join(rows), mark + end.join(rows) + end):
            assert cells_back(path, raw) == expected
        quoted = [delimiter.join(b'"' + cell.strip(b'"') + b'"' for cell in row.split(delimiter, 1)) for row in rows]
        assert cells_back(path, mark + end.join(quoted) + end) == expected


@tried(
    100,
    rows=st.lists(st.tuples(*[st.text('1,;\t."\r\u00e9 ', max_size=4)] * 3), min_size=1, max_size=5),
    delimiter=st.sampled_from([",", ";", "\t"]),
    end=st.sampled_from(["\n", "\r\n"]),
    size=st.sampled_from(PIECES),
)
def test_any_cells_with_any_delimiter_come_back(rows, delimiter, end, size):
    out = io.StringIO()
    # The module's writer does not quote a lone CR, at which its reader starts a row.
    quoting = csv.QUOTE_ALL if any("\r" in cell for row in rows for cell in row) else csv.QUOTE_MINIMAL
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows([("t", "c", "u"), *rows])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("codec.readings.stream.PIECE_BYTES", size)
        back = unhuf(huf(out.getvalue().encode(), opens={"column": "c"}))
    assert back == "".join(row[1] + "\n" for row in rows).encode()


def test_a_return_within_a_row_is_no_line_end_though_there_are_as_many_as_rows():
    assert unhuf(huf(b"c\r\n\r1\n", opens={"column": "c"})) == b"\n1\n"
    assert unhuf(huf(b"c\r\n1\r2\r\n3\n", opens={"column": "c"})) == b"1\n2\n3\n"


@tried(
    500,
    body=st.lists(st.sampled_from([b"1", b"2,5", b",", b";", b'"', b'""', b"\n", b"\r\n", b"\r", b"\xe9", b"\0"])).map(
        b"".join
    ),
    header=st.sampled_from([b"c", b"c,t", b"t;c;u", b'"t"\tc']),
    end=st.sampled_from([b"\n", b"\r\n", b"\r"]),
    size=st.sampled_from(PIECES),
)
def test_any_bytes_behind_a_header_are_what_the_csv_module_finds_or_refused(body, header, end, size):
    raw = header + end + body
    delimiter = next((d for d in ",;\t" if d.encode() in header), ",")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("codec.readings.stream.PIECE_BYTES", size)
        try:
            names, *rows = csv.reader(io.StringIO(raw.decode("latin-1"), newline=""), delimiter=delimiter, strict=True)
            rows = [row or [""] for row in rows if row or len(names) == 1]
            place = names.index("c")
            sound = all(len(row) == len(names) and "\n" not in row[place] for row in rows)
        except csv.Error:
            sound = False
        if sound:
            assert unhuf(huf(raw, opens={"column": "c"})) == "".join(row[place] + "\n" for row in rows).encode(
                "latin-1"
            )
        else:
            with pytest.raises(StreamError, match=r"readings, line [0-9]+(:|, is not CSV)"):
                huf(raw, opens={"column": "c"})


def test_odd_line_ends_come_back_byte_for_byte(path):
    for raw in (b"", b"\n", b"\n\n\n", b"\r\n\r\n", b"1\r2\r3", b"1\r2\r", b"1\r\n2\n3\r4", b"1\n2\r\n", b"1\n\n\n",
                b"\0\n\0", b"x" * 65_000 + b"\ny", "1\n2\n".encode("utf-16-le"), b"\xff\xfe\xff\n1\n"):  # fmt: skip
        assert text_back(path, raw) == raw


def test_empty_lines_are_no_rows_and_empty_cells_are_readings(path):
    """But of the only column an empty line is an empty cell, since nothing else could stand there."""
    for raw, cells in ((b"t,c\n", b""), (b"t,c", b""), (b"t,c\n\n\n", b""), (b"c\n\n\n", b"\n\n"),
                       (b"t,c\n\n1,5\n\n2,6\n\n", b"5\n6\n"), (b"t,c\n1,\n2,\n", b"\n\n"),
                       (b't,c\n1,""\n2,\n', b"\n\n"), (b't,c\n"a\r\nb\n",5\n2,6\n', b"5\n6\n")):  # fmt: skip
        assert cells_back(path, raw) == cells


def test_a_column_is_found_by_what_its_name_says_and_by_its_bytes(path):
    """Latin-1; quotes, delimiters and line breaks."""
    for name in ("température", "temp\udce9rature"):
        assert cells_back(path, "t,température\n1,5\n".encode("latin-1"), name) == b"5\n"
    assert cells_back(path, b't,"a ""b"";\nc",d\n1,5,x\n', 'a "b";\nc') == b"5\n"


# every verb reads alike


ODD_CSV = b'\xef\xbb\xbft;c\r\n1;21,5\r\n2;\r\n3;"21,5"\r\n4;x;y\r\n'


def test_every_verb_reads_the_column_alike(path, tmp_path):
    path.write_bytes(ODD_CSV.replace(b";y", b""))
    column = ["--column", "c"]
    rows = fields("table", path, *column)["rows"]
    assert {row["spelling"]: row["probability"] for row in rows} == {"21,5": 0.5, "": 0.25, "x": 0.25}
    good("table", path, *column, "-o", tmp_path / "t.json")
    audited = fields("audit", path, *column, "--code", tmp_path / "t.json")
    assert audited["count"] == 4 and audited["unseen"] == 0
    assert fields("compare", path, path, *column)["count"] == 4
    path.write_bytes(ODD_CSV)
    for arguments in (["table", path], ["audit", path, "--code", "nasa"], ["compare", path, path], ["encode", path]):
        assert f"{path}, line 5: the header has 2 cells and this row 3" in refused(*arguments, *column)


def test_an_empty_cell_is_seen_in_tables_and_messages(path):
    path.write_bytes(b"t,c\n1,100\n2,\n3,\n4,100\n")
    assert "(empty)" in good("table", path, "--column", "c").text
    assert "row 2: an empty reading has no codeword" in refused("encode", path, "--column", "c", "--code", "nasa")
    old = path.with_name("old.json")
    good("table", "nasa", "--escape", "-o", old)
    audited = " ".join(good("audit", path, "--column", "c", "--code", old).text.split())
    assert "(the first: (empty))" in audited and "(empty) 50.00 %" in audited


# a step


def test_a_step_needs_finite_numbers_and_names_the_row_of_any_other(path):
    for raw, place, reading in (
        (b"t,c\n1,5\n2,\n", "row 2", "an empty reading"), (b"t;c\n1;1.021,5\n", "row 1", "'1.021,5'"),
        (b"t,c\n1,5\n2,nan\n", "row 2", "'nan'"), (b't,c\n"1\n",5\n2,inf\n', "row 2", "'inf'"),
        (b"t,c\n1,1_000\n", "row 1", "'1_000'"), ("t,c\n1,\u0663\n".encode(), "row 1", "'\u0663'"),
        (b"t,c\n1,0x1F\n", "row 1", "'0x1F'"), (b"t,c\n1,1e500\n", "row 1", "'1e500'"),
    ):  # fmt: skip
        path.write_bytes(raw)
        line = refused("encode", path, "--column", "c", "--step", "0.5")
        assert f"{path}, {place}: {reading} has no place on a grid: --step needs numbers" in line
        assert ("with a point before their decimals" in line) == ("," in reading)
        assert files(path.parent) == ["x.csv"]


def test_a_number_beyond_64_bits_on_the_grid_is_named_with_its_line(path):
    for number in (b"1e400", b"9" * 19, b"-1e30"):
        path.write_bytes(b"1.5\n2\n" + number + b"\n3\n")
        line = refused("encode", path, "--step", "0.5")
        assert f"{path}, line 3: with a step of 0.5, this reading is beyond 64 bits: give a greater step" in line
    np.save(path.with_name("x.npy"), np.array([1.5, 1e300]))
    assert "x.npy, position 1: with a step" in refused("encode", path.with_name("x.npy"), "--step", "0.5")


def test_a_byte_order_mark_does_not_keep_a_number_from_the_grid(path):
    path.write_bytes(b"\xef\xbb\xbf21.6\n-0.2\n+7\n007\n")
    good("encode", path, "--step", "0.5", "-q")
    assert good("decode", f"{path}.huf", "-c").data == b"\xef\xbb\xbf21.5\n0.0\n7.0\n7.0\n"


# gzip


def test_a_gzip_file_is_read_as_what_it_holds(tmp_path):
    raw = b"t,c\n1,20.5\n2,21.0\n"
    column = ["--column", "c"]
    for name, plain, arguments, back in (
        ("x.csv.gz", "x.c.txt", column, b"20.5\n21.0\n"),
        ("x.txt.gz", "x.txt", [], raw),
    ):
        (tmp_path / name).write_bytes(gzip.compress(raw))
        good("encode", tmp_path / name, *arguments)
        good("decode", tmp_path / f"{plain}.huf")
        assert (tmp_path / plain).read_bytes() == back
        zipped = (tmp_path / name).read_bytes()
        assert good("decode", "-", stdin=good("encode", "-", *arguments, stdin=zipped).data).data == back
        assert fields("table", tmp_path / name, *arguments)["alphabet_size"] > 1
    inspected = fields("inspect", tmp_path / "x.txt.huf")
    assert inspected["original_bits"] == 8 * len(raw)


@pytest.mark.slow
def test_a_gzip_file_through_a_real_pipe_and_a_given_code(tmp_path):
    zipped = gzip.compress(b"100\n105\n" * 5000)
    done = program("encode", "-", "--code", "nasa", stdin=zipped)
    assert done.code == 0 and good("decode", "-", stdin=done.data).data == b"100\n105\n" * 5000
    (tmp_path / "a").write_bytes(zipped)
    with open(tmp_path / "a", "rb") as file:
        done = program("encode", "-", stdin=file)
    assert done.code == 0 and good("decode", "-", stdin=done.data).data == b"100\n105\n" * 5000


def test_bytes_of_a_gzip_file_are_its_own(tmp_path):
    zipped = gzip.compress(b"1\n2\n")
    (tmp_path / "x.gz").write_bytes(zipped)
    good("encode", tmp_path / "x.gz", "--bytes")
    assert good("decode", tmp_path / "x.gz.huf", "-c").data == zipped


def test_a_gzip_file_of_many_members_and_any_kind_is_gone_through_again(monkeypatch):
    raw = gzip.compress(b"1\n2") + gzip.compress(b"3\n1\n") + bytes(5)
    for size, piped in product(PIECES, (False, True)):
        monkeypatch.setattr("codec.readings.stream.PIECE_BYTES", size)
        stream = open_stream(Pipe(raw) if piped else io.BytesIO(raw), "x.gz")
        for _ in range(1 if piped else 2):
            labels, counts = tally_stream(stream)
            assert dict(zip(labels, counts.tolist(), strict=True)) == {1: 2, 23: 1}
        for plain in (npy_of(np.arange(5)), b""):
            assert unhuf(huf(gzip.compress(plain))) == plain


DAMAGED_GZIP = {
    "magic alone": b"\x1f\x8b", "header cut": gzip.compress(b"1\n")[:8],
    "cut": gzip.compress(b"21.5\n-0.3\n" * 999)[:-12], "checksum cut": gzip.compress(b"1\n")[:-1],
    "wrong checksum": gzip.compress(b"1\n")[:-8] + bytes(8), "another method": b"\x1f\x8b\x07" + bytes(20),
    "something behind": gzip.compress(b"1\n") + b"x",
    "flipped": bytes(b ^ (0x5A * (i == 40)) for i, b in enumerate(gzip.compress(bytes(range(256)) * 9))),
}  # fmt: skip


def test_a_damaged_gzip_file_is_refused_with_the_way_out(here):
    for name, raw in DAMAGED_GZIP.items():
        Path("x.gz").write_bytes(raw)
        for options in ([], ["--code", "nasa"]):
            line = refused("encode", "x.gz", *options)
            assert "x.gz is a gzip file that is damaged or cut short (" in line and "--bytes" in line, name
            assert "- is a gzip file" in refused("encode", "-", *options, "-o", "out.huf", stdin=raw), name
    for lost in (1, 8, 20):
        Path("x.gz").write_bytes(gzip.compress(b"t,c\n" + b"1,2\n2,3\n" * 999)[:-lost])
        for verb in (["encode"], ["table"], ["audit", "--code", "nasa"], ["compare", "x.gz"]):
            line = refused(*verb, "x.gz", "--column", "c", "--step", "1")
            assert "is a gzip file that is damaged or cut short" in line
    assert files(here) == ["x.gz"]


@tried(100, st.data())
def test_any_damage_to_a_gzip_file_is_refused_or_harmless(data):
    zipped = bytearray(gzip.compress(b"21.5\n-0.3\n" * 50, mtime=0))
    place = data.draw(st.integers(0, len(zipped) - 1))
    zipped[place] ^= data.draw(st.integers(1, 255))
    options = data.draw(st.sampled_from([{}, {"column": "21.5"}]))
    try:
        back = unhuf(huf(bytes(zipped), opens=options))
    except CodecError:
        return
    # The first two bytes make it gzip at all; flags, and the bits that fill the last byte, change nothing in it.
    whole = b"21.5\n-0.3\n" * 50
    assert back == (bytes(zipped) if place < 2 else whole.removeprefix(b"21.5\n") if options else whole)


# refusals


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
def test_utf_16_with_its_mark_is_refused_with_the_way_out(encoding, path):
    mark = "\ufeff" if encoding.endswith("be") else ""
    path.write_bytes((mark + "t,c\r\n1,2\r\n").encode(encoding))
    for options in ([], ["--column", "c"], ["--code", "nasa"]):
        line = refused("encode", path, *options)
        assert f"{path} is text in UTF-16: convert it first (iconv" in line and "--bytes" in line
    with pytest.raises(StreamError, match="is text in UTF-16"):
        open_stream(Pipe(path.read_bytes()), "-")
    good("encode", path, "--bytes")
    assert good("decode", f"{path}.huf", "-c").data == path.read_bytes()


@pytest.mark.slow
def test_a_very_long_cell_is_read_beside_and_refused_in_the_column_alone(path):
    long = b'"' + b"x" * 200_000 + b'"'
    limit = csv.field_size_limit()
    assert cells_back(path, b"t,c\n" + long + b",5\n") == b"5\n"
    path.write_bytes(b"t,c\n5," + long + b"\n6,7\n")
    assert "readings of up to 200,000 bytes" in refused("encode", path, "--column", "c", "--force")
    assert csv.field_size_limit() == limit


def test_a_cell_beyond_the_first_batch_is_refused_with_its_line(path):
    rows = b"".join(b'%d,"%d"\n' % (i, i % 7) for i in range(70_000))
    path.write_bytes(b"t,c\n" + rows + b'1,"2\n3"\n')
    line = refused("encode", path, "--column", "c")
    assert f"{path}, line 70002: the cell in the column 'c' holds a line break" in line
    path.write_bytes(b"t,c\n" + rows)
    good("encode", path, "--column", "c", "-o", f"{path}.huf")
    assert good("decode", f"{path}.huf", "-c").data == b"".join(b"%d\n" % (i % 7) for i in range(70_000))


def test_a_refused_stream_through_a_pipe_with_a_code_leaves_nothing(tmp_path):
    with pytest.raises(StreamError, match="line 3: the header has 2 cells"):
        write(open_stream(Pipe(b"t,c\n1,100\n2\n"), "-", column="c"), io.BytesIO(), huffman(built_in("nasa")))
    target = tmp_path / "out.huf"
    run("encode", "-", "--column", "c", "--code", "nasa", "-o", target, stdin=b"t,c\n1,100\n2\n")
    assert files(tmp_path) == []


# a hint


@pytest.mark.parametrize("name", ["x.csv", "x.TSV", "x.csv.gz"])
def test_a_file_with_columns_that_is_read_by_lines_says_so(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(b"t,c\n1,2\n")
    hint = f"{path}: each line is one reading; --column NAME reads a column instead\n"
    assert good("encode", path, "-f").talk.startswith(hint)
    assert good("table", path, "--json").talk == hint
    for silent in (["-q"], ["--column", "c"], ["--bytes"]):
        assert "--column NAME" not in good("encode", path, "-f", *silent).talk
    (tmp_path / "x.txt").write_bytes(b"t,c\n1,2\n")
    assert "--column NAME" not in good("encode", tmp_path / "x.txt").talk
