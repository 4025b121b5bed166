"""The fields of a saved table that are there only where it needs them: transform, prediction, intervals.

    "transform": "linear ranks",
    "prediction": {"ranks": [...], "step": "0.1", "weights": [13, -2], "shift": 4},
    "intervals": [[first label, w, length of its labels], ...]

An interval has 2^w labels. Without "labels", those of an interval code are all numbers from the first on. The weights
of an interval code are pairs of label and weight, without those of weight 0.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec.codes.interval_table import starts_of
from codec.codes.prediction_table import MAX_ORDER, NAMES
from codec.codes.prefix import PrefixCode
from codec.codes.serialize import STEP
from codec.errors import TableError
from codec.theory.alphabet import MAX_SYMBOLS
from codec.theory.labels import Labels, int_array
from codec.theory.prediction import Prediction

DIFFERENCES = "differences"
_MAX_WIDTH = 16


def prediction_fields(of: Prediction | None) -> dict[str, Any]:
    """What a table says of what its labels are of."""
    if of is None:
        return {}
    fields: dict[str, Any] = {}
    if of.ranks is not None:
        fields |= {"ranks": of.ranks.values.tolist(), "step": of.ranks.step}
    if of.weights:
        fields |= {"weights": list(of.weights), "shift": of.shift}
    return {"transform": of.name, **({"prediction": fields} if fields else {})}


def prediction_from(fields: dict[str, Any]) -> Prediction | None:
    """The inverse of `prediction_fields`; TableError for anything else."""
    name = fields.get("transform")
    if name is None:
        return None
    if name not in (DIFFERENCES, *NAMES.values()):
        raise TableError(f'"transform" is one of {DIFFERENCES}, {", ".join(NAMES.values())}, not {name!r}')
    known = fields.get("prediction", {})
    wanted = ({"ranks", "step"} if "ranks" in name else set()) | ({"weights", "shift"} if "linear" in name else set())
    if not isinstance(known, dict) or set(known) != wanted:
        raise TableError(f'"prediction" of {name!r} is an object with {", ".join(sorted(wanted)) or "nothing in it"}')
    ranks = _ranks(known["ranks"], known["step"]) if "ranks" in known else None
    weights, shift = known.get("weights", []), known.get("shift", 0)
    if "linear" in name:
        whole = isinstance(weights, list) and all(map(is_int, [*weights, shift]))
        if not whole or not 1 <= len(weights) <= MAX_ORDER or not 0 <= shift < 16 or max(map(abs, weights)) >= 1 << 15:
            raise TableError(f'"weights" are 1 to {MAX_ORDER} ints of at most 16 bits, and "shift" one below 16')
    return Prediction(name, ranks, tuple(weights), shift)


def _ranks(values: Any, step: Any) -> Labels:
    if not isinstance(values, list) or not values or not all(map(is_int, values)):
        raise TableError('"ranks" are ints')
    if any(low >= high for low, high in itertools.pairwise(values)) or len(values) > MAX_SYMBOLS:
        raise TableError(f'"ranks" ascend, and are at most {MAX_SYMBOLS:,}')
    if not isinstance(step, str) or not STEP.fullmatch(step.encode()):
        raise TableError(f'"step" of "prediction" is a positive decimal number in a string, not {step!r}')
    return Labels("int", int_array(values), step)


def interval_fields(code: PrefixCode) -> dict[str, Any]:
    """The labels and lengths of an interval code, and its weights."""
    widths: NDArray[np.int64] = np.zeros(0, np.int64) if code.widths is None else code.widths
    values, starts = code.alphabet.values.tolist(), starts_of(widths).tolist()
    intervals = [[values[at], w, int(code.lengths[at])] for at, w in zip(starts, widths.tolist(), strict=False)]
    consecutive = values[-1] - values[0] == len(values) - 1
    fields: dict[str, Any] = {} if consecutive else {"labels": values}
    fields["intervals"] = intervals
    if code.weights is not None:
        fields["weights"] = [[v, w] for v, w in zip(values, code.weights.tolist(), strict=True) if w]
    return fields


def interval_code_from(fields: dict[str, Any], step: str, escape: int) -> PrefixCode:
    """The inverse of `interval_fields`; TableError for anything else."""
    intervals = fields["intervals"]
    rows = isinstance(intervals, list) and all(isinstance(row, list) and len(row) == 3 for row in intervals)
    if not rows or not intervals or not all(is_int(number) for row in intervals for number in row):
        raise TableError('"intervals" are lists of three ints: first label, w, length')
    if not all(0 <= w <= _MAX_WIDTH and 0 < length <= 1 << 16 for _, w, length in intervals):
        raise TableError(f"an interval has w from 0 to {_MAX_WIDTH}, and its labels a length above 0")
    widths = np.array([w for _, w, _ in intervals])
    starts = starts_of(widths)
    if starts[-1] > MAX_SYMBOLS:
        raise TableError(f'"intervals" have more than {MAX_SYMBOLS:,} labels')
    values = fields.get("labels", list(range(intervals[0][0], intervals[0][0] + int(starts[-1]))))
    if not isinstance(values, list) or not all(map(is_int, values)) or len(values) != starts[-1]:
        raise TableError('"labels" of an interval code are as many ints as its intervals have')
    if [values[at] for at in starts[:-1].tolist()] != [first for first, _, _ in intervals] or values != sorted(values):
        raise TableError('"intervals" follow each other, and their labels ascend')
    lengths = np.repeat([length for _, _, length in intervals], np.left_shift(1, widths))
    code = PrefixCode.from_lengths(Labels("int", int_array(values), step), lengths, escape)
    weights = fields.get("weights")
    counts: NDArray[Any] | None = None
    if weights is not None:
        pairs = isinstance(weights, list) and all(isinstance(pair, list) and len(pair) == 2 for pair in weights)
        place = {value: at for at, value in enumerate(values)}
        if not pairs or not all(is_int(v) and v in place and is_int(w) and 0 < w < 1 << 63 for v, w in weights):
            raise TableError('"weights" of an interval code are pairs of a label of it and an int above 0')
        counts = np.zeros(len(values), np.int64)
        counts[[place[v] for v, _ in weights]] = [w for _, w in weights]
    return PrefixCode(code.alphabet, code.lengths, counts, escape, widths)


def is_int(value: Any) -> bool:
    """Whether a value of JSON is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)
