"""Prefix codes: code lengths -> canonical codewords, and what a code says about itself.

A code is an alphabet, in an order, and a length for each symbol. Codewords follow from them: in the order of
(length, position), numerically increasing (RFC 1951, section 3.2.2). Nothing else is ever stored.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from bitarray import bitarray
from bitarray.util import int2ba
from numpy.typing import ArrayLike, NDArray

from codec.codes.canonical import canonical_codewords, kraft_sum
from codec.codes.certificate import Certificate, certify
from codec.codes.escape import raw_bits
from codec.codes.interval_table import serialize_intervals
from codec.codes.lengths import Merge, expected_length, huffman_lengths, merges
from codec.codes.prediction_table import serialize_prediction
from codec.codes.serialize import MAX_CODE_LENGTH, fingerprint_of, serialize
from codec.errors import counted
from codec.theory.alphabet import MAX_SYMBOLS, first_duplicate
from codec.theory.distribution import Distribution, align, as_distribution, matched
from codec.theory.labels import Labels, frozen, labels_of, restore_read_only
from codec.theory.shown import shown, shown_as_html
from codec.theory.weights import exact_weights


@dataclass(frozen=True, eq=False)
class PrefixCode:
    """A canonical prefix code.

    Attributes
    ----------
    alphabet : Labels
        A sequence of the labels, in the order that numbers the symbols.
    lengths : int64 array, (n,)
        Bits of each codeword; 0 where a label has none.
    weights : array, (n,), or None
        The weights it was made from, where known.
    escape_length : int
        Bits of the escape, one more codeword, behind which stand raw values of readings that have none; 0 if there
        is no escape. It comes last in the order of the symbols.
    widths : int64 array, (m,), or None
        Of an interval code, `codec.codes.intervals`.

    Examples
    --------
    >>> code = huffman(Distribution([100, 105, 110], [0.3, 0.5, 0.2]))
    >>> {label: word.to01() for label, word in code.codewords.items()}
    {100: '10', 105: '0', 110: '11'}
    >>> code.kraft_sum(), code.expected_length(Distribution([100, 105, 110], [0.3, 0.5, 0.2]))
    (Fraction(1, 1), 1.5)
    """

    alphabet: Labels
    lengths: NDArray[np.int64]
    weights: NDArray[Any] | None = None
    escape_length: int = 0
    widths: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        lengths = np.asarray(self.lengths)
        if lengths.dtype.kind not in "iu" and lengths.size:
            raise TypeError(f"code lengths are ints, not {lengths.dtype}")
        object.__setattr__(self, "alphabet", labels_of(self.alphabet).owned())
        object.__setattr__(self, "lengths", frozen(lengths.astype(np.int64)))
        for name in ("weights", "widths"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, frozen(np.asarray(getattr(self, name))))

    def __setstate__(self, state: dict[str, Any]) -> None:
        restore_read_only(self, state)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PrefixCode):
            return NotImplemented
        return self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[Any, ...]:
        widths = None if self.widths is None else self.widths.tobytes()
        return self.alphabet.identity, self.lengths.tobytes(), self.escape_length, widths

    @classmethod
    def from_lengths(cls, labels: Iterable[Any], lengths: ArrayLike, escape_length: int = 0) -> PrefixCode:
        """The canonical code with these lengths, over the labels in this order; with an escape, if it has a length.

        Raises
        ------
        ValueError
            If no prefix code has these lengths (Kraft sum above 1), or all of them are 0.

        Examples
        --------
        >>> PrefixCode.from_lengths("abc", [1, 1, 1])
        Traceback (most recent call last):
        ValueError: the lengths are over-full: their Kraft sum is 3/2, and no prefix code exceeds 1
        """
        alphabet = labels_of(labels)
        array = np.array(lengths)
        if array.shape != (len(alphabet),):
            raise ValueError(
                f"there are {counted(len(alphabet), 'label')} and lengths of shape {array.shape}: one for each label"
            )
        if not len(alphabet):
            raise ValueError("a code needs at least one label")
        if array.dtype.kind not in "iu":
            raise TypeError(f"code lengths are ints, not {array.dtype}")
        if array.min() < 0:
            position = int(array.argmin())
            raise ValueError(f"the code length of label {alphabet[position]!r} is {array[position]}: lengths are >= 0")
        if not array.any():
            raise ValueError("all code lengths are 0: at least one label needs a codeword")
        duplicate = first_duplicate(alphabet)
        if duplicate is not None:
            raise ValueError(f"label {alphabet[duplicate]!r} stands twice in the code")
        escape_length = operator.index(escape_length)
        if escape_length < 0:
            raise ValueError(f"the length of the escape is {escape_length}: lengths are >= 0")
        longest = max(int(array.max()), escape_length)
        if longest > MAX_SYMBOLS:  # a Kraft sum of so many digits would fill memory
            raise ValueError(f"a code length is {longest:,} bits: codewords have at most {MAX_SYMBOLS:,}")
        kraft = kraft_sum(np.append(array, escape_length))
        if kraft > 1:
            raise ValueError(f"the lengths are over-full: their Kraft sum is {kraft}, and no prefix code exceeds 1")
        return cls(alphabet, array.astype(np.int64), None, escape_length)

    __str__, _repr_html_ = shown, shown_as_html

    def __len__(self) -> int:
        return len(self.alphabet)

    def __repr__(self) -> str:
        escape = f", an escape of {self.escape_length}" * self.has_escape
        signed = f", fingerprint {self.fingerprint}" * (self.alphabet.kind != "tuple")  # no table has tuples
        return f"PrefixCode({counted(len(self), 'label')}, lengths up to {self.lengths.max(initial=0)}{escape}{signed})"

    @cached_property
    def all_lengths(self) -> NDArray[np.int64]:
        """Lengths of all codewords, the escape's last: int64, (n,) or (n + 1,)."""
        return frozen(np.append(self.lengths, self.escape_length)) if self.escape_length else self.lengths

    @property
    def singles(self) -> Labels:
        """The labels of single readings: those that tuples are made of, else the alphabet."""
        return self.alphabet.singles

    @property
    def readings(self) -> int:
        """Readings in a codeword."""
        return self.alphabet.readings

    @cached_property
    def singles_coded(self) -> NDArray[np.bool_]:
        """Which single readings have a codeword, alone or in a tuple: (n,)."""
        return np.ones(len(self.singles), np.bool_) if self.readings > 1 else self.lengths > 0

    @property
    def first_lengths(self) -> NDArray[np.int64]:
        """The lengths by which a lane begins, (n,): those that it goes on with."""
        return self.lengths

    @property
    def row_slices(self) -> list[slice]:
        """Which of all codewords are a prefix code together: all."""
        return [slice(None)]

    def codewords_at(self, symbols: NDArray[Any], lane: int) -> NDArray[Any]:
        """Which codeword, in the order of `all_lengths`, stands for each symbol of a block: its own."""
        return symbols

    @property
    def has_escape(self) -> bool:
        """Whether there is an escape."""
        return self.escape_length > 0

    @cached_property
    def complete(self) -> bool:
        """Whether the Kraft sum is 1."""
        return self.kraft_sum() == 1

    @property
    def codewords(self) -> dict[Any, bitarray]:
        """Label -> codeword, for the labels that have one: a new dict each time."""
        words = canonical_codewords(self.all_lengths)[: len(self)]
        return {
            label: int2ba(int(word), int(length))
            for label, word, length in zip(self.alphabet, words, self.lengths, strict=True)
            if length
        }

    @property
    def escape_codeword(self) -> bitarray | None:
        """The codeword of the escape, if there is one."""
        word, length = int(canonical_codewords(self.all_lengths)[-1]), self.escape_length
        return int2ba(word, length) if length else None

    def kraft_sum(self) -> Fraction:
        """The exact sum of 2^-length: 1 for a complete code, less for one with unused prefixes."""
        return kraft_sum(self.all_lengths)

    def implied(self) -> Distribution:
        """The distribution r = 2^-length / Kraft sum, for which this code is ideal (given that it is not escaped).

        >>> PrefixCode.from_lengths("abc", [1, 2, 2]).implied().probabilities.tolist()
        [0.5, 0.25, 0.25]
        """
        longest = int(self.lengths.max())
        return Distribution(self.alphabet, [(1 << longest - l) if l else 0 for l in self.lengths.tolist()])

    def expected_length(self, p: Distribution | ArrayLike) -> float:
        """E_p[l] = sum w l / sum w in bits per symbol; infinite if p needs a label without a codeword or an escape.

        `p` is a Distribution or a mapping label -> weight, aligned by label; or weights, (n,), in the alphabet's order.
        """
        p = self._distribution(p)
        return float(expected_length(p.weights, self.costs_for(p)))

    def _distribution(self, p: Any) -> Distribution:
        """A distribution or a mapping as it is; other weights are those of the labels of this code."""
        return as_distribution(p) if isinstance(p, (Distribution, Mapping)) else Distribution(self.alphabet, p)

    @property
    def merges(self) -> list[Merge]:
        """The steps of Huffman's algorithm, as in `codec.codes.lengths.merges`.

        >>> huffman([3, 1, 1]).merges
        [Merge(nodes=(1, 2), weights=(1, 1)), Merge(nodes=(3, 0), weights=(2, 3))]
        """
        if self.weights is None or not np.array_equal(self.lengths, huffman_lengths(self.weights)):
            raise ValueError("only a Huffman code that has its weights, and no limit or escape, can show its steps")
        return merges(self.weights)

    def lengths_at(self, labels: Labels, spelled: bool = False) -> NDArray[np.int64]:
        """The code lengths of other labels, 0 without a codeword; `spelled`: as text, by their spelling."""
        return align(self.alphabet, labels, self.lengths, 0, spelled)

    def costs_at(self, labels: Labels, spelled: bool = False) -> NDArray[np.int64]:
        """What other labels cost: their codeword; or the escape and a raw value, if there is one; or 0 for nothing.

        `spelled` is whether the labels were read from text: then raw values stand as text too.
        """
        own = self.lengths_at(labels, spelled)
        if not self.can_escape(labels, spelled):
            return own
        return np.where(own > 0, own, self.escape_length + raw_bits(labels, spelled))

    def costs_for(self, p: Distribution, spelled: bool = False) -> NDArray[np.int64]:
        """What each label of p costs, as `costs_at`; labels of another kind match as in `Distribution.aligned`."""
        own = matched(self.alphabet, p, self.lengths, 0)
        if not self.can_escape(p.labels, spelled):
            return own
        return np.where(own > 0, own, self.escape_length + raw_bits(p.labels, spelled))

    def can_escape(self, labels: Labels, spelled: bool = False) -> bool:
        """Whether raw values of these labels can stand behind an escape: as text, or of the kind of this alphabet."""
        alike = (labels.kind, labels.step) == (self.alphabet.kind, self.alphabet.step)
        return bool(self.escape_length) and (alike or spelled)

    def redundancy(self, p: Distribution | ArrayLike) -> float:
        """E_p[l] - H(p) in bits per symbol: what is paid above the entropy."""
        p = self._distribution(p)
        return self.expected_length(p) - p.entropy()

    def certificate(self, p: Distribution | ArrayLike) -> Certificate:
        """What can be shown of this code on p: the prefix property, whether it is optimal, the bounds that apply.

        >>> shown = PrefixCode.from_lengths("abcd", [2, 2, 2, 2]).certificate([3, 1, 1, 1])
        >>> shown.prefix_free, shown.optimal, shown.cost, shown.huffman_cost
        (True, False, Fraction(2, 1), Fraction(11, 6))
        """
        p = self._distribution(p)
        words = zip(canonical_codewords(self.all_lengths).tolist(), self.all_lengths.tolist(), strict=True)
        return certify(
            p, self.costs_for(p), [int2ba(word, length) for word, length in words if length], self.kraft_sum()
        )

    @cached_property
    def fingerprint(self) -> str:
        """The first 64 bits of SHA-256 over the serialised table, in hexadecimal; of differences as of readings."""
        return fingerprint_of(self.serialized)

    @cached_property
    def serialized(self) -> bytes:
        """The table as bytes, as a file carries it."""
        own = self.alphabet, self.all_lengths
        table = serialize(*own) if self.widths is None else serialize_intervals(*own, self.widths)
        return serialize_prediction(self.singles.of) + table


def huffman(
    p: Distribution, max_length: int | None = None, escape_weight: float | Fraction | None = None
) -> PrefixCode:
    """The Huffman code for p: no prefix code is shorter on average (under the length limit, if given).

    Parameters
    ----------
    p : Distribution, a mapping label -> weight, or a list of weights
        Labels of weight 0 get no codeword; a single label gets one of 1 bit.
    max_length : int, optional
        No codeword longer than this, in bits.
    escape_weight : number, optional
        Make an escape too, as if it had this weight beside those of p.

    Examples
    --------
    >>> p = Distribution([100, 105, 110, 145, 160, 162, 174, 180], [.30, .40, .05, .06, .07, .02, .05, .05])
    >>> huffman(p).lengths.tolist(), huffman(p).expected_length(p)
    ([2, 1, 5, 4, 4, 5, 5, 5], 2.37)
    """
    p = as_distribution(p)
    if escape_weight is None:
        return PrefixCode(p.labels, huffman_lengths(p.weights, max_length), p.weights)
    weights = exact_weights([*p.weights.tolist(), escape_weight], [*p.labels, "escape"])
    if not weights[-1]:
        raise ValueError("the weight of an escape is above 0")
    lengths = huffman_lengths(weights, max_length)
    return PrefixCode(p.labels, lengths[:-1].copy(), p.weights, int(lengths[-1]))


def as_code(code: PrefixCode | Distribution | Mapping[Any, Any] | list[Any]) -> PrefixCode:
    """The code itself, or the Huffman code that a distribution stands for; with codewords that files can hold."""
    if isinstance(code, (Distribution, Mapping, list)):
        code = huffman(as_distribution(code), MAX_CODE_LENGTH)
    if not isinstance(code, PrefixCode):
        raise TypeError(f"a code is wanted, a PrefixCode or a Distribution, not {code!r}")
    if code.alphabet.base is not None and (code.escape_length or code.alphabet.base.kind == "tuple"):
        raise ValueError("no file holds a code over blocks of readings with an escape, nor one over blocks of blocks")
    if code.alphabet.base is not None and code.alphabet.readings == 1:  # tuples of one reading are readings
        code = PrefixCode(code.alphabet.base.take(code.alphabet.values[:, 0]), code.lengths, code.weights)
    if len(code.all_lengths) > MAX_SYMBOLS:
        raise ValueError(f"the code has {len(code.all_lengths):,} codewords, and files number at most {MAX_SYMBOLS:,}")
    if code.all_lengths.max() > MAX_CODE_LENGTH:
        raise ValueError(
            f"the code has codewords of {code.all_lengths.max()} bits, and files hold at most {MAX_CODE_LENGTH}: "
            f"build it with max_length={MAX_CODE_LENGTH}"
        )
    return code
