"""Tests of reading and spelling lines and numbers against plain Python: bytes.split, re and int, csv, bytes.join."""

import csv
import io
import re
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import tried

from codec.readings.decimals import BLOCK, MAX_DECIMALS, join_spellings, parse_fixed, spell_fixed
from codec.readings.text import column_spans, line_spans, whole_lines

SMALLEST, LARGEST = -(2**63), 2**63 - 1
EXTREMES = [SMALLEST, SMALLEST + 1, -(10**18), -10, -1, 0, 1, 9, 10, 99999999, 10**8, 10**16, LARGEST]
HOSTILE = [
    b"007", b"00", b"-0", b"-0.0", b"0.0", b"-00", b"-01", b"00.5", b"-00.5", b"+1", b"1.", b".5", b"-.5",
    b".", b"-", b"--1", b"1-", b"1-2", b"-1.-5", b"1..5", b"1.2.3", b"1e5", b"", b" 1", b"1 ", b"1_0",
    b"1,5", b"0x1", b"nan", b"inf", "\u0661".encode(), "\uff11".encode(), b"\xb2", b"\x00", b"1\x00",
    b"\x001", b"1:", b"1/", b"\xb1\xb2", b"1\r", b"9223372036854775807", b"9223372036854775808",
    b"-9223372036854775808", b"-9223372036854775809", b"9999999999999999999", b"18446744073709551615",
    b"18446744073709551616", b"18446744073709551617", b"922337203685477580.7", b"922337203685477580.8",
    b"-922337203685477580.8", b"-922337203685477580.9", b"10000000000000000000", b"1" * 30,
    b"-" + b"9" * 400, b"0" * 25, b"0." + b"0" * 18 + b"1", b"0." + b"0" * 40, b"0." + b"0" * 40 + b"1",
    b"-0." + b"0" * 40, b"1." + b"0" * 40, b"10." + b"0" * 40, b"0." + b"9" * 19, b"0.9223372036854775807",
    b"0.9223372036854775808", b"-0.9223372036854775808", b"9.223372036854775807",
    b"0.00009223372036854775807", b"0.000009223372036854775807", b"-0.000009223372036854775808",
]  # fmt: skip


def text_of(raw):
    return np.frombuffer(raw, np.uint8)


def place(tokens, between):
    lengths = np.array([len(token) for token in tokens], np.int64)
    ends = np.cumsum(lengths + len(between)) - len(between)
    return text_of(between.join(tokens)), ends - lengths, ends


def oracle(tokens, decimals):
    """The definition of canonical, token by token."""
    values, found = [], set()
    for token in tokens:
        match = re.fullmatch(rb"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?", token)
        if match is None:
            return None
        value = int(match[2] + (match[3] or b""))
        if match[1] and not value:
            return None
        values.append(-value if match[1] else value)
        found.add(len(match[3] or b""))
    if len(found) != 1 or max(found) > MAX_DECIMALS or (decimals is not None and found != {decimals}):
        return None
    if min(values) < SMALLEST or max(values) > LARGEST:
        return None
    return values, found.pop()


def check(tokens, decimals=None, between=b"\n"):
    parsed, expected = parse_fixed(*place(tokens, between), decimals), oracle(tokens, decimals)
    assert (parsed is None) == (expected is None), (tokens, parsed, expected)
    if parsed is not None and expected is not None:
        assert parsed[0].dtype == np.int64
        assert (parsed[0].tolist(), parsed[1]) == expected
        assert spell_fixed(*parsed) == tokens


def spell(value, decimals):
    """Canonical spelling, another way than by `spell_fixed`."""
    sign, digits = "-" * (value < 0), str(abs(value)).rjust(decimals + 1, "0")
    split = len(digits) - decimals
    return (sign + digits[:split] + ("." + digits[split:] if decimals else "")).encode()


sized_integers = st.integers(0, 63).flatmap(lambda bits: st.integers(-(2**bits), 2**bits - 1))
values_in_range = st.one_of(st.sampled_from(EXTREMES), sized_integers)
near_tokens = st.text("0019-.+ e_\x00\xb2", max_size=24).map(lambda token: token.encode("latin-1"))
wild_tokens = st.one_of(st.sampled_from(HOSTILE), near_tokens, st.binary(max_size=30))
fields = st.text('a1.- \x00\r";', max_size=5)
tables = st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(fields, min_size=width, max_size=width)))
numbers = st.builds(spell, st.one_of(values_in_range, st.integers(-(10**22), 10**22)), st.integers(0, 30))


@given(st.lists(st.text("ab\n\r", max_size=5).map(str.encode)))
def test_whole_lines_are_the_same_bytes_cut_behind_newlines(pieces):
    found = list(whole_lines(iter(pieces)))
    assert b"".join(found) == b"".join(pieces)
    assert all(piece.endswith(b"\n") for piece in found[:-1])


@given(st.lists(st.text("ab\r\x00 ,").map(str.encode)), st.sampled_from([b"\n", b"\r\n"]), st.booleans())
def test_line_spans_are_those_of_split(rows, terminator, closed):
    raw = terminator.join(rows) + (terminator if closed and rows else b"")
    expected = raw.split(terminator)
    if not expected[-1]:
        expected.pop()
    starts, ends = line_spans(text_of(raw), terminator)
    assert starts.dtype == ends.dtype == np.int64
    assert [raw[start:end] for start, end in zip(starts, ends, strict=True)] == expected


def test_line_spans_of_few_lines():
    for raw, terminator in product((b"", b"\n", b"\n\n", b"a", b"a\n", b"a\n\nb", b"\na"), (b"\n", b"\r\n")):
        text = raw.replace(b"\n", terminator)
        spans = zip(*line_spans(text_of(text), terminator), strict=True)
        assert [text[start:end] for start, end in spans] == raw.splitlines()


@tried(
    1000,
    tables,
    st.lists(st.text("a,;\n", max_size=6), max_size=1),
    st.sampled_from([b",", b";", b"\t"]),
    st.sampled_from([b"\n", b"\r\n"]),
    st.booleans(),
)
def test_column_spans_are_those_of_csv(table, stray, delimiter, terminator, closed):
    rows = [delimiter.join(field.encode() for field in row) for row in table]
    rows += [row.encode().replace(b"\n", terminator) for row in stray]
    if terminator == b"\r\n":
        rows = [row.rstrip(b"\r") for row in rows]
    raw = terminator.join(rows) + (terminator if closed else b"")
    columns = len(table[0]) if table else 2
    reader = csv.reader(io.StringIO(raw.decode(), newline=""), delimiter=delimiter.decode())
    parsed = [[field.encode() for field in row] for row in reader]
    usual = b'"' not in raw and raw.count(b"\r") == (raw.count(b"\n") if terminator == b"\r\n" else 0)
    regular = all(len(row) == columns for row in parsed)
    for column in range(columns):
        spans = column_spans(text_of(raw), column, columns, delimiter, terminator)
        assert (spans is not None) == (usual and regular)
        if spans is not None:
            found = [raw[start:end] for start, end in zip(*spans, strict=True)]
            assert found == [row[column] for row in parsed]


def test_column_spans_refuse_irregular_rows_and_columns_that_there_cannot_be():
    for raw in (b"a,b\nc\n", b"a\nb,c,d\n", b"a,b,c\nd\n", b"a,b\n\n", b"a,b\nc", b'"a",b\n', b"a,b\rc,d"):
        assert column_spans(text_of(raw), 0, 2, b",", b"\n") is None
        assert column_spans(text_of(raw.replace(b"\n", b"\r\n")), 0, 2, b",", b"\r\n") is None
    # As many returns as newlines are not yet line ends.
    for raw, field in product((b"\r1\n", b"1\r2\r\n3\n", b"\n1\r", b"\n\r", b"1\n2\r"), (b"", b",")):
        text = text_of(re.sub(b"([123])", rb"\1" + field, raw))
        assert column_spans(text, 0, 1 + len(field), b",", b"\r\n") is None
    for column, columns, delimiter in ((2, 2, b","), (-1, 2, b","), (0, 0, b","), (0, 1, b";;")):
        with pytest.raises(ValueError, match=re.escape(f"no column {column} of {columns} delimited by {delimiter!r}")):
            column_spans(text_of(b"1,2\n"), column, columns, delimiter, b"\n")


def test_each_hostile_token_alone_and_among_others():
    others = (b"1", b"-1", b"0.5", b"12.25", b"123456789", b"1234567890123456789", b"-0." + b"0" * 40 + b"7")
    for token in HOSTILE:
        for decimals in (None, 0, 1, 2, 41):
            check([token], decimals)
        for other, between in product(others, (b"", b"\n", b"0", b"9", b"-", b".")):
            for tokens in ([other, token], [token, other], [other, other, token, other]):
                check(tokens, None, between)


def test_every_short_token():
    check([b"0.5", b"-0.5", b"00.5"], 1, b"")
    for size in range(5):
        for token in map(bytes, product(b"019-.:/", repeat=size)):
            check([token])
            check([b"10", token])
            check([token, b"-1.5"])


@pytest.mark.slow
def test_every_byte_at_every_place():
    for good in (b"7", b"-12.5", b"12345678", b"123456789.5", b"-1234567890123456", b"0." + b"0" * 40 + b"7"):
        for index, byte in product(range(len(good)), range(256)):
            check([good, good[:index] + bytes([byte]) + good[index + 1 :]])


def test_extremes_with_every_number_of_decimals():
    for decimals in range(70):
        for value in [*EXTREMES, SMALLEST - 1, LARGEST + 1, 10**19, 2**64 - 1, 2**64, 2**64 + 1, -(2**64)]:
            check([spell(value, decimals)])
            check([spell(1, decimals), spell(value, decimals)], decimals)
        for size in range(1, 28):
            check([b"9" * size + b"." + b"9" * decimals if decimals else b"9" * size])
            check([b"1" + b"0" * size + b"." * (decimals > 0) + b"0" * decimals])


@tried(1000, st.lists(values_in_range, min_size=1), st.integers(0, 30))
def test_canonical_tokens_are_read(values, decimals):
    tokens = [spell(value, decimals) for value in values]
    assert spell_fixed(np.array(values, np.int64), decimals) == tokens
    parsed = parse_fixed(*place(tokens, b"\n"))
    if decimals > MAX_DECIMALS:
        assert parsed is None
    else:
        assert parsed is not None and parsed[0].tolist() == values and parsed[1] == decimals


@tried(
    2000,
    st.lists(st.one_of(wild_tokens, numbers), min_size=1, max_size=4),
    st.one_of(st.none(), st.integers(0, 3)),
    st.sampled_from([b"", b"\n", b"0", b"."]),
)
def test_any_tokens_are_read_or_refused(tokens, decimals, between):
    check(tokens, decimals, between)


@tried(1000, st.lists(values_in_range, min_size=1), st.integers(0, 20), st.data())
def test_one_changed_byte_is_seen(values, decimals, data):
    tokens = [spell(value, decimals) for value in values]
    at = data.draw(st.integers(0, len(tokens) - 1))
    index = data.draw(st.integers(0, len(tokens[at])))
    tokens[at] = tokens[at][:index] + data.draw(st.binary(max_size=1)) + tokens[at][index + 1 :]
    check(tokens)


@pytest.mark.slow
@pytest.mark.parametrize("extra", [-1, 0, 1, 1000])
def test_many_tokens(extra):
    generator = np.random.default_rng(extra + 1)
    for decimals in (0, 1, 8, 9, 30):
        values = (generator.integers(SMALLEST, LARGEST, 2 * BLOCK + extra) >> 45).tolist()
        tokens = [spell(value, decimals) for value in values]
        check(tokens)
        check([*tokens, b"-" + b"0." * (decimals > 0) + b"0" * max(decimals, 1)])


def test_very_long_tokens_and_no_tokens():
    for token in (b"1" * 10**6, b"0." + b"0" * 10**6, b"0" * 10**6, b"0." + b"0" * 10**6 + b"x", b"-" * 10**6):
        parsed = parse_fixed(*place([token], b""))
        assert parsed is None
        assert parse_fixed(*place([b"1", token], b"\n")) is None
    nothing = np.empty(0, np.int64)
    for decimals in (None, 0, 3):
        parsed = parse_fixed(text_of(b""), nothing, nothing, decimals)
        assert parsed is not None and parsed[0].size == 0 and parsed[1] == (decimals or 0)


@given(st.lists(st.binary(max_size=12), min_size=1, max_size=300), st.integers(0, 1000), st.integers(0, 2**32 - 1))
def test_joined_spellings(spellings, count, seed):
    symbols = np.random.default_rng(seed).integers(0, len(spellings), count).astype(np.uint16)
    if len(spellings) <= 256:
        assert join_spellings(spellings, symbols) == join_spellings(spellings, symbols.astype(np.uint8))
    assert join_spellings(spellings, symbols) == b"".join(spellings[symbol] for symbol in symbols)


def test_joined_spellings_of_many_symbols():
    numbers_to_65535 = [b"%d\n" % number for number in range(65536)]
    for spellings in ([b"", b"1\n", b"x" * 65536], [b"\x00", b"", b"\x00\x00"], numbers_to_65535):
        symbols = (np.arange(3 * BLOCK + 5) ** 2 % len(spellings)).astype(np.uint16)
        if len(spellings[-1]) == 65536:
            symbols[symbols == 2] = 0
        symbols[7] = len(spellings) - 1
        assert join_spellings(spellings, symbols) == b"".join([spellings[symbol] for symbol in symbols.tolist()])
    assert join_spellings([], np.empty(0, np.uint8)) == b""
    with pytest.raises(IndexError):
        join_spellings([b"a"], np.array([0, 1], np.uint8))
