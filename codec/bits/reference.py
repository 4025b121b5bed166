"""The reference: through bitarray, slow and obvious, the oracle of every other engine.

Every engine has these functions, and gives the same bits and the same symbols.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from bitarray import bitarray, decodetree
from bitarray.util import int2ba
from numpy.typing import NDArray

from codec.codes.canonical import canonical_codewords
from codec.codes.context import ContextCode
from codec.errors import DamagedError, counted
from codec.theory.dense import Giving
from codec.theory.dense import count_dense as count_dense
from codec.theory.dense import look_up as look_up


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
    words = _codewords(lengths)
    symbols: list[int] = []
    for number, piece in enumerate(_lanes_of(payload, lane_bits, count, lane)):
        try:
            decoded = list(piece.decode(decodetree(words))) if words else []
        except ValueError:  # what bitarray raises for an unused prefix and for a codeword cut short
            raise DamagedError(f"lane {number} does not end with a codeword, or holds none") from None
        if len(decoded) != min(lane, count - number * lane):
            raise DamagedError(
                f"lane {number} holds {counted(len(decoded), 'codeword')}, not {min(lane, count - number * lane):,}"
            )
        symbols += decoded
    return np.array(symbols, np.uint8 if len(lengths) <= 256 else np.uint16)


def through(outputs: NDArray[Any]) -> Giving:
    """Prepare to give symbols through a table of outputs: what stands at place s is put out for each symbol s.

    So an engine gives readings without knowing what they are. A symbol beyond the table counts as its last place.

    Parameters
    ----------
    outputs : array, (n,), of any type

    Returns
    -------
    function
        Of the symbols, an unsigned integer or int64 array, (count,), none negative; and of an array for the outputs,
        (count,), of their type.

    Examples
    --------
    >>> out = np.empty(3, np.int16)
    >>> through(np.array([100, 105, 110], np.int16))(np.array([0, 2, 1], np.uint8), out)
    >>> out.tolist()
    [100, 110, 105]
    """

    def give(symbols: NDArray[Any], out: NDArray[Any]) -> None:
        last = len(outputs) - 1
        out[:] = outputs[np.array([min(symbol, last) for symbol in symbols.tolist()], np.int64)]

    return give


def prepare_encode_context(code: ContextCode, count: int) -> ContextCode:
    """What stands for a code in context when several blocks are coded: here the code itself."""
    return code


prepare_decode_context = prepare_encode_context


def encode_context(symbols: NDArray[Any], code: ContextCode, lane: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Symbols -> one bitstream, each with the code of the symbol before it, the first of a lane with that of row 0.

    Examples
    --------
    >>> from codec.theory.labels import labels_of
    >>> ab = np.array([0, 1])
    >>> code = ContextCode(labels_of("ab"), ab[1:], np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([1, 1, 1]))
    >>> payload, lane_bits = encode_context(np.array([0, 1, 0, 1], np.uint8), code, 3)
    >>> format(payload[0], "08b"), lane_bits.tolist()
    ('01010000', [3, 1])
    """
    words = _codewords_in_rows(code)
    bits = bitarray()
    lane_bits = []
    for start in range(0, len(symbols), lane):
        before, row = len(bits), 0
        for symbol in symbols[start : start + lane].tolist():
            bits += words[row][symbol]
            row = int(code.row_of[symbol])
        lane_bits.append(len(bits) - before)
    return np.frombuffer(bits.tobytes(), np.uint8), np.array(lane_bits, np.int64)


def decode_context(
    payload: NDArray[np.uint8], lane_bits: NDArray[np.int64], count: int, code: ContextCode, lane: int
) -> NDArray[Any]:
    """The inverse of `encode_context`; DamagedError if a lane does not hold exactly its symbols in its bits."""
    symbol_of = [{word.to01(): symbol for symbol, word in row.items()} for row in _codewords_in_rows(code)]
    symbols: list[int] = []
    for number, piece in enumerate(_lanes_of(payload, lane_bits, count, lane)):
        row, prefix, before = 0, "", len(symbols)
        for bit in piece.to01():
            prefix += bit
            if prefix in symbol_of[row]:
                symbols.append(symbol_of[row][prefix])
                row, prefix = int(code.row_of[symbols[-1]]), ""
        if prefix or len(symbols) - before != min(lane, count - number * lane):
            raise DamagedError(f"lane {number} does not hold just the codewords of its symbols")
    return np.array(symbols, np.uint8 if len(code) <= 256 else np.uint16)


def _lanes_of(payload: NDArray[np.uint8], lane_bits: NDArray[np.int64], count: int, lane: int) -> list[bitarray]:
    """The bits of each lane."""
    bits, sizes = bitarray(bytes(payload)), lane_bits.tolist()
    if len(sizes) != -(-count // lane) or any(size < 0 for size in sizes) or sum(sizes) > len(bits):
        raise DamagedError("the lane index does not fit the payload")
    ends = itertools.accumulate(sizes)
    return [bits[end - size : end] for end, size in zip(ends, sizes, strict=True)]


def _codewords_in_rows(code: ContextCode) -> list[dict[int, bitarray]]:
    rows: list[dict[int, bitarray]] = [{} for _ in range(len(code.contexts) + 1)]
    columns = (code.rows, code.symbols, code.codewords, code.lengths)
    for row, symbol, word, length in zip(*(column.tolist() for column in columns), strict=True):
        rows[row][symbol] = int2ba(word, length)
    return rows


def _codewords(lengths: NDArray[np.int64]) -> dict[int, bitarray]:
    words = canonical_codewords(lengths)
    return {symbol: int2ba(int(words[symbol]), int(lengths[symbol])) for symbol in np.flatnonzero(lengths).tolist()}
