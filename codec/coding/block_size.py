"""How many blocks a file has, unless the caller says it: a damaged bit costs a block, and a block costs some bytes."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from codec.bits.engine import BLOCK_SIZE
from codec.codes.lengths import expected_length
from codec.codes.prefix import PrefixCode
from codec.coding.options import Options
from codec.coding.step import Code
from codec.files.container import HEAD_BYTES

MOST_BLOCKS = 16
LEAST_READINGS = 500_000  # below, a file is one block
_SHARE = 1000  # the further blocks cost at most one bit in so many
_CHECKSUM_AND_PADDING = 4 + 2  # bytes


def with_block_size(how: Options, code: Code, count: int | None, is_own: bool) -> Options:
    """The same options with a number as block size: as many blocks, at most 16, as cost less than 0.1 % of the file.

    Blocks are whole lanes, and never larger than the largest for which lanes pay.

    Parameters
    ----------
    count : int or None
        Readings that are coming; of an unknown number, blocks are of the largest size.
    is_own : bool
        Whether the code was learned from them, so that its weights are their counts. A codeword of another code is
        only known to be no shorter than its shortest.

    Examples
    --------
    >>> from codec.codes.prefix import huffman
    >>> code = huffman([30, 40, 5, 6, 7, 2, 5, 5])
    >>> [with_block_size(Options(), code, count, True).block_size for count in (499_999, 500_000, 2_000_000, 10**9)]
    [8192000, 84000, 126000, 8192000]
    """
    if how.block_size != "auto":
        return how
    if count is None or count < LEAST_READINGS or BLOCK_SIZE % how.lane_size:
        return replace(how, block_size=BLOCK_SIZE)
    symbols = -(-count // code.readings)
    lengths = code.all_lengths
    mean: Fraction | float = int(lengths[lengths > 0].min())
    if is_own and isinstance(code, PrefixCode) and code.weights is not None:
        mean = expected_length(code.weights, code.lengths)
    cost = 8 * (HEAD_BYTES + how.transform.base_bytes + _CHECKSUM_AND_PADDING)
    blocks = min(1 + int(symbols * mean) // (_SHARE * cost), MOST_BLOCKS)
    lanes = -(-symbols // (blocks * how.lane_size))
    return replace(how, block_size=min(lanes * how.lane_size, BLOCK_SIZE) if blocks > 1 else BLOCK_SIZE)
