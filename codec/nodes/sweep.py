"""Which step? What each costs in bits, and what it takes from the readings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from codec.codes.prefix import huffman
from codec.codes.serialize import MAX_CODE_LENGTH
from codec.coding.learn import distribution_of
from codec.errors import StreamError
from codec.nodes.layout import MAX_RAW_BITS, NodeTable, PacketLayout
from codec.nodes.packet import packed
from codec.nodes.units import bits_of, stream_of
from codec.readings.grid import on_grid
from codec.readings.stream import Stream
from codec.theory.labels import Labels


@dataclass(frozen=True)
class Setting:
    """A stream rounded to a step, and packed with the Huffman code of its own.

    Attributes
    ----------
    step : str
    largest_error, rms_error : float
        From readings to their multiples of the step.
    labels : int
    entropy, huffman_mean : float
        Bits for each reading, or for each difference.
    raw_bits : int
        The fewest that hold these readings.
    mean_bytes : float
        Of a packet.
    bits_per_reading : float
        Of whole packets.
    """

    step: str
    largest_error: float
    rms_error: float
    labels: int
    entropy: float
    huffman_mean: float
    raw_bits: int
    mean_bytes: float
    bits_per_reading: float


def sweep(stream: Stream, steps: Iterable[str], size: int = 24, delta: bool = False) -> list[Setting]:
    """What each step makes of a stream in packets of so many readings, each with a table learned from this stream.

    Raises
    ------
    StreamError
        If readings are no numbers, or too many different ones for a code.

    Examples
    --------
    >>> from codec.readings.values import from_values
    >>> found = sweep(from_values([20.1, 20.4, 20.2, 20.1] * 6), ["0.1", "0.5"])
    >>> [(each.step, each.labels, round(each.largest_error, 9), each.mean_bytes) for each in found]
    [('0.1', 3, 0.0, 5.0), ('0.5', 2, 0.2, 3.0)]
    """
    return [_setting(stream, step, size, delta) for step in steps]


def _setting(stream: Stream, step: str, size: int, delta: bool) -> Setting:
    rounded, rounding = on_grid(stream, step)
    pieces = [piece for piece in rounded.labels() if len(piece)]
    if not pieces:
        raise StreamError(f"{stream.name} is empty: there is nothing to round")
    labels = Labels("int", np.concatenate([piece.values for piece in pieces]), step)
    exact = np.concatenate([_numbers(piece) for piece in stream.labels() if len(piece)])
    coded = replace(labels, values=np.diff(labels.values)) if delta else labels
    if not len(coded):
        raise StreamError(f"{stream.name} has one reading, and no difference: there is nothing to learn a table from")
    p = distribution_of(stream_of(coded))
    code = huffman(p, MAX_CODE_LENGTH)
    raw_bits = bits_of(labels.values)
    if delta and raw_bits > MAX_RAW_BITS:
        raise StreamError(
            f"{stream.name}: in steps of {step} the readings have {raw_bits} bits, and packets {MAX_RAW_BITS}"
        )
    layout = PacketLayout("differences", raw_bits) if delta else PacketLayout()
    packets = packed(stream_of(labels), NodeTable(code, layout), size)
    return Setting(
        step=step,
        largest_error=float(rounding.greatest_change),
        rms_error=float(np.sqrt(np.mean((exact - labels.values * float(step)) ** 2))) if rounding.changed else 0.0,
        labels=len(p),
        entropy=p.entropy(),
        huffman_mean=code.expected_length(p),
        raw_bits=raw_bits,
        mean_bytes=sum(map(len, packets)) / len(packets),
        bits_per_reading=8 * sum(map(len, packets)) / len(labels),
    )


def _numbers(labels: Labels) -> NDArray[np.float64]:
    """Readings as floats; text that was rounded to a grid is that of numbers."""
    if labels.kind == "str":
        return np.array([float(text.strip("\ufeff \t")) for text in labels.spellings])
    return np.asarray(labels).astype(np.float64)
