"""The ledger of a file: every bit of it, once, and read off the file."""

import io
import math
import struct
import sys
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
import scipy.stats
import strategies
from hypothesis import given
from hypothesis import strategies as st

import codec
from codec.bits import reference
from codec.codes.prefix import PrefixCode, as_code, huffman
from codec.coding import encode
from codec.coding.file import opened
from codec.errors import DamagedError, WrongTableError
from codec.measure.ledger import PAYLOAD, ByteCounter, account, fixed_width, ledger
from codec.measure.overhead import OVERHEAD
from codec.show.as_json import as_json
from codec.theory.distribution import Distribution
from codec.theory.sources import built_in

NASA = built_in("nasa")

STREAMS = {
    "empty": np.array([], np.int32),
    "one": np.array([7]),
    "one symbol": np.full(1000, 7, np.uint8),
    "bytes": b"abracadabra",
    "string": "abracadabra",
    "nasa": NASA.sample(5000, seed=1),
    "floats": np.round(np.random.default_rng(1).normal(size=3000), 1),
    "strings": np.array(["on", "off", "off", "é"] * 50),
    "wide": np.arange(300, dtype=np.int64).repeat(3),
}
SIZES = [(1000, 1 << 20), (7, 64), (1, 1), (64, 100), (100, 64)]


def by_hand(data):
    """Bits by purpose, from the documented layout alone."""
    flags, block_size = data[9], struct.unpack_from(">I", data, 18)[0]
    table_size, origin_size = struct.unpack_from(">I", data, 22)[0], struct.unpack_from(">H", data, 34)[0]
    lane_size = struct.unpack_from(">I", data, 14)[0]
    bits = dict.fromkeys(OVERHEAD, 0) | {"payload": 0}
    assert bool(flags & 1) == bool(table_size)
    bits["header"], bits["table"], bits["checksums"] = 8 * (36 + origin_size), 8 * table_size, 32
    position = 36 + origin_size + 4 + table_size
    while data[position : position + 1] == b"B":
        _, count, payload, extra, _, width = struct.unpack_from(">IIIIIB", data, position + 1)
        index = width * (-(-count // lane_size) - 1)
        assert count <= block_size
        assert extra == 0
        bits["block heads and end"] += 8 * 22
        bits["lane index"] += index
        bits["padding"] += -index % 8 + -payload % 8
        bits["checksums"] += 32
        bits["payload"] += payload
        position += 22 + (index + 7) // 8 + (payload + 7) // 8 + 4
    closing = struct.unpack_from(">H", data, position + 13)[0]
    assert data[position : position + 1] == b"E"
    bits["block heads and end"] += 8 * (1 + 8 + 2 + closing)
    bits["checksums"] += 64  # of the symbols, and of the end
    assert position + 15 + closing + 4 == len(data)
    return bits


def check(data, readings, code=None):
    """The ledger against the layout, the file's size, and SciPy's entropy of the readings."""
    book = ledger(data, code)
    found = by_hand(data)
    payload = found.pop("payload")
    assert {item: book.lines[item] for item in OVERHEAD} == found
    assert book.payload_bits == payload
    assert all(isinstance(book.lines[item], int) for item in OVERHEAD)
    assert list(book.lines) == [*OVERHEAD, *PAYLOAD]
    assert math.fsum(book.lines.values()) == book.file_bits == 8 * len(data)
    assert math.fsum(book.lines[item] for item in PAYLOAD) == payload
    assert book.count == len(readings)
    if len(readings):
        counts = list(Counter((reading, str(reading)) for reading in readings).values())  # -0.0 is not 0.0
        n = len(readings)
        assert book.lines["entropy"] == pytest.approx(n * scipy.stats.entropy(counts, base=2), abs=1e-9 * n)
        assert book.entropy == pytest.approx(scipy.stats.entropy(counts, base=2), abs=1e-9)
        assert book.lines["rounding to whole bits"] >= -1e-9
        assert book.mean_length == payload / n
    else:
        assert (book.mean_length, book.entropy, payload) == (None, None, 0)
    return book


@pytest.mark.dear
@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize(("lane_size", "block_size"), SIZES)
def test_the_lines_sum_to_the_file_and_each_is_where_the_layout_says(name, lane_size, block_size):
    stream = STREAMS[name]
    if block_size == 1 and len(stream) > 300:
        stream = stream[:300]
    book = check(encode(stream, lane_size=lane_size, block_size=block_size), list(stream))
    assert book.lines["price of this table"] == 0  # learned from these very readings


@given(st.lists(st.integers(0, 20), max_size=200), st.integers(1, 50), st.integers(1, 100), st.booleans())
def test_the_lines_of_any_file_sum_to_eight_times_its_size(readings, lane_size, block_size, embed):
    code = None
    if not embed or len(readings) % 2:
        code = PrefixCode.from_lengths(range(21), [2, 3, 3, *[5] * 14, 6, 6, 7, 7])
    stream = np.array(readings, np.uint8)
    data = encode(stream, code, embed or code is None, lane_size=lane_size, block_size=block_size)
    book = check(data, readings, code)
    assert book.lines["price of this table"] >= 0
    assert (book.lines["table"] == 0) == (not embed and code is not None)


def test_the_bits_of_the_payload_are_the_sum_of_the_code_lengths():
    readings = STREAMS["nasa"]
    for code in NASA, built_in("peaked"), huffman(built_in("dyadic-reversed")):
        lengths = dict(zip(NASA.labels, as_code(code).lengths.tolist(), strict=True))
        book = check(encode(readings, code), readings.tolist())
        assert book.payload_bits == sum(lengths[reading] for reading in readings.tolist())


def test_the_price_of_a_table_is_what_it_costs_above_the_best_code():
    readings = ["a"] * 5 + ["b"] * 3 + ["c"] * 2
    best = 5 * 1 + 3 * 2 + 2 * 2
    for lengths, bits in (([1, 2, 2], best), ([2, 1, 2], 17), ([3, 3, 1], 26), ([5, 5, 5], 50)):
        book = check(encode(np.array(readings), PrefixCode.from_lengths("abc", lengths)), readings)
        assert book.payload_bits == bits
        assert book.lines["price of this table"] == bits - best
        assert book.lines["rounding to whole bits"] == pytest.approx(best - book.lines["entropy"], abs=1e-12)


def test_dyadic_readings_cost_no_rounding_and_a_single_label_costs_nothing_else():
    book = ledger(encode(b"aaaabbcd" * 10))
    assert [book.lines[item] for item in PAYLOAD] == [140.0, 0.0, 0]
    book = ledger(encode(b"a" * 100))
    assert [book.lines[item] for item in PAYLOAD] == [0.0, 100.0, 0]
    assert (book.entropy, book.mean_length, book.fixed_width) == (0.0, 1.0, 1)


@given(strategies.small_weights(max_size=30, high=60))
def test_rounding_is_never_negative_and_at_most_a_bit(weights):
    readings = np.repeat(np.arange(len(weights), dtype=np.uint8), weights)
    book = ledger(encode(readings))
    assert -1e-9 <= book.lines["rounding to whole bits"] <= len(readings)


def test_a_writer_that_wastes_bits_is_caught(monkeypatch):
    readings = NASA.sample(1000, seed=2)
    honest = ledger(encode(readings, NASA))
    wasted = 3 * int((readings == 162).sum())
    assert wasted > 0

    def wasteful(p, max_length=None):
        code = huffman(p, max_length)
        return PrefixCode.from_lengths(code.alphabet, code.lengths + 3 * (np.array(list(code.alphabet)) == 162))

    for module in [m for name, m in sys.modules.items() if name.startswith("codec.") and hasattr(m, "huffman")]:
        monkeypatch.setattr(module, "huffman", wasteful)
    book = check(encode(readings, NASA), readings.tolist())
    assert book.payload_bits == honest.payload_bits + wasted
    assert book.lines["price of this table"] == honest.lines["price of this table"] + wasted
    assert book.lines["entropy"] == honest.lines["entropy"]
    assert book.lines["rounding to whole bits"] == honest.lines["rounding to whole bits"]


def test_a_writer_that_writes_other_bits_than_its_table_says_is_caught(monkeypatch):
    readings = NASA.sample(1000, seed=2)
    encode_right = reference.encode

    def one_bit_wrong(symbols, lengths, lane):
        payload, lane_bits = encode_right(symbols, lengths, lane)
        wrong = payload.copy()
        wrong[len(wrong) // 2] ^= 16
        return wrong, lane_bits

    monkeypatch.setattr(reference, "encode", one_bit_wrong)
    data = encode(readings, NASA, engine="reference")
    with pytest.raises(DamagedError):
        ledger(data)


def test_a_file_that_is_damaged_has_no_ledger():
    data = encode(STREAMS["nasa"], block_size=512)
    random = np.random.default_rng(3)
    for place in random.integers(0, len(data), 60).tolist():
        changed = bytearray(data)
        changed[place] ^= 1 << place % 8
        with pytest.raises(codec.CodecError):
            ledger(bytes(changed))
    for size in random.integers(0, len(data), 20).tolist():
        with pytest.raises(DamagedError):
            ledger(data[:size])


def test_a_file_without_a_table_needs_the_one_it_was_written_with():
    readings = STREAMS["nasa"]
    data = encode(readings, NASA, embed_table=False)
    assert check(data, readings.tolist(), NASA).fingerprint == huffman(NASA).fingerprint
    for other in None, built_in("peaked"):
        with pytest.raises(WrongTableError, match="4cd0202288b46bc9"):
            ledger(data, other)


def test_what_is_compared_with_is_told_beside_the_sum():
    readings = STREAMS["nasa"].astype(np.int16)
    book = ledger(encode(readings))
    assert book.original_bits == 16 * len(readings)
    assert (book.alphabet_size, book.fixed_width) == (8, 3)
    assert [fixed_width(n) for n in (0, 1, 2, 3, 4, 5, 256, 257)] == [1, 1, 1, 2, 2, 3, 8, 9]
    assert ledger(encode(b"abc")).original_bits == 24
    assert ledger(encode("é")).original_bits == 16


def test_labels_without_a_codeword_are_not_counted():
    code = huffman(Distribution([1, 2, 3], [1, 1, 0]))
    assert ledger(encode(np.array([1, 2]), code)).alphabet_size == 2


def test_the_json_has_the_same_numbers_under_stable_keys():
    book = ledger(encode(STREAMS["nasa"]))
    row = as_json(book)
    assert sorted(row) == [
        "alphabet_size",
        "coded",
        "count",
        "entropy",
        "file_bits",
        "fingerprint",
        "fixed_width",
        "gaps",
        "ledger",
        "mean_length",
        "memory",
        "original_bits",
        "payload_bits",
    ]
    assert {line["item"]: line["bits"] for line in row["ledger"]} == book.lines
    assert sum(Fraction(line["bits"]) for line in row["ledger"]) == pytest.approx(row["file_bits"], abs=1e-6)


def test_a_ledger_is_made_of_the_bytes_that_are_read():
    data = encode(STREAMS["nasa"], block_size=256)
    source = ByteCounter(io.BytesIO(data))
    book = account(opened(source))
    assert source.count == len(data)
    assert as_json(book) == as_json(ledger(data))


@pytest.mark.parametrize("transform", ["readings", "differences", "ranks", "linear", "linear ranks"])
def test_the_ledger_counts_different_readings_whatever_is_coded(transform):
    readings = np.random.default_rng(1).integers(-2, 3, 500).cumsum()
    book = ledger(encode(readings, transform=transform))
    assert book.alphabet_size == len(np.unique(readings))
    assert book.entropy == pytest.approx(Distribution.from_stream(readings).entropy())
