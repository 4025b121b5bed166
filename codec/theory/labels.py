"""Labels: what the user sees. Their kinds, their identity, their spelling.

A label is an int, a float, a string or bytes. Two labels are the same label if

- ints: their values are equal (1, True and np.uint8(1) are one label);
- floats: their bit patterns as float64 are equal (-0.0 is not 0.0, and a NaN equals itself);
- strings and bytes: they are equal.

Numbers with a fixed number of decimals, or rounded to a grid, are ints k with a ``step``: the label is k * step,
exactly. Several labels coded as one are a tuple.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.theory.floats import multiples
from codec.theory.foreign import array_of
from codec.theory.prediction import Prediction

KINDS = ("int", "float", "str", "bytes", "tuple")
_TYPES: dict[str, tuple[type, ...]] = {
    "int": (int, np.integer, np.bool_),
    "float": (float, np.floating),
    "str": (str,),
    "bytes": (bytes, bytearray),
}
_MAX_CODE_POINT = 0x10FFFF
_INT64, _UINT64 = np.iinfo(np.int64), np.iinfo(np.uint64)


@dataclass(frozen=True, eq=False)
class Labels(Sequence[Any]):
    """Labels of one kind, as an array: an alphabet, in which they are distinct, or a part of a stream.

    Attributes
    ----------
    kind : str
        "int", "float", "str", "bytes" or "tuple".
    values : array
        int: integers, shape (n,). float: bit patterns as uint64, shape (n,). str, bytes: objects, shape (n,).
        tuple: symbols in `base`, shape (n, k).
    step : str
        Of ints: the label is ``value * step``.
    base : Labels or None
        Of tuples: the alphabet of their symbols.
    of : Prediction or None
        What the labels are of, if not of readings themselves: differences of them, for example.

    Examples
    --------
    >>> labels = labels_of([100, 105, 110])
    >>> labels[1], len(labels), labels.kind
    (105, 3, 'int')
    >>> list(Labels("int", np.array([-53, 210]), step="0.1"))
    [-5.3, 21.0]
    """

    kind: str
    values: NDArray[Any]
    step: str = "1"
    base: Labels | None = None
    of: Prediction | None = None

    def __post_init__(self) -> None:
        if self.values.flags.writeable:
            view = self.values.view()
            view.flags.writeable = False
            object.__setattr__(self, "values", view)

    def __setstate__(self, state: dict[str, Any]) -> None:
        restore_read_only(self, state)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if self.kind == "int" and self.step == "1":
            values: NDArray[Any] = self.values.copy()
        elif self.kind == "int":
            values = multiples(self.values, self.step)
        elif self.kind == "float":
            values = self.values.view(np.float64).copy()
        else:
            values = objects(self._python())
        return values if dtype is None else values.astype(dtype)

    def owned(self) -> Labels:
        """These labels, their values copied if someone else could change them."""
        base = None if self.base is None else self.base.owned()
        if base is self.base and frozen(self.values) is self.values:
            return self
        return replace(self, values=frozen(self.values), base=base)

    @cached_property
    def identity(self) -> tuple[Any, ...]:
        """What labels are compared and hashed by: kind, step and values; floats by their bits."""
        values = self.values.tolist()
        if self.kind == "tuple":
            values = [tuple(row) for row in values]
        return self.kind, self.step, tuple(values), None if self.base is None else self.base.identity, self.of

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, position: Any) -> Any:
        if isinstance(position, slice):
            return tuple(self.take(np.arange(len(self))[position]))
        return self.take(np.array([position]))._python()[0]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._python())

    def take(self, symbols: NDArray[Any]) -> Labels:
        """The labels at these positions."""
        return replace(self, values=self.values[symbols])

    @property
    def singles(self) -> Labels:
        """The labels of single readings: the base of tuples, else these."""
        return self if self.base is None else self.base

    @property
    def readings(self) -> int:
        """How many readings a label stands for: k for tuples of k, else 1."""
        return 1 if self.base is None else int(self.values.shape[1])

    @property
    def source(self) -> Labels:
        """Labels of the kind and step of readings: the ranked ones, where these are of ranks."""
        singles = self.singles
        ranks: Labels | None = None if singles.of is None else singles.of.ranks
        return singles if ranks is None else ranks

    @property
    def of_what(self) -> str:
        """What these are labels of, in a word."""
        return "readings" if self.of is None else self.of.name

    def marked(self, of: Prediction | None) -> Labels:
        """The same labels, said to be of this."""
        return replace(self, of=of) if self.base is None else replace(self, base=self.base.marked(of))

    def _python(self) -> list[Any]:
        if self.kind == "float":
            return self.values.view(np.float64).tolist()  # type: ignore[no-any-return]
        if self.kind == "tuple":
            base = list(self.base or ())
            return [tuple(base[s] for s in row) for row in self.values.tolist()]
        numbers = self.values if self.step == "1" else multiples(self.values, self.step)
        return numbers.tolist()  # type: ignore[no-any-return]

    @cached_property
    def spellings(self) -> list[str]:
        """The one canonical spelling of each label.

        >>> Labels("int", np.array([-53, 210]), step="0.10").spellings
        ['-5.30', '21.00']
        """
        if self.kind == "float":
            return [repr(x) for x in self._python()]
        if self.kind == "bytes":
            return [value.decode("latin-1") for value in self.values.tolist()]
        if self.kind == "tuple":
            spelled = (self.base or labels_of([])).spellings
            return [" ".join(spelled[s] for s in row) for row in self.values.tolist()]
        if self.kind == "int" and self.step != "1":
            step = Decimal(self.step)
            return [spell_step(k, step) for k in self.values.tolist()]
        return [str(value) for value in self.values.tolist()]


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """The array, or a copy of it, as a view of a read-only array: a view cannot be made writeable again."""
    owner = array.base
    if isinstance(owner, np.ndarray) and owner.flags.owndata and not owner.flags.writeable:
        return array
    own = array.copy()
    own.flags.writeable = False
    return own.view()


def restore_read_only(self: Any, state: dict[str, Any]) -> None:
    """What `__setstate__` does: keep arrays read-only in what comes from a pickle or a copy."""
    for name, value in state.items():
        self.__dict__[name] = frozen(value) if isinstance(value, np.ndarray) else value


def spell_step(k: int, step: Decimal) -> str:
    """The exact product k * step with as many decimals as the step has."""
    exponent = int(step.as_tuple().exponent)
    decimals = max(0, -exponent)
    over, under = step.as_integer_ratio()  # scaleb would round to 28 digits
    units = k * over * int(10**decimals) // under
    sign, body = "-" * (units < 0), str(abs(units)).rjust(decimals + 1, "0")
    return sign + (f"{body[:-decimals]}.{body[-decimals:]}" if decimals else body)


def labels_of(values: Iterable[Any]) -> Labels:
    """Labels from a list, a tuple, an array, a pandas Series, bytes or a string.

    Bytes are ints 0..255 (as Python iterates them), a string is its characters.

    Raises
    ------
    TypeError
        If the values are of several kinds, or of none of the four.
    ValueError
        If an int does not fit 64 bits.

    Examples
    --------
    >>> labels_of([1, 2.5]).kind, labels_of(np.array(["a"])).kind, labels_of(b"ab")[1]
    ('float', 'str', 98)
    >>> labels_of([1, "a"])
    Traceback (most recent call last):
    TypeError: labels must be of one kind, and these are of several: int, str
    """
    if isinstance(values, Labels):
        return values
    if isinstance(values, (bytes, bytearray, memoryview)):
        return Labels("int", np.frombuffer(values, np.uint8))
    if isinstance(values, str):
        return Labels("str", objects(values))
    array = array_of(values)
    if isinstance(array, np.ma.MaskedArray) and np.ma.is_masked(array):
        place = array.mask.argmax()
        raise TypeError(f"the value at position {place} is masked or missing, and a gap is no label: fill or drop it")
    if array is not None:
        return _labels_of_array(np.asarray(array))
    if not isinstance(values, Iterable):
        raise TypeError(f"labels are wanted, as a list, an array or a string, not {values!r}")
    return _labels_of_objects(list(values))


def _labels_of_array(array: NDArray[Any]) -> Labels:
    flat = array.reshape(-1)
    kind, size = flat.dtype.kind, flat.dtype.itemsize
    if kind in "cV" or (kind == "f" and size > 8):  # complex, records, long double: known by their bytes
        raw = flat.tobytes()
        return Labels("bytes", objects([raw[size * i : size * (i + 1)] for i in range(len(flat))]))
    if not flat.dtype.isnative:
        flat = flat.astype(flat.dtype.newbyteorder("="))
    if kind == "O":
        return _labels_of_objects(flat.tolist())
    if kind == "b" and flat.view(np.uint8).max(initial=0) > 1:
        most = flat.view(np.uint8).max()
        raise ValueError(f"an array of bools holds the byte {most}, which is not 0 or 1: view it as uint8")
    if kind in "biumM":
        return Labels("int", flat if kind in "iu" else flat.view(np.uint8 if kind == "b" else np.int64))
    if kind == "f":
        return Labels("float", float_patterns(flat))
    if kind == "U":
        points = np.ascontiguousarray(flat).view(np.uint32) if size else np.zeros(0, np.uint32)
        if points.max(initial=0) > _MAX_CODE_POINT:
            raise ValueError("an array of strings holds a number above U+10FFFF, which is no character")
        return Labels("str", flat.astype(object))
    if kind == "S":
        return Labels("bytes", flat.astype(object))
    raise TypeError(f"an array of {flat.dtype} holds no labels: make it one of objects")


def _labels_of_objects(values: list[Any]) -> Labels:
    found = {_kind_of(value) for value in values}
    if found == {"int", "float"}:
        for value in values:
            if _kind_of(value) == "int" and (abs(int(value)) >= 1 << 1023 or int(float(value)) != value):
                raise ValueError(f"the int {value} stands beside floats, and is none: use strings as labels")
        found = {"float"}
    if len(found) > 1:
        raise TypeError(f"labels must be of one kind, and these are of several: {', '.join(sorted(found))}")
    kind = found.pop() if found else "int"
    if kind == "int":
        return Labels("int", int_array([int(value) for value in values]))
    if kind == "float":
        return Labels("float", float_patterns(np.array(values, np.float64)))
    return Labels(kind, objects([str(v) if kind == "str" else bytes(v) for v in values]))


def _kind_of(value: Any) -> str:
    for kind, types in _TYPES.items():
        if isinstance(value, types):
            return kind
    raise TypeError(f"a label must be an int, a float, a string or bytes, not {value!r} ({type(value).__name__})")


def int_array(values: Sequence[int]) -> NDArray[Any]:
    """Integers as int64, or as uint64 if they need it; ValueError if neither holds them all."""
    low, high = (min(values), max(values)) if len(values) else (0, 0)
    if _INT64.min <= low and high <= _INT64.max:
        return np.array(values, np.int64)
    if low >= 0 and high <= _UINT64.max:
        return np.array(values, np.uint64)
    culprit = high if high > _INT64.max else low
    raise ValueError(f"the int {culprit} does not fit 64 bits together with the others: use strings as labels")


def objects(values: Sequence[Any]) -> NDArray[Any]:
    """An object array of shape (n,), whatever the values are."""
    array = np.empty(len(values), object)
    array[:] = list(values)
    return array


def float_patterns(values: NDArray[Any]) -> NDArray[Any]:
    """Floats of 16, 32 or 64 bits as bit patterns of float64, one to one.

    A NaN keeps its sign and its payload: a cast would make a signalling NaN quiet.

    >>> [hex(x) for x in float_patterns(np.array([-0.0, 1.5], np.float32)).tolist()]
    ['0x8000000000000000', '0x3ff8000000000000']
    """
    if values.dtype == np.float64:
        return values.view(np.uint64)
    with np.errstate(invalid="ignore"):  # signalling NaNs, mended below
        patterns = values.astype(np.float64).view(np.uint64)
    if (nan := np.isnan(values)).any():
        size, mantissa = _size_and_mantissa(values.dtype)
        raw = values.view(f"u{size}")[nan].astype(np.uint64)
        fraction = (raw & np.uint64((1 << mantissa) - 1)) << np.uint64(52 - mantissa)
        sign = (raw >> np.uint64(8 * size - 1)) << np.uint64(63)
        patterns[nan] = sign | np.uint64(0x7FF << 52) | fraction
    return patterns


def _size_and_mantissa(dtype: np.dtype[Any]) -> tuple[int, int]:
    """The bytes of a float of 16 or 32 bits, and the bits of its fraction."""
    return dtype.itemsize, int(np.finfo(dtype).nmant)


def floats_from_patterns(patterns: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """The inverse of `float_patterns`: bit patterns of float64 as floats of `dtype` (native byte order)."""
    values = patterns.view(np.float64)
    if dtype == np.float64:
        return values
    with np.errstate(invalid="ignore", over="ignore"):
        narrow = values.astype(dtype)
    if (nan := np.isnan(values)).any():
        size, mantissa = _size_and_mantissa(dtype)
        exponent = (1 << (8 * size - 1)) - (1 << mantissa)
        raw = patterns[nan]
        fraction = (raw >> np.uint64(52 - mantissa)) & np.uint64((1 << mantissa) - 1)
        sign = (raw >> np.uint64(63)) << np.uint64(8 * size - 1)
        narrow.view(f"u{size}")[nan] = (sign | np.uint64(exponent) | fraction).astype(f"u{size}")
    return narrow
