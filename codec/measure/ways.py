"""What other ways of coding would make of a stream, from counts: no file is written."""

from __future__ import annotations

from codec.codes.context import ContextCode
from codec.coding.learn import learned
from codec.coding.options import Options
from codec.coding.steps import transform_named
from codec.errors import StreamError
from codec.readings.origin import Closing, Origin
from codec.readings.stream import Stream
from codec.theory.alphabet import find
from codec.theory.labels import Labels

WAYS = {
    "plain": Options(),
    "delta": Options(transform=transform_named("differences")),
    "context": Options(context=True),
    "block 2": Options(per_codeword=2),
}


def ways(readings: Labels, origin: Origin) -> dict[str, float | None]:
    """Bits per reading, payload and table, of coding these readings in each way; None where they cannot be coded so.

    The code of each way is learned from these very readings. Heads of blocks, index and checksums are left out: they
    are much the same in every way.

    Parameters
    ----------
    readings : Labels, (n,)
        At most one block of them, 2^20.
    origin : Origin
        Where they come from, which says whether differences can be taken of them.

    Examples
    --------
    >>> from codec.readings.values import from_values
    >>> stream = from_values([1, 2, 3, 4] * 100)
    >>> {way: round(bits, 2) for way, bits in ways(next(stream.labels()), stream.origin).items()}
    {'plain': 2.38, 'delta': 1.65, 'context': 1.5, 'block 2': 1.04}
    """
    stream = Stream(origin, lambda: iter([readings, Closing(0)]), in_memory=True)
    return {name: _bits(stream, how) for name, how in WAYS.items()}


def _bits(stream: Stream, how: Options) -> float | None:
    try:
        code, how = learned(stream, how)
    except StreamError:  # no numbers to take differences of, or too many pairs
        return None
    (readings,) = stream.labels()
    if isinstance(code, ContextCode):
        symbols, _ = find(code.alphabet, readings, stream.origin.is_lines)
        payload = int(code.lengths[code.codewords_at(symbols, how.lane_size)].sum())
    else:
        payload = 0 if code.weights is None else int(code.weights @ code.lengths)  # what is learned has weights
    return (payload + 8 * len(code.serialized)) / len(readings)
