"""Several blocks coded and decoded in one call: bit for bit what each block alone gives, whatever its size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from checks import ENGINES
from numpy.typing import NDArray

from codec.bits.engine import Coder
from codec.codes.context import ContextCode, context_code
from codec.codes.prefix import PrefixCode, huffman
from codec.errors import DamagedError
from codec.theory.labels import Labels


@dataclass(frozen=True)
class Coded:
    payload: NDArray[np.uint8]
    lane_bits: NDArray[np.int64]
    count: int


def code_of(labels: int, in_context: bool) -> PrefixCode | ContextCode:
    if not in_context:
        return huffman([1 + (7 * place) % 50 for place in range(labels)])
    before, after = np.divmod(np.arange((labels + 1) * labels), labels)
    alphabet = Labels("int", np.arange(labels))
    return context_code(alphabet, before, after, 1 + (11 * before + 5 * after) % 40, 20)


CASES = [(size, count) for size in (40, 80, 2_000) for count in (1, 79, 80, 81, 4_001)]


@pytest.mark.dear
@pytest.mark.parametrize("lane", [8, 40, 13])
@pytest.mark.parametrize("size,count", CASES)
@pytest.mark.parametrize("labels,in_context", [(2, False), (8, False), (300, False), (5, True)])
@pytest.mark.parametrize("name", ENGINES)
def test_blocks_together_are_the_blocks_alone(
    name: str, labels: int, in_context: bool, size: int, count: int, lane: int
) -> None:
    code = code_of(labels, in_context)
    symbols = np.random.default_rng(count).integers(0, labels, count).astype("u1" if labels <= 256 else "u2")
    coder = Coder(code, lane, name)
    parts = [symbols[start : start + size] for start in range(0, count, size)]
    alone = [coder.encode(part) for part in parts]
    together = coder.encode_several(symbols, size)
    assert len(together) == len(alone)
    for (payload, lane_bits), (expected, expected_bits) in zip(together, alone, strict=True):
        assert bytes(payload) == bytes(expected) and lane_bits.tolist() == expected_bits.tolist()
    blocks = [Coded(*one, len(part)) for one, part in zip(together, parts, strict=True)]
    room = np.empty_like(symbols)
    for back in (coder.decode_several(blocks), coder.decode_several(blocks, room)):
        assert np.array_equal(back, symbols) and back.dtype == symbols.dtype


@pytest.mark.parametrize("name", ENGINES)
def test_a_bit_too_many_or_too_few_in_any_block_is_damage(name: str) -> None:
    symbols = np.random.default_rng(1).integers(0, 8, 4_000).astype(np.uint8)
    coder = Coder(code_of(8, False), 40, name)
    blocks = [Coded(*one, 400) for one in coder.encode_several(symbols, 400)]
    for place, block in enumerate(blocks):
        for lane, change in ((0, 1), (3, -1)):
            lane_bits = block.lane_bits.copy()
            lane_bits[[lane, lane + 1]] += (change, -change)
            damaged: list[Any] = [*blocks]
            damaged[place] = Coded(block.payload, lane_bits, 400)
            with pytest.raises(DamagedError):
                coder.decode_several(damaged)
