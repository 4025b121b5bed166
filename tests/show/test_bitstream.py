"""Colours in a terminal: a bitstream with its readings, coloured codewords, a file as one bar."""

import contextlib
import io
import re

import pytest
from bitarray import bitarray
from checks import flip, mend, part
from command_line import good, run
from terminal import terminal

from codec import cli
from codec.codes.prefix import huffman
from codec.coding import encode
from codec.coding.file import opened
from codec.errors import CodecError
from codec.measure.bitstream import ESCAPE, first_codewords
from codec.theory.sources import built_in

ESCAPES = re.compile(rb"\x1b\[[0-9;]*m")


@pytest.fixture
def coded(tmp_path):
    good("generate", "nasa", "-n", 500, "-o", tmp_path / "s.txt")
    good("encode", tmp_path / "s.txt", "-o", tmp_path / "s.huf")
    return tmp_path / "s.huf"


def rows_of(text):
    """The lines of the bitstream: those between the first two empty lines behind the table of the code."""
    return text.split("\n\n")[2].splitlines()


def test_the_bits_are_those_of_the_payload_and_the_readings_stand_below_them(coded):
    rows = rows_of(good("inspect", coded, "--show", 60).text)
    words = [(above, below) for upper, lower in zip(rows[::2], rows[1::2], strict=True)
             for above, below in zip(upper.split(), lower.split(), strict=True)]  # fmt: skip
    readings = (coded.parent / "s.txt").read_text().split()[:60]
    assert [name for _, name in words] == readings
    shown = good("table", "nasa", "--json").json()["rows"]
    table = good("inspect", coded).text
    assert all(re.search(rf"^ *{name} .* {bits} ", table, re.M) for bits, name in words) and len(shown) == 8
    assert all(len(row) <= 100 for row in rows)


@pytest.mark.parametrize("options", [{}, {"context": True}, {"per_codeword": 2}, {"delta": True}], ids=str)
def test_the_codewords_are_read_off_the_payload_whatever_they_stand_for(options):
    data = encode(built_in("nasa").sample(500, 1), **options)
    payload = bitarray()
    payload.frombytes(part(data, "block").read(data, "payload"))
    words = first_codewords(opened(io.BytesIO(data)), 9)
    bits = "".join(word.bits for word in words)
    assert len(words) == 9 and payload.to01().startswith(bits)
    start = part(data, "block").fields["payload"][0]
    for place in range(len(bits)):  # another bit in the file is another bit here, or other codewords altogether
        flipped = mend(flip(data, 8 * start + place), like=data)
        with contextlib.suppress(CodecError):
            assert [word.bits for word in first_codewords(opened(io.BytesIO(flipped)), 9)] != [w.bits for w in words]


def test_an_escape_is_named_and_an_empty_file_has_no_codewords():
    code = huffman({"a": 3, "b": 1}, escape_weight=1)
    assert [word.spelling for word in first_codewords(opened(io.BytesIO(encode("abx", code))), 9)] == ["a", "b", ESCAPE]
    assert first_codewords(opened(io.BytesIO(encode([]))), 9) == []


def test_a_pipe_is_not_read_twice(coded):
    result = run("inspect", "-", "--show", 3, stdin=coded.read_bytes())
    assert result.code == 2 and "name a file" in result.talk


def test_colours_are_for_terminals_that_want_them_and_no_line_is_wider(coded, monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    for width in (60, 80):
        with terminal(width) as pieces:
            assert cli.main(["inspect", str(coded), "--show", "40"]) == 0
        text = b"".join(pieces)
        assert b"\x1b[34m" in text and b"the rest" in text
        plain = ESCAPES.sub(b"", text).decode()
        assert max(map(len, plain.splitlines()[3:])) <= width
        bar = next(line for line in plain.splitlines() if line and set(line) == {"█"})
        assert len(bar) == width
    monkeypatch.setenv("NO_COLOR", "1")
    with terminal(80) as pieces:
        assert cli.main(["inspect", str(coded), "--show", "40"]) == 0
    assert b"\x1b[3" not in b"".join(pieces) and b"the rest" not in b"".join(pieces)
    assert "\x1b" not in good("inspect", coded, "--show", 40).text
