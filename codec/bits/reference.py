"""The reference: through bitarray, slow and obvious, the oracle of every other engine.

Every engine has these two functions, and gives the same bits and the same symbols.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from bitarray import bitarray, decodetree
from bitarray.util import int2ba
from numpy.typing import NDArray

from codec.codes.prefix import canonical_codewords
from codec.errors import DamagedError


def prepare_encode(lengths: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """What stands for the lengths when several blocks are coded: here the lengths themselves."""
    return lengths


prepare_decode = prepare_encode


def encode(symbols: NDArray[Any], lengths: NDArray[np.int64], lane: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Symbols -> one bitstream, most significant bit first, padded with zeros to a byte.

    Parameters
    ----------
    symbols : uint8 or uint16 array, (count,)
        None without a codeword.
    lengths : int array, (n,)
        The code; see `codec.codes.prefix`.
    lane : int
        Symbols in a lane.

    Returns
    -------
    payload : uint8 array, (ceil(bits / 8),)
    lane_bits : int64 array, (ceil(count / lane),)
        Bits of each lane; the last may hold fewer symbols.

    Examples
    --------
    >>> payload, lane_bits = encode(np.array([0, 2, 1], np.uint8), np.array([1, 2, 2]), 2)
    >>> format(payload[0], "08b"), lane_bits.tolist()
    ('01110000', [3, 2])
    """
    words = _codewords(lengths)
    bits = bitarray()
    lane_bits = []
    for start in range(0, len(symbols), lane):
        before = len(bits)
        bits.encode(words, symbols[start : start + lane].tolist())
        lane_bits.append(len(bits) - before)
    return np.frombuffer(bits.tobytes(), np.uint8), np.array(lane_bits, np.int64)


def decode(
    payload: NDArray[np.uint8], lane_bits: NDArray[np.int64], count: int, lengths: NDArray[np.int64], lane: int
) -> NDArray[Any]:
    """The inverse of `encode`.

    Raises
    ------
    DamagedError
        If a lane does not hold exactly its symbols in exactly its bits.

    Examples
    --------
    >>> decode(np.array([0b01110000], np.uint8), np.array([3, 2]), 3, np.array([1, 2, 2]), 2).tolist()
    [0, 2, 1]
    """
    bits = bitarray(bytes(payload))
    if (
        len(lane_bits) != -(-count // lane)
        or any(n < 0 for n in lane_bits.tolist())
        or sum(lane_bits.tolist()) > len(bits)
    ):
        raise DamagedError("the lane index does not fit the payload")
    words = _codewords(lengths)
    symbols: list[int] = []
    position = 0
    for number, size in enumerate(lane_bits.tolist()):
        piece = bits[position : position + size]
        try:
            decoded = list(piece.decode(decodetree(words))) if words else []
        except ValueError:  # what bitarray raises for an unused prefix and for a codeword cut short
            raise DamagedError(f"lane {number} does not end with a codeword, or holds none") from None
        if len(decoded) != min(lane, count - number * lane):
            raise DamagedError(
                f"lane {number} holds {len(decoded):,} codewords, not {min(lane, count - number * lane):,}"
            )
        symbols += decoded
        position += size
    return np.array(symbols, np.uint8 if len(lengths) <= 256 else np.uint16)


def _codewords(lengths: NDArray[np.int64]) -> dict[int, bitarray]:
    words = canonical_codewords(lengths)
    return {symbol: int2ba(int(words[symbol]), int(lengths[symbol])) for symbol in np.flatnonzero(lengths).tolist()}
