"""Codes in context: one prefix code for each symbol that may come before.

What follows a reading is coded with the code of that reading's own; what follows a rare one, and what begins a lane,
with one code that they share, in row 0. A row is a canonical prefix code over the symbols that occur in it.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.codes.canonical import canonical_codewords
from codec.codes.gamma import gamma_bits
from codec.codes.lengths import huffman_lengths
from codec.codes.prediction_table import serialize_prediction
from codec.codes.prefix import PrefixCode, as_code
from codec.codes.serialize import MAX_CODE_LENGTH, fingerprint_of, row_numbers, serialize_rows
from codec.errors import counted
from codec.theory.alphabet import MAX_SYMBOLS, first_duplicate
from codec.theory.distribution import Distribution
from codec.theory.labels import Labels, frozen, restore_read_only

MAX_CONTEXTS = 256  # with a code of their own


@dataclass(frozen=True, eq=False)
class ContextCode:
    """One canonical prefix code for what follows each of some symbols, and one for all else.

    Attributes
    ----------
    alphabet : Labels, (n,)
    contexts : int64 array, (m,), ascending
        The symbols with a code of their own, m <= 256: rows 1 to m. Row 0 is shared by all others, and begins a lane.
    rows, symbols, lengths : int64 arrays, (c,)
        The codewords, in the order of row and symbol: the row, the symbol, bits. Every row has some.

    Examples
    --------
    >>> from codec.theory.labels import labels_of
    >>> code = context_code(labels_of("ab"), np.array([2, 0, 1]), np.array([0, 1, 0]), np.array([1, 9, 9]))
    >>> code.contexts.tolist(), len(code), code.complete
    ([], 2, True)
    """

    alphabet: Labels
    contexts: NDArray[np.int64]
    rows: NDArray[np.int64]
    symbols: NDArray[np.int64]
    lengths: NDArray[np.int64]

    def __post_init__(self) -> None:
        object.__setattr__(self, "alphabet", self.alphabet.owned())
        for name in ("contexts", "rows", "symbols", "lengths"):
            object.__setattr__(self, name, frozen(np.asarray(getattr(self, name))))

    def __setstate__(self, state: dict[str, Any]) -> None:
        restore_read_only(self, state)

    def __len__(self) -> int:
        return len(self.alphabet)

    def __repr__(self) -> str:
        return (
            f"ContextCode({counted(len(self), 'label')}, {len(self.contexts)} with a code of their own, "
            f"lengths up to {self.lengths.max(initial=0)}, fingerprint {self.fingerprint})"
        )

    readings = 1
    has_escape = False

    @property
    def singles(self) -> Labels:
        """The alphabet: its labels are single readings."""
        return self.alphabet

    @cached_property
    def singles_coded(self) -> NDArray[np.bool_]:
        """Which labels have a codeword in some row: (n,)."""
        coded = np.zeros(len(self), np.bool_)
        coded[self.symbols] = True
        return coded

    def can_escape(self, labels: Labels, spelled: bool = False) -> bool:
        """Whether labels without a codeword can be written all the same: there is no escape in context."""
        return False

    @property
    def row_slices(self) -> list[slice]:
        """Which of all codewords are a prefix code together: those of each row."""
        return [slice(a, b) for a, b in itertools.pairwise(self.starts.tolist())]

    def codewords_at(self, symbols: NDArray[Any], lane: int) -> NDArray[np.int64]:
        """Which codeword stands for each symbol of a block; -1 where there is none."""
        return self.places_of(self.rows_at(symbols, lane), symbols)

    @property
    def all_lengths(self) -> NDArray[np.int64]:
        """Lengths of all codewords."""
        return self.lengths

    @cached_property
    def row_of(self) -> NDArray[np.int64]:
        """The row by which what follows each symbol is coded, (n,)."""
        rows = np.zeros(len(self), np.int64)
        rows[self.contexts] = np.arange(1, len(self.contexts) + 1)
        return rows

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Where the codewords of each row begin, and the end: (m + 2,)."""
        return np.searchsorted(self.rows, np.arange(len(self.contexts) + 2))

    @property
    def first_lengths(self) -> NDArray[np.int64]:
        """The lengths in row 0, by which a lane begins: (n,), 0 where a symbol has no codeword there."""
        lengths = np.zeros(len(self), np.int64)
        lengths[self.symbols[: self.starts[1]]] = self.lengths[: self.starts[1]]
        return lengths

    @cached_property
    def codewords(self) -> NDArray[np.uint64]:
        """The codewords as integers, (c,)."""
        parts = [canonical_codewords(self.lengths[a:b]) for a, b in itertools.pairwise(self.starts)]
        return np.concatenate([np.zeros(0, np.uint64), *parts])

    @property
    def fullness(self) -> NDArray[np.int64]:
        """The Kraft sum of each row in units of 2^-32, (m + 1,): 2^32 if complete, more if over-full."""
        shares = np.left_shift(np.int64(1), MAX_CODE_LENGTH - self.lengths)
        totals = np.zeros(len(self.contexts) + 1, np.int64)
        np.add.at(totals, self.rows, shares)
        return totals

    @property
    def complete(self) -> bool:
        """Whether no row has an unused prefix."""
        return bool((self.fullness == 1 << MAX_CODE_LENGTH).all())

    def rows_at(self, symbols: NDArray[Any], lane: int) -> NDArray[np.int64]:
        """The row by which each symbol of a block is coded, (count,)."""
        rows = np.zeros(len(symbols), np.int64)
        rows[1:] = self.row_of[symbols[:-1]]
        rows[::lane] = 0
        return rows

    def places_of(self, rows: NDArray[np.int64], symbols: NDArray[Any]) -> NDArray[np.int64]:
        """Where each pair of row and symbol stands among the codewords; -1 where it has none."""
        keys = self.rows * len(self) + self.symbols
        wanted = rows * len(self) + symbols
        places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[places] == wanted, places, -1)

    def expected_length(self, joint: NDArray[Any]) -> float:
        """sum p(i, j) l_i(j) in bits per symbol; infinite where a pair that occurs has no codeword.

        Parameters
        ----------
        joint : array, (n, n)
            Weights of pairs of neighbours: rows are what comes before.
        """
        before, after = np.nonzero(joint)
        weights = np.asarray(joint, np.float64)[before, after]
        places = self.places_of(self.row_of[before], after)
        if (places < 0).any():
            return float("inf")
        return float((weights * self.lengths[places]).sum() / weights.sum())

    @cached_property
    def serialized(self) -> bytes:
        """The table as bytes, as a file carries it."""
        table = serialize_rows(self.alphabet, self.contexts, self.rows, self.symbols, self.lengths)
        return serialize_prediction(self.alphabet.of) + table

    @cached_property
    def fingerprint(self) -> str:
        """The first 64 bits of SHA-256 over the serialised table, in hexadecimal."""
        return fingerprint_of(self.serialized)


def as_context_code(code: ContextCode) -> ContextCode:
    """The code itself; ValueError if it is invalid or no file can hold it."""
    n, m = len(code), len(code.contexts)
    if code.alphabet.kind == "tuple" or not 1 <= n <= MAX_SYMBOLS or m > MAX_CONTEXTS:
        raise ValueError(
            f"files hold codes in context over at most {MAX_SYMBOLS:,} single readings, of which up to {MAX_CONTEXTS} "
            f"have a code of their own, not over {n:,} of kind {code.alphabet.kind}, of which {m:,} have"
        )
    if first_duplicate(code.alphabet) is not None:
        raise ValueError(f"label {code.alphabet[first_duplicate(code.alphabet)]!r} stands twice in the code")
    if not (_ascends_within(code.contexts, n) and _ascends_within(code.rows * n + code.symbols, (m + 1) * n)):
        raise ValueError("the contexts and the codewords of a code in context stand in the order of row and symbol")
    if len(np.unique(code.rows)) != m + 1 or code.symbols.min() < 0 or code.symbols.max() >= n:
        raise ValueError(f"each row of a code in context has some of its {n:,} symbols, and no others")
    if code.lengths.min() < 1 or code.lengths.max() > MAX_CODE_LENGTH:
        raise ValueError(f"the codewords of a code in context have 1 to {MAX_CODE_LENGTH} bits")
    if (code.fullness > 1 << MAX_CODE_LENGTH).any():
        raise ValueError(f"the lengths of row {int(code.fullness.argmax())} are over-full: their Kraft sum is above 1")
    return code


def as_file_code(code: PrefixCode | ContextCode | Distribution) -> PrefixCode | ContextCode:
    """The code itself, or the Huffman code that a Distribution stands for; ValueError if no file can hold it."""
    return as_context_code(code) if isinstance(code, ContextCode) else as_code(code)


def _ascends_within(numbers: NDArray[np.int64], stop: int) -> bool:
    return bool((np.diff(numbers, prepend=-1, append=stop) > 0).all())


def context_code(
    alphabet: Labels,
    before: NDArray[np.int64],
    after: NDArray[np.int64],
    counts: NDArray[np.int64],
    max_length: int = MAX_CODE_LENGTH,
) -> ContextCode:
    """Huffman codes in context, from pairs of neighbouring symbols and how often each occurs.

    A symbol gets a code of its own if that saves more bits than it takes in the table: measured against one
    Huffman code for all.

    Parameters
    ----------
    alphabet : Labels, (n,)
    before, after, counts : int64 arrays, (pairs,)
        Distinct pairs; `before` is n where `after` begins a lane.
    max_length : int
        No codeword longer than this, in bits.
    """
    size = len(alphabet)
    order = np.lexsort((after, before))
    before, after, counts = before[order], after[order], counts[order]
    totals = np.bincount(before, counts, size + 1).astype(np.int64)[:size]
    frequent = np.argsort(-totals, kind="stable")[:MAX_CONTEXTS]
    shared = huffman_lengths(np.bincount(after, counts, size).astype(np.int64), max_length)
    own: list[int] = []
    for context in np.sort(frequent[totals[frequent] > 0]).tolist():
        part = slice(*np.searchsorted(before, [context, context + 1]).tolist())
        lengths = huffman_lengths(counts[part], max_length)
        saved = int(counts[part] @ (shared[after[part]] - lengths))
        last = own[-1] if own else -1
        if saved > gamma_bits([context - last, *row_numbers(context, after[part], lengths)]):
            own.append(context)
    contexts = np.array(own, np.int64)
    row_of = np.zeros(size + 1, np.int64)
    row_of[contexts] = np.arange(1, len(own) + 1)
    return _of_rows(alphabet, contexts, row_of[before], after, counts, max_length)


def _of_rows(
    alphabet: Labels,
    contexts: NDArray[np.int64],
    rows: NDArray[np.int64],
    after: NDArray[np.int64],
    counts: NDArray[np.int64],
    max_length: int,
) -> ContextCode:
    keys, group = np.unique(rows * len(alphabet) + after, return_inverse=True)
    weights = np.zeros(len(keys), np.int64)
    np.add.at(weights, group, counts)
    rows, symbols = np.divmod(keys, len(alphabet))
    starts = np.searchsorted(rows, np.arange(len(contexts) + 2))
    lengths = [huffman_lengths(weights[a:b], max_length) for a, b in itertools.pairwise(starts)]
    return ContextCode(alphabet, contexts, rows, symbols, np.concatenate(lengths))
