"""The lane index of a block: how many bits each lane but the last has, above the least of them, at a fixed width."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from codec.errors import DamagedError

_ENTRIES_AT_ONCE = 1 << 13  # unpacked bit by bit; a multiple of 8


def index_shape(lane_bits: NDArray[np.int64]) -> tuple[int, int]:
    """The least bits of any lane but the last, and the width of an entry: of what the others have more."""
    full = lane_bits[:-1]
    if not len(full):
        return 0, 0
    least = int(full.min())
    return least, (int(full.max()) - least).bit_length()


def pack_index(entries: NDArray[np.int64], width: int) -> bytes:
    """Entries at a fixed width, most significant bit first, padded with zeros to a byte."""
    bits = np.unpackbits(entries.astype(">u4").view(np.uint8)).reshape(-1, 32)
    return np.packbits(bits[:, 32 - width :]).tobytes()


def unpack_index(
    index: memoryview, lanes: int, width: int, least: int, payload_bits: int, sequence: int
) -> NDArray[np.int64]:
    """The bits of all lanes of a block: the last lane has the rest of the payload.

    Raises
    ------
    DamagedError
        If the index is not the one that `pack_index` makes of these lanes.
    """
    lane_bits = np.empty(lanes, np.int64)
    weights = 1 << np.arange(width - 1, -1, -1)
    part = _ENTRIES_AT_ONCE * width  # bits
    used = width * (lanes - 1)
    for number, start in enumerate(range(0, used, part or 1)):
        bits = np.unpackbits(np.frombuffer(index[start // 8 : (start + part) // 8], np.uint8))[: used - start]
        entries = bits.reshape(-1, width) @ weights
        lane_bits[number * _ENTRIES_AT_ONCE : number * _ENTRIES_AT_ONCE + len(entries)] = entries
    if not width:
        lane_bits[:-1] = 0
    lane_bits[:-1] += least
    lane_bits[-1] = payload_bits - lane_bits[:-1].sum()
    padding = index[-1] & (0xFF >> used % 8) if used % 8 else 0
    # One index, one form: the least entry is 0, and no narrower width would do.
    if padding or lane_bits[-1] < 0 or index_shape(lane_bits) != (least, width):
        raise DamagedError(f"the lane index of block {sequence} does not fit its payload")
    return lane_bits


def index_bytes(width: int, lanes: int) -> int:
    """Bytes of the index of so many lanes."""
    return (width * (lanes - 1) + 7) // 8
