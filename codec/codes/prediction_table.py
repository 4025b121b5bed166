"""How readings are predicted, as bytes: they stand before the table of a code over what is left.

    what follows    1 byte: 8, and 1 more if labels follow, 2 more if weights do
    ranked labels   see `codec.codes.ascending`; behind the first label stands their number n
    weights         order, shift and bits of a weight, 1 byte each; then the weights, two's complement of so many bits,
                    padded with zeros to a byte

Without either, as for differences, there are no bytes at all.
"""

from __future__ import annotations

from bitarray import bitarray
from bitarray.util import ba2int, int2ba

from codec.codes.ascending import pack_ascending, read_gaps, read_head
from codec.codes.serialize import TableReader
from codec.errors import DamagedError, counted
from codec.theory.alphabet import MAX_SYMBOLS
from codec.theory.labels import Labels
from codec.theory.prediction import Prediction

_MARK, _RANKS, _WEIGHTS = 8, 1, 2
NAMES = {_RANKS: "ranks", _WEIGHTS: "linear", _RANKS | _WEIGHTS: "linear ranks"}
MAX_ORDER, MAX_BITS = 16, 16


def serialize_prediction(of: Prediction | None) -> bytes:
    """The bytes of a prediction; none where the name says all.

    >>> serialize_prediction(Prediction("linear", weights=(7, -4), shift=2)).hex()
    '0a0202047c'
    """
    return b"" if of is None else b"".join(_parts(of))


def _parts(of: Prediction) -> tuple[bytes, bytes, bytes]:
    ranks = b"" if of.ranks is None else b"".join(pack_ascending(of.ranks, len(of.ranks)))
    weights = b"" if not of.weights else _packed(of.weights, of.shift)
    what = _RANKS * bool(ranks) | _WEIGHTS * bool(weights)
    return bytes([_MARK | what]) if what else b"", ranks, weights


def prediction_sizes(of: Prediction | None) -> dict[str, int]:
    """Bits of a prediction in a table, by purpose."""
    if of is None:
        return {}
    mark, ranks, weights = _parts(of)
    return {"ranked labels": 8 * len(ranks), "prediction": 8 * (len(mark) + len(weights))}


def deserialize_prediction(table: bytes) -> tuple[Prediction | None, bytes]:
    """The prediction at the front of a table, if there is one, and the table of the code behind it.

    Raises
    ------
    DamagedError
        If the bytes are not such a table.
    """
    if not table or table[0] & ~3 != _MARK or table[0] == _MARK:
        return None, table
    reader = TableReader(table)
    what = reader.take(1)[0] & 3
    ranks: Labels | None = None
    weights: tuple[int, ...] = ()
    shift = 0
    if what & _RANKS:
        step, first, (count,), form = read_head(reader, 1)
        if count > min(MAX_SYMBOLS, 8 * len(table)) and not (form == 1 and count <= MAX_SYMBOLS):
            raise DamagedError(f"the table declares {counted(count, 'ranked label')} in {len(table):,} bytes")
        ranks = read_gaps(reader, step, first, form, count)
    if what & _WEIGHTS:
        order, shift, bits = reader.take(3)
        if not 1 <= order <= MAX_ORDER or not 1 <= bits <= MAX_BITS or shift >= MAX_BITS:
            raise DamagedError(f"the table declares {order} weights of {bits} bits over 2 to the {shift}")
        packed = bitarray(reader.take((order * bits + 7) // 8))
        weights = tuple(ba2int(packed[at : at + bits], signed=True) for at in range(0, order * bits, bits))
    of = Prediction(NAMES[what], ranks, weights, shift)
    front = serialize_prediction(of)
    if not table.startswith(front):
        raise DamagedError("the table is not in the one form that a prediction is written in")
    return of, table[len(front) :]


def bits_of(weights: tuple[int, ...]) -> int:
    """Bits that each of these weights takes, with its sign.

    >>> bits_of((3, -4)), bits_of((4,))
    (3, 4)
    """
    return 1 + max((w if w >= 0 else ~w).bit_length() for w in weights)


def _packed(weights: tuple[int, ...], shift: int) -> bytes:
    bits = bits_of(weights)
    packed = bitarray()
    for weight in weights:
        packed += int2ba(weight, bits, signed=True)
    return bytes([len(weights), shift, bits]) + packed.tobytes()
