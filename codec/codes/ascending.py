"""Ascending ints in few bytes: how the tables of intervals and of ranks hold their labels.

    step        1 byte of size, then its digits; of size 0 if it is 1
    first label and whatever numbers the table puts behind it, gamma coded
    form        gamma coded with them. 1: consecutive; 2: gaps follow; 3: differences of gaps follow
    gaps        gamma coded, one fewer than labels; as differences, each from the one before (the first from 1), of any
                sign

Form 2 or 3 is the one that takes fewer bits, 2 if both take as many. See `codec.codes.serialize` for gamma and signs.
"""

from __future__ import annotations

import itertools
import struct

from codec.codes.gamma import as_positive, gamma_bits, gamma_encode
from codec.codes.serialize import STEP, TableReader
from codec.errors import DamagedError
from codec.theory.labels import Labels, int_array

_CONSECUTIVE, _GAPS, _DIFFERENCES = 1, 2, 3
_MOST = 1 << 64


def pack_ascending(labels: Labels, *numbers: int) -> tuple[bytes, bytes]:
    """The bytes of ascending ints in two parts: the head, with `numbers` in it, and the gaps.

    >>> import numpy as np
    >>> head, gaps = pack_ascending(Labels("int", np.array([5, 6, 8])), 3)
    >>> head.hex(), gaps.hex()
    ('0016d0', 'a0')
    """
    values = labels.values.tolist()
    gaps = [high - low for low, high in itertools.pairwise(values)]
    if not all(gap > 0 for gap in gaps):
        raise ValueError("the labels of a table of intervals or ranks ascend")
    bends = as_positive([after - before for before, after in zip([1, *gaps], gaps, strict=False)])
    form = _CONSECUTIVE
    if any(gap > 1 for gap in gaps):
        form = _DIFFERENCES if gamma_bits(bends) < gamma_bits(gaps) else _GAPS
    step = b"" if labels.step == "1" else labels.step.encode("ascii")
    head = struct.pack(">B", len(step)) + step + gamma_encode([*as_positive(values[:1]), *numbers, form])
    return head, b"" if form == _CONSECUTIVE else gamma_encode(bends if form == _DIFFERENCES else gaps)


def read_head(reader: TableReader, numbers: int) -> tuple[str, int, list[int], int]:
    """The head that `pack_ascending` made: step, first label, so many numbers, form."""
    size = reader.take(1)[0]
    step = reader.take(size) if size else b"1"
    if not STEP.fullmatch(step):
        raise DamagedError(f"the table's step, {step!r}, is no positive decimal number")
    first, *others, form = reader.gammas(numbers + 2)
    if form > _DIFFERENCES:
        raise DamagedError(f"the table names an unknown form of labels, {form}")
    return step.decode("ascii"), of_any_sign(first), others, form


def read_gaps(reader: TableReader, step: str, first: int, form: int, count: int) -> Labels:
    """The labels, `count` of them, by what `read_head` gave."""
    gaps = [1] * (count - 1) if form == _CONSECUTIVE else reader.gammas(count - 1)
    if form == _DIFFERENCES:
        gaps = list(itertools.accumulate(map(of_any_sign, gaps), initial=1))[1:]
    if min(gaps, default=1) < 1 or abs(first) > _MOST or first + sum(gaps) > _MOST:
        raise DamagedError("the table's labels do not ascend, or they have more than 64 bits")
    try:
        return Labels("int", int_array(list(itertools.accumulate(gaps, initial=first))), step)
    except ValueError as error:
        raise DamagedError(f"the table's labels: {error}") from None


def of_any_sign(number: int) -> int:
    """The inverse of `as_positive`, of one number."""
    return number // 2 if number & 1 else -(number // 2)
