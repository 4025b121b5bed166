"""Labels <-> symbols: which labels occur in a stream, how often, and at which place of an alphabet.

The symbol of a label is its position in the alphabet. Ints of a narrow range (a thermometer's, a byte's)
are looked up in a small table; all other labels are sorted or hashed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.errors import option
from codec.theory.dense import MAX_RANGE, Count, Finding, Found, LookUp, count_dense, look_up
from codec.theory.labels import Labels, int_array, objects, spell_step

_NUMBER = re.compile(r"(?!-0*(\.0*)?$)-?[0-9]{1,40}(\.[0-9]{1,40})?(e[+-]?[0-9]{1,3})?")
MAX_SYMBOLS = 65_536  # what a file can number


def symbol_dtype(size: int) -> type[np.uint8] | type[np.uint16] | type[np.uint32]:
    """The type that numbers an alphabet of this size."""
    return np.uint8 if size <= 1 << 8 else np.uint16 if size <= 1 << 16 else np.uint32


def first_duplicate(labels: Labels) -> int | None:
    """The position of the first label that has occurred before, or None."""
    keys = labels.values.tolist()
    if labels.kind == "tuple":
        keys = [tuple(row) for row in keys]
    if len(set(keys)) == len(keys):
        return None
    seen: set[Any] = set()
    for position, key in enumerate(keys):
        if key in seen:
            return position
        seen.add(key)
    return None


def sort_keys(labels: Labels) -> NDArray[Any]:
    """Values in the order of the labels: floats by value (-nan first, -0.0 before 0.0, nan last)."""
    if labels.kind != "float":
        return labels.values
    negative = labels.values >> np.uint64(63) == 1
    return np.where(negative, ~labels.values, labels.values | np.uint64(1 << 63))


def tally(labels: Labels, count: Count = count_dense) -> tuple[Labels, NDArray[np.int64]]:
    """The distinct labels in sorted order, and how often each occurs; `count` counts ints of a narrow range.

    Returns
    -------
    alphabet : Labels, (n,)
    counts : int64 array, (n,), all at least 1

    Examples
    --------
    >>> from codec.theory.labels import labels_of
    >>> alphabet, counts = tally(labels_of([105, 100, 105]))
    >>> list(alphabet), counts.tolist()
    ([100, 105], [1, 2])
    """
    values = labels.values
    dense = count(values) if labels.kind == "int" and len(values) else None
    if dense is not None:
        low, counts = dense
        present = np.flatnonzero(counts)
        distinct = int_array([low + offset for offset in present.tolist()])
        return replace(labels, values=distinct), counts[present]
    if labels.kind in ("str", "bytes"):
        counter = Counter(values.tolist())
        ordered = sorted(counter)
        return Labels(labels.kind, objects(ordered)), np.array([counter[x] for x in ordered], np.int64)
    axis = 0 if labels.kind == "tuple" else None
    _, first, counts = np.unique(sort_keys(labels), return_index=True, return_counts=True, axis=axis)
    return labels.take(first), counts.astype(np.int64)


def merge_tallies(tallies: Iterable[tuple[Labels, NDArray[np.int64]]]) -> tuple[Labels, NDArray[np.int64]]:
    """One tally out of several of the same kind and step."""
    every = list(tallies)
    parts = [part for part in every if len(part[0])]
    if len(parts) < 2:
        return next(iter([*parts, *every]), None) or tally(Labels("int", np.zeros(0, np.int64)))
    kind, alphabet = parts[0][0].kind, parts[0][0].values
    if alphabet.ndim == 1 and all(np.array_equal(labels.values, alphabet) for labels, _ in parts):
        return parts[0][0], np.sum([counts for _, counts in parts], axis=0)
    if kind in ("float", "tuple"):
        values: NDArray[Any] = np.concatenate([labels.values for labels, _ in parts])
    elif kind == "int":
        values = int_array([value for labels, _ in parts for value in labels.values.tolist()])
    else:
        values = objects([value for labels, _ in parts for value in labels.values.tolist()])
    together = replace(parts[0][0], values=values)
    counts, axis = np.concatenate([counts for _, counts in parts]), 0 if kind == "tuple" else None
    _, first, group = np.unique(sort_keys(together), return_index=True, return_inverse=True, axis=axis)
    totals = np.zeros(len(first), np.int64)
    np.add.at(totals, group.reshape(-1), counts)
    return together.take(first), totals


def find(alphabet: Labels, labels: Labels, spelled: bool = False, look: LookUp = look_up) -> Found:
    """The symbol of each label.

    Parameters
    ----------
    alphabet, labels : Labels
    spelled : bool
        Whether the labels were read from text, and so match those whose canonical spelling they equal.
    look : function
        How ints of a narrow range are looked up.

    Returns
    -------
    symbols : uint8 or uint16 array (uint32 above 65,536 symbols), (count,)
        Meaningless where the label is unknown.
    unknown : bool array, (count,), or None
        Which labels are not in the alphabet; None if all are.

    Examples
    --------
    >>> from codec.theory.labels import labels_of
    >>> symbols, unknown = find(labels_of([100, 105]), labels_of([105, 7, 100]))
    >>> symbols[~unknown].tolist(), unknown.tolist()
    ([1, 0], [False, True, False])
    >>> find(labels_of(["5", "05"]), labels_of([5]), spelled=True)[0].tolist()
    [0]
    """
    alike = alphabet.kind == labels.kind and alphabet.step == labels.step
    if alike and alphabet.kind == "tuple":
        return _find_tuples(alphabet, labels, partial(find, spelled=spelled))
    if spelled and (not alike or alphabet.kind == "float"):
        return _find_spelled(alphabet, labels)
    if not alike:
        return np.zeros(len(labels), symbol_dtype(len(alphabet))), np.ones(len(labels), np.bool_)
    if alphabet.kind == "int":
        return _finding_ints(alphabet, labels.values.dtype, look)(labels.values)
    if alphabet.kind == "float":
        return _find_sorted(alphabet.values, np.arange(len(alphabet)), len(alphabet), labels.values)
    return _find_hashed(alphabet.values.tolist(), labels.values.tolist())


def match(alphabet: Labels, labels: Labels, needed: NDArray[np.bool_] | None = None) -> Found:
    """As `find`, also between kinds: numbers, and text that is a number, match by their exact decimal value.

    Labels are distinct; `needed` says which of them need a match, by default all.

    >>> from codec.theory.labels import labels_of
    >>> match(labels_of([20.0, 21.5]), Labels("int", np.array([215, 200]), "0.1"))[0].tolist()
    [1, 0]

    Raises
    ------
    ValueError
        If two needed labels match the same one; or if no needed label has a match and the kinds, which differ, are not
        both numbers.
    """
    if alphabet.singles.of != labels.singles.of:
        raise ValueError(f"labels of {labels.singles.of_what} and of {alphabet.singles.of_what} cannot be compared")
    if alphabet.kind == labels.kind == "tuple":
        return _find_tuples(alphabet, labels, match)
    if alphabet.kind == labels.kind and alphabet.step == labels.step:
        return find(alphabet, labels)
    symbols, unknown = find(alphabet, labels, spelled=True)
    if {alphabet.kind, labels.kind} <= {"int", "float", "str"} and unknown is not None:
        by_value, absent = _find_hashed(_exact_values(alphabet), _exact_values(labels))
        symbols = np.where(unknown, by_value, symbols)
        unknown = None if absent is None else unknown & absent
    wanted = np.ones(len(labels), np.bool_) if needed is None else needed
    numbers = {alphabet.kind, labels.kind} <= {"int", "float"}
    kinds = f"labels of kind {kind_text(labels)} and of kind {kind_text(alphabet)}"
    if unknown is not None and not numbers and wanted.any() and unknown[wanted].all():
        raise ValueError(
            f"{kinds} cannot be compared: {labels[int(wanted.argmax())]!r} matches none of the others, and no other "
            f"does: read both in one way ({option('with --step, text and numbers become numbers')})"
        )
    known = np.flatnonzero(wanted if unknown is None else wanted & ~unknown)
    twice = known[np.setdiff1d(np.arange(len(known)), np.unique(symbols[known], return_index=True)[1])]
    if len(twice):  # each would have the whole probability of the one label
        same = symbols[int(twice[0])]
        both = [labels[i] for i in known.tolist() if symbols[i] == same][:2]
        raise ValueError(
            f"{kinds} cannot be compared: {both[0]!r} and {both[1]!r} are both {alphabet[int(same)]!r}: "
            f"read both in one way ({option('with --step, text becomes numbers')})"
        )
    return symbols, unknown


def kind_text(labels: Labels) -> str:
    """The kind of labels for messages, with the step if they have one."""
    return labels.kind if labels.step == "1" else f"{labels.kind} in steps of {labels.step}"


def _exact_values(numbers: Labels) -> list[Any]:
    """Numbers exactly as they are spelled in decimals; the spelling itself of -0.0 and of what is not finite."""
    if numbers.kind == "int":
        step = Fraction(numbers.step)
        return [k * step for k in numbers.values.tolist()]
    return [Fraction(text) if _NUMBER.fullmatch(text) else text for text in numbers.spellings]


def _find_tuples(alphabet: Labels, labels: Labels, look_up: Callable[[Labels, Labels], Found]) -> Found:
    wanted = labels.values
    if labels.base is not alphabet.base:
        symbols, unknown = look_up(alphabet.singles, labels.singles)
        wanted = np.where(False if unknown is None else unknown, -1, symbols.astype(np.int64))[wanted]
    return _find_hashed([tuple(row) for row in alphabet.values.tolist()], [tuple(row) for row in wanted.tolist()])


def _find_spelled(alphabet: Labels, labels: Labels) -> Found:
    if labels.kind != "int":
        return _find_hashed(alphabet.spellings, labels.spellings)
    distinct, group = np.unique(labels.values, return_inverse=True)
    step = Decimal(labels.step)
    symbols, unknown = _find_hashed(alphabet.spellings, [spell_step(k, step) for k in distinct.tolist()])
    group = group.reshape(-1)
    return np.asarray(symbols[group]), None if unknown is None else unknown[group]


def _find_hashed(keys: list[Any], wanted: list[Any]) -> Found:
    place = {key: symbol for symbol, key in enumerate(keys)}
    found = np.fromiter((place.get(key, -1) for key in wanted), np.int64, len(wanted))
    unknown = found < 0
    return found.astype(symbol_dtype(len(keys))), unknown if unknown.any() else None


def _find_sorted(keys: NDArray[Any], places: NDArray[Any], size: int, wanted: NDArray[Any]) -> Found:
    if not len(keys):
        return np.zeros(len(wanted), symbol_dtype(size)), np.ones(len(wanted), np.bool_) if len(wanted) else None
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    rank = np.minimum(np.searchsorted(ranked, wanted), len(ranked) - 1)
    unknown = ranked[rank] != wanted
    return places[order][rank].astype(symbol_dtype(size)), unknown if unknown.any() else None


@lru_cache(8)
def _finding_ints(alphabet: Labels, dtype: np.dtype[Any], look: LookUp) -> Finding:
    """Prepare to find ints of a type in an alphabet."""
    size, limits = len(alphabet), np.iinfo(dtype)
    # Labels that the stream's type cannot hold do not occur in it.
    places = np.flatnonzero((alphabet.values >= limits.min) & (alphabet.values <= limits.max))
    keys = alphabet.values[places]
    low, high = (int(keys.min()), int(keys.max())) if len(keys) else (0, MAX_RANGE)
    if high - low >= MAX_RANGE:
        return partial(_find_sorted, keys.astype(dtype), places, size)
    offsets = np.array([key - low for key in keys.tolist()])
    table, known = np.zeros(high - low + 1, symbol_dtype(size)), np.zeros(high - low + 1, np.bool_)
    table[offsets], known[offsets] = places, True
    return look(low, table, known)
