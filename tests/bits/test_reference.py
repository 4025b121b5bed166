"""The reference engine: bitarray itself, and the rules that every engine keeps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from bitarray import bitarray
from checks import each_engine
from one_block import decoded, encoded

from codec.bits import engine as engines
from codec.bits import reference
from codec.errors import DamagedError

LENGTHS = np.array([2, 1, 5, 4, 4, 5, 5, 5])  # of the NASA levels
WORDS = dict(enumerate(map(bitarray, ["10", "0", "11100", "1100", "1101", "11101", "11110", "11111"])))
SYMBOLS = np.array([1, 0, 7, 1, 2, 5, 3, 4, 6, 1, 1], np.uint8)


def test_the_payload_is_what_bitarray_encodes_with_the_codewords_written_out() -> None:
    bits = bitarray()
    bits.encode(WORDS, SYMBOLS.tolist())
    payload, lane_bits = encoded(reference, SYMBOLS, LENGTHS, 4)
    assert bitarray(payload.tobytes())[: len(bits)] == bits
    assert payload.tobytes() == bits.tobytes()
    assert lane_bits.tolist() == [1 + 2 + 5 + 1, 5 + 5 + 4 + 4, 5 + 1 + 1]


def test_a_sequential_decoder_may_ignore_the_lanes() -> None:
    payload, lane_bits = encoded(reference, SYMBOLS, LENGTHS, 3)
    bits = bitarray(payload.tobytes())[: int(lane_bits.sum())]
    assert list(bits.decode(WORDS)) == SYMBOLS.tolist()


@each_engine
def test_a_codeword_of_32_bits_is_written_and_read(engine: str) -> None:
    coder = engines.engine(engine)
    lengths = np.array([*range(1, 33), 32])
    symbols = np.array([32, 0, 31, 1, 32, 30, 2, 31, 0], np.uint8)
    payload, lane_bits = encoded(coder, symbols, lengths, 4)
    expected = "".join("1" * s + "0" * (s < 32) for s in symbols.tolist())
    assert bitarray(payload.tobytes()).to01().startswith(expected)
    assert lane_bits.sum() == len(expected)
    assert decoded(coder, payload, lane_bits, 9, lengths, 4).tolist() == symbols.tolist()


@each_engine
@pytest.mark.parametrize(("size", "dtype"), [(2, np.uint8), (256, np.uint8), (257, np.uint16), (65_536, np.uint16)])
def test_symbols_are_bytes_up_to_256_of_them(engine: str, size: int, dtype: Any) -> None:
    coder = engines.engine(engine)
    lengths = np.zeros(size, np.int64)
    lengths[[0, size - 1]] = 1
    symbols = np.array([size - 1, 0, 0, size - 1], dtype)
    payload, lane_bits = encoded(coder, symbols, lengths, 3)
    found = decoded(coder, payload, lane_bits, 4, lengths, 3)
    assert payload.tolist() == [0b10010000] and lane_bits.tolist() == [3, 1]
    assert found.dtype == dtype and found.tolist() == symbols.tolist()


@each_engine
def test_nothing_is_coded_into_nothing(engine: str) -> None:
    coder = engines.engine(engine)
    payload, lane_bits = encoded(coder, np.zeros(0, np.uint8), LENGTHS, 4)
    assert payload.shape == lane_bits.shape == (0,) and payload.dtype == np.uint8
    assert decoded(coder, payload, lane_bits, 0, LENGTHS, 4).shape == (0,)


BITS = "0101111101110011101110011011111000"  # SYMBOLS, in lanes of 4: 9, 18 and 7 bits
SPOILT = {
    "a lane is short by a bit": (BITS, [8, 19, 7], 11, LENGTHS),
    "a lane has a bit of the next": (BITS, [10, 17, 7], 11, LENGTHS),
    "a lane is negative": (BITS, [9, 32, -7], 11, LENGTHS),
    "the lanes want more than there is": (BITS, [9, 18, 14], 11, LENGTHS),
    "a lane is missing": (BITS, [9, 18], 11, LENGTHS),
    "a lane is superfluous": (BITS, [9, 18, 7, 0], 11, LENGTHS),
    "no symbols, yet a lane": (BITS, [9], 0, LENGTHS),
    "more symbols than codewords": (BITS, [9, 18, 7], 12, LENGTHS),
    "fewer symbols than codewords": (BITS, [9, 18, 7], 10, LENGTHS),
    "the last codeword is cut short": ("0000" + "1110", [4, 4], 5, LENGTHS),
    "a prefix that no codeword has": ("0000" + "11", [4, 2], 5, np.array([1, 2])),
    "a prefix that no codeword has, in one lane": ("11", [2], 1, np.array([1, 2])),
    "a prefix that no long codeword has": ("1" * 32, [32], 1, np.array([*range(1, 33)])),
    "a code without codewords": ("0000", [4], 4, np.array([0, 0])),
    "a code without symbols": ("0000", [4], 4, np.array([], np.int64)),
}


def test_the_bits_that_are_spoilt_below_are_good_before() -> None:
    payload, lane_bits = encoded(reference, SYMBOLS, LENGTHS, 4)
    assert bitarray(payload.tobytes()).to01().startswith(BITS) and lane_bits.tolist() == [9, 18, 7]


@each_engine
@pytest.mark.parametrize(("bits", "lane_bits", "count", "lengths"), SPOILT.values(), ids=SPOILT)
def test_lanes_that_do_not_hold_their_symbols_are_refused(
    engine: str, bits: str, lane_bits: list[int], count: int, lengths: Any
) -> None:
    payload = np.frombuffer(bitarray(bits).tobytes(), np.uint8)
    with pytest.raises(DamagedError):
        decoded(engines.engine(engine), payload, np.array(lane_bits, np.int64), count, lengths, 4)


def test_an_engine_is_chosen_by_name_or_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODEC_ENGINE", "reference")
    assert engines.engine() is reference
    assert engines.engine("lanes").__name__ == "codec.bits.lanes"
    monkeypatch.delenv("CODEC_ENGINE")
    assert engines.engine() is not reference
    with pytest.raises(ValueError, match=r"'abacus'; there are reference, lanes"):
        engines.engine("abacus")
