"""The first codewords of a file, as they stand in its payload."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from bitarray import bitarray

from codec.coding.file import decoded, parts_of
from codec.coding.step import File

ESCAPE = "(escape)"


@dataclass(frozen=True)
class Codeword:
    """Bits of a payload, and the spelling of what they stand for."""

    bits: str
    spelling: str


def first_codewords(file: File, most: int) -> list[Codeword]:
    """At most so many codewords from the start of a file, read off its payload; the file is read up to there.

    >>> import io
    >>> from codec.coding import encode
    >>> from codec.coding.file import opened
    >>> [(one.bits, one.spelling) for one in first_codewords(opened(io.BytesIO(encode("abac"))), 3)]
    [('0', 'a'), ('10', 'b'), ('0', 'a')]
    """
    for block, symbols in decoded(file, parts_of(file)):
        first = symbols[:most]
        payload = bitarray()
        payload.frombytes(bytes(block.payload))
        lengths = file.code.all_lengths[file.code.codewords_at(first, file.header.lane_size)]
        ends = np.cumsum(lengths).tolist()
        alphabet = file.code.alphabet
        known = first[first < len(alphabet)]
        spellings = iter(alphabet.take(known).spellings)
        names = [next(spellings) if symbol < len(alphabet) else ESCAPE for symbol in first.tolist()]
        starts = [0, *ends[:-1]]
        return [Codeword(payload[a:b].to01(), name) for a, b, name in zip(starts, ends, names, strict=True)]
    return []
