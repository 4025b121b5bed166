"""Readings as whole multiples of a table's step, and in the raw bits of its layout."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from codec.errors import StreamError, counted, option
from codec.nodes.layout import MAX_LABEL_BITS, MAX_RAW_BITS, NodeTable, PacketLayout
from codec.readings.origin import Closing, Origin
from codec.readings.stream import Stream
from codec.theory.alphabet import kind_text
from codec.theory.labels import Labels


def stream_of(labels: Labels, name: str = "the stream") -> Stream:
    """Labels as a stream of ints of 64 bits."""
    origin = Origin("array", "<i8", (len(labels),))
    return Stream(origin, lambda: iter([labels, Closing(8 * len(labels))]), name, in_memory=True)


def units_of(stream: Stream, table: NodeTable) -> NDArray[np.int64]:
    """All readings of a stream as whole multiples of the table's step."""
    return whole_units(stream, [piece for piece in stream.labels() if len(piece)], table)


def whole_units(stream: Stream, pieces: Sequence[Labels], table: NodeTable) -> NDArray[np.int64]:
    """Numbers as whole multiples of the table's step."""
    found, at, step = [np.zeros(0, np.int64)], 0, table.code.alphabet.step
    for labels in pieces:
        if labels.kind != "int" or table.code.alphabet.kind != "int":
            raise _no_numbers(stream, labels, at, table)
        ratio = Fraction(labels.step) / Fraction(step)
        most = max(abs(int(labels.values.max())), abs(int(labels.values.min()))) * ratio.numerator
        if most >= 1 << MAX_LABEL_BITS:
            raise StreamError(
                f"{stream.name}: numbers in packets have at most {MAX_LABEL_BITS} bits in steps of {step}"
            )
        exact = object if max(ratio.numerator, ratio.denominator) >> MAX_LABEL_BITS else np.int64
        units = labels.values.astype(exact) * ratio.numerator
        broken = (units % ratio.denominator).astype(bool)
        if broken.any():
            place = int(broken.argmax())
            raise StreamError(
                f"{stream.name}, {stream.place(at + place)}: {labels.take(np.array([place])).spellings[0]} is no "
                f"multiple of the table's step, {step}: round the readings with {option('--step', step)}"
            )
        found.append((units // ratio.denominator).astype(np.int64))
        at += len(labels)
    return np.concatenate(found)


def _no_numbers(stream: Stream, labels: Labels, at: int, table: NodeTable) -> StreamError:
    for place, text in enumerate(labels.spellings if table.code.alphabet.kind == "int" else ()):
        try:
            number = math.isfinite(float(text))
        except ValueError:
            number = False
        if not number:
            return StreamError(
                f"{stream.name}, {stream.place(at + place)}: {text!r} is no number, and the packets of this table hold "
                "numbers, without gaps: leave such readings out"
            )
    wanted, step = f"the table is of kind {kind_text(table.code.alphabet)}", table.code.alphabet.step
    return StreamError(
        f"{stream.name}: {wanted}, and these readings are {kind_text(labels)}: round them with {option('--step', step)}"
    )


def raw_of(values: NDArray[np.int64], layout: PacketLayout, stream: Stream, step: str) -> NDArray[np.uint64]:
    """Readings in the raw bits of the layout, two's complement."""
    bound = 1 << layout.raw_bits - 1
    outside = (values < -bound) | (values >= bound)
    if outside.any():
        place = int(outside.argmax())
        shown = Labels("int", values[place : place + 1], step).spellings[0]
        needed = bits_of(values)
        raise StreamError(
            f"{stream.name}, {stream.place(place)}: {shown} does not fit the {counted(layout.raw_bits, 'raw bit')} of "
            f"the packet: these readings need {needed}"
            + (
                f", which is raw={needed} in a layout"
                if needed <= MAX_RAW_BITS
                else f", and a layout has {MAX_RAW_BITS}"
            )
        )
    return np.asarray(values.view(np.uint64) & np.uint64((1 << layout.raw_bits) - 1))


def bits_of(values: NDArray[np.int64]) -> int:
    """The fewest bits that hold all of these numbers, in two's complement.

    >>> bits_of(np.array([-128, 127])), bits_of(np.array([128])), bits_of(np.array([0]))
    (8, 9, 1)
    """
    return max((value if value >= 0 else ~value).bit_length() for value in (int(values.min()), int(values.max()))) + 1
